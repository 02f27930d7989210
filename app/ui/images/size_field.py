"""SizeField: the size of a picture, from the model's usual ones or free where the model allows it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app.model.images import ImageModelOptions
from app.ui import theme
from app.ui.images import words
from app.ui.widgets.plain_label import PlainLabel

FREE = "free"
_MOST_PX = 16384


class SizeField(QWidget):
    """Signals: changed(): another size is set."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = ImageModelOptions()
        self.size_box = QComboBox()
        self.width_spin = QSpinBox()
        self.times_label = PlainLabel("×")
        self.height_spin = QSpinBox()
        self._free = QWidget()
        self._build()

    def set_options(self, options: ImageModelOptions) -> None:
        """Offer what a model takes; the size that is set stays if it can."""
        value = self.value()
        self._options = options
        self._fill()
        self.set_value(value)

    def value(self) -> str:
        """ "WxH", or empty for the model's own choice."""
        chosen = self.size_box.currentData()
        if chosen == FREE:
            return f"{self.width_spin.value()}x{self.height_spin.value()}"
        return chosen or ""

    def set_value(self, value: str) -> None:
        """A size that this model cannot draw becomes its own choice."""
        place = self.size_box.findData(value)
        width, _, height = value.partition("x")
        if place < 0 and self._options.size_rule is not None and width.isdecimal() and height.isdecimal():
            place = self.size_box.findData(FREE)
            self.width_spin.setValue(int(width))
            self.height_spin.setValue(int(height))
        self.size_box.setCurrentIndex(max(0, place))

    def problem(self) -> str:
        """Why the free size is not accepted, translated; empty if all is well."""
        rule = self._options.size_rule
        if rule is None or self.size_box.currentData() != FREE:
            return ""
        found = rule.problem(self.width_spin.value(), self.height_spin.value())
        return words.size_problem(found) if found is not None else ""

    def _build(self) -> None:
        for widget, name in ((self.size_box, "size"), (self.width_spin, "width"), (self.height_spin, "height")):
            widget.setObjectName(name)
        for spin in (self.width_spin, self.height_spin):
            spin.setRange(1, _MOST_PX)
            spin.setValue(1024)
            spin.valueChanged.connect(self.changed)
        row = QHBoxLayout(self._free)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.width_spin, 1)
        row.addWidget(self.times_label)
        row.addWidget(self.height_spin, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.size_box)
        column.addWidget(self._free)
        self.size_box.currentIndexChanged.connect(self._on_size_box_changed)
        self.setFocusProxy(self.size_box)
        self._fill()
        self._retranslate()

    def _fill(self) -> None:
        self.size_box.blockSignals(True)
        self.size_box.clear()
        self.size_box.addItem(words.choice(""), "")
        for size in self._options.sizes:
            self.size_box.addItem(self._named(size), size)
        if self._options.size_rule is not None:
            self.size_box.addItem(self.tr("Other size…"), FREE)
            for spin in (self.width_spin, self.height_spin):
                spin.setSingleStep(self._options.size_rule.multiple_of)
        self.size_box.blockSignals(False)
        self._on_size_box_changed()

    def _named(self, size: str) -> str:
        width, _, height = size.partition("x")
        if width == height:
            shape = self.tr("square")
        else:
            shape = self.tr("landscape") if int(width) > int(height) else self.tr("portrait")
        return f"{words.size(size)} · {shape}"

    def _on_size_box_changed(self) -> None:
        self._free.setVisible(self.size_box.currentData() == FREE)
        self.changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            value = self.value()
            self._fill()
            self.set_value(value)
            self._retranslate()

    def _retranslate(self) -> None:
        self.size_box.setAccessibleName(self.tr("Size"))
        self.width_spin.setAccessibleName(self.tr("Width in pixels"))
        self.height_spin.setAccessibleName(self.tr("Height in pixels"))
