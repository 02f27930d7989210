"""JobTile: one picture in the making: preview, time, progress, Cancel; a failure explains itself and can be retried."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, Qt, QTimerEvent, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.model.chat import EngineStarting, RetryPending
from app.model.errors import AppError
from app.model.images import ImageEvent, ImageProgress, PartialImage, Picture, WorkStarted
from app.ui import theme
from app.ui.images import words
from app.ui.images.preview import preview_of
from app.ui.images.tile_buttons import TileButtons
from app.ui.job import Job
from app.ui.theme import Role
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.plain_label import PlainLabel
from app.ui.widgets.spinner import Spinner

WIDTH_PX, HEIGHT_PX = 220, 248
PREVIEW_PX = 140
_TICK_MS = 250
_SOON_S = 5.0
"""Below this a guess of the time that is left would jump about."""


class Phase(StrEnum):
    WAITING = "waiting"  # for others to finish
    PREPARING = "preparing"  # the engine starts or loads a model
    WORKING = "working"
    PAUSING = "pausing"  # the server asked for patience


@dataclass(slots=True)
class Status:
    """What the events so far say about how far the work is."""

    phase: Phase = Phase.WAITING
    since: float = 0.0
    fraction: float = 0.0
    pause_until: float = 0.0

    def add(self, event: ImageEvent, now: float) -> None:
        if isinstance(event, EngineStarting):
            self.phase = Phase.PREPARING
        elif isinstance(event, WorkStarted):
            self.phase, self.since = Phase.WORKING, now
        elif isinstance(event, RetryPending):
            self.phase, self.pause_until = Phase.PAUSING, now + event.wait_s
        else:
            self.phase = Phase.WORKING
            if isinstance(event, ImageProgress):
                self.fraction = event.fraction

    def elapsed_s(self, now: float) -> float:
        return now - self.since if self.since else 0.0

    def left_s(self, now: float) -> float | None:
        """How long it will take at the speed so far; None while that would only be a guess."""
        elapsed = self.elapsed_s(now)
        if elapsed < _SOON_S or self.fraction <= 0.0:
            return None
        return elapsed * (1.0 - self.fraction) / self.fraction


type Work = Callable[[], AsyncGenerator[ImageEvent]]
type GoWithout = Callable[[str], Awaitable[None]]
"""Lets the request go without a field from then on."""


class PreviewArea(QWidget):
    """Shows the newest preview, whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pixmap = QPixmap()

    def set_image(self, image: QImage) -> None:
        self.pixmap = QPixmap.fromImage(image)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        room = QRectF(self.rect())
        path = QPainterPath()
        path.addRoundedRect(room, theme.px(theme.RADIUS_PX), theme.px(theme.RADIUS_PX))
        painter.setClipPath(path)
        painter.fillRect(room, QColor(theme.colors().raised))
        if not self.pixmap.isNull():
            size = self.pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(room.center())
            painter.drawPixmap(target, self.pixmap, QRectF(self.pixmap.rect()))
        painter.end()


