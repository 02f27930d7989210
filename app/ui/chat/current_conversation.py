"""CurrentConversation: which conversation is on show; makes it when it is first needed and saves its draft."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.model.chat import ChatParameters, Conversation
from app.model.providers import ModelReference
from app.ui.job import Job
from app.workers.library import LibraryWorker

SAVE_AFTER_MS = 400
"""A crash costs at most this much typing."""


class CurrentConversation(QObject):
    """`value` is None for a new conversation in which nothing was typed yet.

    Signals:
        created(Conversation): it got its place in the history.
        failed(AppError): the draft or the settings could not be saved.
    """

    created = Signal(object)
    failed = Signal(object)

    def __init__(self, library: LibraryWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value: Conversation | None = None
        self.model: ModelReference | None = None
        self._library = library
        self._creating = asyncio.Lock()
        self._draft: str | None = None
        self._settings: tuple[str, ChatParameters] | None = None
        self._job = Job(self)
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._on_job_ended)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self._save)

    @property
    def id(self) -> int | None:
        return self.value.id if self.value is not None else None

    async def ensure(self) -> int:
        """Its id, made if it has none yet.

        Raises:
            StorageFailed: it cannot be stored.
        """
        async with self._creating:
            if self.value is None:
                self.value = await self._library.create(self.model)
                self.created.emit(self.value)
            return self.value.id

    async def leave(self) -> None:
        """Save what is still unsaved; called before another conversation is shown."""
        self._timer.stop()
        await self._write()

    def note_draft(self, text: str) -> None:
        """What stands in the composer; saved a moment later."""
        if self.value is not None or text.strip():
            self._draft = text
            self._timer.start()

    def forget_draft(self) -> None:
        """The draft became a message: there is nothing to save any more."""
        self._draft = None

    def note_settings(self, system_prompt: str, parameters: ChatParameters) -> None:
        self._settings = (system_prompt, parameters)
        self._timer.start()

    async def aclose(self) -> None:
        self._timer.stop()
        await self._job.aclose()
        await self._write()

    def _save(self) -> None:
        self._job.start(self._write())

    def _on_job_ended(self) -> None:
        if self._draft is not None or self._settings is not None:
            self._timer.start()

    async def _write(self) -> None:
        draft, self._draft = self._draft, None
        settings, self._settings = self._settings, None
        if draft is not None:
            await self._library.set_draft(await self.ensure(), draft)
        if settings is not None:
            await self.ensure()
            assert self.value is not None
            self.value = replace(self.value, system_prompt=settings[0], parameters=settings[1])
            await self._library.configure(self.value)
