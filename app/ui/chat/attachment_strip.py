"""AttachmentStrip: the files that will go with a message, each with a picture or an icon and a cross to remove it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImageReader, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.model.chat import Attachment, AttachmentKind
from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.elided_label import ElidedLabel

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
        self.size_label = QLabel()
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
            f"{attachment.name}\n{dimensions}, {size}" if attachment.width_px else f"{attachment.name}\n{size}"
        )
        self.picture_button.setAccessibleName(self.tr("Open {name}").format(name=attachment.name))
        self.remove_button.setAccessibleName(self.tr("Remove {name}").format(name=attachment.name))
        self.remove_button.setToolTip(self.remove_button.accessibleName())


class AttachmentStrip(QScrollArea):
    """A row of chips, hidden while empty; scrolls sideways where they do not fit.

    Signals:
        changed(): chips came or went.
        removed(Attachment), activated(Attachment)
    """

    changed = Signal()
    removed = Signal(object)
    activated = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: list[AttachmentChip] = []
        content = QWidget()
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SPACE_S)
        self._row.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalScrollBar().rangeChanged.connect(self._fit)
        theme.give_role(content, Role.PLAIN)
        self.hide()

    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(chip.attachment for chip in self.chips)

    def set_attachments(self, attachments: tuple[Attachment, ...]) -> None:
        for chip in list(self.chips):
            self._drop(chip)
        for attachment in attachments:
            self.add(attachment)

    def add(self, attachment: Attachment) -> None:
        chip = AttachmentChip(attachment)
        chip.removed.connect(self._on_chip_removed)
        chip.activated.connect(self.activated)
        self.chips.append(chip)
        self._row.insertWidget(len(self.chips) - 1, chip)
        self.show()
        self._fit()
        self.changed.emit()

    def _fit(self) -> None:
        """As high as a chip, and the scroll bar where there is one."""
        bar = self.horizontalScrollBar()
        height = self.chips[0].sizeHint().height() if self.chips else 0
        self.setFixedHeight(height + (bar.sizeHint().height() if bar.maximum() else 0))

    def _on_chip_removed(self, attachment: Attachment) -> None:
        chip = next(chip for chip in self.chips if chip.attachment == attachment)
        self._drop(chip)
        self.removed.emit(attachment)

    def _drop(self, chip: AttachmentChip) -> None:
        self.chips.remove(chip)
        self._row.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        self.setVisible(bool(self.chips))
        self.changed.emit()
