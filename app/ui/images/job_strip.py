"""JobStrip: the pictures in the making and those that failed, side by side; hidden while there are none."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.model.errors import AppError, StorageFailed
from app.ui import theme
from app.ui.images.job_tile import HEIGHT_PX, GoWithout, JobTile, Work
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel


class JobStrip(QWidget):
    """Runs any number of jobs at once, a tile each.

    Signals:
        settings_requested(str): as the tiles send it.
        working_changed(bool): the first job began or the last one ended.
    """

    settings_requested = Signal(str)
    working_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles: list[JobTile] = []
        self._was_working = False
        self.title_label = PlainLabel()
        self.area = QScrollArea()
        self.cancel_button = QPushButton()
        self._build()

    @property
    def running_count(self) -> int:
        return sum(tile.running for tile in self.tiles)

    @property
    def working(self) -> bool:
        return self.running_count > 0

    def add(
        self, title: str, work: Work, go_without: GoWithout | None = None, failure: AppError | None = None
    ) -> JobTile:
        """Start `work` in a tile of its own, before those that are there; `go_without` gives up a refused field.

        With `failure` it waits, as after that failure, until somebody wants it tried again.
        """
        tile = JobTile(title, work, go_without)
        tile.settings_requested.connect(self.settings_requested)
        tile.settled.connect(lambda: self._remove(tile))
        tile.running_changed.connect(self._on_tile_running_changed)
        self.tiles.insert(0, tile)
        self._row.insertWidget(0, tile)
        self.show()
        if failure is None:
            tile.start()
        else:
            tile.show_failure(failure)
        return tile

    def cancel_all(self) -> None:
        for tile in self.tiles:
            tile.cancel()

    def dismiss_unsaved(self) -> None:
        """Let the tiles go whose pictures the disk refused: they are stored now."""
        for tile in [tile for tile in self.tiles if isinstance(tile.error, StorageFailed)]:
            self._remove(tile)

    async def aclose(self) -> None:
        await asyncio.gather(*(tile.aclose() for tile in self.tiles))

    def _build(self) -> None:
        self.setObjectName("job_strip")
        self.cancel_button.setObjectName("cancel_all")
        self.cancel_button.clicked.connect(self.cancel_all)
        theme.give_role(self.title_label, Role.HEADING)
        theme.give_role(self.cancel_button, Role.LINK)
        content = QWidget()
        theme.give_role(content, Role.PLAIN)
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SPACE_S)
        self._row.addStretch()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the tiles' buttons, which have the focus
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(content)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(self._head())
        column.addWidget(self.area)
        self.hide()
        self._fit()
        self._retranslate()

    def _head(self) -> QHBoxLayout:
        keeping_its_room = self.cancel_button.sizePolicy()
        keeping_its_room.setRetainSizeWhenHidden(True)  # what is below would move up and down
        self.cancel_button.setSizePolicy(keeping_its_room)
        head = QHBoxLayout()
        head.addWidget(self.title_label)
        head.addWidget(self.cancel_button)
        head.addStretch()
        return head

    def _remove(self, tile: JobTile) -> None:
        self.tiles.remove(tile)
        tile.hide()
        tile.deleteLater()
        self.setVisible(bool(self.tiles))
        self._retranslate()

    def _on_tile_running_changed(self) -> None:
        self._retranslate()
        if self.working is not self._was_working:
            self._was_working = self.working
            self.working_changed.emit(self.working)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit()

    def _fit(self) -> None:
        bar = self.area.horizontalScrollBar().sizeHint().height()
        self.area.setFixedHeight(theme.px(HEIGHT_PX) + bar)

    def _retranslate(self) -> None:
        running = self.running_count
        self.title_label.setText(self.tr("In progress") if running else self.tr("Not finished"))
        self.cancel_button.setText(self.tr("Cancel all"))
        self.cancel_button.setVisible(running > 1)
