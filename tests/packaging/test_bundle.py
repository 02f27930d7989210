"""The bundle: what an installed program carries, told by names, for each system."""

from __future__ import annotations

import sys

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "packaging"))
from bundle import is_needed, needed  # type: ignore[import-not-found] # a script's folder


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6\\plugins\\styles\\qmodernwindowsstyle.dll",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so",
        "PySide6/Qt/translations/qtbase_zh_CN.qm",
        "PySide6/Qt/lib/libQt6Core.so.6",
        "av.libs/libxcb-5ddf6756.so.1.1.0",
        "keyring-25.7.0.dist-info/entry_points.txt",
    ],
)
def test_what_the_window_needs_is_kept(name: str) -> None:
    assert is_needed(name, of_the_system=False)


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platforms/libqeglfs.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6\\plugins\\imageformats\\qtiff.dll",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/translations/designer_zh_CN.qm",
        "keyring-25.7.0.dist-info/RECORD",
        "keyring-25.7.0.dist-info\\direct_url.json",
    ],
)
def test_what_nothing_uses_is_left_out(name: str) -> None:
    assert not is_needed(name, of_the_system=False)


def test_the_desktop_keeps_its_own_libraries() -> None:
    """A bundled libasound, libdbus or libxcb breaks what the user's desktop loads into it."""
    entries = [
        (name, f"/usr/lib/x86_64-linux-gnu/{name}", "BINARY")
        for name in ("libasound.so.2", "libdbus-1.so.3", "libxcb.so.1", "libstdc++.so.6", "libportaudio.so.2")
    ]
    entries.append(("libpython3.13.so.1.0", "/usr/lib/x86_64-linux-gnu/libpython3.13.so.1.0", "BINARY"))
    assert [entry[0] for entry in needed(entries)] == ["libportaudio.so.2", "libpython3.13.so.1.0"]
