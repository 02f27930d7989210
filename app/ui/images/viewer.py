"""Viewer: one picture of the gallery, large, with how it was made beside it; next and previous without going back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QImage, QImageReader, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.model.errors import UnreadableFile
from app.model.images import Picture
from app.ui import theme
from app.ui.images.canvas import PictureCanvas
from app.ui.images.decoded import decoded
from app.ui.images.details import WIDTH_PX, PictureDetails
from app.ui.images.gallery_model import caption
from app.ui.job import Job
from app.ui.theme import Role
from app.ui.widgets.action_row import ActionRow
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.plain_label import PlainLabel
from app.ui.widgets.spinner import Spinner

LEAST_PICTURE_PX = 320
"""Where less would be left for the picture, the details beside it are put away."""
LARGEST_MIB = 1024
"""Qt refuses more than 256 MiB by default, which an enlarged picture needs easily."""


class PictureSource(Protocol):
    """Where the viewer gets pixels from; both block."""

    def displayable(self, path: Path) -> bytes:
        """A PNG or a JPEG."""
        ...

    def source_of(self, picture: Picture) -> Path | None: ...


class Viewer(QWidget):
    """Shows one picture; arrows left and right step, Escape closes.

    Signals:
        closed(): the user wants the gallery back.
        stepped(int): show the next (1) or the previous (-1) picture.
        failed(AppError): the picture cannot be shown.
    """

    closed = Signal()
    stepped = Signal(int)
    failed = Signal(object)

    def __init__(self, source: PictureSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._job = Job(self)
        self._loaded: Picture | None = None
        self._before_path: Path | None = None
        self._before = QImage()
        self.picture: Picture | None = None
        self.title_label = ElidedLabel()
        self.spinner = Spinner()
        self.scale_label = PlainLabel()
        self.canvas = PictureCanvas()
        self.details = PictureDetails()
        self.action_row = ActionRow("viewer_actions")
        self._is_narrow = False
        self._has_details_when_wide = True
        self.back_button = _flat_button("viewer_back", "arrow-left")
        self.previous_button = _flat_button("viewer_previous", "chevron-left")
        self.next_button = _flat_button("viewer_next", "chevron-right")
        self.compare_button = _flat_button("viewer_compare", "columns-2")
        self.smaller_button = _flat_button("viewer_smaller", "zoom-out")
        self.larger_button = _flat_button("viewer_larger", "zoom-in")
        self.fit_button = _flat_button("viewer_fit", "maximize")
        self.details_button = _flat_button("viewer_details", "info")
        self._build()

    def show_picture(self, picture: Picture, before: Path | None = None) -> None:
        """Show `picture`; `before` is the file it was enlarged from, if that is known."""
        self.picture = picture
        self._before_path = before
        self.title_label.setText(caption(picture))
        self.details.show_picture(picture)
        self.canvas.setAccessibleName(caption(picture))
        self.canvas.set_image(QImage())
        self.compare_button.hide()
        self.compare_button.setChecked(False)
        self.spinner.start()
        self._loaded = None
        self._go_on()

    def add_actions(self, actions: list[QAction]) -> None:
        """What can be done with the picture, as buttons at the top."""
        self.action_row.add_actions(actions)
        self.addActions(actions)

    async def aclose(self) -> None:
        await self._job.aclose()

    def _build(self) -> None:
        self.setObjectName("viewer")
        self.scale_label.setObjectName("viewer_scale")
        self.canvas.setObjectName("viewer_canvas")
        theme.give_role(self.title_label, Role.HEADING)
        theme.give_role(self.scale_label, Role.SMALL)
        self.details.setFixedWidth(theme.px(WIDTH_PX))
        self.details_button.setCheckable(True)
        self.details_button.setChecked(True)
        self.compare_button.setCheckable(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._bar())
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.canvas, 1)
        middle.addWidget(self.details)
        column.addLayout(middle, 1)
        self._connect()
        self._retranslate()

    def _bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        bar.setSpacing(theme.SPACE_XS)
        bar.addWidget(self.back_button)
        bar.addWidget(self.title_label, 1)
        bar.addWidget(self.spinner)
        bar.addWidget(self.compare_button)
        for button in (self.previous_button, self.next_button, self.smaller_button):
            bar.addWidget(button)
        bar.addWidget(self.scale_label)
        bar.addWidget(self.larger_button)
        bar.addWidget(self.fit_button)
        bar.addSpacing(theme.SPACE_S)
        bar.addWidget(self.action_row)
        bar.addWidget(self.details_button)
        return bar

    def _connect(self) -> None:
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._go_on)
        self.canvas.scale_changed.connect(self._on_canvas_scale_changed)
        self.back_button.clicked.connect(self.closed)
        self.previous_button.clicked.connect(lambda: self.stepped.emit(-1))
        self.next_button.clicked.connect(lambda: self.stepped.emit(1))
        self.smaller_button.clicked.connect(lambda: self.canvas.zoom_by(-1))
        self.larger_button.clicked.connect(lambda: self.canvas.zoom_by(1))
        self.fit_button.clicked.connect(self._on_fit_button_clicked)
        self.compare_button.toggled.connect(self._on_compare_button_toggled)
        self.details_button.toggled.connect(self.details.setVisible)

    def _on_canvas_scale_changed(self, scale: float) -> None:
        self.scale_label.setText(f"{scale:.0%}")

    def _on_fit_button_clicked(self) -> None:
        if self.canvas.is_fitted:
            self.canvas.zoom_to(1.0)
        else:
            self.canvas.fit()

    def _on_compare_button_toggled(self, wanted: bool) -> None:
        self.canvas.set_before(self._before if wanted else QImage())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_the_picture_room()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_PageUp: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageDown: 1}
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() is QEvent.Type.StyleChange:
            self.details.setFixedWidth(theme.px(WIDTH_PX))
            self._give_the_picture_room()

    def _give_the_picture_room(self) -> None:
        """Put the details away where it gets narrow, and bring them back; in between they are as the user wants."""
        is_narrow = self.width() < theme.px(WIDTH_PX + LEAST_PICTURE_PX)
        if is_narrow is self._is_narrow:
            return
        if is_narrow:
            self._has_details_when_wide = self.details_button.isChecked()
        self._is_narrow = is_narrow
        self.details_button.setChecked(not is_narrow and self._has_details_when_wide)

    def _go_on(self) -> None:
        """Also after the end of a run: another picture may be wanted between its last look and its end."""
        if self._loaded is self.picture:
            self.spinner.stop()
        elif not self._job.running:
            self._job.start(self._load())

    async def _load(self) -> None:
        """Show the picture that is wanted, which may become another one while this waits for the disk."""
        while self._loaded is not self.picture and (picture := self.picture) is not None:
            self._loaded = picture
            known = self._before_path
            image, before = await asyncio.to_thread(_images, self._source, picture, known)
            if picture is self.picture:
                self._before = before
                self.canvas.set_image(image)
                self.compare_button.setVisible(not before.isNull())

    def _retranslate(self) -> None:
        for button, name, keys in (
            (self.back_button, self.tr("Back to all pictures"), "Esc"),
            (self.previous_button, self.tr("Previous picture"), "←"),
            (self.next_button, self.tr("Next picture"), "→"),
            (self.compare_button, self.tr("Compare with the original"), ""),
            (self.smaller_button, self.tr("Zoom out"), "-"),
            (self.larger_button, self.tr("Zoom in"), "+"),
            (self.fit_button, self.tr("Fit, or actual size"), "0, 1"),
            (self.details_button, self.tr("How it was made"), ""),
        ):
            button.setAccessibleName(name)
            button.setToolTip(f"{name} ({keys})" if keys else name)


def _flat_button(name: str, icon: str = "") -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    theme.give_role(button, Role.FLAT)
    if icon:
        button.setIcon(theme.icon(icon))
    return button


def _images(source: PictureSource, picture: Picture, before: Path | None) -> tuple[QImage, QImage]:
    """The picture and, if it is an enlarged one, what it was made from; in a thread.

    Raises:
        UnreadableFile: the picture itself cannot be read.
    """
    image = _image(source, picture.path)
    before = before or source.source_of(picture)
    try:
        return image, _image(source, before) if before is not None else QImage()
    except UnreadableFile:
        return image, QImage()  # moved away meanwhile: there is just nothing to compare with


def _image(source: PictureSource, path: Path) -> QImage:
    QImageReader.setAllocationLimit(LARGEST_MIB)
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    image = reader.read()  # which lets go of the interpreter's lock; what else asks the reader does not (`decoded`)
    return image if not image.isNull() else decoded(source.displayable(path))
