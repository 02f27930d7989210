"""ReferenceStrip: the pictures that a job starts from, as small previews that can be removed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QToolButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.images.thumbnails import ThumbnailLoader
from app.ui.theme import Role
from app.ui.widgets.plain_tip import plain_tip

TILE_PX = 76
_COLUMNS = 3
_ROUND_PX = 22


class RoundButton(QToolButton):
    """A small button that is seen on any picture."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = theme.icon(icon)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colors = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(colors.pressed if self.underMouse() else colors.base))
        painter.setPen(QPen(QColor(colors.accent if self.hasFocus() else colors.border), 2 if self.hasFocus() else 1))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        inset = self.width() // 4
        self._icon.paint(painter, self.rect().adjusted(inset, inset, -inset, -inset))
        painter.end()


class ReferenceTile(QWidget):
    """One picture with a cross. Signals: removed(Path)."""

    removed = Signal(object)

    def __init__(self, path: Path, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self._thumbnails = thumbnails
        self.remove_button = RoundButton("x", self)
        self._build()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(TILE_PX), theme.px(TILE_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        room = QRectF(self.rect())
        radius = theme.px(theme.RADIUS_PX)
        card = QPainterPath()
        card.addRoundedRect(room, radius, radius)
        painter.setClipPath(card)
        painter.fillRect(room, QColor(theme.colors().raised))
        pixmap = self._thumbnails.pixmap(self.path, round(room.width() * self.devicePixelRatioF()))
        if pixmap is not None and not pixmap.isNull():
            # Cut to a square: here it is enough to tell one picture from another.
            edge = min(pixmap.width(), pixmap.height())
            middle = QRectF(0, 0, edge, edge)
            middle.moveCenter(QRectF(pixmap.rect()).center())
            painter.drawPixmap(room, pixmap, middle)
        elif pixmap is not None:
            theme.icon("circle-alert", "danger").paint(painter, self.rect().adjusted(24, 24, -24, -24))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        gap = theme.px(theme.SPACE_XS)
        self.remove_button.move(self.width() - self.remove_button.width() - gap, gap)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() is QEvent.Type.StyleChange:
            self._fit()

    def _fit(self) -> None:
        """Follow the zoom."""
        self.setFixedSize(self.sizeHint())
        self.remove_button.setFixedSize(theme.px(_ROUND_PX), theme.px(_ROUND_PX))

    def _build(self) -> None:
        self._fit()
        self.remove_button.setObjectName("reference_remove")
        self.remove_button.clicked.connect(lambda: self.removed.emit(self.path))
        self._thumbnails.loaded.connect(self._on_thumbnails_loaded)
        self._retranslate()

    def _on_thumbnails_loaded(self, path: Path) -> None:
        if path == self.path:
            self.update()

    def _retranslate(self) -> None:
        self.setToolTip(plain_tip(self.path.name))
        self.setAccessibleName(self.path.name)
        name = self.tr("Remove {name}").format(name=self.path.name)
        self.remove_button.setAccessibleName(name)
        self.remove_button.setToolTip(plain_tip(name))


class ReferenceStrip(QWidget):
    """The pictures in the order in which they came, and a button for more.

    Signals:
        changed(): pictures came or went.
        wanted(): the user wants to choose files.
    """

    changed = Signal()
    wanted = Signal()

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.tiles: list[ReferenceTile] = []
        self.add_button = QToolButton()
        self._grid = QGridLayout()
        self._build()

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(tile.path for tile in self.tiles)

    def add(self, paths: Iterable[Path]) -> None:
        """Add pictures; those that are here already stay where they are."""
        for path in dict.fromkeys(paths):
            if path not in self.paths:
                tile = ReferenceTile(path, self._thumbnails)
                tile.removed.connect(self.remove)
                self.tiles.append(tile)
        self._arrange()

    def remove(self, path: Path) -> None:
        for tile in [tile for tile in self.tiles if tile.path == path]:
            self.tiles.remove(tile)
            tile.hide()
            tile.deleteLater()
        self._arrange()
        self.add_button.setFocus()

    def clear(self) -> None:
        for path in self.paths:
            self.remove(path)

    def _build(self) -> None:
        self.setObjectName("references")
        self.add_button.setObjectName("reference_add")
        self.add_button.setIcon(theme.icon("image-plus", "accent"))
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        theme.give_role(self.add_button, Role.LINK)
        self.add_button.clicked.connect(self.wanted)
        self._grid.setSpacing(theme.SPACE_S)
        self._grid.setColumnStretch(_COLUMNS, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(self._grid)
        column.addWidget(self.add_button)
        self._retranslate()

    def _arrange(self) -> None:
        for number, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, number // _COLUMNS, number % _COLUMNS)
        self.changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Pictures to start from"))
        self.add_button.setText(self.tr("Add pictures…"))
        self.add_button.setToolTip(self.tr("Choose pictures to start from; dropping and pasting work too"))
