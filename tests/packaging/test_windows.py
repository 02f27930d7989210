"""Windows, as far as it can be tried elsewhere: the installer is made by NSIS, and wine runs it."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QTranslator

from app import identity
from app.model.file_types import PICTURE_TYPES, SOUND_TYPES
from app.services.updates.installation import command_line
from tests.conftest import ROOT
from tests.e2e.small_disk import DISK_BYTES, permitted, with_disk
from tests.packaging.requirements import needs, only_for_installers

sys.path.insert(0, str(ROOT / "packaging"))
import package  # type: ignore[import-not-found] # a script's folder
from windows import build, installer, signing  # type: ignore[import-not-found] # a script's folder

MANIFEST = ROOT / "packaging" / "windows" / "triptych.manifest"
PROGRAMS = ("triptych.exe", "triptych-cli.exe", "triptych-engine.exe")
SILENT = "/S"
START_MENU = "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Triptych.lnk"

needs_nsis = needs("makensis", "nsis")
needs_wine = needs("wine", "wine64")
needs_signing = needs("osslsigncode", "osslsigncode")


def test_the_translations_are_compiled_where_there_is_no_shell(tmp_path: Path) -> None:
    shutil.copy(ROOT / "resources" / "translations" / "triptych_zh_CN.ts", tmp_path)
    with pytest.raises(FileNotFoundError, match="zh_CN"):
        package.require_translations(tmp_path)
    build.compile_translations(Path(sys.prefix), tmp_path)
    package.require_translations(tmp_path)
    translator = QTranslator()
    assert translator.load(str(tmp_path / "triptych_zh_CN.qm"))
    assert translator.translate("Errors", "A key is needed") == "需要密钥"


class Computer:
    """A fresh Windows, as wine has it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.environment = os.environ | {"WINEPREFIX": str(folder), "WINEDEBUG": "-all", "DISPLAY": ""}
        self.run("wineboot", "-i")
        self.home = next(path for path in (folder / "drive_c" / "users").iterdir() if path.name != "Public")
        self.programs = self.home / "AppData" / "Local" / "Programs"

    def run(self, *command: str | Path, folder: Path | None = None) -> int:
        """Run a program in `folder`, wait for all that it starts, and return its exit code."""
        words = ["wine", *map(str, command)]
        done = subprocess.run(words, env=self.environment, capture_output=True, check=False, timeout=300, cwd=folder)
        subprocess.run(["wineserver", "-w"], env=self.environment, check=False, timeout=120)
        return done.returncode

    def start(self, program: Path) -> subprocess.Popen[bytes]:
        """Start a program and return when it runs: it makes `started.txt` beside itself."""
        process = subprocess.Popen(["wine", str(program)], env=self.environment, stdout=subprocess.DEVNULL)
        sign = program.with_name("started.txt")
        deadline = time.monotonic() + 60
        while not sign.exists():
            assert time.monotonic() < deadline, f"{program.name} does not run"
            time.sleep(0.05)
        sign.unlink()
        return process

    def registered(self, key: str) -> str:
        """All that stands below a key of the user's registry; empty if there is none."""
        words = ["wine", "reg", "query", f"HKCU\\{key}", "/s"]
        done = subprocess.run(words, env=self.environment, capture_output=True, check=False, timeout=120)
        return done.stdout.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def computer(tmp_path_factory: pytest.TempPathFactory) -> Computer:
    return Computer(tmp_path_factory.mktemp("windows") / "prefix")


@pytest.fixture(autouse=True)
def _no_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(signing.CERTIFICATE, raising=False)
    monkeypatch.delenv(signing.PASSWORD, raising=False)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """What PyInstaller leaves, as far as an installer cares."""
    folder = tmp_path / "bundle"
    inside = folder / "_internal" / "资源"
    inside.mkdir(parents=True)
    (inside / "a file.txt").write_text("content", "utf-8")
    for program in PROGRAMS:
        (folder / program).write_bytes(b"MZ")
    return folder


@pytest.fixture
def made(bundle: Path, tmp_path: Path) -> Path:
    result = tmp_path / "triptych-installer.exe"
    _make(bundle, result)
    return result


