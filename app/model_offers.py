"""ModelOffers: on each tab that has nothing to work with, the card that fetches what it needs, and how it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.assembly import Assembly
from app.model.engine import LocalModel, ModelKind
from app.model.errors import AppError
from app.model.providers import BUILT_IN_ID, Capability
from app.model_choice import ModelChoice
from app.ui.download_queue import DownloadQueue
from app.ui.job import Errands
from app.ui.model_card import ModelCard, ModelOffer, Stage
from app.ui.notices import details_of
from app.ui.translation import error_text, model_name
from app.ui.window import MainWindow

KINDS = {
    "chat": (Capability.CHAT, (ModelKind.CHAT,)),
    "images": (Capability.IMAGE, (ModelKind.UPSCALE, ModelKind.IMAGE)),
    "audio": (Capability.TRANSCRIPTION, (ModelKind.TRANSCRIPTION,)),
}
"""By tab: what it is for, and the models of the engine of which one does."""
_STAGES = {"download": Stage.LOADING, "check": Stage.CHECKING, "convert": Stage.CONVERTING}


class ModelOffers(QObject):
    """`queue` fetches, also what the Models page asks for. A card that was closed stays away for this session.

    Signals:
        failed(AppError): what is here could not be looked at.
    """

    failed = Signal(object)

    def __init__(self, host: MainWindow, assembly: Assembly, choice: ModelChoice) -> None:
        super().__init__(host)
        self._host, self._assembly, self._choice = host, assembly, choice
        self.queue = DownloadQueue(assembly.models, self)
        self.cards = {tab_id: ModelCard(capability) for tab_id, (capability, _) in KINDS.items()}
        self._needed: dict[str, Sequence[LocalModel]] = dict.fromkeys(KINDS, ())
        self._failures: dict[str, AppError] = {}
        self._declined: set[str] = set()
        self._discarded: set[str] = set()
        self._errands = Errands(self)
        self._is_looking = False
        for tab_id, card in self.cards.items():
            self._connect(tab_id, card)
        self.queue.changed.connect(self._on_queue_changed)
        self.queue.progressed.connect(self._show)
        self.queue.failed.connect(self._on_queue_failed)
        self.queue.installed.connect(choice.refresh)
        choice.changed.connect(self.look)
        self._errands.failed.connect(self.failed)

    def look(self) -> None:
        """Find out what each tab needs now, and show that."""
        if not self._is_looking:
            self._is_looking = True
            self._errands.add(self._look)

    async def aclose(self) -> None:
        """End what is being fetched; it goes on from there another time."""
        await self.queue.aclose()
        await self._errands.aclose()

    def _connect(self, tab_id: str, card: ModelCard) -> None:
        card.hide()
        self._host.tabs.put_above(card, tab_id)
        card.download_requested.connect(partial(self._fetch, tab_id))
        card.all_requested.connect(lambda: self._fetch(*self.cards))
        card.pause_requested.connect(partial(self._stop, tab_id))
        card.cancel_requested.connect(partial(self._discard, tab_id))
        card.connect_requested.connect(partial(self._host.settings_requested.emit, "providers"))
        card.closed.connect(partial(self._decline, tab_id))

    async def _look(self) -> None:
        self._is_looking = False
        for tab_id, (_, kinds) in KINDS.items():
            chosen = self._choice.chosen(tab_id)
            is_served = chosen is not None and chosen.provider_id != BUILT_IN_ID
            self._needed[tab_id] = () if is_served else await self._assembly.models.needed(kinds)
        self._show()

    def _fetch(self, *tab_ids: str) -> None:
        for tab_id in tab_ids:
            self._failures.pop(tab_id, None)
            self.queue.add(model.id for model in self._needed[tab_id])

    def _stop(self, tab_id: str) -> None:
        for model in reversed(self._needed[tab_id]):  # what waits first, or it would begin
            self.queue.cancel(model.id)

    def _discard(self, tab_id: str) -> None:
        self._failures.pop(tab_id, None)
        self._discarded |= {model.id for model in self._needed[tab_id]}
        self._stop(tab_id)
        self._on_queue_changed()

    def _decline(self, tab_id: str) -> None:
        self._declined.add(tab_id)
        self._show()

    def _on_queue_changed(self) -> None:
        """What is to be thrown away is let go first."""
        for model_id in [model_id for model_id in self._discarded if not self.queue.holds(model_id)]:
            self._discarded.remove(model_id)
            self._errands.add(partial(self._assembly.models.discard, model_id))
        self.look()

    def _on_queue_failed(self, model_id: str, error: AppError) -> None:
        for tab_id, models in self._needed.items():
            if model_id in [model.id for model in models]:
                self._failures[tab_id] = error

    def _show(self) -> None:
        together = {model.id: model.download_bytes for models in self._needed.values() for model in models}
        for tab_id, card in self.cards.items():
            models = self._needed[tab_id]
            if models:
                card.show_offer(self._offer(tab_id, models, sum(together.values())))
            self._set_shown(tab_id, card, is_shown=bool(models) and tab_id not in self._declined)

    def _set_shown(self, tab_id: str, card: ModelCard, *, is_shown: bool) -> None:
        focus = self._host.focusWidget()
        card.setVisible(is_shown)
        if not is_shown and focus is not None and card.isAncestorOf(focus):
            self._host.tabs.tab(tab_id).activated()  # else the keyboard goes to whatever comes next

    def _offer(self, tab_id: str, models: Sequence[LocalModel], all_bytes: int) -> ModelOffer:
        done = sum(map(self._done_of, models))
        total = sum(model.download_bytes for model in models)
        names = tuple(model_name(model.name) for model in reversed(models))  # what others need comes last
        stage, failure = self._stage(tab_id, models, done), self._failures.get(tab_id)
        if failure is not None and stage is Stage.FAILED:
            title, said, hint = (
                error_text(failure, text) for text in (failure.title, failure.explanation, failure.hint)
            )
            text = self.tr("{sentence} {next}").format(sentence=said, next=hint).strip()
            return ModelOffer(stage, names, done, total, title=title, text=text, details=details_of(failure))
        return ModelOffer(stage, names, done, total, all_bytes, self.queue.left_s(done, total))

    def _stage(self, tab_id: str, models: Sequence[LocalModel], done_bytes: int) -> Stage:
        held = [model.id for model in models if self.queue.holds(model.id)]
        if not held:
            if tab_id in self._failures:
                return Stage.FAILED
            return Stage.PAUSED if done_bytes else Stage.OFFERED
        if self.queue.current not in held:
            return Stage.WAITING
        return _STAGES[self.queue.progress.step] if self.queue.progress is not None else Stage.LOADING

    def _done_of(self, model: LocalModel) -> int:
        progress = self.queue.progress
        if progress is not None and progress.model_id == model.id == self.queue.current:
            return min(progress.done_bytes, model.download_bytes)
        return model.arrived_bytes
