"""UpdateNotices: what the window says about newer versions, quietly and at most once; what is done is the flow's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.model.updates import Availability, News
from app.ui.notices import Notice, Severity
from app.ui.translation import shown_size
from app.ui.update_flow import FIRST_LOOK_AFTER_S, DailyLook, UpdateFlow

if TYPE_CHECKING:
    from app.model.errors import AppError
    from app.services.settings import SettingsStore
    from app.ui.window import MainWindow
    from app.workers.updates import UpdateWorker

KIND = "updates"
"""One notice about updates at a time: the last one counts."""


class UpdateNotices(QObject):
    """`flow` is what the page of updates shows as well."""

    def __init__(
        self,
        host: MainWindow,
        worker: UpdateWorker,
        settings: SettingsStore,
        first_look_after_s: float = FIRST_LOOK_AFTER_S,
    ) -> None:
        super().__init__(host)
        self._host = host
        self.flow = UpdateFlow(worker, settings, self)
        host.updates_itself = worker.availability is Availability.POSSIBLE
        self._offered = ""
        self.look = DailyLook(self.flow, settings, first_look_after_s)
        self.look.told.connect(self._on_look_told)
        self.look.offered.connect(self._on_look_offered)
        self.look.question_due.connect(lambda: host.notices.show_notice(self._question))
        self.look.failed.connect(host.notices.show_error)
        self.flow.readied.connect(self._on_flow_readied)
        self.flow.failed.connect(self._on_flow_failed)
        self.flow.close_requested.connect(host.close)

    def begin(self, *, looks: bool = True) -> None:
        """From now on, say what there is to say; without `looks`, only what became of what was planned."""
        self.look.begin(looks=looks)

    async def aclose(self) -> None:
        await self.look.aclose()
        await self.flow.aclose()

    def _on_look_told(self, news: News) -> None:
        self._host.notices.show_notice(self._updated if news is News.UPDATED else self._went_back)

    def _on_look_offered(self) -> None:
        release = self.flow.worker.status.release
        if release is None or self.flow.is_watched or release.version == self._offered:
            return
        self._offered = release.version  # once in each session
        self._host.notices.show_notice(self._offer)

    def _on_flow_readied(self) -> None:
        if not self.flow.is_watched:
            self._host.notices.show_notice(self._ready)

    def _on_flow_failed(self, error: AppError) -> None:
        if self.flow.is_watched:
            return
        can_retry = error.retryable and self.flow.worker.status.file is not None
        self._host.notices.show_error(error, self.flow.download if can_retry else None)

    def _open_page(self) -> None:
        self._host.settings_requested.emit("updates")

    def _do(self, action: Callable[[], object]) -> Callable[[], None]:
        """`action`, after which the notice has no purpose any more."""

        def act() -> None:
            self._host.notices.dismiss(KIND)
            action()

        return act

    def _question(self) -> Notice:
        return self._info(
            self.tr("Shall Triptych look for newer versions?"),
            self.tr("Once a day it would ask one web page. Nothing about you or your computer is sent."),
            (self.tr("Yes, once a day"), self._do(lambda: self.flow.set_looks_daily(True))),
            (self.tr("No"), self._do(lambda: self.flow.set_looks_daily(False))),
        )

    def _offer(self) -> Notice:
        status = self.flow.worker.status
        title = self.tr("Version {number} is available").format(number=self._offered)
        looks = (self.tr("What is new"), self._do(self._open_page))
        if status.file is None:
            return self._info(title, self.tr("The website has it."), looks)
        size = self.tr("The download has {size}; you can go on working.").format(
            size=shown_size(status.file.size_bytes)
        )
        return self._info(title, size, (self.tr("Download"), self._do(self.flow.download)), looks)

    def _ready(self) -> Notice:
        status = self.flow.worker.status
        number = "" if status.release is None else status.release.version
        restart = self.tr("Restart now") if status.starts_by_itself else self.tr("Close and install")
        return self._info(
            self.tr("Version {number} is ready").format(number=number),
            self.tr("It is installed when you close Triptych, after a backup of your data."),
            (restart, self._do(self.flow.restart)),
        )

    def _updated(self) -> Notice:
        status = self.flow.worker.status
        former = "" if status.former is None else self.tr("Version {number} is kept in case you want to go back.")
        looks = (self.tr("Open the page of updates"), self._do(self._open_page))
        return self._info(
            self.tr("This is version {number} now").format(number=status.version),
            former.format(number="" if status.former is None else status.former.version),
            *((looks,) if former else ()),
        )

    def _went_back(self) -> Notice:
        return self._info(
            self.tr("This is version {number} again").format(number=self.flow.worker.status.version),
            self.tr("Your data is as you left it then. What you wrote since is kept as a backup."),
            (self.tr("Show the backups"), self._do(lambda: self._host.settings_requested.emit("restore"))),
        )

    def _info(self, title: str, text: str, *actions: tuple[str, Callable[[], object]]) -> Notice:
        return Notice(KIND, title, text, severity=Severity.INFO, actions=actions)
