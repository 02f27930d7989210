"""UpdateFlow and DailyLook: newer versions looked for and downloaded beside all else; nothing is shown here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from app.model.settings import Settings
from app.model.updates import News
from app.ui.job import Job
from app.workers.updates import UpdateWorker

FIRST_LOOK_AFTER_S = 30.0
"""The user comes first."""


class SettingsStore(Protocol):
    """Where the user's consent is."""

    @property
    def value(self) -> Settings: ...

    def update(self, change: Callable[[Settings], Settings]) -> Settings: ...


class UpdateFlow(QObject):
    """What the user asks for.

    Signals:
        changed(): what is to be shown is another.
        failed(AppError): what was asked for did not work.
        readied(): a version is downloaded.
        close_requested(): the program has to end for what was asked for.
    """

    changed = Signal()
    failed = Signal(object)
    readied = Signal()
    close_requested = Signal()

    def __init__(self, worker: UpdateWorker, settings: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.worker = worker
        self._settings = settings
        self._doing = Job(self)
        self._doing.failed.connect(self.failed)
        self._doing.ended.connect(self._on_doing_ended)
        self.is_checking = False
        self.progress: tuple[int, int] | None = None
        """Bytes done and bytes in all while a version is downloaded."""
        self.is_watched = False
        """Whether a page shows all of this, so that nobody else has to."""

    @property
    def is_busy(self) -> bool:
        return self._doing.running

    @property
    def looks_daily(self) -> bool:
        return self._settings.value.updates.daily

    def set_looks_daily(self, daily: bool) -> None:
        """What the user has decided; there is no need to ask any more."""
        self._settings.update(
            lambda settings: replace(settings, updates=replace(settings.updates, daily=daily, asked=True))
        )

    def check(self) -> None:
        """Look now."""
        self._do(self._check())

    def download(self) -> None:
        """Download the version that was found; it is installed when the program closes."""
        self._do(self._download())

    def stop(self) -> None:
        """Stop the download; the next one goes on from there."""
        self._doing.stop()

    def discard(self) -> None:
        """Do not install it."""
        self._do(self.worker.discard())

    def restart(self) -> None:
        """Close the program, install, and start the new version if that can be done."""
        self._do(self._close_after(self.worker.start_again()))

    def go_back(self) -> None:
        """Close the program, and start the former version with the data of then."""
        self._do(self._close_after(self.worker.go_back()))

    async def aclose(self) -> None:
        """End everything; what was downloaded of a version is kept."""
        await self._doing.aclose()

    def _do(self, work: Coroutine[Any, Any, object]) -> None:
        if self._doing.start(work):
            self.changed.emit()

    async def _check(self) -> None:
        self.is_checking = True
        self.changed.emit()
        await self.worker.check()

    async def _download(self) -> None:
        async with aclosing(self.worker.download()) as steps:
            async for step in steps:
                self.progress = step
                self.changed.emit()
        self.readied.emit()

    async def _close_after(self, planning: Coroutine[Any, Any, None]) -> None:
        await planning
        self.close_requested.emit()

    def _on_doing_ended(self) -> None:
        self.is_checking, self.progress = False, None
        self.changed.emit()


class DailyLook(QObject):
    """What happens unasked: what became of the last run's plans, and a look once a day if the user wants that.

    Signals:
        told(News): this is another version than at the last start.
        failed(AppError): something went wrong in a way that the user ought to know.
        offered(): there is a newer version.
        question_due(): it is time to ask whether the program may look by itself.
    """

    told = Signal(object)
    failed = Signal(object)
    offered = Signal()
    question_due = Signal()

    def __init__(
        self, flow: UpdateFlow, settings: SettingsStore, first_look_after_s: float = FIRST_LOOK_AFTER_S
    ) -> None:
        super().__init__(flow)
        self._flow = flow
        self._first_look_after_s = first_look_after_s
        self._settings = settings
        self._job = Job(self)
        self._job.failed.connect(self.failed)

    def begin(self, *, looks: bool = True) -> None:
        """`looks`: whether it is looked, and asked whether it may be."""
        self._job.start(self._look(looks))

    async def aclose(self) -> None:
        await self._job.aclose()

    async def _look(self, looks: bool) -> None:
        worker = self._flow.worker
        news, problem = await worker.begin()
        self._flow.changed.emit()
        if news is not News.NONE:
            self.told.emit(news)
        if problem is not None:
            self.failed.emit(problem)
        if not looks:
            return
        is_quiet = news is News.NONE and problem is None
        if is_quiet and worker.is_question_due() and not self._settings.value.updates.asked:
            self.question_due.emit()
        async with aclosing(worker.look_daily(lambda: self._flow.looks_daily, self._first_look_after_s)) as daily:
            async for distrust in daily:
                self._flow.changed.emit()
                if distrust is not None:
                    self.failed.emit(distrust)
                elif worker.is_offered():
                    self.offered.emit()
