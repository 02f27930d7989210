"""NoticeBar: inline notices under the tab row for failures and news; bugs have the crash box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.model.errors import StorageFailed
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import error_text, hint_text
from app.ui.widgets.icon_label import IconLabel
from app.ui.widgets.plain_tip import plain_caption
from app.ui.widgets.wrapping_label import WrappingLabel

if TYPE_CHECKING:
    from app.model.errors import AppError

MOST_NOTICES = 3
NARROWEST_PX = 320
LEAST_PX = 96
"""So much of the notices is always to be seen, however small the window."""
MOST_WORDS = 600
"""Characters of the server's words on the bar; Copy details has them all."""


@dataclass(frozen=True, slots=True)
class SendWithout:
    """Another try, without the field of the request that the server refused."""

    field: str
    send: Callable[[], object]

    def __call__(self) -> None:
        self.send()


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_LOOKS = {
    Severity.ERROR: (Role.NOTICE_ERROR, "circle-alert", "danger"),
    Severity.WARNING: (Role.NOTICE_WARNING, "triangle-alert", "warning"),
    Severity.INFO: (Role.NOTICE_INFO, "info", "accent"),
}


@dataclass(frozen=True)
class Notice:
    """What a notice says, translated already, and its buttons (label, what it does). `kind` replaces its equals.

    `source` names the part of the window it comes from; what `lasts` is closed by nobody but the user.
    """

    kind: str
    title: str
    text: str = ""
    words: str = ""
    details: str = ""
    severity: Severity = Severity.ERROR
    actions: tuple[tuple[str, Callable[[], object]], ...] = field(default=())
    source: str = ""
    lasts: bool = False


class NoticeCard(QFrame):
    """One notice; `make` says it again in another language, with the same buttons. Signals: closed()."""

    closed = Signal()

    def __init__(self, make: Callable[[], Notice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self.notice = make()
        self.title_label = WrappingLabel()
        self.text_label = WrappingLabel()
        self.words_label = WrappingLabel()
        self.action_buttons = [QPushButton() for _ in self.notice.actions]
        self.copy_button = QPushButton()
        self.close_button = QToolButton()
        self._build()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.notice = self._make()
            self._retranslate()

    def _build(self) -> None:
        role, icon, tint = _LOOKS[self.notice.severity]
        self.setObjectName("notice")
        theme.give_role(self, role)
        for name in ("title_label", "text_label", "words_label", "copy_button", "close_button"):
            getattr(self, name).setObjectName(f"notice_{name}")
        theme.give_role(self.title_label, Role.HEADING)
        theme.give_role(self.words_label, Role.CODE)
        theme.give_role(self.close_button, Role.FLAT)
        theme.give_role(self.copy_button, Role.LINK)
        self.close_button.setIcon(theme.icon("x"))
        for label in (self.title_label, self.text_label, self.words_label):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy_button.setVisible(bool(self.notice.details))
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.notice.details))
        self.close_button.clicked.connect(self.closed)
        for button, (_, act) in zip(self.action_buttons, self.notice.actions, strict=True):
            button.clicked.connect(lambda _=False, act=act: self._act(act))
        self._lay_out(IconLabel(theme.icon(icon, tint), 20))
        self._retranslate()

    def _lay_out(self, icon: QWidget) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(theme.SPACE_XS)
        for label in (self.title_label, self.text_label, self.words_label):
            texts.addWidget(label)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_S)
        for button in (*self.action_buttons, self.copy_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        if self.action_buttons or self.notice.details:
            texts.addSpacing(theme.SPACE_XS)
            texts.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_S, theme.SPACE_M)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)

    def _act(self, act: Callable[[], object]) -> None:
        self.closed.emit()
        act()

    def _retranslate(self) -> None:
        texts = (self.notice.title, self.notice.text, _shortened(self.notice.words))
        for label, text in zip((self.title_label, self.text_label, self.words_label), texts, strict=True):
            label.setText(text)
            label.setVisible(bool(text))
        for button, (text, _) in zip(self.action_buttons, self.notice.actions, strict=True):
            button.setText(plain_caption(text))
        self.setAccessibleName(self.notice.title)
        self.setAccessibleDescription(f"{self.notice.text} {self.notice.words}".strip())
        self.copy_button.setText(self.tr("Copy details"))
        self.close_button.setToolTip(self.tr("Dismiss"))
        self.close_button.setAccessibleName(self.tr("Dismiss"))


