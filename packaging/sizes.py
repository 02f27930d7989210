"""The report of `make package`: how large each installer is, and what it unpacks to by part; limits are for tests."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from string import ascii_uppercase

OWN, PYTHON, OTHERS, AROUND = (
    "Triptych's own code",
    "Python",
    "other libraries",
    "entries of the desktop, icons, manual",
)
PARTS = (
    ("models", ("models",)),
    ("Qt and PySide6", ("PySide6", "shiboken6")),
    ("FFmpeg and PyAV", ("av", "av.libs")),
    ("built-in engine (cyllama)", ("cyllama", "cyllama.libs")),
    ("NumPy", ("numpy", "numpy.libs")),
    ("Pillow", ("PIL", "pillow.libs")),
    ("libheif", ("_pillow_heif*", "pillow_heif*")),
    ("cryptography", ("cryptography*", "_cffi_backend*")),
    ("Pygments", ("pygments",)),
    ("PortAudio", ("libportaudio*", "libjack*", "libdb-*", "sounddevice", "_sounddevice*")),
    ("texts, icons, catalogues", ("resources",)),
    ("licences", ("licenses",)),
    (OWN, ("app",)),
    (PYTHON, ("python3*", "libpython3*", "base_library.zip", "Python", "lib*.so*", "lib*.dylib", "lib*.dll")),
)
"""The name of a part, and of the modules, files and folders that belong to it; the first that fits counts."""
_LIBRARIES = ("_internal", "Frameworks", "Resources")
"""PyInstaller's folder of them; the latter two in a macOS bundle."""
_MEGABYTE = 1e6
_TITLE, _NUMBER = 40, 9
"""How wide the columns of the table are."""

type Modules = Callable[[Path], Mapping[str, int]]
"""The Python modules inside a program and their bytes; none for a file that is no such program."""


@dataclass(frozen=True, slots=True)
class Measured:
    """An installer, all in bytes."""

    name: str
    size: int
    parts: Mapping[str, int]

    @property
    def unpacked(self) -> int:
        return sum(self.parts.values())


def measured(installer: Path, unpacked: Path, modules: Modules) -> Measured:
    """What is in the folder `unpacked` is what the installer unpacks to."""
    found = Counter[str]()
    for part, size in _sizes(unpacked, modules):
        found[part] += size
    return Measured(installer.name, installer.stat().st_size, dict(found.most_common()))


def modules_in(program: Path) -> dict[str, int]:
    """As PyInstaller packed them."""
    from PyInstaller.archive.readers import ArchiveReadError, CArchiveReader

    try:
        archive = CArchiveReader(str(program)).open_embedded_archive("PYZ.pyz")
    except ArchiveReadError:
        return {}
    return {name: length for name, (_kind, _offset, length) in archive.toc.items()}


def write(installers: Iterable[Measured], folder: Path) -> str:
    """Write sizes.json and sizes.txt, and return the latter."""
    found = list(installers)
    (folder / "sizes.json").write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n", "utf-8")
    table = as_table(found)
    (folder / "sizes.txt").write_text(table, "utf-8")
    return table


def as_table(installers: Iterable[Measured]) -> str:
    """In millions of bytes, a column for each installer; the parts in the order of the largest of each."""
    found = list(installers)
    largest = Counter[str]()
    for one in found:
        largest |= Counter(one.parts)
    rows = [("installer", [one.size for one in found]), ("unpacked", [one.unpacked for one in found])]
    rows += [(f"  {part}", [one.parts.get(part, 0) for one in found]) for part, _ in largest.most_common()]
    letters = ascii_uppercase[: len(found)]
    lines = [f"{letter}: {one.name}" for letter, one in zip(letters, found, strict=True)]
    lines.append(f"{'MB':<{_TITLE}}" + "".join(f"{letter:>{_NUMBER}}" for letter in letters))
    for title, sizes in rows:
        lines.append(f"{title:<{_TITLE}}" + "".join(f"{size / _MEGABYTE:{_NUMBER}.1f}" for size in sizes))
    return "\n".join([*lines, ""])


def _sizes(unpacked: Path, modules: Modules) -> Iterator[tuple[str, int]]:
    """The part that a file or module belongs to, and its size; links take no room to speak of."""
    for path in unpacked.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        size = path.stat().st_size
        if below := _below_libraries(path.relative_to(unpacked)):
            yield _part_of(below), size
            continue
        inside = modules(path)
        for name, length in inside.items():
            yield _part_of(name.partition(".")[0]), length
        yield (PYTHON if inside else AROUND), size - sum(inside.values())


def _below_libraries(path: Path) -> str:
    """The name that stands next below the folder of libraries, empty for what lies elsewhere."""
    parts = path.parts
    return next((parts[i + 1] for i, name in enumerate(parts[:-1]) if name in _LIBRARIES), "")


def _part_of(name: str) -> str:
    for part, patterns in PARTS:
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return part
    return PYTHON if name in sys.stdlib_module_names else OTHERS
