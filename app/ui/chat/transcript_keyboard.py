"""Moves the focus through the messages of a transcript: Alt with the arrows from one to the next, Tab within one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.chat.transcript_column import TranscriptColumn

_TAB_REASONS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class TranscriptKeyboard(QObject):
    """Watches one column; whatever key a message does not want arrives there."""

    def __init__(self, column: TranscriptColumn) -> None:
        super().__init__(column)
        self._column = column
        self._current = -1
        column.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    def tab(self, forward: bool) -> bool:
        """Tab or Shift+Tab where no message took it: into the messages, or out of the column at once."""
        if self._column.hasFocus() and forward and len(self._column.stage.heights):
            self._focus(self._row_in_view())
            return True
        return self._leave(forward)

    def look_again(self) -> None:
        """Rows have other places now."""
        self._on_focus_changed(None, QApplication.focusWidget())

    def _leave(self, forward: bool) -> bool:
        column, widget = self._column, self._next(self._column, forward)
        while widget is not None and widget is not column:
            takes_tab = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
            if takes_tab and widget.isVisible() and widget.isEnabled() and not column.isAncestorOf(widget):
                widget.setFocus(_TAB_REASONS[0] if forward else _TAB_REASONS[1])
                return True
            widget = self._next(widget, forward)
        return False

    @staticmethod
    def _next(widget: QWidget, forward: bool) -> QWidget | None:
        return widget.nextInFocusChain() if forward else widget.previousInFocusChain()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent) and event.type() is QEvent.Type.FocusIn:
            if event.reason() in _TAB_REASONS:
                self._focus(self._row_in_view())
        elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._move(event)
        return False

    def _move(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        alt = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.AltModifier
        if not alt or event.key() not in steps:
            return False
        if self._current < 0:
            self._focus(self._row_in_view())
        else:
            self._focus(self._current + steps[Qt.Key(event.key())])
        return True

    def _row_in_view(self) -> int:
        """The last message at the end, else the first that is in view."""
        top = self._column.verticalScrollBar().value()
        last = len(self._column.stage.heights) - 1
        return last if self._column.at_end else self._column.stage.anchor(top, self._column.viewport().height()).index

    def _focus(self, index: int) -> None:
        heights = self._column.stage.heights
        if not 0 <= index < len(heights):
            return
        top = self._column.verticalScrollBar().value()
        bottom = top + self._column.viewport().height()
        if not (top <= heights.top(index) < bottom and heights.top(index + 1) <= bottom):
            self._column.scroll_to(index)
        view = self._column.stage.view(index)
        if view is not None:
            view.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        self._current = -1
        for index, view in self._column.stage.live().items():
            holds_focus = now is not None and (now is view or view.isAncestorOf(now))
            view.set_current(holds_focus)
            if holds_focus:
                self._current = index
