"""PictureDelegate: draws one picture of the gallery with its caption; knows nothing of where pictures come from."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.model.images import Picture
from app.ui import theme
from app.ui.images import words
from app.ui.images.gallery_model import PICTURE_ROLE, caption
from app.ui.images.thumbnails import ThumbnailLoader

CELL_PX = 200
"""How wide a picture with its margins is at least; rows are filled evenly."""
_MARGIN_PX = theme.SPACE_S
_RING_PX = 2


class PictureDelegate(QStyledItemDelegate):
    """The whole picture on a quiet card, under it the prompt in one line, then date and size."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def cell_size(self, width: int) -> QSize:
        """Cell of a list that is `width` pixels wide."""
        columns = max(1, width // theme.px(CELL_PX))
        edge = width // columns
        return QSize(edge, edge + 2 * self._line_height() + theme.px(theme.SPACE_XS))

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return self.cell_size(option.rect.width() or theme.px(CELL_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        picture = index.data(PICTURE_ROLE)
        margin = theme.px(_MARGIN_PX)
        cell = option.rect.adjusted(margin, margin, -margin, 0)
        card = QRect(cell.topLeft(), QSize(cell.width(), cell.width()))
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_card(painter, card, option.state)
        self._paint_picture(painter, card.adjusted(margin, margin, -margin, -margin), picture)
        self._paint_caption(
            painter, QRect(card.bottomLeft() + QPoint(0, theme.px(theme.SPACE_XS)), cell.size()), picture
        )
        painter.restore()

    def _paint_card(self, painter: QPainter, card: QRect, state: QStyle.StateFlag) -> None:
        colors = theme.colors()
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        fill = colors.selection if is_selected else colors.raised if is_hovered else colors.surface
        painter.setBrush(QColor(fill))
        ring = QPen(QColor(colors.accent), _RING_PX)
        has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(ring if is_selected or has_focus else Qt.PenStyle.NoPen)
        radius = theme.px(theme.RADIUS_PX)
        painter.drawRoundedRect(QRectF(card).adjusted(1, 1, -1, -1), radius, radius)

    def _paint_picture(self, painter: QPainter, room: QRect, picture: Picture) -> None:
        ratio = painter.device().devicePixelRatioF()
        pixmap = self._thumbnails.pixmap(picture.path, round(room.width() * ratio))
        if pixmap is None or pixmap.isNull():
            icon = theme.icon("image", "muted") if pixmap is None else theme.icon("circle-alert", "danger")
            _paint_icon(painter, room, icon)
            return
        # A small picture is shown at most at its own size: a 16-pixel icon blown up says nothing.
        size = pixmap.size() / ratio
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(QPoint(0, 0), size)
        target.moveCenter(room.center())
        _paint_rounded(painter, target, pixmap)

    def _paint_caption(self, painter: QPainter, place: QRect, picture: Picture) -> None:
        font = theme.text_font(theme.SMALL_PX)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        lines = (
            (caption(picture), theme.colors().text),
            (f"{words.day(picture.created_at)} · {picture.width_px} × {picture.height_px}", theme.colors().muted),
        )
        for number, (text, color) in enumerate(lines):
            line = QRect(place.x(), place.y() + number * self._line_height(), place.width(), self._line_height())
            painter.setPen(QColor(color))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)

    def _line_height(self) -> int:
        return QFontMetrics(theme.text_font(theme.SMALL_PX)).height() + 2


def _paint_icon(painter: QPainter, room: QRect, icon: QIcon) -> None:
    side = theme.px(2 * theme.ICON_PX)
    target = QRect(0, 0, side, side)
    target.moveCenter(room.center())
    icon.paint(painter, target)


def _paint_rounded(painter: QPainter, target: QRect, pixmap: QPixmap) -> None:
    path = QPainterPath()
    radius = theme.px(theme.RADIUS_PX) / 2
    path.addRoundedRect(QRectF(target), radius, radius)
    painter.setClipPath(path)
    painter.drawPixmap(target, pixmap)
    painter.setClipping(False)
