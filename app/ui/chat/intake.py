"""Intake: takes files and pasted pictures into the draft one after the other, while the user goes on typing."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.model.chat import Attachment
from app.ui.chat.current_conversation import ShownConversation
from app.ui.job import Errands
from app.workers.attachments import AttachmentWorker


class Intake(QObject):
    """What is added goes to the conversation it was added to, even if another one is on show by then.

    Signals:
        attached(int, Attachment): stored with the draft of conversation id.
        failed(AppError): one file cannot be used; the others go on.
    """

    attached = Signal(int, object)
    failed = Signal(object)

    def __init__(self, worker: AttachmentWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._adding = Errands(self)
        self._removing = Errands(self)
        for errands in (self._adding, self._removing):
            errands.failed.connect(self.failed)

    @property
    def busy(self) -> bool:
        return self._adding.busy

    def add_files(self, conversation: ShownConversation, files: list[Path]) -> None:
        """Folders stand for the files directly in them."""
        for path in files:
            self._adding.add(partial(self._take, conversation, path))

    def add_picture(self, conversation: ShownConversation, data: bytes) -> None:
        """A picture that has no file."""
        self._adding.add(partial(self._take_picture, conversation, data))

    def remove(self, attachment: Attachment) -> None:
        self._removing.add(partial(self._worker.remove, attachment))

    async def aclose(self) -> None:
        """Finish the file that is being taken; the others are still where they came from."""
        self._adding.drop_waiting()
        await self._adding.aclose()
        await self._removing.aclose()

    async def _take(self, conversation: ShownConversation, path: Path) -> None:
        """A file at once; those of a folder one by one after what was asked for before."""
        files = await self._worker.files_of(path)
        if files == [path]:
            await self._take_file(conversation, path)
            return
        for file in files:
            self._adding.add(partial(self._take_file, conversation, file))

    async def _take_file(self, conversation: ShownConversation, path: Path) -> None:
        conversation_id = await conversation.ensure()
        self.attached.emit(conversation_id, await self._worker.attach_file(conversation_id, path))

    async def _take_picture(self, conversation: ShownConversation, data: bytes) -> None:
        conversation_id = await conversation.ensure()
        name = self.tr("Pasted picture") + ".png"
        self.attached.emit(conversation_id, await self._worker.attach_picture(conversation_id, data, name))
