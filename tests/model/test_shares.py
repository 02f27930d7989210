"""What leads to another computer, whichever system reads it."""

from __future__ import annotations

import pytest

from app.model.shares import is_share


@pytest.mark.parametrize(
    "path",
    [
        r"\\host\share\fox.png",
        "//host/share/fox.png",
        r"\/host\share",
        r"/\host/share",
        r"\\?\UNC\host\share",
        r"\\.\x",
    ],
)
def test_a_share_is_told_by_its_beginning(path: str) -> None:
    assert is_share(path)


@pytest.mark.parametrize("path", ["", "/home/me/fox.png", r"C:\Users\me", r"\fox.png", "pictures//fox.png", "a/b"])
def test_other_paths_are_none(path: str) -> None:
    assert not is_share(path)
