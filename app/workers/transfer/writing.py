"""Writing: one export while it is written: conversations, the gallery, sounds with their transcripts, settings."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from app.identity import VERSION
from app.model.conversation_text import to_markdown
from app.model.transfer import EXPORT_FORMAT, ExportManifest, PortablePicture, TransferProgress, TransferReport
from app.waiting import in_thread

if TYPE_CHECKING:
    from app.services.history.store import History
    from app.services.settings import SettingsStore
    from app.services.transfer.archive import ArchiveWriter


class Writing:
    """One export while it is written."""

    def __init__(self, history: History, settings: SettingsStore, writer: ArchiveWriter, you: str) -> None:
        self._history = history
        self._settings = settings
        self._writer = writer
        self._you = you
        self._missing = 0

    async def run(self) -> AsyncGenerator[TransferProgress | TransferReport]:
        conversations = await self._history.transfers.conversations()
        pictures = await self._history.transfers.pictures()
        recordings = await self._history.transfers.recordings()
        manifest = ExportManifest(
            EXPORT_FORMAT, VERSION, datetime.now(UTC), len(conversations), len(pictures), len(recordings)
        )
        await asyncio.to_thread(self._write_head, manifest)
        total = len(conversations) + len(pictures) + len(recordings)
        done = count(1)
        for number, conversation_id in enumerate(conversations, 1):
            await self._write_conversation(number, conversation_id)
            yield TransferProgress(next(done), total)
        listed = []
        for picture, path in pictures:
            listed.append(await in_thread(partial(self._picture, picture, path)))
            yield TransferProgress(next(done), total)
        await asyncio.to_thread(self._write_pictures, listed)
        transcripts = 0
        for number, recording_id in enumerate(recordings, 1):
            transcripts += await self._write_recording(number, recording_id)
            yield TransferProgress(next(done), total)
        yield TransferReport(
            len(conversations), len(pictures), len(recordings), transcripts, missing=self._missing, with_settings=True
        )

    def _write_head(self, manifest: ExportManifest) -> None:
        from app.model.shared_settings import without_secrets
        from app.services.settings import as_json
        from app.services.transfer import own

        own.write_head(self._writer, manifest, as_json(without_secrets(self._settings.value)))

    async def _write_conversation(self, number: int, conversation_id: int) -> None:
        from app.services.transfer import own

        transfers = self._history.transfers
        portable = await transfers.conversation(conversation_id)
        conversation = await self._history.conversations.get(conversation_id)
        if portable is None or conversation is None:
            return  # deleted meanwhile
        messages = await self._history.messages.path(conversation_id)
        files = sorted({attachment.file for attachment in portable.attachments()})

        def write(cancelled: threading.Event) -> None:
            own.write_conversation(self._writer, number, portable, to_markdown(conversation, messages, self._you))
            for file in files:
                name = f"{own.ATTACHMENTS}/{file}"
                if not self._writer.has(name):
                    self._missing += not self._writer.add_file(name, transfers.attachment_path(file), cancelled)

        await in_thread(write)

    def _picture(self, picture: PortablePicture, path: Path, cancelled: threading.Event) -> PortablePicture:
        from app.services.transfer import own

        return replace(picture, file=self._file(own.PICTURES, path, cancelled))

    def _write_pictures(self, listed: Sequence[PortablePicture]) -> None:
        from app.services.transfer import own

        own.write_pictures(self._writer, listed)

    async def _write_recording(self, number: int, recording_id: int) -> int:
        """How many transcripts it has."""
        from app.model.audio import RecordingOrigin
        from app.services.transfer import own

        found = await self._history.transfers.recording(recording_id)
        if found is None:
            return 0
        recording, path = found

        def write(cancelled: threading.Event) -> None:
            is_ours = recording.origin is RecordingOrigin.MICROPHONE
            file = self._file(own.RECORDINGS, path, cancelled) if is_ours else ""
            own.write_recording(self._writer, number, replace(recording, file=file))

        await in_thread(write)
        return len(recording.transcripts)

    def _file(self, folder: str, path: Path, cancelled: threading.Event) -> str:
        """Add a file and tell its name in its folder; empty if it is gone."""
        name = self._writer.free_name(folder, path.name)
        if self._writer.add_file(name, path, cancelled):
            return name.removeprefix(f"{folder}/")
        self._missing += 1
        return ""
