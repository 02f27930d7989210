"""ModelCard: offers to download what a tab needs to work on this computer, shows how far that is; fetches nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.model.providers import Capability
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import in_a_row, shown_size
from app.ui.widgets.folding_row import FoldingRow
from app.ui.widgets.icon_label import IconLabel
from app.ui.widgets.plain_label import PlainLabel
from app.ui.widgets.plain_tip import plain_tip

PER_MILLE = 1000
ROOMY_PX = 620
"""The height of a tab that has room for all words."""
SECONDS_OF_A_MINUTE, MINUTES_OF_AN_HOUR = 60, 60


class Stage(StrEnum):
    """How far a download is."""

    OFFERED = "offered"
    PAUSED = "paused"
    WAITING = "waiting"
    LOADING = "loading"
    CHECKING = "checking"
    CONVERTING = "converting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """What the card shows: the names of what is needed, sizes in bytes, and what all tabs need together.

    `left_s` is how many seconds are left, if that is known; `title` and `text` say what failed and what helps,
    `details` what else is known of it.
    """

    stage: Stage
    names: tuple[str, ...]
    done_bytes: int
    total_bytes: int
    all_bytes: int = 0
    left_s: float | None = None
    title: str = ""
    text: str = ""
    details: str = ""


class ModelCard(QWidget):
    """A card in the width of the reading column, above the tab it is about.

    Signals:
        download_requested(): fetch it, or go on where it stopped.
        all_requested(): fetch what all tabs need.
        pause_requested(): stop, and keep what is here.
        cancel_requested(): stop, and throw away what is here.
        connect_requested(): set up a provider instead.
        closed(): not now.
    """

    download_requested = Signal()
    all_requested = Signal()
    pause_requested = Signal()
    cancel_requested = Signal()
    connect_requested = Signal()
    closed = Signal()

    def __init__(self, capability: Capability, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._capability = capability
        self._offer = ModelOffer(Stage.OFFERED, (), 0, 0)
        self._frame = QFrame()
        self.icon_label = IconLabel()
        self.title_label, self.text_label = PlainLabel(), PlainLabel()
        self.progress_bar, self.progress_label = QProgressBar(), PlainLabel()
        self.download_button, self.connect_button, self.all_button = QPushButton(), QPushButton(), QPushButton()
        self.pause_button, self.cancel_button, self.copy_button = QPushButton(), QPushButton(), QPushButton()
        self.close_button = QToolButton()
        self._build()

    def show_offer(self, offer: ModelOffer) -> None:
        """Show this; the keyboard stays on the card when the button it was on goes away."""
        before = QApplication.focusWidget()
        self._offer = offer
        self._retranslate()
        if before is not None and self.isAncestorOf(before) and before.isHidden():
            next((button for button in self._buttons() if not button.isHidden()), self.close_button).setFocus()

    def _buttons(self) -> tuple[QPushButton, ...]:
        first = (self.download_button, self.pause_button, self.connect_button, self.cancel_button)
        return (*first, self.copy_button, self.all_button)

    def _build(self) -> None:
        self.setObjectName("model_card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        for name in (
            *("title_label", "text_label", "progress_bar", "progress_label", "download_button", "connect_button"),
            *("all_button", "pause_button", "cancel_button", "copy_button", "close_button"),
        ):
            getattr(self, name).setObjectName(f"model_card_{name}")
        theme.give_role(self._frame, Role.CARD)
        theme.give_role(self.title_label, Role.HEADING)
        theme.give_role(self.progress_label, Role.SMALL)
        theme.give_role(self.download_button, Role.PRIMARY)
        for link in (self.copy_button, self.all_button):
            theme.give_role(link, Role.LINK)
        theme.give_role(self.close_button, Role.FLAT)
        self.close_button.setIcon(theme.icon("x"))
        for label in (self.title_label, self.text_label):
            label.setWordWrap(True)
        self.progress_bar.setRange(0, PER_MILLE)
        self.progress_bar.setTextVisible(False)
        for button, signal in (
            (self.download_button, self.download_requested),
            (self.all_button, self.all_requested),
            (self.pause_button, self.pause_requested),
            (self.cancel_button, self.cancel_requested),
            (self.connect_button, self.connect_requested),
            (self.close_button, self.closed),
        ):
            button.clicked.connect(signal)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._offer.details))
        self._lay_out()
        self._retranslate()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_S)
        top.addWidget(self.icon_label)
        top.addWidget(self.title_label, 1)
        top.addWidget(self.close_button)
        progress = QHBoxLayout()
        progress.setSpacing(theme.SPACE_M)
        progress.addWidget(self.progress_bar, 1)
        progress.addWidget(self.progress_label)
        buttons = FoldingRow()
        for button in (self.download_button, self.pause_button, self.connect_button, self.cancel_button):
            buttons.add_first(button)
        for link in (self.copy_button, self.all_button):
            buttons.add_second(link)
        column = QVBoxLayout(self._frame)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(top)
        column.addWidget(self.text_label)
        column.addLayout(progress)
        column.addWidget(buttons)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_M)
        outer.addStretch(1)
        outer.addWidget(self._frame, 10_000)  # the rest counts only when it has its full width
        outer.addStretch(1)

    def _fit(self) -> None:
        """In a low window the explanation gives way to what the tab itself shows."""
        self._frame.setMaximumWidth(theme.px(theme.READING_COLUMN_PX))
        page = self.parentWidget()
        is_low = page is not None and page.height() < theme.px(ROOMY_PX)
        self.text_label.setVisible(self._offer.stage is Stage.FAILED or not is_low)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        page = self.parentWidget()
        if page is not None:
            page.installEventFilter(self)  # once, however often: the height that counts is the page's
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parentWidget() and event.type() is QEvent.Type.Resize:
            self._fit()
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() is QEvent.Type.FontChange:  # another zoom
            self._fit()

    def _retranslate(self) -> None:
        stage, failed = self._offer.stage, self._offer.stage is Stage.FAILED
        self.icon_label.set_icon(theme.icon("circle-alert" if failed else "download", "danger" if failed else "accent"))
        self.title_label.setText(self._offer.title if failed else self._title())
        self.text_label.setText(self._offer.text if failed else self._text())
        self.setAccessibleName(self.title_label.text())
        self.setAccessibleDescription(self.text_label.text())
        self.title_label.setToolTip(plain_tip(self.text_label.text()))
        self._show_buttons()
        self._show_progress(stage)
        self._fit()

    def _show_buttons(self) -> None:
        stage, size = self._offer.stage, shown_size(self._offer.total_bytes)
        is_begun = self._offer.done_bytes > 0
        is_still = stage in (Stage.OFFERED, Stage.PAUSED, Stage.FAILED)
        self.download_button.setText(
            {Stage.PAUSED: self.tr("Resume"), Stage.FAILED: self.tr("Try again")}.get(stage)
            or self.tr("Download ({size})").format(size=size)
        )
        self.connect_button.setText(self.tr("Connect a provider"))
        self.all_button.setText(
            self.tr("Download for all tabs ({size})").format(size=shown_size(self._offer.all_bytes))
        )
        self.pause_button.setText(self.tr("Pause"))
        self.copy_button.setText(self.tr("Copy details"))
        self.cancel_button.setText(self.tr("Discard what is here") if is_still else self.tr("Cancel"))
        self.close_button.setAccessibleName(self.tr("Not now"))
        self.close_button.setToolTip(self.tr("Not now"))
        self.download_button.setVisible(is_still)
        self.connect_button.setVisible(is_still)
        self.all_button.setVisible(stage is Stage.OFFERED and self._offer.all_bytes > self._offer.total_bytes)
        self.pause_button.setVisible(stage is Stage.LOADING)
        self.cancel_button.setVisible(not is_still or (is_begun and stage is not Stage.OFFERED))
        self.copy_button.setVisible(stage is Stage.FAILED and bool(self._offer.details))
        self.close_button.setVisible(is_still)

    def _show_progress(self, stage: Stage) -> None:
        is_moving = stage in (Stage.LOADING, Stage.CHECKING, Stage.CONVERTING)
        is_counted = stage in (Stage.LOADING, Stage.PAUSED)
        self.progress_bar.setVisible(is_moving or stage is Stage.PAUSED)
        self.progress_label.setVisible(is_moving or stage in (Stage.PAUSED, Stage.WAITING))
        self.progress_bar.setAccessibleName(self.tr("Download"))
        self.progress_bar.setRange(0, PER_MILLE if is_counted else 0)
        if is_counted and self._offer.total_bytes:
            self.progress_bar.setValue(self._offer.done_bytes * PER_MILLE // self._offer.total_bytes)
        self.progress_label.setText(self._progress())

    def _progress(self) -> str:
        words = {
            Stage.WAITING: self.tr("Waiting for its turn"),
            Stage.CHECKING: self.tr("Checking that all of it is right"),
            Stage.CONVERTING: self.tr("Preparing it for the engine"),
        }.get(self._offer.stage)
        if words is not None:
            return words
        done, total = shown_size(self._offer.done_bytes), shown_size(self._offer.total_bytes)
        amount = self.tr("{done} of {total}").format(done=done, total=total)
        return f"{amount} · {self._time_left()}" if self._time_left() else amount

    def _time_left(self) -> str:
        """Empty if it is not known; rounded, for nobody can know better."""
        if self._offer.left_s is None or self._offer.stage is not Stage.LOADING:
            return ""
        minutes = round(self._offer.left_s / SECONDS_OF_A_MINUTE)
        if minutes < 1:
            return self.tr("less than a minute left")
        if minutes < 2 * MINUTES_OF_AN_HOUR:
            return self.tr("about %n minute(s) left", "", minutes)
        return self.tr("about %n hour(s) left", "", round(minutes / MINUTES_OF_AN_HOUR))

    def _title(self) -> str:
        return {
            Capability.IMAGE: self.tr("Enlarge pictures on this computer"),
            Capability.TRANSCRIPTION: self.tr("Turn speech into text on this computer"),
        }.get(self._capability, self.tr("Chat on this computer"))

    def _text(self) -> str:
        text = self.tr(
            "For this the built-in engine needs {models}, downloaded once. "
            "Then it works without a network, and nothing you give it leaves this computer."
        )
        return text.format(models=in_a_row(self._offer.names))
