"""Parts: whose work is in the program: names, licences, home pages and texts; how a list of them looks is for others.

An installer carries them as files, for a frozen program does not know what it was made of; a checkout asks Python.
"""

from __future__ import annotations

import json
import re
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.identity import HOMEPAGE, NAME, VERSION
from app.paths import RESOURCES

if TYPE_CHECKING:
    from importlib.metadata import Distribution

SHIPPED = RESOURCES.parent / "licenses"
"""Where an installer puts what `write` wrote; in a checkout there is no such folder."""
INDEX = "parts.json"
_ROOT = RESOURCES.parent
_TEXTS = RESOURCES / "licenses"
"""Texts for parts that bring none, by the name of the part or by the short name of the licence (SPDX)."""
_WORDS = ("licen", "copying", "notice", "authors", "copyright")
_PLACES = ("homepage", "home", "source", "source code", "repository", "code")
_LONGEST_LICENCE = 80
"""What is longer in that field is the text and not its name."""


@dataclass(frozen=True, slots=True)
class Part:
    """`licence` by its short name of SPDX, as far as its makers say it; `text` is never empty."""

    name: str
    version: str
    licence: str
    homepage: str
    text: str


@dataclass(frozen=True, slots=True)
class _Inside:
    """What the wheel of `distribution` carries of others, in machine code and without a text of its licence."""

    distribution: str
    name: str
    licence: str
    homepage: str


_INSIDE = (
    _Inside("pyside6-essentials", "Qt", "LGPL-3.0-only", "https://www.qt.io"),
    _Inside("av", "FFmpeg", "LGPL-2.1-or-later AND GPL-2.0-or-later", "https://ffmpeg.org"),
    _Inside("av", "x264", "GPL-2.0-or-later", "https://www.videolan.org/developers/x264.html"),
    _Inside("av", "x265", "GPL-2.0-or-later", "https://www.x265.org"),
    _Inside("pillow-heif", "libheif", "LGPL-3.0-or-later", "https://github.com/strukturag/libheif"),
    _Inside("pillow-heif", "libde265", "LGPL-3.0-or-later", "https://github.com/strukturag/libde265"),
    _Inside("sounddevice", "PortAudio", "MIT", "https://www.portaudio.com"),
)


def parts() -> list[Part]:
    """All there are, the program itself first. Takes long enough to be asked for on another thread."""
    return read(SHIPPED) if SHIPPED.is_dir() else collected()


def collected(root: Path = _ROOT) -> list[Part]:
    """The parts as Python's own records, and the files of the checkout at `root`, tell them."""
    own = Part(NAME, VERSION, "MIT", HOMEPAGE, (root / "LICENSE").read_text("utf-8"))
    icons = (RESOURCES / "icons" / "LICENSE").read_text("utf-8")
    others = [Part("Lucide", "", "ISC", "https://lucide.dev", icons), _python(), *_distributions(root), *_models()]
    return [own, *sorted(others, key=lambda part: part.name.lower())]


def write(found: Sequence[Part], folder: Path) -> None:
    """A text for each of them into `folder`, and what `read` needs."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for part in found:
        file = f"{part.name} {part.version}".strip() + ".txt"
        (folder / file).write_text(part.text, "utf-8")
        entries.append({**asdict(part), "text": file})
    (folder / INDEX).write_text(json.dumps(entries, ensure_ascii=False, indent=1), "utf-8")


def read(folder: Path) -> list[Part]:
    """What `write` wrote.

    Raises:
        OSError, ValueError: the folder is not whole.
    """
    entries = json.loads((folder / INDEX).read_text("utf-8"))
    return [Part(**{**entry, "text": (folder / entry["text"]).read_text("utf-8")}) for entry in entries]


def _python() -> Part:
    import platform

    text = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    words = text.read_text("utf-8") if text.exists() else "https://docs.python.org/3/license.html"
    return Part("Python", platform.python_version(), "PSF-2.0", "https://www.python.org", words)


def _distributions(root: Path) -> Iterator[Part]:
    from importlib.metadata import distributions

    wanted = _wanted(root / "packaging" / "requirements.txt")
    for found in distributions():
        name = _normal(found.name)
        if wanted and name not in wanted:
            continue
        licence = _licence(found)
        files = [file for file in found.files or () if _is_licence(str(file))]
        text = "\n\n".join(Path(str(file.locate())).read_text("utf-8", "replace") for file in files)
        yield Part(found.name, found.version, licence, _homepage(found), text or _standard_text(found.name, licence))
        for inside in _INSIDE:
            if inside.distribution == name:
                words = _standard_text(inside.name, inside.licence)
                yield Part(inside.name, "", inside.licence, inside.homepage, words)


def _wanted(lock: Path) -> set[str]:
    """The names in the lock of what runs the program, and nothing of what tests it; empty outside of a checkout."""
    if not lock.exists():
        return set()
    return {_normal(name) for name in re.findall(r"^([\w.-]+)==", lock.read_text("utf-8"), re.MULTILINE)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_licence(file: str) -> bool:
    path = file.lower().replace("\\", "/")
    return ".dist-info/" in path and any(word in path for word in _WORDS) and not path.endswith(".py")


def _licence(found: Distribution) -> str:
    """The name of the licence; of those that only classify themselves, as they do."""
    for name in (found.metadata.get("License-Expression"), found.metadata.get("License")):
        if name and len(name) < _LONGEST_LICENCE and "\n" not in name and name != "UNKNOWN":
            return name
    classes = found.metadata.get_all("Classifier") or ()
    names = [name.rpartition(" :: ")[2] for name in classes if name.startswith("License ::")]
    return ", ".join(names).removesuffix(" License") or "see its text"


def _homepage(found: Distribution) -> str:
    if page := found.metadata.get("Home-page"):
        return str(page)
    pages = {}
    for entry in found.metadata.get_all("Project-URL") or ():
        label, _, address = entry.partition(", ")
        pages[label.lower()] = address
    return next((pages[label] for label in _PLACES if label in pages), "")


def _models() -> Iterator[Part]:
    """The models of the catalogue, whether they are here or not."""
    for model in json.loads((RESOURCES / "models.json").read_text("utf-8"))["models"]:
        addresses = [source.get("url", "") for part in model["parts"] for source in part["sources"]]
        pages = [found[0] for address in addresses if (found := re.match(r"https://[^/]+/[^/]+/[^/]+", address))]
        words = f"{model['publisher']}\n\n{_standard_text(model['name'], model['licence'])}"
        yield Part(model["name"], "", model["licence"], pages[0] if pages else "", words)


def _standard_text(name: str, licence: str) -> str:
    """The text kept for this part, else those of the licences that its expression names."""
    named = _TEXTS / f"{name}.txt"
    if named.exists():
        return named.read_text("utf-8")
    names = re.findall(r"[\w.-]+", re.sub(r"-(only|or-later)\b", "", licence))
    if "LGPL-3.0" in names and "GPL-3.0" not in names:
        names.append("GPL-3.0")  # which it adds permissions to
    files = [_TEXTS / f"{found}.txt" for found in names]
    return "\n\n".join(file.read_text("utf-8") for file in files if file.exists()) or licence
