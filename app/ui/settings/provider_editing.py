"""ProviderEditing: keeps a form and its stored profile the same, key and corrected models included; asks no server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.model.providers import Capability, Provider
from app.ui.job import Errands
from app.ui.settings.provider_form import ProviderForm
from app.workers.providers import ProviderWorker


class ProviderEditing(QObject):
    """What is typed is stored at once, one thing after the other.

    Signals:
        changed(): something was stored.
        failed(AppError): it holds for this session only.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, form: ProviderForm, providers: ProviderWorker, parent: QObject) -> None:
        super().__init__(parent)
        self._form = form
        self._providers = providers
        self._provider_id = ""
        self.storing = Errands(self)
        self.keys = Errands(self)
        form.changed.connect(self._on_form_changed)
        form.key.entered.connect(self._on_key_entered)
        form.key.removed.connect(lambda: self._on_key_entered(""))
        form.models.corrected.connect(self._on_models_corrected)
        form.lessons.reset_requested.connect(self._on_lessons_reset_requested)
        for errands in (self.storing, self.keys):
            errands.failed.connect(self.failed)

    def show(self, provider: Provider) -> None:
        """Another provider is edited from now on."""
        self._provider_id = provider.id
        self._form.show_other(provider)
        self.show_models(provider)
        self._form.lessons.show_lessons(self._providers.lessons.all_of(provider))
        self.keys.add(lambda: self._show_key(provider.id))

    def show_models(self, provider: Provider) -> None:
        """The list that is known of the provider, if it is the one on show."""
        if provider.id == self._provider_id:
            known = self._providers.models.known_of(provider)
            self._form.models.show_models(known.models, frozenset(provider.capabilities))

    async def aclose(self) -> None:
        """Everything that was typed is stored."""
        await self.storing.aclose()
        await self.keys.aclose()

    def _on_form_changed(self, fields: dict[str, Any]) -> None:
        provider_id = self._provider_id
        self.storing.add(lambda: self._change(provider_id, fields))

    async def _change(self, provider_id: str, fields: dict[str, Any]) -> None:
        try:
            await self._providers.profiles.change(provider_id, lambda provider: replace(provider, **fields))
        finally:
            provider = self._providers.profiles.find(provider_id)
            if provider is not None and provider_id == self._provider_id:
                self._form.show_provider(provider)
                self.show_models(provider)
                self._form.lessons.show_lessons(self._providers.lessons.all_of(provider))
            self.changed.emit()

    def _on_models_corrected(self, model_id: str, abilities: tuple[Capability, ...] | None) -> None:
        provider_id = self._provider_id
        self.storing.add(lambda: self._correct(provider_id, model_id, abilities))

    async def _correct(self, provider_id: str, model_id: str, abilities: tuple[Capability, ...] | None) -> None:
        provider = self._providers.profiles.find(provider_id)
        if provider is not None:
            kept = {known: own for known, own in provider.capabilities.items() if known != model_id}
            corrected = kept if abilities is None else {**kept, model_id: abilities}
            await self._change(provider_id, {"capabilities": corrected})

    def _on_lessons_reset_requested(self) -> None:
        provider_id = self._provider_id
        self.storing.add(lambda: self._forget_lessons(provider_id))

    async def _forget_lessons(self, provider_id: str) -> None:
        await self._providers.lessons.forget(provider_id)
        if provider_id == self._provider_id:
            self._form.lessons.show_lessons({})

    def _on_key_entered(self, key: str) -> None:
        provider_id = self._provider_id
        self.keys.add(lambda: self._store_key(provider_id, key))

    async def _store_key(self, provider_id: str, key: str) -> None:
        try:
            await self._providers.profiles.set_key(provider_id, key)
        finally:
            if provider_id == self._provider_id and self._form.key.typed() == key:
                self._form.key.take()
            self.keys.add(lambda: self._show_key(provider_id))
            self.changed.emit()

    async def _show_key(self, provider_id: str) -> None:
        keeps_keys = await self._providers.profiles.keeps_keys()
        self._form.options.show_keeping(keeps_keys)
        is_stored = bool(await self._providers.profiles.key_of(provider_id))
        if provider_id == self._provider_id:
            self._form.key.show_stored(is_stored, keeps_keys=keeps_keys)
