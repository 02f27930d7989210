"""Previews arrive off the window's thread, the newest wish first, and take a bounded room."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.model.errors import UnreadableFile
from app.ui.images.thumbnails import AT_ONCE, MOST_KEPT_BYTES, ThumbnailLoader
from tests.fakes.openai_pictures import png
from tests.ui.images.conftest import RunAsync


class Shelf:
    """Gives previews; remembers order and threads."""

    def __init__(self) -> None:
        self.asked: list[tuple[Path, int]] = []
        self.threads: set[int] = set()
        self.data = png(256, 256)

    def thumbnail(self, path: Path, size_px: int) -> bytes:
        self.asked.append((path, size_px))
        self.threads.add(threading.get_ident())
        if path.name == "broken":
            raise UnreadableFile(name="broken", expected="a picture")
        return self.data


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def loader(qapp: QApplication, run_async: RunAsync, shelf: Shelf) -> Iterator[ThumbnailLoader]:
    made = ThumbnailLoader(shelf.thumbnail)
    yield made
    run_async(made.aclose())


def test_what_is_not_there_yet_is_announced(loader: ThumbnailLoader, shelf: Shelf, qtbot: QtBot) -> None:
    path = Path("a.png")
    with qtbot.waitSignal(loader.loaded) as loaded:
        assert loader.pixmap(path, 200) is None
    assert loaded.args == [path]
    pixmap = loader.pixmap(path, 180)
    assert pixmap is not None
    assert pixmap.width() == 256
    assert shelf.asked == [(path, 256)]
    assert threading.get_ident() not in shelf.threads
    assert loader.pixmap(path, 300) is None  # a sharper one for another screen
    qtbot.waitUntil(lambda: (path, 512) in shelf.asked)


def test_the_last_wish_is_the_first_to_come(loader: ThumbnailLoader, shelf: Shelf, qtbot: QtBot) -> None:
    for number in range(20):
        loader.pixmap(Path(f"{number}"), 100)
    qtbot.waitUntil(lambda: len(shelf.asked) == 20)
    assert {path.name for path, _ in shelf.asked[:AT_ONCE]} == {str(number) for number in range(20 - AT_ONCE, 20)}


def test_a_broken_file_is_shown_as_broken(loader: ThumbnailLoader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(loader.loaded):
        loader.pixmap(Path("broken"), 100)
    pixmap = loader.pixmap(Path("broken"), 100)
    assert pixmap is not None
    assert pixmap.isNull()


def test_only_so_much_is_kept(loader: ThumbnailLoader, shelf: Shelf, qtbot: QtBot) -> None:
    shelf.data = png(2048, 2048)  # 16 MiB each when decoded
    fitting = MOST_KEPT_BYTES // (2048 * 2048 * 4)
    for number in range(fitting + 1):
        with qtbot.waitSignal(loader.loaded):
            loader.pixmap(Path(f"{number}"), 100)
    assert loader.pixmap(Path(f"{fitting}"), 100) is not None
    assert loader.pixmap(Path("0"), 100) is None
