"""ModelAbilities: the models of one provider and what each can do, which the user may correct; asks no server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QDate, QEvent, QLocale, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.model.providers import Capability, ModelInfo
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import in_a_row
from app.ui.widgets.plain_label import PlainLabel
from app.ui.widgets.plain_tip import plain_tip
from app.ui.widgets.spinner import Spinner

LIST_PX = 190
BOXES_IN_A_ROW = 2
CORRECTABLE = (
    Capability.CHAT,
    Capability.VISION,
    Capability.REASONING,
    Capability.IMAGE,
    Capability.IMAGE_EDIT,
    Capability.TRANSCRIPTION,
    Capability.TRANSLATION,
)
"""What decides where a model is offered and what is sent to it."""
_ID_ROLE = Qt.ItemDataRole.UserRole + 1


class ModelAbilities(QWidget):
    """Signals: refresh_requested(); corrected(str, object): a model's id and the tuple of what it can do; None instead
    of the tuple goes back to the guess.
    """

    refresh_requested = Signal()
    corrected = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading_label = PlainLabel()
        self.note_label = PlainLabel()
        self.refresh_button = QPushButton()
        self.spinner = Spinner()
        self.filter_field = QLineEdit()
        self.list = QListView()
        self.boxes = {capability: QCheckBox() for capability in CORRECTABLE}
        self.guess_button = QPushButton()
        self._frame = QFrame()
        self._details = QFrame()
        self._rows = QStandardItemModel(self)
        self._filtered = QSortFilterProxyModel(self)
        self._models: dict[str, ModelInfo] = {}
        self._corrected: frozenset[str] = frozenset()
        self._build()

    def show_models(self, models: tuple[ModelInfo, ...], corrected: frozenset[str]) -> None:
        """`corrected` are the ids of those whose abilities are the user's word. The chosen one stays chosen."""
        chosen = self.chosen()
        self._models = {model.id: model for model in models}
        self._corrected = corrected
        self._rows.clear()
        for model in models:
            item = QStandardItem(self._line(model))  # at once, for the filter looks at it
            item.setData(model.id, _ID_ROLE)
            item.setToolTip(plain_tip(model.id))
            self._rows.appendRow(item)
            if chosen is not None and model.id == chosen.id:
                self.list.setCurrentIndex(self._filtered.mapFromSource(item.index()))
        self._retranslate()

    def set_asking(self, asking: bool) -> None:
        """The server is being asked."""
        self.spinner.set_running(asking)
        self.refresh_button.setEnabled(not asking)

    def chosen(self) -> ModelInfo | None:
        """The model whose check boxes are shown."""
        model_id = self.list.currentIndex().data(_ID_ROLE)
        return self._models.get(model_id) if isinstance(model_id, str) else None

    def _build(self) -> None:
        for name in ("refresh_button", "filter_field", "list", "guess_button", "note_label"):
            getattr(self, name).setObjectName(f"models_{name}")
        theme.give_role(self.heading_label, Role.HEADING)
        theme.give_role(self.note_label, Role.SMALL)
        theme.give_role(self.guess_button, Role.LINK)
        theme.give_role(self.refresh_button, Role.FLAT)
        self.note_label.setWordWrap(True)
        self.refresh_button.setIcon(theme.icon("refresh-cw"))
        self.filter_field.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.filter_field.setClearButtonEnabled(True)
        self._filtered.setSourceModel(self._rows)
        self._filtered.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list.setModel(self._filtered)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setUniformItemSizes(True)
        self.filter_field.textChanged.connect(self._filtered.setFilterFixedString)
        self.refresh_button.clicked.connect(self.refresh_requested)
        self.guess_button.clicked.connect(lambda: self._correct(lambda _: None))
        self.list.selectionModel().currentChanged.connect(lambda *_: self._show_chosen())
        for capability, box in self.boxes.items():
            box.setObjectName(f"ability_{capability.value}")
            box.clicked.connect(lambda _: self._correct(self._ticked))
        self._lay_out()
        self._retranslate()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.heading_label)
        top.addWidget(self.spinner)
        top.addStretch(1)
        top.addWidget(self.refresh_button)
        theme.give_role(self._frame, Role.CARD)
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(theme.SPACE_XS, theme.SPACE_XS, theme.SPACE_XS, theme.SPACE_XS)
        inside.addWidget(self.list)
        grid = QGridLayout(self._details)
        grid.setContentsMargins(0, 0, 0, 0)
        for number, box in enumerate(self.boxes.values()):
            grid.addWidget(box, number // BOXES_IN_A_ROW, number % BOXES_IN_A_ROW)
        below = -(-len(self.boxes) // BOXES_IN_A_ROW)
        grid.addWidget(self.guess_button, below, 0, 1, BOXES_IN_A_ROW, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(top)
        for widget in (self.filter_field, self._frame, self.note_label, self._details):
            column.addWidget(widget)

    def _ticked(self, model: ModelInfo) -> tuple[Capability, ...]:
        """What the boxes say; abilities without a box stay as they are."""
        others = tuple(capability for capability in model.capabilities if capability not in self.boxes)
        return (*(capability for capability, box in self.boxes.items() if box.isChecked()), *sorted(others))

    def _correct(self, change: Callable[[ModelInfo], tuple[Capability, ...] | None]) -> None:
        model = self.chosen()
        if model is not None:
            self.corrected.emit(model.id, change(model))

    def _show_chosen(self) -> None:
        model = self.chosen()
        self._details.setVisible(model is not None)
        self.guess_button.setVisible(model is not None and model.id in self._corrected)
        for capability, box in self.boxes.items():
            box.setChecked(model is not None and capability in model.capabilities)
        if not self._models:
            self.note_label.setText(self.tr("Not asked yet. Test the connection, or ask for the list."))
        elif model is None:
            self.note_label.setText(
                self.tr("Servers do not tell what a model can do. Choose one to correct the guess.")
            )
        else:
            self.note_label.setText(self.tr("What {model} can do:").format(model=model.label))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.FontChange):
            self.list.setFixedHeight(theme.px(LIST_PX))

    def _retranslate(self) -> None:
        self.heading_label.setText(self.tr("Models"))
        self.refresh_button.setText(self.tr("Ask for the list"))
        self.spinner.setAccessibleName(self.tr("Asking"))
        self.filter_field.setPlaceholderText(self.tr("Search"))
        self.filter_field.setAccessibleName(self.tr("Search models"))
        self.list.setAccessibleName(self.tr("Models of this provider"))
        self.list.setFixedHeight(theme.px(LIST_PX))
        self.guess_button.setText(self.tr("Back to the guess"))
        names = self._names()
        for capability, box in self.boxes.items():
            box.setText(names[capability])
        for row in range(self._rows.rowCount()):
            item = self._rows.item(row)
            item.setText(self._line(self._models[item.data(_ID_ROLE)]))
        for widget in (self.filter_field, self._frame):
            widget.setVisible(bool(self._models))
        self._show_chosen()

    def _line(self, model: ModelInfo) -> str:
        names = self._names()
        abilities = in_a_row(names[capability] for capability in CORRECTABLE if capability in model.capabilities)
        line = f"{model.label}  ·  {abilities}" if abilities else model.label
        if model.shutdown_date:
            line += "  ·  " + self.tr("ends {date}").format(date=shown_date(model.shutdown_date))
        return line

    def _names(self) -> dict[Capability, str]:
        return {
            Capability.CHAT: self.tr("Chat"),
            Capability.VISION: self.tr("Sees pictures"),
            Capability.REASONING: self.tr("Reasons"),
            Capability.IMAGE: self.tr("Makes pictures"),
            Capability.IMAGE_EDIT: self.tr("Edits pictures"),
            Capability.TRANSCRIPTION: self.tr("Transcribes"),
            Capability.TRANSLATION: self.tr("Translates speech"),
        }


def shown_date(iso_date: str) -> str:
    """A date as the interface's language writes it; what is not a date is shown as it came."""
    try:
        day = date.fromisoformat(iso_date)
    except ValueError:
        return iso_date
    return QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.ShortFormat)
