"""Intake: takes files and pasted pictures into the draft one after the other, while the user goes on typing."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.model.chat import Attachment
from app.model.errors import AppError
from app.ui.job import Job
from app.workers.attachments import AttachmentWorker


class Intake(QObject):
    """`conversation` makes sure that there is a conversation to keep the draft in and returns its id.

    Signals:
        attached(int, Attachment): stored with the draft of conversation id.
        failed(AppError): one file cannot be used; the others go on.
    """

    attached = Signal(int, object)
    failed = Signal(object)

    def __init__(
        self, worker: AttachmentWorker, conversation: Callable[[], Awaitable[int]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._conversation = conversation
        self._waiting: deque[Path | bytes] = deque()
        self._job = Job(self)
        self._removing = Job(self)
        for job in (self._job, self._removing):
            job.failed.connect(self.failed)
        self._job.ended.connect(self._go_on)

    def add_files(self, files: list[Path]) -> None:
        """Folders stand for the files directly in them."""
        for path in files:
            self._waiting.extend(sorted(path.iterdir()) if path.is_dir() else [path])
        self._go_on()

    def add_picture(self, data: bytes) -> None:
        self._waiting.append(data)
        self._go_on()

    def remove(self, attachment: Attachment) -> None:
        self._removing.start(self._worker.remove(attachment))

    async def aclose(self) -> None:
        self._waiting.clear()
        await self._job.aclose()
        await self._removing.aclose()

    def _go_on(self) -> None:
        if self._waiting and not self._job.running:
            self._job.start(self._take_all())

    async def _take_all(self) -> None:
        conversation_id = await self._conversation()
        while self._waiting:
            source = self._waiting.popleft()
            try:
                attachment = await self._take(conversation_id, source)
            except AppError as error:
                self.failed.emit(error)
            else:
                self.attached.emit(conversation_id, attachment)

    async def _take(self, conversation_id: int, source: Path | bytes) -> Attachment:
        if isinstance(source, bytes):
            return await self._worker.attach_picture(conversation_id, source, self.tr("Pasted picture") + ".png")
        return await self._worker.attach_file(conversation_id, source)
