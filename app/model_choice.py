"""ModelChoice: which model each tab uses, the lists in the picker, and what is offered when there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.assembly import Assembly
from app.model.engine import EngineState
from app.model.errors import EngineUnavailable, NoModelChosen
from app.model.providers import BUILT_IN_ID, Capability, ModelReference, Provider
from app.model.settings import Settings
from app.model.visible import one_line
from app.ui.job import Job
from app.ui.model_popup import ProviderEntry
from app.ui.notices import Notice, Severity
from app.ui.tab import Tab
from app.ui.translation import error_text, translated
from app.ui.window import MainWindow
from app.workers.providers import ProviderModels

RECENT_MODELS = 5
ENVIRONMENT = "environment"
NO_MODELS = NoModelChosen.__name__
"""The kind of notice that says that nothing can be asked."""


class ModelChoice(QObject):
    """Which model each tab uses, and the lists in the picker.

    Signals:
        failed(AppError): a list, or what the environment offers, could not be used.
        changed(): another model may be chosen, or be there, than before.
    """

    failed = Signal(object)
    changed = Signal()

    def __init__(self, host: MainWindow, assembly: Assembly) -> None:
        super().__init__(host)
        self._host = host
        self._assembly = assembly
        self._settings = assembly.settings
        self._found: dict[str, ProviderModels] = {}
        self._refreshing, self._offering = Job(self), Job(self)
        self._is_stale = False
        self._told: set[str] = set()
        host.picker.chosen.connect(lambda model: self.choose(model, host.tabs.current_id()))
        host.picker.refresh_requested.connect(self.refresh)
        host.tabs.shown.connect(lambda _: self.show())
        host.tab_made.connect(lambda tab: tab.model_chosen.connect(lambda model: self.choose(model, tab.id)))
        for job in (self._refreshing, self._offering):
            job.failed.connect(self.failed)
        self._refreshing.ended.connect(self._on_refreshing_ended)

    def refresh(self) -> None:
        """Ask all providers for their models, in the background."""
        self._is_stale = self._refreshing.running
        if not self._is_stale:
            self._refreshing.start(self._refresh())

    def choose(self, model: ModelReference, tab_id: str) -> None:
        """Use `model` for a tab, and remember that."""

        def change(settings: Settings) -> Settings:
            recent = (model, *(used for used in settings.chosen.recent if used != model))[:RECENT_MODELS]
            return replace(settings, chosen=replace(settings.chosen, **{_FIELDS[tab_id]: model}, recent=recent))

        self._settings.update(change)
        self._host.notices.dismiss(ENVIRONMENT)

    def show(self) -> None:
        """Picker and tab show what holds now."""
        enabled = [provider for provider in self._assembly.providers.profiles.all() if provider.enabled]
        entries = [_entry(provider, self._found.get(provider.id)) for provider in enabled]
        self._host.picker.set_entries(entries, self._settings.value.chosen.recent)
        self._host.set_model(self._model_of(self._host.tabs.current()))
        self.changed.emit()

    def chosen(self, tab_id: str) -> ModelReference | None:
        """What the user chose for a tab, as long as there is that provider."""
        chosen: ModelReference | None = getattr(self._settings.value.chosen, _FIELDS[tab_id])
        if chosen is None or self._assembly.providers.profiles.find(chosen.provider_id) is None:
            return None
        return chosen

    async def aclose(self) -> None:
        await self._refreshing.aclose()
        await self._offering.aclose()

    async def _refresh(self) -> None:
        for known in self._assembly.providers.models.known():
            self._found.setdefault(known.provider_id, known)
        self.show()
        await self._assembly.providers.models.refresh(self._on_found)
        self._tell_of_the_engine()
        self._offer_environment()

    def _on_found(self, result: ProviderModels) -> None:
        self._found[result.provider_id] = result
        self.show()

    def _on_refreshing_ended(self) -> None:
        if self._is_stale:
            self.refresh()

    def _model_of(self, tab: Tab) -> ModelReference | None:
        """The tab's last choice; else the first model here that can do its work."""
        if (chosen := self.chosen(tab.id)) is not None:
            return chosen
        local = self._found.get(BUILT_IN_ID)
        wanted = {tab.capability, Capability.UPSCALE} if tab.capability is Capability.IMAGE else {tab.capability}
        for model in local.models if local is not None else ():
            if wanted & model.capabilities:
                return model.reference
        return None

    def _tell_of_the_engine(self) -> None:
        """Once in a session that it cannot run here; that there is none to be asked is of yesterday when there is."""
        local = self._found.get(BUILT_IN_ID)
        if local is not None and local.models:
            self._host.notices.dismiss(NO_MODELS)
        elif self._assembly.engine.status.state is EngineState.UNAVAILABLE and "engine" not in self._told:
            self._told.add("engine")
            self.failed.emit(EngineUnavailable())

    def _offer_environment(self) -> None:
        offered = self._assembly.providers.environment.offer()
        if offered is None:
            return
        self._tell(ENVIRONMENT, lambda: self._environment_offer(offered))

    async def _accept(self, offered: Provider) -> None:
        await self._assembly.providers.environment.accept(offered)
        self.refresh()
        self._host.notices.show_notice(lambda: self._accepted(offered))

    def _tell(self, kind: str, make: Callable[[], Notice]) -> None:
        """Once in a session: whoever closed it has read it."""
        if kind not in self._told:
            self._told.add(kind)
            self._host.notices.show_notice(make)

    def _environment_offer(self, offered: Provider) -> Notice:
        environment = self._assembly.providers.environment
        title = self.tr("A key for {address} is set on this computer").format(address=offered.base_url)
        text = self.tr("Triptych found it in OPENAI_API_KEY and can use it.")
        actions = (
            (self.tr("Use it"), lambda: self._offering.start(self._accept(offered))),
            (self.tr("No, thanks"), lambda: self._offering.start(environment.decline())),
        )
        return Notice(ENVIRONMENT, title, text, severity=Severity.INFO, actions=actions)

    def _accepted(self, provider: Provider) -> Notice:
        title = self.tr("{provider} is connected").format(provider=provider.name)
        text = self.tr("Its models are in the list at the top right.")
        action = (self.tr("Choose a model"), self._host.picker.open)
        return Notice(ENVIRONMENT, title, text, severity=Severity.INFO, actions=(action,))


_FIELDS = {"chat": "chat", "images": "image", "audio": "audio"}
"""The field of `ChosenModels` that belongs to a tab."""


def _entry(provider: Provider, found: ProviderModels | None) -> ProviderEntry:
    """What the picker shows of a provider."""
    name = translated("Providers", provider.name) if provider.is_built_in else one_line(provider.name)
    if found is None:
        return ProviderEntry(provider.id, name)
    problem = "" if found.error is None else error_text(found.error, found.error.title)
    return ProviderEntry(provider.id, name, found.models, problem)
