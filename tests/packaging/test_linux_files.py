"""The files for Linux that `make package` left in dist/: sizes, sums, what is in them and what they ask for."""

from __future__ import annotations

import gzip
import marshal
import re
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from app import identity
from tests.conftest import ROOT
from tests.installed.bare_machine import DIST, installer
from tests.packaging.requirements import needs, only_for_installers

pytestmark = only_for_installers

NEWEST_GLIBC = (2, 35)
"""Ubuntu 22.04's; Debian 12 has 2.36."""
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
LIMITS_MB = {
    "triptych_*.deb": 150,
    "triptych-[0-9.]*[0-9]-x86_64.AppImage": 150,
    "triptych-with-models_*.deb": 800,
    "triptych-*-with-models-x86_64.AppImage": 800,
}
INSTALLED_LIMIT_MB = 400
ARCHIVE = b"PYZ\0"
"""How the archive of modules in PyInstaller's executables begins; after it, and four bytes more, stands where its table
of contents is: a number, the most significant byte first."""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the standard package puts on a machine."""
    root = tmp_path_factory.mktemp("package")
    subprocess.run(["dpkg-deb", "--extract", str(installer("triptych_*.deb")), str(root)], check=True)
    return root


@pytest.mark.parametrize("pattern", LIMITS_MB)
def test_a_download_is_small_enough(pattern: str) -> None:
    assert installer(pattern).stat().st_size <= LIMITS_MB[pattern] * 1e6


def test_the_standard_program_takes_little_room(unpacked: Path) -> None:
    sizes = [path.stat().st_size for path in unpacked.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(sizes) <= INSTALLED_LIMIT_MB * 1e6


def test_the_sums_are_those_of_the_files() -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=DIST, check=True)
    named = {line.split("  ")[1] for line in (DIST / "SHA256SUMS").read_text("utf-8").splitlines()}
    assert named == {file.name for file in DIST.iterdir()} - {"SHA256SUMS"}


def test_every_module_is_there(unpacked: Path) -> None:
    """What cannot be compiled PyInstaller leaves out and says nothing."""
    found: set[str] = set()
    for name in (identity.PROGRAM, f"{identity.PROGRAM}-engine"):
        executable = (unpacked / "usr" / "lib" / identity.PROGRAM / name).read_bytes()
        start = executable.index(ARCHIVE)
        contents = start + int.from_bytes(executable[start + 8 : start + 12])
        found |= {module for module, _ in marshal.loads(executable[contents:])}
    files = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "app").rglob("*.py")]
    modules = {".".join(file.parts).removesuffix(".__init__") for file in files}
    assert not modules - found


@needs("objdump", "binutils")
def test_nothing_asks_for_a_newer_c_library_than_the_oldest_system_has(unpacked: Path) -> None:
    binaries = [path for path in unpacked.rglob("*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]
    assert len(binaries) > 50
    too_new = {}
    for binary in binaries:
        told = subprocess.run(["objdump", "-T", str(binary)], capture_output=True, text=True, check=False).stdout
        wanted = {tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_(\d+\.\d+)", told)}
        if wanted and max(wanted) > NEWEST_GLIBC:
            too_new[binary.name] = max(wanted)
    assert not too_new


def test_the_icon_is_there_in_all_sizes(unpacked: Path) -> None:
    theme = unpacked / "usr" / "share" / "icons" / "hicolor"
    for size in ICON_SIZES:
        with Image.open(theme / f"{size}x{size}" / "apps" / f"{identity.APPLICATION_ID}.png") as icon:
            assert icon.size == (size, size)
    assert (theme / "scalable" / "apps" / f"{identity.APPLICATION_ID}.svg").is_file()


def test_the_manual_knows_this_version(unpacked: Path) -> None:
    manual = gzip.decompress((unpacked / "usr" / "share" / "man" / "man1" / "triptych.1.gz").read_bytes()).decode()
    assert identity.VERSION in manual
    assert "@" not in re.sub(r"\S+@\S+\.example", "", manual)


@needs("appstreamcli", "appstream")
def test_software_centres_can_read_the_description(unpacked: Path) -> None:
    description = unpacked / "usr" / "share" / "metainfo" / f"{identity.APPLICATION_ID}.metainfo.xml"
    command = ["appstreamcli", "validate", "--no-net", str(description)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@needs("lintian", "lintian")
def test_debians_checker_has_nothing_against_the_package() -> None:
    command = ["lintian", "--allow-root", "--fail-on", "error,warning", str(installer("triptych_*.deb"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@needs("dpkg-deb", "dpkg")
def test_the_package_with_models_is_offered_over_the_one_without() -> None:
    """Of two packages with one name and version a software centre says of the second that it is there already."""
    versions = []
    for pattern in ("triptych-with-models_*.deb", "triptych_*.deb"):
        command = ["dpkg-deb", "--field", str(installer(pattern)), "Version"]
        versions.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    compared = subprocess.run(["dpkg", "--compare-versions", versions[0], "gt", versions[1]], check=False)
    assert compared.returncode == 0, versions
