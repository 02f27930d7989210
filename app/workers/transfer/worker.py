"""TransferWorker: exports and imports everything; what is in which file is known to its parts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import ExitStack, aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.files import free_bytes
from app.model.data_errors import BROKEN, TOO_NEW, ImportRefused
from app.model.errors import DataDamaged, DataTooNew, KeyStoreFailed
from app.model.transfer import TransferProgress, TransferReport
from app.paths import Paths
from app.waiting import in_thread
from app.workers.transfer.bringing import Bringing, FreeBytes
from app.workers.transfer.writing import Writing

if TYPE_CHECKING:
    from app.model.settings import Settings
    from app.services.history.store import History
    from app.services.settings import SettingsStore
    from app.services.transfer.incoming import Arriving, Incoming

type KeyOf = Callable[[str], Awaitable[str]]
type TransferEvent = TransferProgress | TransferReport
"""Progress as it goes, and at the very end the report."""


class TransferWorker:
    """`key_of` asks the key store for a provider's key, only to learn whether there is one."""

    def __init__(
        self,
        history: History,
        settings: SettingsStore,
        paths: Paths,
        pictures_folder: Callable[[], Path],
        key_of: KeyOf,
        free_bytes: FreeBytes = free_bytes,
    ) -> None:
        self._history = history
        self._settings = settings
        self._paths = paths
        self._pictures_folder = pictures_folder
        self._key_of = key_of
        self._free_bytes = free_bytes

    async def export(self, target: Path, you: str = "You") -> AsyncGenerator[TransferEvent]:
        """Write everything but keys into the zip `target`; closing the generator before its end leaves nothing there.

        `you` is the heading of prompts in texts for people.

        Raises:
            DiskFull, StorageFailed: a file that was there before is as it was.
        """
        from app.services.transfer.archive import ArchiveWriter

        writer = await asyncio.to_thread(ArchiveWriter, target)
        try:
            async with aclosing(Writing(self._history, self._settings, writer, you).run()) as events:
                async for event in events:
                    if isinstance(event, TransferReport):
                        await asyncio.to_thread(writer.finish)
                        self._history.note_export()
                    yield event
        finally:
            writer.abandon()

    async def bring_in(self, source: Path, *, with_settings: bool = False) -> AsyncGenerator[TransferEvent]:
        """Import an export of Triptych's or of ChatGPT's; what is here already is left alone, or goes on.

        All of it is checked first, and nothing is to be seen before everything is there. Closing the generator, or a
        failure, before the report leaves everything as it was.

        Raises:
            ImportRefused: something in it is wrong.
            DiskFull, StorageFailed: after the report, only the new options are not stored; they last for the session.
        """
        from app.services import pictures
        from app.services.transfer.incoming import opened

        with ExitStack() as stack:
            incoming = await asyncio.to_thread(stack.enter_context, opened(source, pictures.media_type_of))
            yield TransferProgress(0, 0)
            total = await in_thread(lambda cancelled: _checked(incoming, cancelled))
            options = await asyncio.to_thread(_options, incoming, source.name) if with_settings else None
            taking = Bringing(
                self._history, incoming, self._paths.recordings, self._pictures_folder(), self._free_bytes
            )
            async with aclosing(taking.run(total)) as events:
                async for event in events:
                    if isinstance(event, TransferReport) and options is not None:
                        yield await self._take_settings(options, event)
                        await self._settings.save()
                    else:
                        yield event

    async def _take_settings(self, brought: Settings, report: TransferReport) -> TransferReport:
        from app.model.shared_settings import imported, new_providers

        new = new_providers(brought, self._settings.value)
        with_keys = {provider.id for provider in new if await self._may_have_key(provider.id)}
        self._settings.update(lambda present: imported(brought, present, with_keys))
        off = tuple(provider.name for provider in new if provider.enabled and provider.id in with_keys)
        return replace(report, with_settings=True, providers=len(new), switched_off=off)

    async def _may_have_key(self, provider_id: str) -> bool:
        try:
            return bool(await self._key_of(provider_id))
        except KeyStoreFailed:
            return True


def _checked(incoming: Incoming, cancelled: threading.Event) -> int:
    """Read everything once; how many conversations there are.

    Raises:
        ImportRefused: something is wrong.
    """
    total = 0
    reading: Generator[Arriving | None] = incoming.conversations()
    for arriving in reading:
        total += arriving is not None
        if cancelled.is_set():
            break
    reading.close()
    return total


def _options(incoming: Incoming, name: str) -> Settings | None:
    """Those in the file, which is called `name`; None if there are none.

    Raises:
        ImportRefused: something is wrong with them.
    """
    from app.services.settings import from_json

    data = incoming.settings()
    try:
        return None if data is None else from_json(data)
    except DataTooNew as error:
        raise ImportRefused(name=name, reason=TOO_NEW) from error
    except DataDamaged as error:
        raise ImportRefused(str(error), name=name, reason=BROKEN) from error
