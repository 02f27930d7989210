"""AttachmentWorker: makes dropped, pasted and chosen files fit to be sent and keeps them with the draft."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.chat import Attachment, AttachmentKind, NewAttachment
from app.model.errors import UnreadableFile
from app.model.text import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from app.services.history.store import History

MOST_TEXT_BYTES = 1 << 20
"""About 250,000 tokens: more does not fit any model's memory beside a conversation."""
PICTURE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".webp", ".gif", ".heic", ".heif", ".avif", ".tif", ".tiff", ".bmp")
)
_PICTURE_OR_TEXT = QT_TRANSLATE_NOOP("Errors", "a picture or a text file")
_SHORT_TEXT = QT_TRANSLATE_NOOP("Errors", "a text file of at most 1 MB")


class AttachmentWorker:
    """`original_size` tells whether pictures are sent as large as they are."""

    def __init__(self, history: History, *, original_size: Callable[[], bool] = lambda: False) -> None:
        self._history = history
        self._original_size = original_size

    async def attach_file(self, conversation_id: int, path: Path) -> Attachment:
        """Take a file of the user's into the draft; the file itself is not changed.

        Raises:
            UnreadableFile: neither a picture nor text, broken, or too long.
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
        if path.suffix.lower() in PICTURE_SUFFIXES:
            return self._prepare_picture(path, path.name)
        return _prepare_text(path)

    def _prepare_picture(self, source: bytes | Path, name: str) -> NewAttachment:
        from app.services import pictures

        picture = pictures.prepare_for_sending(source, original=self._original_size(), name=name)
        suffix = pictures.suffix_for(picture.media_type)
        return NewAttachment(
            kind=AttachmentKind.IMAGE,
            name=str(Path(name).with_suffix(suffix)),
            media_type=picture.media_type,
            data=picture.data,
            width_px=picture.width,
            height_px=picture.height,
        )


def _prepare_text(path: Path) -> NewAttachment:
    try:
        if path.stat().st_size > MOST_TEXT_BYTES:
            raise UnreadableFile(name=path.name, expected=_SHORT_TEXT)
        text = decode_text(path.read_bytes())
    except OSError as error:
        raise UnreadableFile(str(error), name=path.name, expected=_PICTURE_OR_TEXT) from error
    if text is None:
        raise UnreadableFile(name=path.name, expected=_PICTURE_OR_TEXT)
    media_type = mimetypes.guess_type(path.name)[0] or "text/plain"
    return NewAttachment(AttachmentKind.TEXT, path.name, media_type, text.encode())


def decode_text(data: bytes) -> str | None:
    """The text in `data`, whatever its encoding; None if it is no text."""
    from charset_normalizer import from_bytes

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(data).best()
        text = "\0" if best is None else str(best)
    return None if "\0" in text else text