class NoticeBar(QScrollArea):
    """The notices of the moment, the newest on top; scrolls where there is no room for all.

    Signals:
        action_requested(str): an error's `action` or `other_action`.
    """

    action_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, without_action: str = "") -> None:
        """`without_action` is the action that would lead to the very place this bar is in."""
        super().__init__(parent)
        self._without_action = without_action
        self.setObjectName("notice_bar")
        self.cards: list[NoticeCard] = []
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        self._column.setSpacing(theme.SPACE_S)
        theme.give_role(inside, Role.PLAIN)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidgetResizable(True)
        self.setWidget(inside)
        self.hide()

    def sizeHint(self) -> QSize:
        """As high as the notices are at the width there is."""
        width = max(self.width(), theme.px(NARROWEST_PX))  # before it is laid out it has no width to speak of
        return QSize(super().sizeHint().width(), self._column.totalHeightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self.sizeHint().height(), theme.px(LEAST_PX)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # other widths break lines elsewhere

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The cards may need another height: another language, another zoom."""
        if watched is self.widget() and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def show_error(self, error: AppError, retry: Callable[[], object] | None = None, source: str = "") -> None:
        """Say what failed, why in the server's words, and what helps, with the buttons that help.

        `source` is the part of the window it comes from; see `dismiss_from`.
        """
        self.show_notice(lambda: self._notice_of(error, retry, source))

    def show_notice(self, make: Callable[[], Notice]) -> None:
        """Show a notice in place of an older one of its kind; it is made again when the language changes."""
        card = NoticeCard(make, self)
        for old in [old for old in self.cards if old.notice.kind == card.notice.kind]:
            self._close(old)
        card.closed.connect(lambda: self._close(card))
        self.cards.insert(0, card)
        self._column.insertWidget(0, card)
        self.verticalScrollBar().setValue(0)
        for old in self.cards[MOST_NOTICES:]:
            self._close(old)
        self.show()
        self._announce(card.notice)

    def dismiss(self, kind: str = "") -> None:
        """Close the notices of one kind, or all."""
        for card in [card for card in self.cards if not kind or card.notice.kind == kind]:
            self._close(card)

    def dismiss_from(self, source: str) -> None:
        """Close what this part of the window said of failures: it works now."""
        for card in [card for card in self.cards if card.notice.source == source and not card.notice.lasts]:
            self._close(card)

    def _notice_of(self, error: AppError, retry: Callable[[], object] | None, source: str) -> Notice:
        title = error_text(error, error.title)
        explanation = error_text(error, error.explanation)
        hint = hint_text(error)
        actions: list[tuple[str, Callable[[], object]]] = []
        if retry is not None:
            actions.append((self._retry_label(retry), retry))
        labels = self._action_labels()
        for name in (error.other_action, error.action):
            if name in labels and name != self._without_action:
                actions.append((labels[name], partial(self.action_requested.emit, name)))
        # Of several files that cannot be used each is told, of other failures the last.
        return Notice(
            kind=error.family or f"{type(error).__name__} {error.arguments.get('name', '')}".strip(),
            title=title,
            text=self.tr("{sentence} {next}").format(sentence=explanation, next=hint).strip(),
            words=error.server_words if error.shows_words and error.server_words != error.title else "",
            details=details_of(error),
            actions=tuple(actions),
            source=source,
            lasts=isinstance(error, StorageFailed),
        )

    def _announce(self, notice: Notice) -> None:
        from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

        if QAccessible.isActive():
            words = f"{notice.title}. {notice.text}"
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _close(self, card: NoticeCard) -> None:
        if card in self.cards:
            self.cards.remove(card)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.setVisible(bool(self.cards))

    def _retry_label(self, retry: Callable[[], object]) -> str:
        if isinstance(retry, SendWithout):
            return self.tr("Send without “{field}”").format(field=retry.field)
        return self.tr("Try again")

    def _action_labels(self) -> dict[str, str]:
        return {
            "picker": self.tr("Choose a model"),
            "providers": self.tr("Open provider settings"),
            "models": self.tr("Open the Models page"),
            "folder": self.tr("Open the data folder"),
            "restore": self.tr("Restore a backup…"),
            "export": self.tr("Export everything…"),
        }


def details_of(error: AppError) -> str:
    """All that is known of a failure, for whoever is asked for help with it."""
    ours = (error_text(error, error.title), error_text(error, error.explanation))
    facts = (f"{name}: {value}" for name, value in _facts(error) if value)
    return "\n".join(filter(None, (*ours, error.server_words, hint_text(error), *facts)))


def _shortened(words: str) -> str:
    return words if len(words) <= MOST_WORDS else words[:MOST_WORDS].rstrip() + "…"


def _facts(error: AppError) -> list[tuple[str, str]]:
    status = "" if error.status is None else str(error.status)
    return [("status", status), ("code", error.code), ("parameter", error.parameter), ("request id", error.request_id)]
