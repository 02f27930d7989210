"""`make package`: the bundle of this system, its installers in dist/, their sums, parts and sizes."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import icons
import parts
from windows.installer import version_information

from app import identity

ROOT = Path(__file__).resolve().parent.parent
BUILD, DIST = ROOT / "build" / "package", ROOT / "dist"
SOURCE_ICON = ROOT / "resources" / "triptych.svg"
WITH_MODELS = "-with-models"


def main() -> int:
    os.environ.setdefault("SOURCE_DATE_EPOCH", _time_of_commit())
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    _prepare()
    bundle = _bundle({})
    sizes = {"bundle": _size(bundle)} | {f"bundle/{name}": size for name, size in _parts_of(bundle)}
    for flavour in ("", WITH_MODELS):
        if flavour:
            _add_models(bundle)
        for installer in _installers(bundle, flavour):
            sizes[installer.name] = installer.stat().st_size
            _say(f"{installer.name}: {installer.stat().st_size / 1e6:.0f} MB")
    _write_sums()
    (BUILD / "sizes.json").write_text(json.dumps(sizes, indent=1), "utf-8")
    return 0


def _prepare() -> None:
    """Draw the icons; write the licences and the list of parts."""
    shutil.rmtree(BUILD / "licenses", ignore_errors=True)
    silent = parts.write_licenses(BUILD / "licenses", ROOT)
    if silent:
        _say(f"parts that bring no text of their licence: {', '.join(silent)}")
    parts.write_list(DIST / f"{identity.PROGRAM}-{identity.VERSION}.cdx.json", ROOT)
    icons.write_theme(SOURCE_ICON, BUILD / "icons", identity.APPLICATION_ID)
    icons.write_windows(SOURCE_ICON, BUILD / "triptych.ico")
    icons.write_macos(SOURCE_ICON, BUILD / "triptych.icns")
    (BUILD / "version.txt").write_text(version_information("Chat, images and audio"), "utf-8")


def _bundle(variables: dict[str, str]) -> Path:
    """PyInstaller's folder with the program in it; `variables` are read by the spec."""
    _say("bundling")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR"]
    command += ["--distpath", str(BUILD / "dist"), "--workpath", str(BUILD / "work")]
    command.append(str(ROOT / "packaging" / "triptych.spec"))
    subprocess.run(command, check=True, env=os.environ | variables)  # noqa: S603
    return BUILD / "dist" / identity.PROGRAM


def _add_models(bundle: Path) -> None:
    """Fetch the default set once and put it where the installed program looks for it."""
    models = BUILD / "models"
    command = [sys.executable, "-m", "app", "models", "fetch", "--default", "--into", str(models)]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603
    # On a Mac PyInstaller puts them in: a signed bundle may not be changed any more.
    target = BUILD / "shipped" if sys.platform == "darwin" else bundle / "_internal" / "models"
    target.mkdir(exist_ok=True)
    for file in models.iterdir():
        if file.is_file() and file.name not in ("serve.json", "own.json"):
            os.link(file, target / file.name)
    if sys.platform == "darwin":
        _bundle({"TRIPTYCH_BUNDLED_MODELS": str(target)})


def _installers(bundle: Path, flavour: str) -> Iterator[Path]:
    name = f"{identity.PROGRAM}-{identity.VERSION}{flavour}"
    if sys.platform == "linux":
        from linux.deb import make_deb
        from linux.portable import make_portable

        deb = DIST / f"{identity.PROGRAM}{flavour}_{identity.VERSION}_amd64.deb"
        make_deb(bundle, BUILD / "icons", BUILD / "deb", deb, can_shrink=not flavour)
        yield deb
        portable = DIST / f"{name}-x86_64.AppImage"
        make_portable(bundle, BUILD / "icons", BUILD / "portable", portable)
        yield portable
    elif sys.platform == "win32":
        from windows.installer import make_installer

        installer = DIST / f"{name}-x86_64-installer.exe"
        make_installer(bundle, BUILD / "triptych.ico", BUILD / "windows", installer, can_shrink=not flavour)
        yield installer
    elif sys.platform == "darwin":
        from macos.disk_image import make_disk_image

        image = DIST / f"{name}-{platform.machine()}.dmg"
        application = bundle.with_name(f"{identity.NAME}.app")
        make_disk_image(application, BUILD / "macos", image)
        yield image
        archive = DIST / f"{name}-{platform.machine()}.app.tar.gz"  # for the program's own updates
        subprocess.run(["tar", "-czf", archive, "-C", application.parent, application.name], check=True)  # noqa: S603, S607
        yield archive


def _write_sums() -> None:
    lines = []
    for file in sorted(DIST.iterdir()):
        with file.open("rb") as content:
            lines.append(f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {file.name}\n")
    (DIST / "SHA256SUMS").write_text("".join(lines), "utf-8")


def _parts_of(bundle: Path) -> list[tuple[str, int]]:
    found = [(path.name, _size(path)) for path in (bundle / "_internal").iterdir() if not path.is_symlink()]
    return sorted(found, key=lambda part: -part[1])[:20]


def _size(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.lstat().st_size for file in files if file.is_file() and not file.is_symlink())


def _time_of_commit() -> str:
    told = subprocess.run(["git", "log", "-1", "--format=%ct"], check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S607
    return told.stdout.strip()


def _say(words: str) -> None:
    print(f"package: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
