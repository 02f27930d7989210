"""Unstored: what the disk refused of the conversations, kept until it is stored; it shows nothing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.model.chat import Message, MessageState
from app.model.errors import StorageFailed
from app.ui.chat.answers import LiveAnswer
from app.ui.chat.current_conversation import ShownConversation
from app.ui.job import Errands
from app.workers.library import LibraryWorker

TRY_EVERY_MS = 5_000


class Unstored(QObject):
    """Tries again by itself now and then, in silence, and at once when it is asked to.

    Signals:
        stored(Message): the end of an answer is on the disk now.
        failed(StorageFailed): it still cannot be stored; only after `try_again`.
    """

    stored = Signal(object)
    failed = Signal(object)

    def __init__(self, library: LibraryWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._conversations: list[ShownConversation] = []
        self._answers: dict[int, LiveAnswer] = {}
        self._errands = Errands(self)
        self._errands.failed.connect(self.failed)
        self.timer = QTimer(self, interval=TRY_EVERY_MS)
        self.timer.timeout.connect(self._on_timer_timeout)

    @property
    def holds_something(self) -> bool:
        return bool(self._answers) or any(one.has_unsaved for one in self._conversations)

    def texts(self) -> list[str]:
        """Drafts and answers that are kept here."""
        drafts = [one.draft or "" for one in self._conversations]
        return [*drafts, *("".join(answer.text) for answer in self._answers.values())]

    def keep_conversation(self, conversation: ShownConversation) -> None:
        """Its draft or its settings could not be stored."""
        if conversation not in self._conversations:
            self._conversations.append(conversation)
        self.timer.start()

    def keep_answer(self, answer: LiveAnswer) -> None:
        """How it ended could not be stored."""
        self._answers[answer.message_id] = answer
        self.timer.start()

    def conversation(self, conversation_id: int | None) -> ShownConversation | None:
        """What is kept of a conversation, None for the new one that could not even be begun; None if nothing is."""
        kept = (one for one in self._conversations if one.has_unsaved)
        return next((one for one in kept if (one.value.id if one.value else None) == conversation_id), None)

    def whole(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """`messages` with everything that arrived of the answers that are kept here."""
        return tuple(self._whole(message) for message in messages)

    async def store_answer(self, message_id: int) -> None:
        """Store the end of this answer now, if it is kept here.

        Raises:
            StorageFailed: it still cannot be stored, and is kept.
        """
        if message_id not in self._answers:
            return
        try:
            (message,) = await self._library.branch_to(message_id)
        except LookupError:  # deleted meanwhile
            self._answers.pop(message_id, None)
            return
        if message.state is MessageState.STREAMING:  # else it was stored after all
            message = await self._library.keep_answer(self._whole(message))
            self.stored.emit(message)
        self._answers.pop(message_id, None)

    def try_again(self) -> None:
        """Store what can be stored now."""
        self._errands.add(self._store_all)

    async def aclose(self) -> None:
        """Try a last time."""
        self.timer.stop()
        self._errands.add(partial(self._store_all, silent=True))
        await self._errands.aclose()

    def _whole(self, message: Message) -> Message:
        kept = self._answers.get(message.id)
        return message if kept is None or message.state is not MessageState.STREAMING else kept.interrupted(message)

    async def store(self) -> None:
        """Store everything.

        Raises:
            StorageFailed: what is left is kept.
        """
        for conversation in list(self._conversations):
            await conversation.save()
            if conversation in self._conversations:
                self._conversations.remove(conversation)
        for message_id in list(self._answers):
            await self.store_answer(message_id)
        if not self.holds_something:  # more may have come meanwhile
            self.timer.stop()

    async def _store_all(self, *, silent: bool = False) -> None:
        try:
            await self.store()
        except StorageFailed:
            if not silent:
                raise

    def _on_timer_timeout(self) -> None:
        if not self._errands.busy:
            self._errands.add(partial(self._store_all, silent=True))
