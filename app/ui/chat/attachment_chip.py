"""AttachmentChip: one file that will go with a message: its picture or an icon, its name, and a cross to remove it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImageReader, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.model.chat import Attachment, AttachmentKind
from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.plain_label import PlainLabel
from app.ui.widgets.plain_tip import plain_tip

THUMBNAIL_PX = 36
CHIP_PX = 208
_CROSS_PX = 14


class AttachmentChip(QFrame):
    """One file. Signals: removed(Attachment), activated(Attachment)."""

    removed = Signal(object)
    activated = Signal(object)

    def __init__(self, attachment: Attachment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attachment = attachment
        self.picture_button = QToolButton()
        self.name_label = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.size_label = PlainLabel()
        self.remove_button = QToolButton()
        self._build()

    def _build(self) -> None:
        self.setObjectName("attachment_chip")
        self.setFixedWidth(theme.px(CHIP_PX))
        theme.give_role(self, Role.CARD)
        theme.give_role(self.picture_button, Role.FLAT)
        theme.give_role(self.remove_button, Role.FLAT)
        theme.give_role(self.size_label, Role.SMALL)
        self.picture_button.setIconSize(QSize(theme.px(THUMBNAIL_PX), theme.px(THUMBNAIL_PX)))
        self.picture_button.setIcon(self._icon())
        self.picture_button.clicked.connect(lambda: self.activated.emit(self.attachment))
        self.remove_button.setIcon(theme.icon("x", "muted"))
        self.remove_button.setIconSize(QSize(theme.px(_CROSS_PX), theme.px(_CROSS_PX)))
        self.remove_button.setObjectName("attachment_remove")
        self.remove_button.clicked.connect(lambda: self.removed.emit(self.attachment))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self.name_label)
        words.addWidget(self.size_label)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_XS, theme.SPACE_XS, theme.SPACE_XS, theme.SPACE_XS)
        row.setSpacing(theme.SPACE_XS)
        row.addWidget(self.picture_button)
        row.addLayout(words, 1)
        row.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignTop)
        self._retranslate()

    def _icon(self) -> QIcon:
        """The middle of a picture with rounded corners, or the sign for a text."""
        if self.attachment.kind is not AttachmentKind.IMAGE:
            return theme.icon("file-text", "muted")
        side = 2 * theme.px(THUMBNAIL_PX)  # for screens with two pixels per px
        reader = QImageReader(str(self.attachment.path))
        size = reader.size()
        if size.isValid():
            reader.setScaledSize(size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
        image = reader.read()
        if image.isNull():
            return theme.icon("image", "muted")
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(pixmap.rect(), 2 * theme.RADIUS_PX, 2 * theme.RADIUS_PX)
        painter.setClipPath(shape)
        painter.drawImage((side - image.width()) // 2, (side - image.height()) // 2, image)
        painter.end()
        return QIcon(pixmap)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        attachment = self.attachment
        self.name_label.setText(attachment.name)
        size = self.locale().formattedDataSize(attachment.size_bytes, 0)
        dimensions = f"{attachment.width_px} × {attachment.height_px}"
        self.size_label.setText(dimensions if attachment.width_px else size)
        self.setToolTip(
            plain_tip(
                f"{attachment.name}\n{dimensions}, {size}" if attachment.width_px else f"{attachment.name}\n{size}"
            )
        )
        self.picture_button.setAccessibleName(self.tr("Open {name}").format(name=attachment.name))
        self.remove_button.setAccessibleName(self.tr("Remove {name}").format(name=attachment.name))
        self.remove_button.setToolTip(plain_tip(self.remove_button.accessibleName()))
