"""SettingsFields: what may be set for a picture besides its prompt; only what the chosen model takes is shown."""

from __future__ import annotations

import json
import random

from PySide6.QtCore import QEvent, QRegularExpression, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.model.images import ImageModelOptions, ImageSettings
from app.ui import theme
from app.ui.images import words
from app.ui.images.size_field import SizeField
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel

_COMPRESSED = ("jpeg", "webp")
_LARGEST_SEED = 2**31 - 1
_MOST_STEPS = 150


class SettingsFields(QWidget):
    """Size, quality and count; the rest under "More". Signals: changed()."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = ImageModelOptions()
        self.size_field = SizeField()
        self.quality_box = QComboBox()
        self.count_spin = QSpinBox()
        self.more_button = QToolButton()
        self.more = QWidget()
        self.background_box = QComboBox()
        self.format_box = QComboBox()
        self.compression_spin = QSpinBox()
        self.seed_edit = QLineEdit()
        self.dice_button = QToolButton()
        self.steps_spin = QSpinBox()
        self.extra_edit = QLineEdit()
        self._labels: dict[QWidget, PlainLabel] = {}
        self._build()

    def set_options(self, options: ImageModelOptions) -> None:
        """Show what a model takes; values that it takes too stay."""
        self._options = options
        self.size_field.set_options(options)
        for box, values in self._choices().items():
            _refill(box, values)
        self.count_spin.setMaximum(options.max_count)
        self._show_fitting()

    def settings(self) -> ImageSettings:
        """What is set and shown; problems are for `problem` to tell."""
        options = self._options
        file_format = self.format_box.currentData() or ""
        seed = self.seed_edit.text()
        return ImageSettings(
            size=self.size_field.value(),
            quality=self.quality_box.currentData() or "",
            background=self.background_box.currentData() or "",
            output_format=file_format,
            output_compression=self.compression_spin.value() if file_format in _COMPRESSED else None,
            seed=int(seed) if seed and options.takes_seed else None,
            steps=(self.steps_spin.value() or None) if options.takes_steps else None,
            extra_body=_json_object(self.extra_edit.text()) or {},
        )

    def set_settings(self, settings: ImageSettings) -> None:
        """Take over what a picture was made with, as far as the chosen model takes it."""
        self.size_field.set_value(settings.size)
        for box, value in (
            (self.quality_box, settings.quality),
            (self.background_box, settings.background),
            (self.format_box, settings.output_format),
        ):
            box.setCurrentIndex(max(0, box.findData(value)))
        if settings.output_compression is not None:
            self.compression_spin.setValue(settings.output_compression)
        self.seed_edit.setText("" if settings.seed is None else str(settings.seed))
        self.steps_spin.setValue(settings.steps or 0)
        self.extra_edit.setText(json.dumps(settings.extra_body, ensure_ascii=False) if settings.extra_body else "")

    def problem(self) -> str:
        """What keeps these settings from being sent, translated; empty if nothing does."""
        if self.size_field.problem():
            return self.size_field.problem()
        if self.background_box.currentData() == "transparent" and self.format_box.currentData() == "jpeg":
            return self.tr("JPEG has no transparency: choose PNG or WebP, or an opaque background.")
        if _json_object(self.extra_edit.text()) is None:
            return self.tr('Extra fields must be a JSON object such as {"style": "vivid"}.')
        return ""

    def _choices(self) -> dict[QComboBox, tuple[str, ...]]:
        options = self._options
        return {
            self.quality_box: options.qualities,
            self.background_box: options.backgrounds,
            self.format_box: options.formats,
        }

    def _build(self) -> None:
        rows = QFormLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        more_rows = QFormLayout(self.more)
        more_rows.setContentsMargins(0, 0, 0, 0)
        self._name_fields()
        seed = QWidget()
        seed_row = QHBoxLayout(seed)
        seed_row.setContentsMargins(0, 0, 0, 0)
        seed_row.setSpacing(theme.SPACE_XS)
        seed_row.addWidget(self.seed_edit, 1)
        seed_row.addWidget(self.dice_button)
        for layout, fields in (
            (rows, (self.size_field, self.quality_box, self.count_spin)),
            (
                more_rows,
                (self.background_box, self.format_box, self.compression_spin, seed, self.steps_spin, self.extra_edit),
            ),
        ):
            layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
            layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
            layout.setSpacing(theme.SPACE_S)
            for field in fields:
                self._labels[field] = PlainLabel()
                layout.addRow(self._labels[field], field)
        self._seed_field = seed
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(rows)
        column.addWidget(self.more_button)
        column.addWidget(self.more)
        self._connect()
        self._retranslate()
        self.set_options(self._options)

    def _name_fields(self) -> None:
        names = {
            self.quality_box: "quality",
            self.count_spin: "count",
            self.more_button: "more",
            self.background_box: "background",
            self.format_box: "format",
            self.compression_spin: "compression",
            self.seed_edit: "seed",
            self.dice_button: "dice",
            self.steps_spin: "steps",
            self.extra_edit: "extra",
        }
        for widget, name in names.items():
            widget.setObjectName(name)
        self.count_spin.setMinimum(1)
        self.compression_spin.setRange(0, 100)
        self.compression_spin.setValue(90)
        self.compression_spin.setSuffix(" %")
        self.steps_spin.setRange(0, _MOST_STEPS)
        self.seed_edit.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{0,18}"), self))
        self.dice_button.setIcon(theme.icon("dices"))
        self.more_button.setCheckable(True)
        self.more_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        theme.give_role(self.dice_button, Role.FLAT)
        theme.give_role(self.more_button, Role.LINK)

    def _connect(self) -> None:
        self.size_field.changed.connect(self.changed)
        for box in (self.quality_box, self.background_box, self.format_box):
            box.currentIndexChanged.connect(self._show_fitting)
        self.extra_edit.textChanged.connect(self.changed)
        self.count_spin.valueChanged.connect(self.changed)
        self.more_button.toggled.connect(self._show_fitting)
        self.dice_button.clicked.connect(self._on_dice_button_clicked)

    def _on_dice_button_clicked(self) -> None:
        self.seed_edit.setText(str(random.randint(1, _LARGEST_SEED)))

    def _show_fitting(self) -> None:
        options = self._options
        shown = {
            self.quality_box: bool(options.qualities),
            self.background_box: bool(options.backgrounds),
            self.format_box: bool(options.formats),
            self.compression_spin: self.format_box.currentData() in _COMPRESSED,
            self._seed_field: options.takes_seed,
            self.steps_spin: options.takes_steps,
        }
        for field, is_shown in shown.items():
            field.setVisible(is_shown)
            self._labels[field].setVisible(is_shown)
        is_open = self.more_button.isChecked()
        self.more.setVisible(is_open)
        self.more_button.setIcon(theme.icon("chevron-up" if is_open else "chevron-down", "accent"))
        self.changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        for field, name in (
            (self.size_field, self.tr("Size")),
            (self.quality_box, self.tr("Quality")),
            (self.count_spin, self.tr("Count")),
            (self.background_box, self.tr("Background")),
            (self.format_box, self.tr("Format")),
            (self.compression_spin, self.tr("File quality")),
            (self._seed_field, self.tr("Seed")),
            (self.steps_spin, self.tr("Steps")),
            (self.extra_edit, self.tr("Extra fields")),
        ):
            self._labels[field].setText(name)
            field.setAccessibleName(name)
        for box, values in self._choices().items():
            _refill(box, values)
        self.seed_edit.setAccessibleName(self.tr("Seed"))
        self.seed_edit.setPlaceholderText(self.tr("Random"))
        self.dice_button.setAccessibleName(self.tr("Choose a seed"))
        self.dice_button.setToolTip(self.tr("Choose a seed; the same seed gives the same picture again"))
        self.steps_spin.setSpecialValueText(words.choice(""))
        self.extra_edit.setPlaceholderText("{ }")
        self.extra_edit.setToolTip(self.tr("Sent as they are, for what this form does not know"))
        self.more_button.setText(self.tr("More"))
        self.more_button.setAccessibleName(self.tr("More settings"))


def _refill(box: QComboBox, values: tuple[str, ...]) -> None:
    """Offer `values` after the model's own choice; what was chosen stays if it is among them."""
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    box.addItem(words.choice(""), "")
    for value in values:
        box.addItem(words.choice(value), value)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)


def _json_object(text: str) -> dict[str, object] | None:
    """Empty for empty text, None if `text` is no JSON object."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