def test_the_manifest_asks_for_no_rights_and_for_sharp_windows() -> None:
    tree = ElementTree.parse(MANIFEST).getroot()
    told = {element.tag.rpartition("}")[2]: element for element in tree.iter()}
    assert told["requestedExecutionLevel"].attrib == {"level": "asInvoker", "uiAccess": "false"}
    assert told["dpiAwareness"].text == "PerMonitorV2"
    assert told["longPathAware"].text == "true"
    assert told["activeCodePage"].text == "UTF-8"


def test_the_version_information_is_what_pyinstaller_reads() -> None:
    text = installer.version_information("Chat, images and audio")
    calls = {node.func.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}  # type: ignore[attr-defined]
    assert calls == {
        "VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable", "StringStruct", "VarFileInfo", "VarStruct",
    }  # fmt: skip
    assert identity.VERSION in text
    assert "Chat, images and audio" in text


def test_every_kind_of_file_is_offered() -> None:
    assert {*PICTURE_TYPES, *SOUND_TYPES} == set(installer.offered())


def test_without_a_certificate_it_says_so(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signing.sign([bundle / PROGRAMS[0]])
    assert "NOT SIGNED: triptych.exe" in capsys.readouterr().err


def test_the_signing_program_of_the_newest_kit_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="install the Windows SDK"):
        signing.signing_program(tmp_path)
    for version in ("10.0.9600.0", "10.0.26100.0", "10.0.22621.0"):
        tool = tmp_path / "bin" / version / "x64" / "signtool.exe"
        tool.parent.mkdir(parents=True)
        tool.touch()
    assert "10.0.26100.0" in signing.signing_program(tmp_path)


@only_for_installers
@needs_nsis
@needs_wine
def test_it_installs_silently_for_one_user_and_goes_without_a_trace(computer: Computer, made: Path) -> None:
    kept = computer.home / "AppData" / "Local" / identity.PROGRAM / "history.sqlite3"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"the user's own")
    assert computer.run(made, SILENT) == 0
    folder = computer.programs / identity.NAME
    assert all((folder / program).is_file() for program in PROGRAMS)
    assert (folder / "_internal" / "资源" / "a file.txt").read_text("utf-8") == "content"
    assert (computer.home / START_MENU).is_file()
    assert identity.VERSION in computer.registered("Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\triptych")
    assert 'triptych.exe" "%1"' in computer.registered("Software\\Classes\\Triptych.File\\shell\\open\\command")
    assert "Triptych.File" in computer.registered("Software\\Classes\\.png\\OpenWithProgids")
    assert computer.run(folder / "uninstall.exe", SILENT) == 0
    assert not folder.exists()
    assert not (computer.home / START_MENU).exists()
    assert "triptych" not in computer.registered("Software").lower()
    assert kept.read_bytes() == b"the user's own"


@only_for_installers
@needs_nsis
@needs_wine
def test_an_update_leaves_nothing_of_the_version_before(computer: Computer, bundle: Path, made: Path) -> None:
    assert computer.run(made, SILENT) == 0
    folder = computer.programs / identity.NAME
    beside = folder / "notes of the user.txt"
    beside.write_text("mine", "utf-8")
    (bundle / "_internal" / "资源").rename(bundle / "_internal" / "newer")
    newer = made.with_name("triptych-newer-installer.exe")
    _make(bundle, newer)
    assert computer.run(newer, SILENT) == 0
    assert [path.name for path in (folder / "_internal").iterdir()] == ["newer"]
    assert computer.run(folder / "uninstall.exe", SILENT) == 0
    assert [path.name for path in folder.iterdir()] == ["notes of the user.txt"]
    beside.unlink()
    folder.rmdir()


@only_for_installers
@needs_nsis
@needs_wine
@pytest.mark.skipif(not permitted(Path()), reason="needs `unshare --map-root-user --mount` (Linux user namespaces)")
def test_a_full_disk_leaves_the_version_that_is_there(computer: Computer, bundle: Path, made: Path) -> None:
    large = bundle / "_internal" / "large.bin"
    large.write_bytes(os.urandom(DISK_BYTES))
    newer = made.with_name("triptych-newer-installer.exe")
    _make(bundle, newer)
    place = computer.home.parent.parent / "small"
    place.mkdir()
    script = r"""
        wine "$2" /S "/D=C:\\small" && wineserver -w
        wine "$3" /S "/D=C:\\small"
        echo "code $?" && wineserver -w
        cd "$1" && find . -type f
        wine uninstall.exe /S && wineserver -w
    """
    files = (str(place), str(made), str(newer))
    done = with_disk(place, f"sh -c '{script}' sh \"$@\"", *files, environment=computer.environment)
    told, *present = done.stdout.splitlines()
    assert told == "code 2"
    assert {*present} == {f"./{name}" for name in (*PROGRAMS, "_internal/资源/a file.txt", "uninstall.exe")}


