"""AttachmentWorker: makes dropped, pasted and chosen files fit to be sent and keeps them with the draft."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.chat import Attachment, AttachmentKind, NewAttachment
from app.model.errors import UnreadableFile
from app.model.file_errors import FolderEmpty, FolderTooFull, NotAFile, TextTooLong
from app.model.file_types import PICTURE_TYPES
from app.model.text import QT_TRANSLATE_NOOP
from app.model.visible import one_line
from app.services.text_encoding import decode_text

if TYPE_CHECKING:
    from app.services.history.store import History

MOST_TEXT_BYTES = 1 << 20
"""About 250,000 tokens: more does not fit any model's memory beside a conversation."""
_ENOUGH_TO_TELL_BYTES = 1 << 14
MOST_FILES = 50
"""Of one folder: more is a slip, or a folder that was not looked into."""
_PICTURE_OR_TEXT = QT_TRANSLATE_NOOP("Errors", "a picture or a text file")


class AttachmentWorker:
    """`original_size` tells whether pictures are sent as large as they are."""

    def __init__(self, history: History, *, original_size: Callable[[], bool] = lambda: False) -> None:
        self._history = history
        self._original_size = original_size

    async def files_of(self, path: Path) -> list[Path]:
        """The file itself, or what a person would see directly in the folder.

        Raises:
            FolderEmpty, FolderTooFull: nothing of it is to be attached.
        """
        return await asyncio.to_thread(_files_of, path)

    async def attach_file(self, conversation_id: int, path: Path) -> Attachment:
        """Take a file of the user's into the draft; the file itself is not changed.

        Raises:
            UnreadableFile: no file, neither a picture nor text, broken, or too long.
            StorageFailed: the copy cannot be stored.
        """
        new = await asyncio.to_thread(self._prepare, path)
        return await self._history.attachments.add(conversation_id, new)

    async def attach_picture(self, conversation_id: int, data: bytes, name: str) -> Attachment:
        """Take a pasted picture into the draft; raises as `attach_file`."""
        new = await asyncio.to_thread(self._prepare_picture, data, name)
        return await self._history.attachments.add(conversation_id, new)

    async def remove(self, attachment: Attachment) -> None:
        """Take it out of the draft again."""
        await self._history.attachments.remove(attachment.id)

    def _prepare(self, path: Path) -> NewAttachment:
        if not path.is_file():  # a pipe or a device could be read for ever
            raise NotAFile(name=path.name)
        text = None if path.suffix.lower() in PICTURE_TYPES else _text_in(path)
        if text is not None:
            media_type = mimetypes.guess_type(path.name)[0] or "text/plain"
            return NewAttachment(AttachmentKind.TEXT, one_line(path.name), media_type, text.encode("utf-8", "replace"))
        try:
            return self._prepare_picture(path, path.name)
        except UnreadableFile as error:
            if type(error) is not UnreadableFile:
                raise
            raise UnreadableFile(error.server_words, name=path.name, expected=_PICTURE_OR_TEXT) from error

    def _prepare_picture(self, source: bytes | Path, name: str) -> NewAttachment:
        from app.services import pictures

        picture = pictures.prepare_for_sending(source, original=self._original_size(), name=name)
        suffix = pictures.suffix_for(picture.media_type)
        return NewAttachment(
            kind=AttachmentKind.IMAGE,
            name=one_line(str(Path(name).with_suffix(suffix))),
            media_type=picture.media_type,
            data=picture.data,
            width_px=picture.width,
            height_px=picture.height,
        )


def _files_of(path: Path) -> list[Path]:
    try:
        inside = path.iterdir()
        found = list(
            islice((file for file in inside if file.is_file() and not file.name.startswith(".")), MOST_FILES + 1)
        )
    except OSError:  # no folder, or not to be read: whoever takes it finds the words
        return [path]
    if not found:
        raise FolderEmpty(name=path.name)
    if len(found) > MOST_FILES:
        raise FolderTooFull(name=path.name, most=str(MOST_FILES))
    return sorted(found)


def _text_in(path: Path) -> str | None:
    """The text in a file, None if it holds something else.

    Raises:
        UnreadableFile: it cannot be read, or is too long a text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_TEXT_BYTES + 1)
        size_bytes = path.stat().st_size
    except OSError as error:
        raise UnreadableFile(error.strerror or str(error), name=path.name, expected=_PICTURE_OR_TEXT) from error
    if len(data) <= MOST_TEXT_BYTES:
        return decode_text(data)
    if decode_text(data[:_ENOUGH_TO_TELL_BYTES]) is None:
        return None
    raise TextTooLong(name=path.name, size=_in_megabytes(size_bytes), most=_in_megabytes(MOST_TEXT_BYTES))


def _in_megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"
