"""Notes of pictures in the making: what another process left is found once, and nothing of them hinders any work."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.model.images import ImageSettings, UnfinishedPicture
from app.model.providers import ModelReference
from app.services.pictures import UnfinishedPictures

MODEL = ModelReference("p", "m")
CAT = UnfinishedPicture("a cat", MODEL, 2, ImageSettings(size="64x64", extra_body={"a": 1}), ("/pictures/源.png",))
LARGER = UnfinishedPicture("", MODEL, files=("/kite.png",), is_enlargement=True)


def test_what_a_killed_process_left_is_found_once_in_its_order(tmp_path: Path) -> None:
    killed = UnfinishedPictures(tmp_path / "notes")
    for work in (CAT, LARGER):
        killed.begin(work)
    next_one = UnfinishedPictures(tmp_path / "notes")
    next_one.begin(CAT)
    assert next_one.take() == [CAT, LARGER], "what it works on itself is no leftover"
    assert next_one.take() == []


def test_what_is_begun_and_ended_meanwhile_is_no_leftover(tmp_path: Path) -> None:
    unfinished, over = UnfinishedPictures(tmp_path), threading.Event()

    def work() -> None:
        while not over.is_set():
            unfinished.end(unfinished.begin(CAT))

    with ThreadPoolExecutor() as threads:
        for _ in range(4):
            threads.submit(work)
        try:
            assert [unfinished.take() for _ in range(500)] == [[]] * 500
        finally:
            over.set()


def test_what_came_to_its_end_leaves_nothing(tmp_path: Path) -> None:
    unfinished = UnfinishedPictures(tmp_path)
    unfinished.end(unfinished.begin(CAT))
    assert list(tmp_path.iterdir()) == []


def test_a_note_that_cannot_be_read_is_thrown_away(tmp_path: Path) -> None:
    for name, content in (("cut", b'{"prompt": "a c'), ("other", b"[1]"), ("binary", bytes(range(256)))):
        (tmp_path / f"{name}.json").write_bytes(content)
    assert UnfinishedPictures(tmp_path).take() == []
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_no_note_hinders_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    unfinished = UnfinishedPictures(tmp_path / "file")
    unfinished.end(unfinished.begin(CAT))
    unfinished.end(unfinished.begin(UnfinishedPicture("half \ud83d", MODEL)))
    assert unfinished.take() == []