@only_for_installers
@needs_nsis
@needs_wine
def test_it_goes_where_it_is_told(computer: Computer, made: Path) -> None:
    """As an update says it, to a place with a space in its name."""
    line = command_line([made.name, SILENT], "/D=C:\\my programs", system="win32")
    assert isinstance(line, str)
    assert computer.run("cmd", "/c", line, folder=made.parent) == 0
    folder = computer.home.parent.parent / "my programs"
    assert (folder / PROGRAMS[0]).is_file()
    assert computer.run(folder / "uninstall.exe", SILENT) == 0
    assert not folder.exists()


@only_for_installers
@needs_nsis
@needs_wine
@pytest.mark.parametrize("name", PROGRAMS)
def test_it_waits_for_the_program_that_is_about_to_end(
    computer: Computer, made: Path, tmp_path: Path, name: str
) -> None:
    assert computer.run(made, SILENT) == 0
    program = computer.programs / identity.NAME / name
    shutil.copy(_program_that_ends_by_itself(tmp_path), program)
    running = computer.start(program)
    assert computer.run(made, SILENT) == 0
    assert running.wait() == 0
    assert program.read_bytes() == b"MZ", "the new one is in its place"
    assert computer.run(program.with_name("uninstall.exe"), SILENT) == 0


@only_for_installers
@needs_nsis
@needs_signing
def test_with_a_certificate_everything_that_runs_is_signed(
    bundle: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(made, bundle / PROGRAMS[0])  # a program that can be signed; the others are left out
    for name in PROGRAMS[1:]:
        (bundle / name).unlink()
    _make_certificate(tmp_path)
    monkeypatch.setenv(signing.CERTIFICATE, str(tmp_path / "certificate.pfx"))
    monkeypatch.setenv(signing.PASSWORD, "a pass phrase")
    result = tmp_path / "triptych-signed-installer.exe"
    _make(bundle, result)
    for file in (result, bundle / PROGRAMS[0]):
        assert b"Triptych tests" in _signature(file, tmp_path)


def _make(bundle: Path, result: Path) -> None:
    icon = bundle.parent / "triptych.ico"
    if not icon.exists():
        import icons  # type: ignore[import-not-found] # a script's folder

        icons.write_windows(ROOT / "resources" / "triptych.svg", icon)
    # wine here runs 64-bit programs only.
    installer.make_installer(bundle, icon, bundle.parent / "work", result, can_shrink=True, target="amd64-unicode")


def _program_that_ends_by_itself(folder: Path) -> Path:
    script, program = folder / "program.nsi", folder / "program.exe"
    script.write_text(
        "Unicode true\nTarget amd64-unicode\nSilentInstall silent\nRequestExecutionLevel user\n"
        f'OutFile "{program}"\nSection\nFileOpen $0 "$EXEDIR\\started.txt" w\nFileClose $0\nSleep 3000\nSectionEnd\n',
        "utf-8",
    )
    subprocess.run(["makensis", "-V1", str(script)], check=True)
    return program


def _make_certificate(folder: Path) -> None:
    key, certificate, both = folder / "key.pem", folder / "certificate.pem", folder / "certificate.pfx"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Triptych tests"]
    request += ["-addext", "extendedKeyUsage=codeSigning", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(request, check=True, capture_output=True)
    pack = ["openssl", "pkcs12", "-export", "-inkey", str(key), "-in", str(certificate), "-out", str(both)]
    subprocess.run([*pack, "-passout", "pass:a pass phrase"], check=True, capture_output=True)


def _signature(file: Path, folder: Path) -> bytes:
    taken = folder / f"{file.stem}.p7b"
    command = ["osslsigncode", "extract-signature", "-in", str(file), "-out", str(taken)]
    subprocess.run(command, check=True, capture_output=True)
    return taken.read_bytes()
