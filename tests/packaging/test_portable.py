"""The head of the portable file: it unpacks what is behind it once, and clears away what nobody starts any more."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app import identity
from tests.conftest import ROOT
from tests.e2e.small_disk import permitted, with_disk
from tests.packaging.requirements import needs, only_for_installers

sys.path.insert(0, str(ROOT / "packaging"))
from linux.portable import make_portable  # type: ignore[import-not-found] # a script's folder

pytestmark = [only_for_installers, needs("mksquashfs", "squashfs-tools")]

PROGRAM = """#!/bin/sh
echo "$1 from $APPIMAGE"
[ "$1" != wait ] || read -r _
"""
SUPERBLOCK_BYTES = 96
"""How long a squashfs image's first part is; the first file's content comes after it."""
LONG_AGO_S = 8 * 24 * 3600


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portable file with a small program in it."""
    folder = tmp_path_factory.mktemp("portable")
    bundle, icons = folder / "bundle", folder / "icons"
    icon = icons / "256x256" / "apps" / f"{identity.APPLICATION_ID}.png"
    for file, text in {
        bundle / identity.PROGRAM: PROGRAM,
        bundle / "_internal" / "library.so": "machine code " * 50_000,
        icon: "a picture",
    }.items():
        file.parent.mkdir(parents=True)
        file.write_text(text)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOURCE_DATE_EPOCH", "1700000000")
        make_portable(bundle, icons, folder / "work", folder / "Triptych.AppImage")
    return folder / "Triptych.AppImage"


@pytest.fixture
def portable(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy2(built, tmp_path / "Triptych 程序.AppImage"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "triptych-program"


def _started(portable: Path) -> str:
    return subprocess.run([portable, "--now"], capture_output=True, text=True, check=True).stdout


def _age(folder: Path) -> None:
    then = time.time() - LONG_AGO_S
    os.utime(folder, (then, then))


def test_it_unpacks_itself_once(portable: Path, cache: Path) -> None:
    assert _started(portable) == f"--now from {portable}\n"
    (folder,) = cache.iterdir()
    (folder / identity.PROGRAM).write_text("#!/bin/sh\necho the same folder\n")
    assert _started(portable) == "the same folder\n"


def test_what_nobody_started_for_a_week_is_removed(portable: Path, cache: Path) -> None:
    for name in ("former", "former.aBcDeF", "yesterdays"):
        (cache / name / "_internal").mkdir(parents=True)
        (cache / name / "_internal" / "library.so").write_text("machine code")
    outside = cache.parent / "outside"
    outside.mkdir()
    (cache / "link").symlink_to(outside)
    (cache / "former" / "link").symlink_to(outside)
    for folder in (cache / "former", cache / "former.aBcDeF", outside):
        _age(folder)
    _started(portable)
    (own,) = cache.glob("*-*")
    assert {path.name for path in cache.iterdir()} == {own.name, "yesterdays", "link"}
    assert outside.is_dir()
    _age(own)
    _started(portable)
    assert own.stat().st_mtime > time.time() - LONG_AGO_S / 2, "it was just started"


def test_what_runs_is_not_removed_however_old(portable: Path, cache: Path) -> None:
    other = Path(shutil.copy(portable, portable.with_name("Other.AppImage")))
    os.utime(other, (1_700_000_000, 1_700_000_000))
    with subprocess.Popen([other, "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        (old,) = cache.iterdir()
        _age(old)
        _started(portable)
        assert old.is_dir()
        assert running.stdin is not None
        running.stdin.close()
    _started(portable)
    assert not old.exists()


@pytest.mark.skipif(not permitted(Path()), reason="needs `unshare --map-root-user --mount` (Linux user namespaces)")
def test_a_full_disk_is_called_so_and_gets_its_room_back(portable: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    fill = 'head -c 16500000 /dev/zero > "$1/filler"; XDG_CACHE_HOME="$1" "$2"; echo $?'
    look = 'ls "$1/triptych-program"'
    done = with_disk(disk, f"sh -c '{fill}; {look}' sh \"$@\"", str(disk), str(portable))
    assert done.stdout.splitlines() == ["126"], "and nothing in the folder"
    assert "no room left on the disk" in done.stderr


def test_what_goes_wrong_is_shown_on_the_desktop(
    portable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, programs = tmp_path / "said", tmp_path / "bin"
    programs.mkdir()
    (programs / "kdialog").write_text(f'#!/bin/sh\necho "$4" > "{said}"\n')
    (programs / "kdialog").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    done = subprocess.run([portable], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert said.read_text() == done.stderr
    assert said.read_text().startswith("Triptych cannot start: the cache folder cannot be made: ")


def test_a_damaged_file_says_so_and_leaves_nothing(portable: Path, cache: Path) -> None:
    start = int(subprocess.check_output([portable, "--appimage-offset"]))
    with portable.open("r+b") as file:
        file.seek(start + SUPERBLOCK_BYTES)
        file.write(bytes(64))
    done = subprocess.run([portable], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "download it again" in done.stderr
    assert list(cache.iterdir()) == []


def test_without_a_home_it_unpacks_nowhere(portable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder below /tmp that everybody can foresee might hold a program of somebody else."""
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    done = subprocess.run([portable], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (126, "")
    assert "HOME is not set" in done.stderr


def test_what_was_extracted_before_is_not_taken_for_this_file(portable: Path, tmp_path: Path) -> None:
    command = [str(portable), "--appimage-extract"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert (tmp_path / "squashfs-root" / identity.PROGRAM).is_file()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 126
    assert "squashfs-root: File exists" in done.stderr