class JobTile(QFrame):
    """Runs one piece of work and shows how it goes.

    Signals:
        picture_made(Picture): a picture is on disk and in the gallery.
        settled(): the work is done or was cancelled; the tile may go.
        running_changed(bool): the work began or ended.
        settings_requested(str): the page that may repair the failure.
    """

    picture_made = Signal(object)
    settled = Signal()
    running_changed = Signal(bool)
    settings_requested = Signal(str)

    def __init__(
        self, title: str, work: Work, go_without: GoWithout | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`work` gives a fresh run each time it is called."""
        super().__init__()
        self._work = work
        self._go_without = go_without
        self._clock = clock
        self._job = Job(self)
        self._status = Status()
        self._timer_id = 0
        self.error: AppError | None = None
        self.title_label = ElidedLabel(title)
        self.preview = PreviewArea()
        self.spinner = Spinner(32, self.preview)
        self.status_label = ElidedLabel()
        self.progress_bar = QProgressBar()
        self.buttons = TileButtons(title)
        self.dismiss_button = QToolButton()
        self.failure_title = PlainLabel()
        self.failure_text = QPlainTextEdit()
        self._build()

    @property
    def running(self) -> bool:
        return self._job.running

    def start(self, without: str = "") -> None:
        """Begin, or begin again after a failure, without this field of the request."""
        self.error = None
        self._status = Status()
        self.preview.set_image(QImage())
        self._job.start(self._follow(without))
        self._show_state()

    def show_failure(self, error: AppError) -> None:
        """As after a try that ended so."""
        self.error = error
        self._show_state()

    def cancel(self) -> None:
        """Stop the work; what is finished stays."""
        self._job.stop()

    async def aclose(self) -> None:
        await self._job.aclose()

    def _build(self) -> None:
        self.setObjectName("job_tile")
        theme.give_role(self, Role.CARD)
        theme.give_role(self.status_label, Role.SMALL)
        theme.give_role(self.failure_title, Role.ERROR)
        theme.give_role(self.failure_text, Role.PLAIN)
        theme.give_role(self.dismiss_button, Role.FLAT)
        self.dismiss_button.setObjectName("tile_dismiss")
        self.dismiss_button.setIcon(theme.icon("x"))
        self.failure_title.setWordWrap(True)
        self.failure_text.setReadOnly(True)  # not a label: what a server says may be long, and is worth copying
        self.progress_bar.setRange(0, 1000)
        self.progress_bar.setTextVisible(False)
        head = QHBoxLayout()
        head.addWidget(self.failure_title, 1)
        head.addWidget(self.dismiss_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_XS)
        column.setSpacing(theme.SPACE_XS)
        column.addLayout(head)
        for widget in (self.preview, self.failure_text, self.title_label, self.progress_bar):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.status_label)
        column.addWidget(self.buttons)
        self._connect()
        self._fit()
        self._retranslate()

    def _fit(self) -> None:
        """Follow the zoom."""
        self.setFixedSize(theme.px(WIDTH_PX), theme.px(HEIGHT_PX))
        self.preview.setFixedHeight(theme.px(PREVIEW_PX))
        self.failure_text.setFont(theme.text_font(theme.SMALL_PX))

    def _connect(self) -> None:
        self._job.state_changed.connect(lambda: self.running_changed.emit(self._job.running))
        self._job.failed.connect(self._on_job_failed)
        self._job.ended.connect(self._on_job_ended)
        self.buttons.cancel_button.clicked.connect(self.cancel)
        self.buttons.retry_button.clicked.connect(lambda _: self.start())
        self.buttons.without_requested.connect(self.start)
        self.buttons.settings_requested.connect(self.settings_requested)
        self.dismiss_button.clicked.connect(self.settled)

    def _on_job_failed(self, error: AppError) -> None:
        self.error = error

    def _on_job_ended(self) -> None:
        self._show_state()
        if self.error is None:
            self.settled.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        place = self.spinner.sizeHint()
        self.spinner.resize(place)
        self.spinner.move((self.preview.width() - place.width()) // 2, (self.preview.height() - place.height()) // 2)

    def timerEvent(self, _event: QTimerEvent) -> None:
        self._show_status()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() is QEvent.Type.StyleChange:
            self._fit()

    async def _follow(self, without: str) -> None:
        if without and self._go_without is not None:
            await self._go_without(without)
        async with aclosing(self._work()) as events:
            async for event in events:
                if isinstance(event, Picture):
                    self.picture_made.emit(event)
                elif isinstance(event, PartialImage):
                    self.preview.set_image(preview_of(event.data))
                self._status.add(event, self._clock())
                self._show_state()

    def _show_state(self) -> None:
        error, is_running = self.error, self._job.running
        about_failure: tuple[QWidget, ...] = (self.failure_title, self.failure_text, self.dismiss_button)
        about_work: tuple[QWidget, ...] = (self.preview, self.status_label)
        for widget in about_failure:
            widget.setVisible(error is not None)
        for widget in about_work:
            widget.setVisible(error is None)
        self.buttons.show_state(error, is_running=is_running, can_go_without=self._go_without is not None)
        self.spinner.set_running(is_running and self.preview.pixmap.isNull())
        self.progress_bar.setVisible(is_running and self._status.fraction > 0)
        self.progress_bar.setValue(round(self._status.fraction * 1000))
        if error is not None:
            self.failure_title.setText(words.failure_title(error))
            self.failure_text.setPlainText(words.failure_text(error))
            self.setAccessibleDescription(words.failure_title(error))
        self._tick(is_running)
        self._show_status()

    def _tick(self, wanted: bool) -> None:
        if wanted and not self._timer_id:
            self._timer_id = self.startTimer(_TICK_MS)
        elif not wanted and self._timer_id:
            self.killTimer(self._timer_id)
            self._timer_id = 0

    def _show_status(self) -> None:
        status, now = self._status, self._clock()
        left = status.left_s(now)
        text = _clock_text(status.elapsed_s(now))
        if status.phase is Phase.WAITING:
            text = self.tr("Waiting for its turn")
        elif status.phase is Phase.PREPARING:
            text = self.tr("Getting the built-in engine ready")
        elif status.phase is Phase.PAUSING:
            pause = _clock_text(max(0, round(status.pause_until - now)))
            text = self.tr("Trying again in {time}").format(time=pause)
        elif left is not None:
            text = self.tr("{elapsed}, about {left} left").format(elapsed=text, left=_clock_text(left))
        self.status_label.setText(text)

    def _retranslate(self) -> None:
        self.dismiss_button.setToolTip(self.tr("Dismiss"))
        title = self.title_label.text()
        self.setAccessibleName(title)
        self.dismiss_button.setAccessibleName(self.tr("Dismiss: {title}").format(title=title))
        self.failure_text.setAccessibleName(self.tr("What went wrong: {title}").format(title=title))
        self.progress_bar.setAccessibleName(self.tr("Progress: {title}").format(title=title))
        self._show_state()


def _clock_text(seconds: float) -> str:
    """Minutes and seconds, as on a clock."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
