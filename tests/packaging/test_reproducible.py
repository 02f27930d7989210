"""Equal bytes: what is packed does not tell when, where or by whom, and a second build gives the same installers."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import identity
from tests.conftest import ROOT
from tests.packaging.requirements import needs, only_for_installers

sys.path.insert(0, str(ROOT / "packaging"))
from linux.deb import make_deb  # type: ignore[import-not-found] # a script's folder
from linux.portable import make_portable  # type: ignore[import-not-found]

EPOCH, BEFORE, AFTER = 1_700_000_000, 1_500_000_000, 1_900_000_000
FILES = {
    "triptych": "#!/bin/sh\n",
    "triptych-engine": "#!/bin/sh\n",
    "_internal/library.so": "machine code",
    "_internal/resources/models.json": "{}",
    "_internal/resources/triptych.svg": "<svg/>",
}

type Pack = Callable[[Path, Path, Path, Path], None]


def _pack_deb(bundle: Path, icons: Path, work: Path, result: Path) -> None:
    make_deb(bundle, icons, work, result, has_models=False)


def _pack_large_deb(bundle: Path, icons: Path, work: Path, result: Path) -> None:
    make_deb(bundle, icons, work, result, has_models=True)


def _built(folder: Path, names: list[str], *, mode: int, time: int) -> tuple[Path, Path]:
    """A bundle and its icons, as another user may have made them."""
    bundle, icons = folder / "bundle", folder / "icons"
    icon = icons / "256x256" / "apps" / f"{identity.APPLICATION_ID}.png"
    for file, text in [*((bundle / name, FILES[name]) for name in names), (icon, "a picture")]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (bundle / "_internal" / "link.so").symlink_to("library.so")
    for path in (*bundle.rglob("*"), *icons.rglob("*")):
        if not path.is_symlink():
            path.chmod(mode | 0o700 if path.is_dir() else mode)
        os.utime(path, (time, time), follow_symlinks=False)
    return bundle, icons


@pytest.mark.parametrize(
    "pack",
    [
        pytest.param(_pack_deb, marks=needs("dpkg-deb", "dpkg")),
        pytest.param(_pack_large_deb, marks=needs("dpkg-deb", "dpkg")),
        pytest.param(make_portable, marks=[only_for_installers, needs("mksquashfs", "squashfs-tools")]),
    ],
)
def test_who_packs_and_when_does_not_show(pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    results = []
    for number, (names, mode, time) in enumerate(
        [(list(FILES), 0o600, BEFORE), (list(reversed(FILES)), 0o775, AFTER)]  # older and newer than the commit
    ):
        folder = tmp_path / str(number)
        bundle, icons = _built(folder, names, mode=mode, time=time)
        pack(bundle, icons, folder / "work", folder / "result")
        results.append((folder / "result").read_bytes())
    assert results[0] == results[1]


@needs("dpkg-deb", "dpkg")
def test_everyone_may_read_what_a_strict_user_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    bundle, icons = _built(tmp_path, list(FILES), mode=0o600, time=AFTER)
    make_deb(bundle, icons, tmp_path / "work", tmp_path / "result.deb", has_models=False)
    told = subprocess.run(["dpkg-deb", "-c", tmp_path / "result.deb"], check=True, capture_output=True, text=True)
    listed = {line.split()[5].removeprefix("."): line.split()[:2] for line in told.stdout.splitlines()}
    assert {owner for _, owner in listed.values()} == {"root/root"}
    modes = {name: mode for name, (mode, _) in listed.items()}
    assert modes["/usr/lib/triptych/triptych"] == modes["/usr/lib/triptych/triptych-engine"] == "-rwxr-xr-x"
    assert modes["/usr/lib/triptych/_internal/library.so"] == "-rw-r--r--"
    assert modes["/usr/share/lintian/overrides/triptych"] == "-rw-r--r--"
    assert {mode for name, mode in modes.items() if name.endswith("/")} == {"drwxr-xr-x"}


@only_for_installers
def test_a_second_build_elsewhere_gives_the_same_installers(tmp_path: Path) -> None:
    """From the same files in another folder, by a user with other habits, against those that lie in dist/."""
    elsewhere = tmp_path / "another folder"
    _copy_checkout(elsewhere)
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or _time_of_commit(),
        "VENV": ".venv-package",
        "PYTHONPATH": str(elsewhere),
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C.UTF-8",
    }
    for command in (
        ["packaging/translations.sh", "compile"],
        [".venv-package/bin/python", "packaging/package.py", "standard"],
    ):
        subprocess.run(command, check=True, cwd=elsewhere, env=environment, umask=0o077)
    made = _sums(elsewhere / "dist")
    assert len(made) == 3
    assert made == {name: digest for name, digest in _sums(ROOT / "dist").items() if name in made}
    shutil.rmtree(elsewhere)  # a gigabyte, which is kept only to be looked at after a failure


def _copy_checkout(target: Path) -> None:
    """The files that git knows or would take, older than the commit, and the environment that packs."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    for name in listed.rstrip("\0").split("\0"):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
            os.utime(target / name, (BEFORE, BEFORE))
    (target / ".venv-package").symlink_to(ROOT / ".venv-package")


def _time_of_commit() -> str:
    command = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def _sums(folder: Path) -> dict[str, str]:
    files = [file for file in folder.iterdir() if file.name != "SHA256SUMS"]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
