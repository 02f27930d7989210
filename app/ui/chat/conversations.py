"""Conversations: keeps the list at the left true to the history and carries out what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.model.chat import Conversation, SearchHit
from app.ui import ask
from app.ui.chat.sidebar import Sidebar
from app.ui.job import Errands, Job
from app.workers.library import LibraryWorker


class Conversations(QObject):
    """Between the sidebar and the library.

    Signals:
        failed(AppError)
        removed(int): the conversation is gone from the list and must not stay on show.
        restored(int): it is back.
        listed(): the list shows what is stored now.
    """

    failed = Signal(object)
    removed = Signal(int)
    restored = Signal(int)
    listed = Signal()

    def __init__(self, sidebar: Sidebar, library: LibraryWorker) -> None:
        super().__init__(sidebar)
        self._sidebar = sidebar
        self._library = library
        self._words = sidebar.words
        self._titles: dict[int, str] = {}
        self._is_stale = False
        self._reading = Job(self)
        self._exporting = Job(self)
        self._changes = Errands(self)
        self._connect()

    def reload(self) -> None:
        """Read the list (or the hits) again, once more if that was asked for while reading."""
        self._is_stale = True
        self._go_on()

    def title_of(self, conversation_id: int | None) -> str:
        """The title of a conversation that was in the list, empty if it has none."""
        return self._titles.get(conversation_id or 0, "")

    def pin(self, conversation_id: int) -> None:
        """Pin a conversation of the list, or take its pin away."""
        entry = self._sidebar.list.entry(conversation_id)
        if entry is not None:
            self._change(partial(self._library.set_pinned, conversation_id, not entry.pinned))

    def delete(self, conversation_id: int) -> None:
        """Take a conversation away; Undo brings it back for a while."""
        title = self.title_of(conversation_id) or self._sidebar.list.entries.untitled
        self._change(partial(self._library.set_deleted, conversation_id, True))
        self.removed.emit(conversation_id)
        self._sidebar.offer_undo(
            title,
            undo=lambda: self._restore(conversation_id),
            settle=lambda: self._change(partial(self._library.purge, conversation_id)),
        )

    def export(self, conversation_id: int) -> None:
        """Ask where to, then write the conversation there."""
        self._exporting.start(self._export(conversation_id))

    async def aclose(self) -> None:
        """Finish what was asked; a deletion that could still be undone is made final."""
        self._sidebar.undo_bar.settle()
        await self._changes.aclose()
        for job in (self._reading, self._exporting):
            await job.aclose()

    def _connect(self) -> None:
        shown = self._sidebar.list
        self._sidebar.search_changed.connect(self._on_sidebar_search_changed)
        shown.renamed.connect(lambda chosen, title: self._change(partial(self._library.rename, chosen, title)))
        shown.pinned.connect(lambda chosen, pinned: self._change(partial(self._library.set_pinned, chosen, pinned)))
        shown.deleted.connect(self.delete)
        shown.export_requested.connect(self.export)
        self._reading.ended.connect(self._go_on)
        for source in (self._reading, self._exporting, self._changes):
            source.failed.connect(self.failed)

    def _go_on(self) -> None:
        if self._is_stale and not self._reading.running:
            self._is_stale = False
            self._reading.start(self._read(self._words))

    async def _read(self, words: str) -> None:
        found: Sequence[Conversation | SearchHit]
        found = await (self._library.search(words) if words else self._library.conversations())
        self._titles |= dict(map(_titled, found))
        if words == self._words:
            self._sidebar.set_entries(found)
            self.listed.emit()

    def _change(self, change: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Carry out `change` after those before it, then show the list anew."""
        self._changes.add(change)
        self._changes.add(self._reload)

    async def _reload(self) -> None:
        self.reload()

    def _on_sidebar_search_changed(self, words: str) -> None:
        self._words = words
        self.reload()

    def _restore(self, conversation_id: int) -> None:
        self._change(partial(self._library.set_deleted, conversation_id, False))
        self._changes.add(partial(self._tell_restored, conversation_id))

    async def _tell_restored(self, conversation_id: int) -> None:
        self.restored.emit(conversation_id)

    async def _export(self, conversation_id: int) -> None:
        name = "".join(c for c in self.title_of(conversation_id) if c.isalnum() or c in " -_").strip()
        suggested = Path.home() / f"{name or self._sidebar.list.entries.untitled}.md"
        filters = [self.tr("Markdown (*.md)"), self.tr("JSON with all versions (*.json)")]
        target = await ask.choose_save_file(self._sidebar, self.tr("Export conversation"), suggested, filters)
        if target is not None:
            await self._library.export(conversation_id, target, self.tr("You"))


def _titled(entry: Conversation | SearchHit) -> tuple[int, str]:
    return (entry.id if isinstance(entry, Conversation) else entry.conversation_id), entry.title
