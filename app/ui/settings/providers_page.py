"""ProvidersPage: the list of providers beside the form of the chosen one; every change is stored at once."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.model.providers import Provider
from app.ui import theme
from app.ui.settings.page import Page, VerticalLine
from app.ui.settings.provider_asking import ProviderAsking
from app.ui.settings.provider_editing import ProviderEditing
from app.ui.settings.provider_form import ProviderForm
from app.ui.settings.provider_list import ProviderList
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.undo_bar import UndoBar
from app.workers.providers import ProviderWorker
from app.workers.providers.knowledge import Preset, placeholder_in


class ProvidersPage(Page):
    """Signals: changed(): a profile, its key, its list or what its models can do is another now."""

    changed = Signal()

    def __init__(self, providers: ProviderWorker, parent: QWidget | None = None) -> None:
        super().__init__("providers", parent=parent)
        self._providers = providers
        self.list = ProviderList()
        self.form = ProviderForm()
        self.built_in = EmptyState(theme.icon("cpu", "muted"))
        self.undo_bar = UndoBar()
        self._stack = QStackedWidget()
        self._editing = ProviderEditing(self.form, providers, self)
        self._asking = ProviderAsking(self.form, providers, self._current, self)
        self._build()
        self._connect()

    def title(self) -> str:
        return self.tr("Providers")

    def shown(self) -> None:
        """Profiles may have come from elsewhere meanwhile."""
        self._show_list()
        self._show_chosen()

    async def aclose(self) -> None:
        self.undo_bar.settle()
        await self._asking.aclose()
        await self.form.aclose()
        await self._editing.aclose()

    def _build(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        self._stack.addWidget(self.built_in)
        self._stack.addWidget(self.form)
        right.addWidget(self._stack, 1)
        right.addWidget(self.undo_bar)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.list)
        row.addWidget(VerticalLine())
        row.addLayout(right, 1)
        self._outer.addLayout(row, 1)
        self._retranslate()

    def _connect(self) -> None:
        self.list.chosen.connect(lambda _: self._show_chosen())
        self.list.add_requested.connect(self._on_add_requested)
        self.list.remove_requested.connect(self._on_remove_requested)
        self.built_in.triggered.connect(lambda: self.page_requested.emit("models"))
        self._editing.changed.connect(self._on_editing_changed)
        self._asking.answered.connect(self._on_asking_answered)
        self._asking.model_choice_requested.connect(lambda: self.page_requested.emit("picker"))
        for work in (self._editing, self._asking):
            work.failed.connect(self.notices.show_error)

    def _current(self) -> Provider | None:
        """The chosen one of the user's profiles."""
        provider = self._providers.profiles.find(self.list.current_id())
        return None if provider is None or provider.is_built_in else provider

    def _show_list(self) -> None:
        self.list.show_providers(self._providers.profiles.all())

    def _show_chosen(self) -> None:
        self._asking.stop()
        provider = self._current()
        self._stack.setCurrentWidget(self.built_in if provider is None else self.form)
        if provider is not None:
            self._editing.show(provider)

    def _on_editing_changed(self) -> None:
        self._show_list()
        self.changed.emit()

    def _on_asking_answered(self, provider: Provider) -> None:
        self._editing.show_models(self._providers.profiles.find(provider.id) or provider)
        self.changed.emit()

    def _on_add_requested(self, preset: Preset) -> None:
        provider = self._providers.profiles.new(preset)
        self._editing.storing.add(lambda: self._add(provider))

    async def _add(self, provider: Provider, position: int | None = None) -> None:
        try:
            await self._providers.profiles.save(provider, position)
        finally:
            self._show_list()
            self.list.choose(provider.id)
            is_ready = provider.base_url and not placeholder_in(provider)
            (self.form.key if is_ready else self.form.address_field).setFocus()
            self.changed.emit()

    def _on_remove_requested(self, provider_id: str) -> None:
        provider = self._current()
        if provider is not None and provider.id == provider_id:
            self._editing.storing.add(lambda: self._remove(provider))

    async def _remove(self, provider: Provider) -> None:
        position = [own.id for own in self._providers.profiles.own()].index(provider.id)
        self.undo_bar.offer(
            self.tr("“{name}” was removed.").format(name=provider.name),
            undo=lambda: self._editing.storing.add(lambda: self._add(provider, position)),
            settle=lambda: self._editing.keys.add(lambda: self._providers.forget(provider.id)),
        )
        try:
            await self._providers.profiles.remove(provider.id)
        finally:
            self._show_list()
            self._show_chosen()
            self.changed.emit()

    def _retranslate(self) -> None:
        super()._retranslate()
        self.built_in.set_texts(
            self.tr("Built-in engine"),
            self.tr(
                "Runs small open models on this computer: no key, no network, nothing leaves it. It is always there. "
                "Add a provider to use larger models."
            ),
            self.tr("Show its models"),
        )
