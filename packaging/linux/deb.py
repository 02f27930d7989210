"""Makes a .deb of the bundle: its dependencies are what its libraries ask for and it does not carry."""

from __future__ import annotations

import gzip
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from linux import tree

from app import identity

NAME = identity.PROGRAM
RENAMED = {"libglib2.0-0": "libglib2.0-0t64", "libasound2": "libasound2t64"}
"""Debian 13 and Ubuntu 24.04 gave these packages new names when `time_t` became wider."""
RECOMMENDED = ("fonts-noto-color-emoji", "fonts-noto-cjk", "libasound2-plugins | pipewire-alsa")
OLDEST_LIBC = "2.35"


def make_deb(bundle: Path, icons: Path, work: Path, result: Path, *, has_models: bool) -> None:
    """Write `result`; the same bundle gives the same bytes while SOURCE_DATE_EPOCH is the same.

    One with models is told apart by its version, which is a later one: a software centre offers to install it over
    the one without. Packing models hard takes minutes, shrinks them by a fiftieth, and unpacking takes four times as
    long. Zstandard would be better still, but Debian's archive wants none.

    Raises:
        subprocess.CalledProcessError: a tool of Debian's failed and said why.
        LookupError: a library that the bundle needs belongs to no package.
    """
    shutil.rmtree(work, ignore_errors=True)
    root = work / "root"
    program = root / "usr" / "lib" / NAME
    shutil.copytree(bundle, program, symlinks=True)
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    shutil.copytree(icons, root / "usr" / "share" / "icons" / "hicolor")
    version = f"{identity.VERSION}+models" if has_models else identity.VERSION
    _add_descriptions(root / "usr" / "share", version)
    _add_control(root, version, ", ".join(dependencies(program)))
    tree.make_uniform(root, tree.programs_in(program))
    packing = "-Zgzip" if has_models else "-Zxz"
    command = ["dpkg-deb", "--root-owner-group", packing, "-z6", "--build", str(root), str(result)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def architecture() -> str:
    """Debian's name of this processor, for which PyInstaller builds.

    Raises:
        KeyError: the program has never been packed for it.
    """
    return {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


def dependencies(program: Path) -> list[str]:
    """Debian's packages that hold the libraries which the bundle names and does not carry."""
    carried = {path.name for path in program.rglob("*")}
    wanted = {name for path in _binaries(program) for name in _needed_by(path)} - carried
    packages = {_package_of(name) for name in wanted} - {"libc6"}
    named = [f"{name} | {RENAMED[name]}" if name in RENAMED else name for name in sorted(packages)]
    return [f"libc6 (>= {OLDEST_LIBC})", *named]


def _binaries(program: Path) -> Iterator[Path]:
    for path in sorted(program.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def _needed_by(path: Path) -> list[str]:
    told = subprocess.run(["readelf", "-d", str(path)], check=True, capture_output=True, text=True)  # noqa: S603, S607
    return [line.split("[")[1].rstrip("]") for line in told.stdout.splitlines() if "(NEEDED)" in line]


def _package_of(library: str) -> str:
    told = subprocess.run(["dpkg", "-S", f"*/{library}"], check=False, capture_output=True, text=True)  # noqa: S603, S607
    names = {line.split(":")[0] for line in told.stdout.splitlines() if "/usr/lib32" not in line}
    if not names:
        raise LookupError(f"no installed package holds {library}")
    new_names = {new: old for old, new in RENAMED.items()}
    return min(new_names.get(name, name) for name in names)


def _add_descriptions(share: Path, version: str) -> None:
    here = Path(__file__).parent
    at = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    _write(
        share / "applications" / f"{identity.APPLICATION_ID}.desktop",
        _filled(here, f"{identity.APPLICATION_ID}.desktop"),
    )
    name = f"{identity.APPLICATION_ID}.metainfo.xml"
    _write(share / "metainfo" / name, _filled(here, name))
    _write(share / "doc" / NAME / "copyright", _filled(here, "copyright"))
    _write(share / "lintian" / "overrides" / NAME, _filled(here, "lintian-overrides"))
    _write_packed(share / "man" / "man1" / f"{NAME}.1.gz", _filled(here, f"{NAME}.1"))
    changes = f"{NAME} ({version}) unstable; urgency=medium\n\n  * See the change log of the project.\n"
    changes += f"\n -- {identity.MAINTAINER}  {at:%a, %d %b %Y %H:%M:%S} +0000\n"
    _write_packed(share / "doc" / NAME / "changelog.gz", changes)


def _add_control(root: Path, version: str, depends: str) -> None:
    fields = {
        "Package": NAME,
        "Version": version,
        "Architecture": architecture(),
        "Maintainer": identity.MAINTAINER,
        "Installed-Size": str(tree.installed_kilobytes(root)),
        "Depends": depends,
        "Recommends": ", ".join(RECOMMENDED),
        "Section": "net",
        "Priority": "optional",
        "Homepage": identity.HOMEPAGE,
        "Description": "chat, images and audio with OpenAI's API or offline\n"
        " Triptych is a desktop program with three tabs: Chat, Images and Audio. It\n"
        " speaks to OpenAI's API and to every server that speaks the same, and without\n"
        " a key or a network to a small engine with open models that comes inside.",
    }
    _write(root / "DEBIAN" / "control", "".join(f"{name}: {value}\n" for name, value in fields.items()))


def _filled(folder: Path, name: str) -> str:
    """A description with version and date put in."""
    at = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    text = (folder / name).read_text("utf-8")
    return text.replace("@VERSION@", identity.VERSION).replace("@DATE@", f"{at:%Y-%m-%d}")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _write_packed(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
