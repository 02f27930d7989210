"""Files of every kind on their way into a draft."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.model.chat import AttachmentKind
from app.model.errors import UnreadableFile
from app.workers.attachments import MOST_TEXT_BYTES, AttachmentWorker, decode_text
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
        ("broken.png", b"\x89PNG\r\n\x1a\n and nothing more", "a picture or a text file"),
        ("large.bin", b"\0" * (MOST_TEXT_BYTES + 1), "a picture or a text file"),
        ("large.txt", b"a" * (MOST_TEXT_BYTES + 1), "a text file of at most 1 MB"),
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


def test_what_is_no_file_is_refused(tell: Tell, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    async def story(chat: Chat) -> None:
        for path in (pipe, tmp_path, tmp_path / "gone.txt", tmp_path / "gone.png"):
            with pytest.raises(UnreadableFile):
                await chat.attachments.attach_file(chat.id, path)

    tell(story)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        ("plain ünïcode 文".encode(), "plain ünïcode 文"),
        (b"\xef\xbb\xbfwith a mark", "with a mark"),
        ("sixteen bits 文".encode("utf-16"), "sixteen bits 文"),
        ("你好，世界。这是一个测试文件，内容是中文。".encode("gb18030"), "你好，世界。这是一个测试文件，内容是中文。"),
        (b"zero\0byte", None),
        (bytes(range(1, 256)) * 20, None),
    ],
)
def test_text_of_any_encoding_is_read(data: bytes, text: str | None) -> None:
    assert decode_text(data) == text


def _picture(file_format: str, size: tuple[int, int]) -> bytes:
    output = BytesIO()
    Image.new("RGB", size, "teal").save(output, file_format)
    return output.getvalue()
