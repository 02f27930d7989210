"""Conversations: keeps the list at the left true to the history and carries out what is asked of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.model.chat import Conversation, SearchHit
from app.ui import ask
from app.ui.chat.sidebar import Sidebar
from app.ui.job import Job
from app.workers.library import LibraryWorker


class Conversations(QObject):
    """Between the sidebar and the library.

    Signals:
        failed(AppError)
        removed(int): the conversation is gone from the list and must not stay on show.
        restored(int): it is back.
        loaded(list[Conversation]): the list was read for the first time.
    """

    failed = Signal(object)
    removed = Signal(int)
    restored = Signal(int)
    loaded = Signal(list)

    def __init__(self, sidebar: Sidebar, library: LibraryWorker) -> None:
        super().__init__(sidebar)
        self._sidebar = sidebar
        self._library = library
        self._words = ""
        self._known: Sequence[Conversation] = ()
        self._is_stale = False
        self._is_loaded = False
        self._reading, self._changing, self._exporting = Job(self), Job(self), Job(self)
        self._changes: deque[Callable[[], Awaitable[None]]] = deque()
        self._connect()

    def reload(self) -> None:
        """Read the list (or the hits) again, once more if that was asked for while reading."""
        self._is_stale = True
        if not self._reading.running:
            self._reading.start(self._read())

    def titled(self, conversation_id: int) -> str:
        """The title of a conversation in the list, empty if it has none."""
        return next((entry.title for entry in self._known if entry.id == conversation_id), "")

    async def aclose(self) -> None:
        """Finish what was asked; a deletion that could still be undone is made final."""
        self._sidebar.undo_bar.settle()
        await self._changing.aclose()
        while self._changes:
            await self._changes.popleft()()
        for job in (self._reading, self._exporting):
            await job.aclose()

    def _connect(self) -> None:
        sidebar = self._sidebar
        sidebar.search_changed.connect(self._on_sidebar_search_changed)
        sidebar.renamed.connect(lambda chosen, title: self._do(partial(self._library.rename, chosen, title)))
        sidebar.pinned.connect(lambda chosen, pinned: self._do(partial(self._library.set_pinned, chosen, pinned)))
        sidebar.deleted.connect(self._on_sidebar_deleted)
        sidebar.export_requested.connect(self._on_sidebar_export_requested)
        for job in (self._reading, self._changing, self._exporting):
            job.failed.connect(self.failed)
        self._changing.ended.connect(self._go_on)

    async def _read(self) -> None:
        while self._is_stale:
            self._is_stale = False
            hits: Sequence[Conversation | SearchHit]
            if self._words:
                hits = await self._library.search(self._words)
            else:
                hits = self._known = await self._library.conversations()
            self._sidebar.set_entries(hits)
        if not self._is_loaded:
            self._is_loaded = True
            self.loaded.emit(list(self._known))

    def _do(self, change: Callable[[], Awaitable[None]]) -> None:
        """Carry out `change` after those before it, then show the list anew."""
        self._changes.append(change)
        self._go_on()

    def _go_on(self) -> None:
        if self._changes and not self._changing.running:
            self._changing.start(self._carry_out())

    async def _carry_out(self) -> None:
        while self._changes:
            await self._changes.popleft()()
        self.reload()

    def _on_sidebar_search_changed(self, words: str) -> None:
        self._words = words
        self.reload()

    def _on_sidebar_deleted(self, conversation_id: int) -> None:
        title = self.titled(conversation_id)
        self._do(partial(self._library.delete, conversation_id))
        self.removed.emit(conversation_id)
        self._sidebar.offer_undo(
            title,
            undo=lambda: self._restore(conversation_id),
            settle=lambda: self._do(partial(self._library.purge, conversation_id)),
        )

    def _restore(self, conversation_id: int) -> None:
        self._do(partial(self._library.restore, conversation_id))
        self.restored.emit(conversation_id)

    def _on_sidebar_export_requested(self, conversation_id: int) -> None:
        self._exporting.start(self._export(conversation_id))

    async def _export(self, conversation_id: int) -> None:
        title = "".join(c for c in self.titled(conversation_id) if c.isalnum() or c in " -_").strip()
        suggested = Path.home() / f"{title or self._sidebar.list_model.untitled}.md"
        filters = [self.tr("Markdown (*.md)"), self.tr("JSON with all versions (*.json)")]
        target = await ask.choose_save_file(self._sidebar, self.tr("Export conversation"), suggested, filters)
        if target is not None:
            await self._library.export(conversation_id, target, self.tr("You"))
