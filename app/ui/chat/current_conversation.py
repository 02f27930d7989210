"""Which conversation is on show: it gets its place in the history when it first needs one, and its draft is saved."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.model.chat import ChatParameters, Conversation
from app.model.errors import AppError, StorageFailed
from app.model.providers import ModelReference
from app.model.title import automatic_title
from app.ui.job import Errands
from app.workers.library import LibraryWorker

SAVE_AFTER_MS = 400
"""A crash costs at most this much typing, also of someone who never pauses."""


class ShownConversation(QObject):
    """One conversation with what is not stored of it yet; it outlives its being on show until everything is stored.

    `value` is None for a new conversation that has no place in the history yet.

    Signals:
        created(): it got its place.
        called(): it has no title, and its draft, which stands for one, begins otherwise now.
    """

    created = Signal()
    called = Signal()

    def __init__(
        self, library: LibraryWorker, value: Conversation | None, model: ModelReference | None, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.value = value
        self.draft: str | None = None
        """What stands in the composer, if it is not stored."""
        self._library = library
        self._changes: dict[str, Any] = {}
        self._model = model
        self._name = ""
        self._writing = asyncio.Lock()

    @property
    def has_unsaved(self) -> bool:
        return self.draft is not None or bool(self._changes)

    @property
    def configured(self) -> Conversation | None:
        """`value` as it will be stored."""
        return self.value and replace(self.value, **self._changes)

    @property
    def is_being_stored(self) -> bool:
        return self._writing.locked()

    def change(self, **fields: object) -> None:
        """Set fields of the conversation: system prompt, parameters, model."""
        self._changes |= {name: value for name, value in fields.items() if self._value_of(name) != value}
        self._model = self._changes.get("model", self._model)

    async def ensure(self) -> int:
        """Its id; it is made if it has no place yet.

        Raises:
            StorageFailed: it cannot be stored.
        """
        async with self._writing:
            return (await self._made()).id

    async def save(self) -> None:
        """Store what is not stored yet; raises as `ensure` does."""
        async with self._writing:
            await self._save_draft()
            await self._save_changes()

    def give_back(self, draft: str) -> None:
        """It could not be stored or sent: it is unsaved again, unless something newer was typed."""
        if self.draft is None:
            self.draft = draft

    async def _save_draft(self) -> None:
        draft = self.draft
        if draft is None:
            return
        if self.value is None and not draft.strip():  # typed and taken back: nothing has begun
            self.draft = None
            return
        await self._library.set_draft((await self._made()).id, draft)
        if self.draft == draft:
            self.draft = None
        before, self._name = self._name, automatic_title(draft)
        if self._name != before and self.value is not None and not self.value.title:
            self.called.emit()

    async def _save_changes(self) -> None:
        changes, self._changes = self._changes, {}
        if not changes:
            return
        try:
            self.value = replace(await self._made(), **changes)
            await self._library.configure(self.value)
        except AppError:
            self._changes = changes | self._changes
            raise

    async def _made(self) -> Conversation:
        if self.value is None:
            self.value = await self._library.create(self._model)
            self.created.emit()
        return self.value

    def _value_of(self, name: str) -> object:
        return self._changes.get(name, getattr(self.value, name, None))


class CurrentConversation(QObject):
    """The conversation on show and the model that is chosen for it.

    Signals:
        created(): the one on show got its place in the history.
        called(): one without a title is called otherwise now.
        failed(AppError): something could not be saved.
        not_saved(ShownConversation): this one has something that the disk refused.
    """

    created = Signal()
    called = Signal()
    failed = Signal(object)
    not_saved = Signal(object)

    def __init__(self, library: LibraryWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: ModelReference | None = None
        self._library = library
        self._errands = Errands(self)
        self._errands.failed.connect(self.failed)
        self._timer = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self.shown = self._new_shown(None)

    @property
    def value(self) -> Conversation | None:
        return self.shown.value

    @property
    def id(self) -> int | None:
        return self.value.id if self.value is not None else None

    @property
    def is_begun(self) -> bool:
        """Whether it has its place, or is about to get it."""
        return self.value is not None or self.shown.has_unsaved or self.shown.is_being_stored

    def show(self, conversation: Conversation | None, unsaved: ShownConversation | None = None) -> None:
        """Put another conversation on show, None for a new one; what is unsaved of the one before is still saved.

        `unsaved` is the same conversation as it was left when it could not be saved.
        """
        if (conversation is not None and conversation.id == self.id) or unsaved is self.shown:
            return
        self._on_timer_timeout()
        self.shown.created.disconnect(self.created)
        if unsaved is None:
            self.shown = self._new_shown(conversation)
        else:
            self.shown = unsaved
            unsaved.created.connect(self.created)

    def note_draft(self, text: str) -> None:
        """What stands in the composer; saved a moment later."""
        if self.value is not None or self.shown.draft is not None or text.strip():
            self.shown.draft = text
            self._save_soon()

    def note_settings(self, system_prompt: str, parameters: ChatParameters) -> None:
        """What the parameter panel holds; saved a moment later."""
        self.shown.change(system_prompt=system_prompt, parameters=parameters)
        self._save_soon()

    def choose_model(self, model: ModelReference | None) -> None:
        """The model for what is asked from now on; the conversation remembers it."""
        self.model = model
        if model is not None and self.value is not None:
            self.shown.change(model=model)
            self._save_soon()

    async def save(self) -> None:
        """Store what is not stored of the conversation on show.

        Raises:
            StorageFailed: it is as unsaved as before, and `not_saved` was told.
        """
        self._timer.stop()
        await self._save(self.shown)

    async def aclose(self) -> None:
        self._on_timer_timeout()
        await self._errands.aclose()

    def _new_shown(self, conversation: Conversation | None) -> ShownConversation:
        shown = ShownConversation(self._library, conversation, self.model, self)
        shown.created.connect(self.created)
        shown.called.connect(self.called)
        return shown

    def _save_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _on_timer_timeout(self) -> None:
        self._timer.stop()
        if self.shown.has_unsaved:
            self._errands.add(partial(self._save, self.shown))

    async def _save(self, shown: ShownConversation) -> None:
        try:
            await shown.save()
        except StorageFailed:
            self.not_saved.emit(shown)
            raise
