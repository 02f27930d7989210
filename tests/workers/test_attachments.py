"""Files of every kind on their way into a draft."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.model.chat import AttachmentKind
from app.model.errors import UnreadableFile
from app.model.file_errors import NotAFile, PictureDamaged, TextTooLong
from app.workers.attachments import MOST_TEXT_BYTES, AttachmentWorker
from tests.workers.chatting import Chat, Tell, written


def test_a_picture_is_made_small_enough_and_kept_with_the_draft(tell: Tell, tmp_path: Path) -> None:
    path = written(tmp_path / "Drawing.BMP", _picture("BMP", (3000, 1000)))

    async def story(chat: Chat) -> None:
        picture = await chat.attachments.attach_file(chat.id, path)
        assert (picture.kind, picture.name, picture.media_type) == (AttachmentKind.IMAGE, "Drawing.png", "image/png")
        assert (picture.width_px, picture.height_px) == (2048, 683)
        assert picture.path.stat().st_size == picture.size_bytes
        draft = await chat.history.conversations.draft(chat.id)
        assert draft.attachments == (picture,)

    tell(story)
    assert path.read_bytes() == _picture("BMP", (3000, 1000)), "the user's own file is left alone"


def test_pictures_can_keep_their_size(tell: Tell, tmp_path: Path) -> None:
    path = written(tmp_path / "large.png", _picture("PNG", (2500, 10)))

    async def story(chat: Chat) -> None:
        worker = AttachmentWorker(chat.history, original_size=lambda: True)
        picture = await worker.attach_file(chat.id, path)
        assert (picture.width_px, picture.height_px) == (2500, 10)

    tell(story)


def test_a_picture_is_known_by_its_bytes_when_its_name_says_nothing(tell: Tell, tmp_path: Path) -> None:
    path = written(tmp_path / "download", _picture("PNG", (20, 10)))

    async def story(chat: Chat) -> None:
        picture = await chat.attachments.attach_file(chat.id, path)
        assert (picture.kind, picture.name) == (AttachmentKind.IMAGE, "download.png")

    tell(story)


def test_a_pasted_picture_gets_the_name_it_is_given(tell: Tell) -> None:
    async def story(chat: Chat) -> None:
        picture = await chat.attachments.attach_picture(chat.id, _picture("PNG", (20, 10)), "Pasted picture.png")
        assert (picture.name, picture.width_px) == ("Pasted picture.png", 20)
        with pytest.raises(UnreadableFile):
            await chat.attachments.attach_picture(chat.id, b"no picture", "Pasted picture.png")

    tell(story)


def test_text_and_code_are_kept_as_utf_8(tell: Tell, tmp_path: Path) -> None:
    code = written(tmp_path / "main.py", "print('hi')\n")
    letter = written(tmp_path / "letter.txt", "Schöne Grüße aus der größten Straße".encode("latin-1"))

    async def story(chat: Chat) -> None:
        first = await chat.attachments.attach_file(chat.id, code)
        assert (first.kind, first.name, first.media_type) == (AttachmentKind.TEXT, "main.py", "text/x-python")
        second = await chat.attachments.attach_file(chat.id, letter)
        assert second.path.read_text("utf-8") == "Schöne Grüße aus der größten Straße"

    tell(story)


def test_removing_takes_it_out_of_the_draft(tell: Tell, tmp_path: Path) -> None:
    path = written(tmp_path / "notes.txt", "hello")

    async def story(chat: Chat) -> None:
        note = await chat.attachments.attach_file(chat.id, path)
        await chat.attachments.remove(note)
        assert (await chat.history.conversations.draft(chat.id)).attachments == ()

    tell(story)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("film.mp4", b"\0\0\0\x18ftypmp42", "a picture or a text file"),
        ("large.bin", b"\0" * (MOST_TEXT_BYTES + 1), "a picture or a text file"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(
    tell: Tell, tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    path = written(tmp_path / name, content)

    async def story(chat: Chat) -> None:
        with pytest.raises(UnreadableFile) as refused:
            await chat.attachments.attach_file(chat.id, path)
        assert refused.value.arguments == {"name": name, "expected": expected}
        assert (await chat.history.conversations.draft(chat.id)).attachments == ()

    tell(story)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n and nothing more", b"\xff\xd8\xff\xe0 cut"])
def test_a_damaged_picture_is_said_to_be_one(tell: Tell, tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path / "holiday.png", content)

    async def story(chat: Chat) -> None:
        with pytest.raises(PictureDamaged) as refused:
            await chat.attachments.attach_file(chat.id, path)
        assert refused.value.arguments["name"] == "holiday.png"

    tell(story)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "gb18030"])
def test_too_much_text_is_told_with_its_size(tell: Tell, tmp_path: Path, encoding: str) -> None:
    line = "第一行 and some English words\n".encode(encoding)
    path = tmp_path / "long.txt"
    with path.open("wb") as file:
        for _ in range(50):
            file.write(line * (1_000_000 // len(line)))

    async def story(chat: Chat) -> None:
        with pytest.raises(TextTooLong) as refused:
            await chat.attachments.attach_file(chat.id, path)
        assert refused.value.arguments == {"name": "long.txt", "size": "50.0 MB", "most": "1.0 MB"}

    tell(story)


def test_text_of_exactly_the_most_is_taken(tell: Tell, tmp_path: Path) -> None:
    path = written(tmp_path / "long.txt", b"a" * MOST_TEXT_BYTES)

    async def story(chat: Chat) -> None:
        assert (await chat.attachments.attach_file(chat.id, path)).size_bytes == MOST_TEXT_BYTES

    tell(story)


@pytest.mark.parametrize("suffix", ["", ".txt", ".png", ".heic"])
def test_what_is_no_file_is_refused_and_never_waited_for(tell: Tell, tmp_path: Path, suffix: str) -> None:
    for name, make in _NOT_FILES.items():
        make(tmp_path / f"{name}{suffix}")

    async def story(chat: Chat) -> None:
        for name in (*_NOT_FILES, "gone"):
            with pytest.raises(NotAFile) as refused:
                await chat.attachments.attach_file(chat.id, tmp_path / f"{name}{suffix}")
            assert refused.value.arguments["name"] == f"{name}{suffix}"

    tell(story)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"two\nlines.txt", "two\ufffdlines.txt"),
        ("😀👩‍👩‍👧.txt".encode(), "😀👩‍👩‍👧.txt"),
        (b"\xff\xfe old.txt", "\ufffd\ufffd old.txt"),
        (b"\x1b[31mred.txt", "\ufffd[31mred.txt"),
        ("\u202egnp.exe.txt".encode(), "\ufffdgnp.exe.txt"),
        (b"n" * 251 + b".txt", "n" * 79 + "…" + "n" * 36 + ".txt"),
    ],
)
def test_files_of_any_name_are_taken_under_one_that_can_be_shown(
    tell: Tell, tmp_path: Path, name: bytes, shown: str
) -> None:
    path = written(tmp_path / os.fsdecode(name), "content")

    async def story(chat: Chat) -> None:
        assert (await chat.attachments.attach_file(chat.id, path)).name == shown

    tell(story)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))  # such an address has to be short


_NOT_FILES: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "socket": _socket,
    "itself": lambda path: path.symlink_to(path.name),
    "device": lambda path: path.symlink_to("/dev/zero"),
}


def _picture(file_format: str, size: tuple[int, int]) -> bytes:
    output = BytesIO()
    Image.new("RGB", size, "teal").save(output, file_format)
    return output.getvalue()
