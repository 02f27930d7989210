"""ModelPopup: the models of all providers in one list that is searched by typing; it never waits for a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListView, QToolButton, QVBoxLayout, QWidget

from app.model.providers import BUILT_IN_ID, Capability, ModelInfo, ModelReference
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import model_name
from app.ui.widgets.noted_item import NotedItemDelegate, set_note
from app.ui.widgets.plain_tip import plain_tip

WARN_DAYS = 60
_PAGE = 10
_REFERENCE_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """A provider in the popup with its models; `problem` says why there is no newer list."""

    id: str
    name: str
    models: tuple[ModelInfo, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What there is to choose from, and what for."""

    entries: Sequence[ProviderEntry] = ()
    recent: Sequence[ModelReference] = ()
    capability: Capability = Capability.CHAT
    current: ModelReference | None = None


class ModelRows(QStandardItemModel):
    """The lines of the popup: models that can do what is wanted below the names of their providers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._offer = Offer()
        self._words: list[str] = []

    def fill(self, offer: Offer, search: str) -> None:
        """Show what of `offer` has all the words of `search`, then the search itself as the id of a model."""
        self._offer, self._words = offer, search.lower().split()
        self.clear()
        self._add_recent()
        for entry in offer.entries:
            self._add_provider(entry)
        self._add_typed(search.strip())
        if not self.rowCount():
            self._say_nothing_is_there()

    def reference(self, row: int) -> ModelReference | None:
        """The model in that row; None for a heading or a remark."""
        value = self.index(row, 0).data(_REFERENCE_ROLE)
        return value if isinstance(value, ModelReference) else None

    def _add_recent(self) -> None:
        known = {model.reference: model for entry in self._offer.entries for model in entry.models}
        names = {entry.id: entry.name for entry in self._offer.entries}
        fits = [known[used] for used in self._offer.recent if used in known and self._is_offered(known[used])]
        if len(fits) > 1:
            self._add_heading(self.tr("Recently used"))
            for model in fits:
                self._add_model(model, names[model.provider_id])

    def _add_provider(self, entry: ProviderEntry) -> None:
        models = [model for model in entry.models if self._is_offered(model)]
        unknown = [model for model in entry.models if not model.capabilities and self._matches(model)]
        if not models and not unknown and not (entry.problem and not self._words):
            return
        self._add_heading(entry.name)
        if entry.problem:
            self._add_text(entry.problem)
        for model in models:
            self._add_model(model)
        if unknown:
            self._add_text(self.tr("Abilities unknown"))
            for model in unknown:
                self._add_model(model)

    def _add_typed(self, text: str) -> None:
        """Servers know models that they do not list: what was typed can be asked of any of them."""
        listed = {model.id for entry in self._offer.entries for model in entry.models}
        servers = [entry for entry in self._offer.entries if entry.id != BUILT_IN_ID]
        if not text or text in listed or not servers:
            return
        self._add_heading(self.tr("Use what you typed"))
        for entry in servers:
            self._add_choice(text, ModelReference(entry.id, text), entry.name)

    def _say_nothing_is_there(self) -> None:
        if self._words:
            self._add_text(self.tr("No model has that in its name."))
        else:
            self._add_heading(self.tr("No models yet"))
            self._add_text(self.tr("Download some on the Models page of the settings,"))
            self._add_text(self.tr("or connect a provider there."))

    def _add_heading(self, text: str) -> None:
        item = self._add_text(text)
        font = item.font()
        font.setBold(True)
        item.setFont(font)

    def _add_text(self, text: str) -> QStandardItem:
        """A line that cannot be chosen."""
        item = QStandardItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(theme.text_font(theme.SMALL_PX))
        item.setToolTip(plain_tip(text))
        self.appendRow(item)
        return item

    def _add_model(self, model: ModelInfo, provider: str = "") -> None:
        ends = bool(model.shutdown_date) and _ends_soon(str(model.shutdown_date))
        note = self.tr("ends {date}").format(date=model.shutdown_date) if ends else provider
        item = self._add_choice(model_name(model.label), model.reference, note, is_warning=ends)
        item.setToolTip(plain_tip(model.id))

    def _add_choice(
        self, text: str, reference: ModelReference, note: str, *, is_warning: bool = False
    ) -> QStandardItem:
        item = QStandardItem(text)
        item.setData(reference, _REFERENCE_ROLE)
        item.setIcon(theme.icon("check", "accent") if reference == self._offer.current else _no_icon())
        set_note(item, note, is_warning=is_warning)
        self.appendRow(item)
        return item

    def _is_offered(self, model: ModelInfo) -> bool:
        fits = self._offer.capability in model.capabilities
        if self._offer.capability is Capability.IMAGE:
            fits = fits or Capability.UPSCALE in model.capabilities
        return fits and self._matches(model)

    def _matches(self, model: ModelInfo) -> bool:
        text = f"{model.id} {model.name} {model_name(model.name)}".lower()
        return all(word in text for word in self._words)


class ModelPopup(QFrame):
    """The list with its search field. Signals: chosen(ModelReference), refresh_requested()."""

    chosen = Signal(object)
    refresh_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.search_field = QLineEdit()
        self.refresh_button = QToolButton()
        self.list = QListView()
        self.rows = ModelRows(self)
        self._offer = Offer()
        self._build()

    def show_offer(self, offer: Offer) -> None:
        """Fill the list anew; in an open popup the search and the place in the list stay."""
        self._offer = offer
        place = self.rows.reference(self.list.currentIndex().row()) if self.isVisible() else offer.current
        self.rows.fill(offer, self.search_field.text())
        self._select(place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys and Enter in the search field move in the list and choose from it."""
        if watched is self.search_field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._step(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            if event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
                self._step(_PAGE if event.key() == Qt.Key.Key_PageDown else -_PAGE)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentIndex())
                return True
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("model_popup")
        theme.give_role(self, Role.POPUP)
        self.search_field.setObjectName("model_search")
        self.list.setObjectName("model_list")
        self.refresh_button.setObjectName("model_refresh")
        self.refresh_button.setIcon(theme.icon("refresh-cw"))
        theme.give_role(self.refresh_button, Role.FLAT)
        theme.give_role(self.list, Role.PLAIN)
        self.search_field.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search_field.installEventFilter(self)
        self.search_field.textChanged.connect(self._on_search_field_text_changed)
        self.refresh_button.clicked.connect(self.refresh_requested)
        self.list.setModel(self.rows)
        self.list.setItemDelegate(NotedItemDelegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.clicked.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        top = QHBoxLayout()
        top.addWidget(self.search_field, 1)
        top.addWidget(self.refresh_button)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        self._retranslate()

    def _on_search_field_text_changed(self, text: str) -> None:
        self.rows.fill(self._offer, text)
        self._select(None if text else self._offer.current)

    def _select(self, wanted: ModelReference | None) -> None:
        """Go to that model, or to the first one."""
        choices = self._choices()
        rows = [row for row in choices if self.rows.reference(row) == wanted] or choices
        if rows:
            self._show(rows[0])

    def _step(self, step: int) -> None:
        """Move by so many models, over headings, and stop at the ends."""
        choices = self._choices()
        current = self.list.currentIndex().row()
        if current in choices:
            place = choices.index(current) + step
            self._show(choices[max(0, min(place, len(choices) - 1))])

    def _choices(self) -> list[int]:
        return [row for row in range(self.rows.rowCount()) if self.rows.reference(row) is not None]

    def _show(self, row: int) -> None:
        self.list.setCurrentIndex(self.rows.index(row, 0))
        if row <= 1:
            self.list.scrollToTop()  # the heading above the first model is worth seeing

    def _choose(self, index: QModelIndex) -> None:
        reference = self.rows.reference(index.row())
        if reference is not None:
            self.close()
            self.chosen.emit(reference)

    def _retranslate(self) -> None:
        self.search_field.setPlaceholderText(self.tr("Search, or type any model id"))
        self.search_field.setAccessibleName(self.tr("Search models"))
        self.refresh_button.setToolTip(self.tr("Ask the providers again"))
        self.refresh_button.setAccessibleName(self.tr("Refresh model lists"))
        self.list.setAccessibleName(self.tr("Models"))


def _no_icon() -> QIcon:
    """As wide as the tick of the chosen model, so that names stand below each other."""
    blank = QPixmap(theme.px(theme.ICON_PX), theme.px(theme.ICON_PX))
    blank.fill(Qt.GlobalColor.transparent)
    return QIcon(blank)


def _ends_soon(shutdown_date: str) -> bool:
    """Whether a model is switched off within `WARN_DAYS`, or already was."""
    try:
        return date.fromisoformat(shutdown_date) - date.today() <= timedelta(days=WARN_DAYS)
    except ValueError:
        return False
