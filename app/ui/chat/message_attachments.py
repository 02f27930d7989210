"""The files of a message in a strip: small pictures and file names, to be opened or dragged to another program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QImageReader,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPen,
    QStandardItem,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.ui import theme
from app.ui.chat.transcript_model import AttachmentItem
from app.ui.widgets.plain_tip import plain_tip

_ITEM_ROLE = Qt.ItemDataRole.UserRole + 1
_PICTURE_ROLE = Qt.ItemDataRole.UserRole + 2
_PICTURE_PX = 112
_CHIP_PX = (208, 44)
_FOCUS_PX = 2
_SPARE_PX = 1  # an item that exactly fits begins a new line, Qt thinks
INSET_PX = theme.SPACE_S - _FOCUS_PX + _SPARE_PX
"""From the last attachment of a line to the right edge of a strip that is as wide as the line."""


class _AttachmentModel(QStandardItemModel):
    """The attachments as items; dragging one hands over the file, and the picture where it is one."""

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        items: list[AttachmentItem] = [index.data(_ITEM_ROLE) for index in indexes]
        data.setUrls([QUrl.fromLocalFile(str(item.path)) for item in items])
        if len(items) == 1 and items[0].kind == "image":
            data.setImageData(QImage(str(items[0].path)))
        return data


class MessageAttachments(QListView):
    """Shows the attachments of a message, in as many lines as they need.

    Signals:
        attachment_activated(int): its id; by a click, or by Enter.
    """

    attachment_activated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _AttachmentModel(self)
        self._delegate = _AttachmentDelegate(self)
        self._items: tuple[AttachmentItem, ...] = ()
        self._build()
        self._retranslate()

    def show_attachments(self, items: tuple[AttachmentItem, ...]) -> None:
        if items != self._items:
            self._items = items
            self._model.clear()
            for item in items:
                self._model.appendRow(_entry(item))

    def natural_width(self, most: int) -> int:
        """The width of all in one line, or `most` where they need more than one."""
        widths = (self.sizeHintForIndex(self._model.index(row, 0)).width() for row in range(self._model.rowCount()))
        return min(most, sum(widths) + _SPARE_PX)

    def height_for(self, width: int) -> int:
        """The height of all lines together when the strip is `width` px wide."""
        self.resize(width, self.height() or _PICTURE_PX)
        self.doItemsLayout()
        return self.contentsSize().height()

    def release(self) -> None:
        self.show_attachments(())

    def _build(self) -> None:
        self.setObjectName("attachments")
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.clicked.connect(self._activate)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Attachments"))

    def _activate(self, index: QModelIndex | QPersistentModelIndex) -> None:
        item = index.data(_ITEM_ROLE)
        if isinstance(item, AttachmentItem):
            self.attachment_activated.emit(item.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self._activate(self.currentIndex())
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()  # moves between messages
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()


class _AttachmentDelegate(QStyledItemDelegate):
    """Draws a picture as a rounded square, any other file as its name on a card."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        width, height = (_PICTURE_PX, _PICTURE_PX) if _picture(index) is not None else _CHIP_PX
        return QSize(theme.px(width) + theme.SPACE_S, theme.px(height) + theme.SPACE_S)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        place = option.rect.adjusted(_FOCUS_PX, _FOCUS_PX, _FOCUS_PX - theme.SPACE_S, _FOCUS_PX - theme.SPACE_S)
        shape = QPainterPath()
        shape.addRoundedRect(place, theme.RADIUS_PX, theme.RADIUS_PX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        image = _picture(index)
        if image is None:
            self._paint_chip(painter, place, shape, index)
        else:
            painter.setClipPath(shape)
            painter.drawImage(place, image, _middle_square(image))
            painter.setClipping(False)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        pen = QPen(QColor(theme.colors().accent if focused else theme.colors().border), _FOCUS_PX if focused else 1)
        painter.strokePath(shape, pen)
        painter.restore()

    def _paint_chip(
        self, painter: QPainter, place: QRect, shape: QPainterPath, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.fillPath(shape, QColor(theme.colors().surface))
        icon_px = theme.px(theme.ICON_PX)
        icon_place = QRect(place.left() + theme.SPACE_M, place.center().y() - icon_px // 2, icon_px, icon_px)
        theme.icon("file-text", "muted").paint(painter, icon_place)
        name_place = place.adjusted(icon_px + theme.SPACE_M + theme.SPACE_S, 0, -theme.SPACE_M, 0)
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.setPen(QColor(theme.colors().text))
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, name_place.width())
        painter.drawText(name_place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)


def _entry(item: AttachmentItem) -> QStandardItem:
    entry = QStandardItem(item.name)
    entry.setToolTip(plain_tip(item.name))
    entry.setData(item, _ITEM_ROLE)
    if item.kind == "image":
        image = _thumbnail(item.thumbnail_path or item.path)
        if not image.isNull():
            entry.setData(image, _PICTURE_ROLE)
    return entry


def _thumbnail(path: Path) -> QImage:
    """A picture of about the size it is shown in; a null image where the file cannot be read."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        wanted = 2 * theme.px(_PICTURE_PX)  # for screens with two pixels per px
        if min(size.width(), size.height()) > wanted:
            reader.setScaledSize(size.scaled(wanted, wanted, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    return reader.read()


def _picture(index: QModelIndex | QPersistentModelIndex) -> QImage | None:
    image = index.data(_PICTURE_ROLE)
    return image if isinstance(image, QImage) else None


def _middle_square(image: QImage) -> QRect:
    side = min(image.width(), image.height())
    return QRect((image.width() - side) // 2, (image.height() - side) // 2, side, side)
