"""What a tab offers to the window that hosts it; the window knows tabs by this alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from app.model.providers import Capability, ModelReference

if TYPE_CHECKING:
    from app.model.errors import AppError

type LeaveOut = Callable[[ModelReference, str], Awaitable[None]]
"""Lets requests to a model go without a field from then on."""


@dataclass(frozen=True, slots=True)
class Command:
    """An action the command palette and the shortcut sheet list: id, translated label, shortcut, what it runs.

    The shortcut of one that `is_local` is a key that a part of the tab understands by itself: only the sheet lists it.
    """

    id: str
    label: str
    shortcut: str
    run: Callable[[], object]
    is_local: bool = False


def native_keys(shortcut: str) -> str:
    """A shortcut as the system writes it (⌘K on a Mac)."""
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)


@dataclass(frozen=True, slots=True)
class HandOver:
    """Something one tab has for another: files, text, or a conversation or message to show."""

    target: str
    files: tuple[Path, ...] = ()
    text: str = ""


class Unsaved(Protocol):
    """What a tab holds that is not on the disk yet."""

    @property
    def may_be_lost(self) -> bool:
        """Whether there may be something."""
        ...

    @property
    def is_refused(self) -> bool:
        """Whether the disk refused some of it already."""
        ...

    def text(self) -> str:
        """What would be lost if the program ended now; empty if nothing would."""
        ...

    async def save(self) -> None:
        """Store what can be stored; what the disk refuses stays unsaved, in silence."""
        ...


class UnsavedFiles(Protocol):
    """What a tab made that belongs into files, and that the disk refused."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    async def save(self) -> None:
        """Store what can be stored now, where it belongs, in silence."""
        ...

    async def save_in(self, folder: Path) -> None:
        """Write what can be written into `folder`; it is unsaved no longer."""
        ...


class Tab(QWidget):
    """A page of the main window.

    Signals:
        failed(AppError, retry): show a notice; `retry` is a callable for Try again or None.
        recovered(): what failed before is of no interest any more, as after another try.
        working_changed(bool): the tab started or finished long work.
        handed_over(HandOver): give this to the tab named in it.
        settings_requested(str): open the settings dialog on a page ("providers", "models", "general").
        model_chosen(ModelReference): the tab wants another model to be the chosen one.
        draft_changed(): `draft` is another now.
    """

    failed = Signal(object, object)
    recovered = Signal()
    working_changed = Signal(bool)
    handed_over = Signal(object)
    settings_requested = Signal(str)
    model_chosen = Signal(object)
    draft_changed = Signal()

    id: str = ""
    unsaved: Unsaved | None = None
    unsaved_files: UnsavedFiles | None = None
    capability: Capability = Capability.CHAT
    """What a model must be able to do to be offered in the picker while this tab is shown."""

    def hasHeightForWidth(self) -> bool:
        """It takes the room that is left, however its texts are broken."""
        return False

    def sizeHint(self) -> QSize:
        """The least there must be: what stands above it, as a notice, is shown whole before a tab is roomy."""
        return self.minimumSizeHint()

    def set_model(self, model: ModelReference | None) -> None:
        """The picker's choice for this tab; None means that nothing suitable is there."""

    def set_zoom(self, percent: int) -> None:
        """Text size of the content, 100 is normal."""

    def commands(self) -> list[Command]:
        """Actions of this tab for the palette and the shortcut sheet, in the current language."""
        return []

    def draft(self) -> str:
        """What was typed and is kept nowhere else; the next start gives it to `show_draft`."""
        return ""

    def show_draft(self, text: str) -> None:
        """Put back what was typed the last time."""

    def unfinished(self) -> str:
        """What quitting now would end for good, in a sentence or two; empty if work is kept or goes on later."""
        return ""

    def take(self, hand_over: HandOver) -> None:
        """Receive what another tab, the command line or the desktop hands over."""

    def reload(self) -> None:
        """What is stored has changed elsewhere, as by an import: show it as it is now."""

    def activated(self) -> None:
        """The tab came to the front: put the focus where the user will type or act."""

    async def aclose(self) -> None:
        """Stop all work, keep what there is, release everything; called once, at most five seconds."""

    def _fail(self, error: AppError, retry: object = None) -> None:
        self.failed.emit(error, retry)
