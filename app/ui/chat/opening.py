"""Opening: puts what is stored on show: a conversation, another version of a message, how an answer ended."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.model.chat import Draft, MessageState, OpenConversation
from app.model.errors import StorageFailed
from app.ui.chat.answers import Answers
from app.ui.chat.conversation_view import ConversationView
from app.ui.chat.current_conversation import CurrentConversation
from app.ui.chat.unstored import Unstored
from app.ui.job import Errands, Job
from app.workers.library import LibraryWorker

NEWEST = 40
"""So many messages are put on show at once; more than anyone sees before the earlier ones are there, too."""
PAINTED_WITHIN_S = 0.05
"""Then those are on the screen, and the earlier ones do not hold them up."""
EARLIER_AT_ONCE = 400
"""Read and put above them together; it takes about as long as a frame."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be put on show: a conversation (None: a new one), at a message (0: the end), words to mark in it."""

    conversation_id: int | None
    message_id: int = 0
    highlight: str = ""
    gives_way: bool = False
    """Only if nothing was begun meanwhile in the new conversation that is on show."""


class Opening(QObject):
    """From the library into the view.

    Signals:
        shown(Wish): it is on show now.
        changed(): a conversation went, the list is to be read again.
        failed(AppError): it cannot be read, or what is left could not be saved; it can be left all the same.
    """

    shown = Signal(object)
    changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        view: ConversationView,
        library: LibraryWorker,
        current: CurrentConversation,
        answers: Answers,
        unstored: Unstored,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._library = library
        self._current = current
        self._answers = answers
        self._unstored = unstored
        self._wish: Wish | None = None
        self._opening = Job(self)
        self._errands = Errands(self)
        self._opening.ended.connect(self._go_on)
        for source in (self._opening, self._errands):
            source.failed.connect(self.failed)

    def open(self, wish: Wish) -> None:
        """Put this on show; the last wish wins."""
        self._wish = wish
        self._go_on()

    def put_away(self, conversation_id: int) -> None:
        """It was deleted: its answer stops, and it does not stay on show."""
        self._answers.stop(conversation_id)
        if conversation_id == self._current.id:
            self.open(Wish(None))

    def switch_version(self, message_id: int, step: int) -> None:
        """Show the version before (-1) or after (1) this one with what followed it."""
        self._errands.add(partial(self._switch_version, message_id, step))

    def refresh(self, message_id: int) -> None:
        """Show a message as it is stored, or as it arrived if that could not be stored."""
        self._errands.add(partial(self._refresh, message_id))

    def look_again(self) -> None:
        """Nothing is known of what was sent: it was refused, or stopped while it was being stored."""
        self._errands.add(self._look_again)

    async def aclose(self) -> None:
        await self._opening.aclose()
        await self._errands.aclose()

    def _go_on(self) -> None:
        if self._wish is not None and not self._opening.running:
            wish, self._wish = self._wish, None
            self._opening.start(self._open(wish))

    async def _open(self, wish: Wish) -> None:
        if not wish.gives_way:
            try:
                await self._current.save()
            except StorageFailed as error:  # it is kept: a full disk locks nobody in
                self.failed.emit(error)
        newest = None if wish.message_id else NEWEST
        wanted = wish.conversation_id
        opened = None if wanted is None else await self._library.open(wanted, wish.message_id, newest)
        if self._wish is not None:
            return
        if wish.gives_way and (opened is None or self._current.is_begun):
            self._view.show_page()
            self.shown.emit(wish)
        else:
            self._show(wish, opened)
            await self._show_earlier(opened)

    async def _show_earlier(self, opened: OpenConversation | None) -> None:
        """Bring what stands above the end of the conversation, until something else is to be put on show."""
        first = opened.messages[0] if opened is not None and opened.lacks_earlier else None
        if first is not None:
            await asyncio.sleep(PAINTED_WITHIN_S)
        while first is not None and self._wish is None:
            *found, _ = await self._library.branch_to(first.id, EARLIER_AT_ONCE + 1)
            messages = self._unstored.whole(found)
            if next(iter(self._view.messages), None) != first.id:  # another branch is on show, as a whole
                return
            self._view.show_earlier(messages)
            first = messages[0] if len(messages) == EARLIER_AT_ONCE else None

    def _show(self, wish: Wish, opened: OpenConversation | None) -> None:
        before = self._current.id
        is_being_typed = wish.conversation_id == before and self._current.shown.has_unsaved
        self._current.show(opened.conversation if opened else None, self._unstored.conversation(wish.conversation_id))
        messages = self._unstored.whole(opened.messages if opened else ())
        live = self._answers.live(self._current.id)
        self._view.show_messages(messages, live)
        if not is_being_typed:
            self._show_draft(opened.draft if opened else Draft(""))
        if any(message.id == wish.message_id for message in messages):
            self._view.transcript.show_message(wish.message_id, wish.highlight)
        for message in messages:
            if message.state is MessageState.STREAMING and live is None:  # it ended while this was being read
                self.refresh(message.id)
        self._view.composer.set_state(self._answers.state(self._current.id))
        if before is not None and before != self._current.id:
            self._errands.add(partial(self._leave, before))
        self.shown.emit(wish)

    def _show_draft(self, stored: Draft) -> None:
        unsaved = self._current.shown.draft
        self._view.show_draft(stored if unsaved is None else replace(stored, text=unsaved))

    async def _leave(self, conversation_id: int) -> None:
        """Nothing is kept of a conversation in which nothing was left."""
        if await self._library.discard_if_empty(conversation_id):
            self.changed.emit()

    async def _switch_version(self, message_id: int, step: int) -> None:
        parent_id = self._view.messages[message_id].parent_id
        messages = await self._library.switch_version(message_id, step)
        if messages[0].conversation_id == self._current.id:
            self._view.show_messages(messages, self._answers.live(self._current.id))
            self._view.transcript.show_message(next(one.id for one in messages if one.parent_id == parent_id))

    async def _refresh(self, message_id: int) -> None:
        with suppress(LookupError):  # deleted meanwhile
            (message,) = self._unstored.whole(await self._library.branch_to(message_id))
            self._view.finish(message)

    async def _look_again(self) -> None:
        shown_id = self._current.id
        opened = None if shown_id is None else await self._library.open(shown_id)
        if opened is None or shown_id != self._current.id:
            return
        if [message.id for message in opened.messages[-1:]] != list(self._view.messages)[-1:]:
            self._view.show_messages(opened.messages)
            self._view.show_draft(opened.draft)
        elif self._view.editing.message_id is None:
            self._current.note_draft(self._view.composer.text())
