"""AttachmentStrip: the files that will go with a message, as chips in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from app.ui import theme
from app.ui.theme import Role

if TYPE_CHECKING:
    from app.model.chat import Attachment
    from app.ui.chat.attachment_chip import AttachmentChip


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
        theme.give_role(content, Role.PLAIN)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalScrollBar().rangeChanged.connect(self._fit)
        self.hide()

    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(chip.attachment for chip in self.chips)

    def set_attachments(self, attachments: tuple[Attachment, ...]) -> None:
        for chip in list(self.chips):
            self._drop(chip)
        for attachment in attachments:
            self.add(attachment)

    def add(self, attachment: Attachment) -> None:
        from app.ui.chat.attachment_chip import AttachmentChip

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
