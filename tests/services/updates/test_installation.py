"""How the program was installed, told from what the system says, and another version in its place."""

from __future__ import annotations

import os
import platform
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from app.identity import VERSION
from app.model.update_errors import PlaceNotWritable
from app.services.updates.installation import (
    Bundle,
    PortableFile,
    WindowsInstaller,
    command_line,
    find_installation,
    start_apart,
)
from tests.e2e.small_disk import permitted
from tests.profiles import ROOT

MACHINE = {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec'


def _tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_portable_file_knows_itself(tmp_path: Path) -> None:
    unpacked = tmp_path / "cache"
    environment = {"APPIMAGE": str(tmp_path / "Triptych.AppImage"), "APPDIR": str(unpacked)}
    found = find_installation(unpacked / "triptych", tmp_path, system="linux", environment=environment)
    assert isinstance(found, PortableFile)
    assert found.target == f"linux-{MACHINE}-portable"
    assert list(found.command) == [str(tmp_path / "Triptych.AppImage")]
    with_models = find_installation(
        unpacked / "triptych", tmp_path, system="linux", environment=environment, with_models=True
    )
    assert with_models is not None
    assert with_models.target == f"linux-{MACHINE}-portable-with-models"


def test_a_package_is_left_to_its_package_manager(tmp_path: Path) -> None:
    assert find_installation(Path("/usr/lib/triptych/triptych"), tmp_path, system="linux", environment={}) is None
    inherited = {"APPIMAGE": "/home/me/Terminal.AppImage", "APPDIR": "/tmp/.mount_Term"}
    assert (
        find_installation(Path("/usr/lib/triptych/triptych"), tmp_path, system="linux", environment=inherited) is None
    )


def test_windows_and_macos_know_themselves(tmp_path: Path) -> None:
    bundle = find_installation(
        Path("/Applications/Triptych.app/Contents/MacOS/triptych"), tmp_path, system="darwin", environment={}
    )
    assert isinstance(bundle, Bundle)
    assert bundle.target == f"macos-{MACHINE}-bundle"
    assert list(bundle.command) == ["open", "-n", "/Applications/Triptych.app"]
    assert find_installation(tmp_path / "triptych.exe", tmp_path, system="win32", environment={}) is None
    (tmp_path / "uninstall.exe").touch()
    installed = find_installation(tmp_path / "triptych.exe", tmp_path, system="win32", environment={})
    assert isinstance(installed, WindowsInstaller)
    assert not installed.command, "the installer does not start it"


def test_a_portable_file_is_replaced_and_comes_back(tmp_path: Path) -> None:
    program, new, kept = tmp_path / "here" / "Triptych", tmp_path / "new", tmp_path / "kept"
    for folder in (program.parent, kept):
        folder.mkdir()
    program.write_bytes(b"old")
    new.write_bytes(b"new")
    portable = PortableFile(program, "any")
    portable.check()
    former = portable.keep(kept)
    assert former is not None
    portable.install(new, "2.0.0")
    assert program.read_bytes() == b"new"
    assert os.access(program, os.X_OK)
    assert former.read_bytes() == b"old"
    portable.install(former, "1.0.0")
    assert program.read_bytes() == b"old"
    assert _tree(program.parent) == {"Triptych": b"old"}


def test_a_link_to_the_program_stays_one(tmp_path: Path) -> None:
    (tmp_path / "Triptych").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "Triptych")
    (tmp_path / "new").write_bytes(b"new")
    PortableFile(tmp_path / "link", "any").install(tmp_path / "new", "2.0.0")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "Triptych").read_bytes() == b"new"


