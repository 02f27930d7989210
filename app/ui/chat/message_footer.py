"""What stands below a message: its versions, what can be done with it, and the small print."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from app.ui import theme
from app.ui.chat.transcript_model import CONTINUABLE, MessageRow
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.plain_label import PlainLabel
from app.ui.widgets.wrapping_label import WrappingLabel

_ICON_PX = 16
BUTTON_INSET_PX = 6
"""From the edge of a button to its icon, which is to stand in line with the text."""

_TOOL_CALLS = ("tool_calls", "function_call")
"""Chat Completions' words for a call of a function, the newer and the older."""


class MessageFooter(QWidget):
    """One line: `‹ 2/3 ›`, the small print, the buttons (while the message has the pointer or the focus).

    `parent` is the message whose pointer counts.

    Signals:
        copy_requested(), edit_requested(), regenerate_requested(), branch_requested()
        version_requested(int): -1 for the one before, 1 for the next.
    """

    copy_requested = Signal()
    edit_requested = Signal()
    regenerate_requested = Signal()
    branch_requested = Signal()
    version_requested = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        parent.installEventFilter(self)
        self._version: tuple[int, int] | None = None
        self._role = ""
        self._streaming = False
        self._hovered = False
        self._focused = False
        self._build()
        self._retranslate()

    def show_row(self, row: MessageRow) -> None:
        self._version, self._role, self._streaming = row.version, row.role, row.state == "streaming"
        self.small_print.setText(row.small_print)
        self.small_print.setContentsMargins(theme.SPACE_S if row.version else BUTTON_INSET_PX, 0, theme.SPACE_S, 0)
        self.small_print.setVisible(bool(row.small_print))
        self._line.setDirection(_direction(row))
        self._show_version()
        self._show_buttons()

    def set_focused(self, focused: bool) -> None:
        """Show the buttons while something in the message has the focus."""
        self._focused = focused
        self._show_buttons()

    def release(self) -> None:
        """The widget goes away from under the pointer."""
        self._hovered = self._focused = False
        self._show_buttons()

    def line_height(self) -> int:
        """The same for every message and moment: nothing moves when the buttons appear."""
        return self.copy_button.sizeHint().height()

    def width_beside_bubble(self) -> int:
        """How wide the buttons of a prompt are; 0 where more than they has to be shown."""
        return 0 if self._version is not None else len(self._buttons_of("user")) * self.copy_button.sizeHint().width()

    def _build(self) -> None:
        self.previous_button = self._button("chevron-left", "previous_version_button")
        self.version_label = PlainLabel(parent=self)
        self.version_label.setObjectName("version_label")
        self.next_button = self._button("chevron-right", "next_version_button")
        self.copy_button = self._button("copy", "copy_button")
        self.edit_button = self._button("pencil", "edit_button")
        self.regenerate_button = self._button("refresh-cw", "regenerate_button")
        self.branch_button = self._button("git-branch", "branch_button")
        self.small_print = ElidedLabel(parent=self)
        self.small_print.setObjectName("small_print")
        for label in (self.version_label, self.small_print):
            theme.give_role(label, theme.Role.SMALL)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(0)
        versions = QHBoxLayout()  # of its own: its order is the same below a bubble at the right
        versions.setSpacing(0)
        for widget in (self.previous_button, self.version_label, self.next_button):
            versions.addWidget(widget)
        self._line.addLayout(versions)
        self._line.addWidget(self.small_print)
        for button in self._all_buttons():
            self._line.addWidget(button)
        self._line.addStretch(1)
        self._connect()

    def _button(self, icon: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        theme.give_role(button, theme.Role.FLAT)
        button.setIcon(theme.icon(icon, "muted"))
        button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        return button

    def _connect(self) -> None:
        self.copy_button.clicked.connect(self.copy_requested)
        self.edit_button.clicked.connect(self.edit_requested)
        self.regenerate_button.clicked.connect(self.regenerate_requested)
        self.branch_button.clicked.connect(self.branch_requested)
        self.previous_button.clicked.connect(lambda: self.version_requested.emit(-1))
        self.next_button.clicked.connect(lambda: self.version_requested.emit(1))

    def _retranslate(self) -> None:
        texts = {
            self.copy_button: self.tr("Copy"),
            self.edit_button: self.tr("Edit"),
            self.regenerate_button: self.tr("Regenerate"),
            self.branch_button: self.tr("New conversation from here"),
            self.previous_button: self.tr("Previous version"),
            self.next_button: self.tr("Next version"),
        }
        for button, text in texts.items():
            button.setToolTip(text)
            button.setAccessibleName(text)
        self._show_version()

    def _show_version(self) -> None:
        for widget in (self.previous_button, self.version_label, self.next_button):
            widget.setVisible(self._version is not None)
        if self._version is not None:
            number, count = self._version
            self.version_label.setText(f"{number}/{count}")
            self.version_label.setAccessibleName(
                self.tr("Version {number} of {count}").format(number=number, count=count)
            )
            self.previous_button.setEnabled(number > 1)
            self.next_button.setEnabled(number < count)

    def _show_buttons(self) -> None:
        revealed = self._buttons_of(self._role) if self._hovered or self._focused else ()
        for button in self._all_buttons():
            button.setVisible(button in revealed)

    def _buttons_of(self, role: str) -> tuple[QToolButton, ...]:
        if self._streaming:
            return (self.copy_button,)
        own = {"user": (self.edit_button,), "assistant": (self.regenerate_button,)}.get(role, ())
        return (self.copy_button, *own, self.branch_button)

    def _all_buttons(self) -> tuple[QToolButton, ...]:
        return (self.copy_button, self.edit_button, self.regenerate_button, self.branch_button)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self._hovered = event.type() is QEvent.Type.Enter
            self._show_buttons()
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()


class StateNote(QWidget):
    """Says how a message ended that is not complete, and offers to go on from there, or to try again.

    Signals:
        continue_requested()
    """

    continue_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: MessageRow | None = None
        self.label = WrappingLabel(self)
        self.label.setObjectName("state_label")
        self.continue_button = QPushButton(self)
        self.continue_button.setObjectName("continue_button")
        theme.give_role(self.continue_button, theme.Role.LINK)
        self.continue_button.clicked.connect(self.continue_requested)
        self._retranslate()

    def show_row(self, row: MessageRow) -> None:
        self._row = row
        role = theme.Role.ERROR if row.state == "failed" else theme.Role.SMALL
        theme.give_role(self.label, role)
        self._retranslate()

    def height_for(self, width: int) -> int:
        """Place the words and the button beside them in `width` px; returns how high they are."""
        button = self.continue_button.sizeHint()
        beside = 0 if self.continue_button.isHidden() else button.width() + theme.SPACE_S
        words_px = self.label.fontMetrics().horizontalAdvance(self.label.text()) + theme.SPACE_XS
        words_px = max(1, min(words_px, width - beside))
        words_height = self.label.heightForWidth(words_px)
        height = max(words_height, button.height() if beside else 0)
        self.label.setGeometry(0, (height - words_height) // 2, words_px, words_height)
        self.continue_button.setGeometry(words_px + theme.SPACE_S, 0, button.width(), height)
        return height

    def _retranslate(self) -> None:
        has_words = self._row is not None and bool(self._row.text)
        self.continue_button.setText(self.tr("Continue") if has_words else self.tr("Try again"))
        words = self._words()
        self.label.setText(words)
        self.setVisible(bool(words))
        can_continue = self._row is not None and self._row.role == "assistant" and self._row.state in CONTINUABLE
        self.continue_button.setVisible(can_continue)

    def _words(self) -> str:
        if self._row is None:
            return ""
        if self._row.state == "streaming" and not self._row.text and not self._row.reasoning:
            return self.tr("Waiting for the first words…")
        if self._row.state == "complete" and self._row.role == "assistant":
            return self._words_at_the_end(self._row)
        return {
            "stopped": self._row.state_note or self.tr("Stopped."),
            "interrupted": self._row.state_note or self.tr("Interrupted before it was finished."),
            "failed": self._row.state_note or self.tr("This answer failed."),
            "truncated": self._row.state_note or self.tr("Cut off: the limit of tokens was reached."),
        }.get(self._row.state, "")

    def _words_at_the_end(self, row: MessageRow) -> str:
        """What is to be said of an answer that came to its end as its server sees it."""
        if row.finish_reason == "content_filter":
            return self.tr("Cut off by the provider's content filter.")
        if row.text:
            return ""
        if row.finish_reason in _TOOL_CALLS:
            return self.tr("The model asked for a tool instead of answering; Triptych has none to offer.")
        if row.reasoning:
            return self.tr("The model reasoned, but gave no answer. A higher limit of tokens may help.")
        return self.tr("The model gave no answer.")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()


def _direction(row: MessageRow) -> QHBoxLayout.Direction:
    """Below a bubble at the right the line begins at the right."""
    directions = QHBoxLayout.Direction
    return directions.RightToLeft if row.role == "user" else directions.LeftToRight
