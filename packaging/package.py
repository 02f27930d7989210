"""`make package`: the bundle of this system, its installers in dist/, their sums, parts and sizes.

usage: package.py [bundle|standard]

    bundle      only the folder with the program, which `make bench` starts
    standard    without the installers that have models inside
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import icons
import parts
import sizes
from windows.installer import version_information

from app import identity

ROOT = Path(__file__).resolve().parent.parent
BUILD, DIST = ROOT / "build" / "package", ROOT / "dist"
SOURCE_ICON = ROOT / "resources" / "triptych.svg"
FLAVOURS = ("", "-with-models")
EXTENTS = BUNDLE, STANDARD = ("bundle", "standard")


def main(extent: str) -> int:
    """Make what `extent` names (everything if empty); 2 if it names nothing."""
    if extent not in ("", *EXTENTS):
        print(__doc__, file=sys.stderr)
        return 2
    if "SOURCE_DATE_EPOCH" not in os.environ:  # without git, as from an archive of the code, it must be given
        os.environ["SOURCE_DATE_EPOCH"] = _time_of_commit()
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if extent != BUNDLE:
        shutil.rmtree(DIST, ignore_errors=True)  # what fails leaves no installers of another time
    _compile_all()
    require_translations(ROOT / "resources" / "translations")
    _prepare()
    bundle = _bundle({})
    if extent != BUNDLE:
        _make_installers(bundle, FLAVOURS[:1] if extent == STANDARD else FLAVOURS)
    return 0


def _make_installers(bundle: Path, flavours: Sequence[str]) -> None:
    """Fill dist/ and say how large all became."""
    DIST.mkdir()
    system = f"{platform.system().lower()}-{platform.machine().lower()}"  # a release has the lists of all
    parts.write_list(DIST / f"{identity.PROGRAM}-{identity.VERSION}-{system}.cdx.json", ROOT)
    found = []
    for flavour in flavours:
        if flavour:
            _add_models(bundle)
        for installer, unpacked in _installers(bundle, flavour):
            found.append(sizes.measured(installer, unpacked, sizes.modules_in))
            _say(f"{installer.name}: {found[-1].size / 1e6:.0f} MB")
    _write_sums()
    print(sizes.write(found, BUILD), flush=True)


def _compile_all() -> None:
    """Raise SyntaxError now: PyInstaller leaves out what cannot be compiled, and says nothing."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        compile(path.read_bytes(), path, "exec")


def require_translations(folder: Path) -> None:
    """Raise FileNotFoundError now: without them the program would speak no Chinese, and nobody would say so."""
    missing = [path.name for path in sorted(folder.glob("*.ts")) if not path.with_suffix(".qm").is_file()]
    if missing:
        raise FileNotFoundError(f"not compiled: {', '.join(missing)}; run packaging/translations.sh compile")


def _prepare() -> None:
    """Draw the icons; write the licences and what Windows shows of the version."""
    shutil.rmtree(BUILD / "licenses", ignore_errors=True)
    silent = parts.write_licenses(BUILD / "licenses", ROOT)
    if silent:
        _say(f"parts that bring no text of their licence: {', '.join(silent)}")
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
    # A cache of its own: what another build of this user puts there or cleans away must not matter.
    environment = os.environ | variables | {"PYINSTALLER_CONFIG_DIR": str(BUILD / "cache")}
    subprocess.run(command, check=True, env=environment)  # noqa: S603
    return BUILD / "dist" / identity.PROGRAM


def _add_models(bundle: Path) -> None:
    """Fetch the default set once and put it where the installed program looks for it."""
    models = BUILD / "models"
    command = [sys.executable, "-m", "app", "models", "fetch", "--default", "--into", str(models)]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603
    # On a Mac PyInstaller puts them in: a signed bundle may not be changed any more.
    target = BUILD / "shipped" if sys.platform == "darwin" else bundle / "_internal" / "models"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for name in default_files(ROOT / "resources" / "models.json"):
        os.link(models / name, target / name)
    if sys.platform == "darwin":
        _bundle({"TRIPTYCH_BUNDLED_MODELS": str(target)})


def default_files(catalogue: Path) -> list[str]:
    """The files of the models that an installer has inside."""
    return [model["file"] for model in json.loads(catalogue.read_text("utf-8"))["models"] if "default" in model["sets"]]


def _installers(bundle: Path, flavour: str) -> Iterator[tuple[Path, Path]]:
    """Each installer and a folder with what it unpacks to; ask for the next one only after a look at that."""
    name = f"{identity.PROGRAM}-{identity.VERSION}{flavour}"
    if sys.platform == "linux":
        from linux.deb import architecture, make_deb
        from linux.portable import make_portable

        deb = DIST / f"{identity.PROGRAM}{flavour}_{identity.VERSION}_{architecture()}.deb"
        make_deb(bundle, BUILD / "icons", BUILD / "deb", deb, has_models=bool(flavour))
        yield deb, BUILD / "deb" / "root" / "usr"
        portable = DIST / f"{name}-{platform.machine()}.AppImage"
        make_portable(bundle, BUILD / "icons", BUILD / "portable", portable)
        yield portable, BUILD / "portable" / "AppDir"
    elif sys.platform == "win32":
        from windows.installer import make_installer

        installer = DIST / f"{name}-x86_64-installer.exe"
        make_installer(bundle, BUILD / "triptych.ico", BUILD / "windows", installer, can_shrink=not flavour)
        yield installer, bundle
    elif sys.platform == "darwin":
        from macos.disk_image import make_disk_image

        image = DIST / f"{name}-{platform.machine()}.dmg"
        application = bundle.with_name(f"{identity.NAME}.app")
        make_disk_image(application, BUILD / "macos", image)
        yield image, application
        archive = DIST / f"{name}-{platform.machine()}.app.tar.gz"  # for the program's own updates
        # What Apple's tar would else add for each file, another one unpacks as files, which break the signature.
        environment = os.environ | {"COPYFILE_DISABLE": "1"}
        command = ["tar", "-czf", str(archive), "-C", str(application.parent), application.name]
        subprocess.run(command, check=True, env=environment)  # noqa: S603
        yield archive, application


def _write_sums() -> None:
    lines = []
    for file in sorted(DIST.iterdir()):
        with file.open("rb") as content:
            lines.append(f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {file.name}\n")
    (DIST / "SHA256SUMS").write_text("".join(lines), "utf-8")


def _time_of_commit() -> str:
    told = subprocess.run(["git", "log", "-1", "--format=%ct"], check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S607
    return told.stdout.strip()


def _say(words: str) -> None:
    print(f"package: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