@pytest.mark.skipif(not permitted(Path()), reason="needs `unshare --map-root-user --mount` (Linux user namespaces)")
def test_a_place_that_is_read_only_is_said_so(tmp_path: Path) -> None:
    """A disk, because an administrator may write into every folder."""
    code = (
        "from pathlib import Path; from app.services.updates.installation import PortableFile;"
        f"PortableFile(Path({str(tmp_path)!r}) / 'Triptych', 'any').check()"
    )
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", f'{READ_ONLY} "$@"', "sh", str(tmp_path)]
    done = subprocess.run(
        [*command, sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert f"{PlaceNotWritable.__name__}: " in done.stderr


def test_a_bundle_is_replaced_as_a_whole_and_comes_back(tmp_path: Path) -> None:
    applications, kept = tmp_path / "Applications", tmp_path / "kept"
    application = applications / "Triptych.app"
    (application / "Contents").mkdir(parents=True)
    kept.mkdir()
    (application / "Contents" / "old").write_bytes(b"old")
    (application / "link").symlink_to("Contents/old")
    bundle = Bundle(application, "any")
    bundle.check()
    former = bundle.keep(kept)
    assert former is not None
    newer = Bundle(tmp_path / "built" / "Triptych.app", "any")
    (tmp_path / "built" / "Triptych.app").mkdir(parents=True)
    (tmp_path / "built" / "Triptych.app" / "new").write_bytes(b"new")
    (tmp_path / "archive").mkdir()
    archive = newer.keep(tmp_path / "archive")
    assert archive is not None
    bundle.install(archive, "2.0.0")
    assert _tree(applications) == {"Triptych.app/new": b"new"}
    bundle.install(former, "1.0.0")
    assert _tree(applications) == {"Triptych.app/Contents/old": b"old", "Triptych.app/link": b"old"}
    assert (application / "link").is_symlink()


@pytest.mark.parametrize("content", [b"no archive", b""], ids=["other", "empty"])
def test_an_archive_without_an_application_changes_nothing(tmp_path: Path, content: bytes) -> None:
    application = tmp_path / "Applications" / "Triptych.app"
    application.mkdir(parents=True)
    (application / "old").touch()
    archive = tmp_path / "archive"
    archive.write_bytes(content or _empty_archive(tmp_path))
    with pytest.raises(OSError, match=r"archive"):
        Bundle(application, "any").install(archive, "2.0.0")
    assert _tree(tmp_path / "Applications") == {"Triptych.app/old": b""}


def _empty_archive(folder: Path) -> bytes:
    with tarfile.open(folder / "empty.tar", "w"):
        pass
    return (folder / "empty.tar").read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="a script stands in for the installer; run it on Linux or macOS")
def test_an_installer_is_started_and_kept_for_the_way_back(tmp_path: Path) -> None:
    said, kept = tmp_path / "said", tmp_path / "kept"
    new = tmp_path / "new.exe"
    new.write_text(f'#!/bin/sh\necho "$@" > "{said}"\n')
    installer = WindowsInstaller(tmp_path / "Programs", "any", kept)
    place = tmp_path / "former"
    place.mkdir()
    assert installer.keep(place) is None, "no update brought this version"
    installer.install(new, VERSION)
    assert installer.started is not None
    assert installer.started.wait(20) == 0
    assert said.read_text() == f"/S /D={tmp_path / 'Programs'}\n"
    former = installer.keep(place)
    assert former is not None
    assert former.read_bytes() == new.read_bytes()
    assert stat.S_IMODE(former.stat().st_mode) == 0o755
    (kept / "setup-0.0.1.exe").touch()
    installer.tidy()
    assert [path.name for path in kept.iterdir()] == [f"setup-{VERSION}.exe"]


def test_the_folder_of_an_installer_is_never_quoted() -> None:
    command = ["C:\\Users\\Li Lei\\setup.exe", "/S"]
    told = command_line(command, "/D=C:\\Users\\Li Lei\\Programs", system="win32")
    assert told == '"C:\\Users\\Li Lei\\setup.exe" /S /D=C:\\Users\\Li Lei\\Programs'
    assert command_line(["setup.exe"], "", system="win32") == "setup.exe"


@pytest.mark.skipif(os.name == "nt", reason="reads what a shell says; run it on Linux or macOS")
def test_a_program_that_is_started_is_no_child_of_the_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = tmp_path / "said"
    for name, value in {
        "_PYI_ARCHIVE_FILE": "x",
        "APPIMAGE": "x",
        "APPDIR": "x",
        "OPENAI_API_KEY": "sk-of-the-user",
    }.items():
        monkeypatch.setenv(name, value)
    assert start_apart(["sh", "-c", f'env > "{said}"']).wait(20) == 0
    seen = dict(line.split("=", 1) for line in said.read_text().splitlines() if "=" in line)
    assert seen["PYINSTALLER_RESET_ENVIRONMENT"] == "1"
    assert seen["OPENAI_API_KEY"] == "sk-of-the-user", "as the desktop would start it"
    assert not {"APPIMAGE", "APPDIR", "_PYI_ARCHIVE_FILE"} & seen.keys()
