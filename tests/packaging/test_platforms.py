"""Windows and macOS: the wheels in the lock file exist there, and hold what the bundle is said to take from them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.packaging.requirements import only_for_installers

sys.path.insert(0, str(ROOT / "packaging"))
import bundle  # type: ignore[import-not-found] # a script's folder
from macos.information import OLDEST_MACOS  # type: ignore[import-not-found]

pytestmark = only_for_installers


@dataclass(frozen=True)
class Platform:
    """`name` as uv calls it; `plugins` of Qt and `libraries` without which the installed program does not work."""

    name: str
    plugins: tuple[str, ...]
    libraries: tuple[str, ...]


WINDOWS = Platform(
    "x86_64-pc-windows-msvc",
    ("platforms/qwindows", "styles/qmodernwindowsstyle", "iconengines/qsvgicon", "imageformats/qjpeg"),
    ("msvcp140.dll", "vcruntime140.dll", "vcruntime140_1.dll", "libportaudio64bit.dll"),
)
MACS = tuple(
    Platform(
        f"{processor}-apple-darwin",
        ("platforms/libqcocoa", "styles/libqmacstyle", "iconengines/libqsvgicon", "imageformats/libqjpeg"),
        ("libportaudio.dylib",),
    )
    for processor in ("aarch64", "x86_64")
)
IMPORTED_BY_THE_BUNDLE = ("cyllama", "av", "numpy", "PIL", "pillow_heif", "keyring", "ziamath", "httpx", "truststore")


@pytest.fixture(scope="module", params=[WINDOWS, *MACS], ids=lambda platform: platform.name)
def unpacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Platform, Path]:
    """What an environment on that system holds."""
    platform: Platform = request.param
    folder = tmp_path_factory.mktemp("wheels")
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "install", "--quiet", "--target", str(folder), "--python-platform", platform.name]
    command += ["--python-version", "3.13", "--only-binary", ":all:", "--no-deps", "--require-hashes"]
    done = subprocess.run(
        [*command, "--requirement", str(ROOT / "packaging" / "requirements.txt")],
        env=os.environ | {"MACOSX_DEPLOYMENT_TARGET": OLDEST_MACOS}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return platform, folder


def test_what_the_program_needs_is_there_and_kept(unpacked: tuple[Platform, Path]) -> None:
    platform, folder = unpacked
    names = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    kept = [name for name in names if bundle.is_needed(name, of_the_system=False)]
    for plugin in platform.plugins:
        assert any(re.search(rf"PySide6/(Qt/)?plugins/{plugin}\.", name) for name in kept), plugin
    for library in platform.libraries:
        assert any(Path(name).name == library for name in kept), library
    for module in IMPORTED_BY_THE_BUNDLE:
        assert (folder / module).is_dir(), module


def test_what_is_left_out_is_left_out(unpacked: tuple[Platform, Path]) -> None:
    _, folder = unpacked
    names = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    left_out = [name for name in names if not bundle.is_needed(name, of_the_system=False)]
    assert any("translations" in name for name in left_out)
    assert not any(name.startswith("cyllama/") for name in left_out)


def test_no_wheel_asks_for_a_newer_macos_than_is_said(unpacked: tuple[Platform, Path]) -> None:
    _, folder = unpacked
    tags = "\n".join(file.read_text("utf-8") for file in folder.glob("*.dist-info/WHEEL"))
    asked = [tuple(map(int, found)) for found in re.findall(r"macosx_(\d+)_(\d+)_", tags)]
    assert not asked or max(asked) <= tuple(map(int, OLDEST_MACOS.split(".")))
