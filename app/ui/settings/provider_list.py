"""ProviderList: the providers by name with Add and Remove; what is added or removed happens elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.model.providers import BUILT_IN_ID, Provider
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import translated
from app.workers.providers.knowledge import presets

WIDTH_PX = 210


class ProviderList(QWidget):
    """Signals: chosen(str): id of a provider; add_requested(Preset); remove_requested(str)."""

    chosen = Signal(str)
    add_requested = Signal(object)
    remove_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.add_button = QPushButton()
        self.add_menu = QMenu(self)
        self.remove_button = QToolButton()
        self._providers: Sequence[Provider] = ()
        self._build()

    def show_providers(self, providers: Sequence[Provider]) -> None:
        """The list anew; the chosen provider stays chosen, else the first one is."""
        chosen = self.current_id()
        self._providers = providers
        self.list.blockSignals(True)
        self.list.clear()
        for provider in providers:
            item = QListWidgetItem(theme.icon("cpu" if provider.is_built_in else "server"), "")
            item.setData(Qt.ItemDataRole.UserRole, provider.id)
            self.list.addItem(item)
        self._retranslate()
        self.choose(chosen)
        self.list.blockSignals(False)
        self._show_what_is_possible()

    def choose(self, provider_id: str) -> None:
        """Make a provider the chosen one; the first one if there is none of that id."""
        ids = [provider.id for provider in self._providers]
        self.list.setCurrentRow(ids.index(provider_id) if provider_id in ids else 0)

    def current_id(self) -> str:
        item = self.list.currentItem()
        return BUILT_IN_ID if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def _build(self) -> None:
        self.list.setObjectName("provider_list")
        self.add_button.setObjectName("add_provider")
        self.remove_button.setObjectName("remove_provider")
        theme.give_role(self, Role.SIDE_BAR)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.give_role(self.remove_button, Role.FLAT)
        self.add_button.setIcon(theme.icon("plus"))
        self.remove_button.setIcon(theme.icon("trash-2"))
        self.add_button.setMenu(self.add_menu)
        for preset in presets():
            action = QAction(preset.name, self.add_menu)
            action.setObjectName(f"add_{preset.id}")
            action.triggered.connect(lambda _=False, preset=preset: self.add_requested.emit(preset))
            self.add_menu.addAction(action)
        remove = QAction(self.list)
        remove.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        remove.triggered.connect(self._on_remove_clicked)
        self.list.addAction(remove)
        self.list.currentItemChanged.connect(lambda *_: self._on_current_changed())
        self.remove_button.clicked.connect(self._on_remove_clicked)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button, 1)
        buttons.addWidget(self.remove_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        self._retranslate()

    def _on_current_changed(self) -> None:
        self._show_what_is_possible()
        self.chosen.emit(self.current_id())

    def _on_remove_clicked(self) -> None:
        if self.current_id() != BUILT_IN_ID:
            self.remove_requested.emit(self.current_id())

    def _show_what_is_possible(self) -> None:
        self.remove_button.setEnabled(self.current_id() != BUILT_IN_ID)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        if event.type() is QEvent.Type.FontChange:
            self.setFixedWidth(theme.px(WIDTH_PX))

    def _retranslate(self) -> None:
        self.setFixedWidth(theme.px(WIDTH_PX))
        self.list.setAccessibleName(self.tr("Providers"))
        self.add_button.setText(self.tr("Add"))
        self.add_button.setAccessibleName(self.tr("Add a provider"))
        self.remove_button.setToolTip(self.tr("Remove this provider"))
        self.remove_button.setAccessibleName(self.tr("Remove this provider"))
        for row, provider in enumerate(self._providers):
            name = translated("Providers", provider.name) if provider.is_built_in else provider.name
            shown = name if provider.enabled else self.tr("{name} (off)").format(name=name)
            self.list.item(row).setText(shown)
