"""UpdateWorker: looks for a newer version, downloads it and plans its installation; nothing is installed here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.identity import VERSION
from app.model import errors, update_errors
from app.model.errors import AppError
from app.model.update_errors import FeedNotGenuine, FeedReplayed, FeedUnreadable, NoWayBack, UpdateFailed
from app.model.updates import (
    ASK_AFTER,
    Availability,
    News,
    Problem,
    Release,
    ReleaseFile,
    UpdateState,
    UpdateStatus,
    is_due,
    is_newer,
    settled,
    utc_now,
)

if TYPE_CHECKING:
    from app.services.updates.feed import ReleaseFeed
    from app.services.updates.folder import UpdateFolder
    from app.services.updates.installation import Installation

log = logging.getLogger(__name__)

LOOK_EVERY_S = 600.0
"""How often it is seen whether a day has passed."""


class UpdateWorker:
    """`installation` is None where others bring the program up to date, `feed` where no releases are announced.

    Nothing is asked of the network but in `check` and `download`.
    """

    def __init__(
        self,
        folder: UpdateFolder,
        installation: Installation | None,
        feed: Callable[[], Awaitable[ReleaseFeed]] | None,
        *,
        version: str = VERSION,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._folder = folder
        self._installation = installation
        self._feed = feed
        self._version = version
        self._now = now
        self._state = UpdateState()
        self._is_read = False
        self._release: Release | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def availability(self) -> Availability:
        if self._installation is None:
            return Availability.PACKAGED
        return Availability.POSSIBLE if self._feed is not None else Availability.NO_FEED

    @property
    def status(self) -> UpdateStatus:
        """How it is; meaningful once `begin` is done."""
        return UpdateStatus(
            self.availability,
            self._version,
            self._release,
            self._file(),
            self._state.ready,
            self._state.checked_at,
            self._state.answered,
            self._state.former,
            self._installation is not None and bool(self._installation.command),
        )

    async def begin(self) -> tuple[News, AppError | None]:
        """Find out what became of what was planned; what is to be told about that, which is told once.

        Raises:
            StorageFailed: nothing can be written.
        """
        if self._installation is None:
            return News.NONE, None
        told: list[UpdateState] = []

        def settle(state: UpdateState) -> UpdateState:
            told.append(settled(state, self._version, self._now()))
            return replace(told[0], news=News.NONE, problem=None)

        await self._keep(settle)
        news, problem = told[0].news, told[0].problem
        if news is not News.NONE:
            await asyncio.to_thread(self._tidy)
        await self._remember_release()
        return news, None if problem is None else _told(problem)

    def is_question_due(self) -> bool:
        """Whether it is time to ask if the program may look: not at the first start, and only where it can."""
        first = self._state.first_started
        is_possible = self.availability is Availability.POSSIBLE
        return is_possible and first is not None and self._now() - first >= ASK_AFTER

    async def look_daily(self, agreed: Callable[[], bool], first_after_s: float) -> AsyncGenerator[UpdateFailed | None]:
        """Look once a day as long as the user has agreed, for the first time after `first_after_s`; never ends.

        Yields after each look: None, or why the answer is not to be trusted. That nobody answered is only logged.
        """
        await asyncio.sleep(first_after_s)
        while True:
            is_possible = self.availability is Availability.POSSIBLE
            if is_possible and agreed() and is_due(self._state.checked_at, self._now()):
                try:
                    await self.check()
                except UpdateFailed as error:
                    log.info("no update: %s", error)
                    yield None if error.retryable else error
                else:
                    yield None
            await asyncio.sleep(LOOK_EVERY_S)

    async def check(self) -> Release | None:
        """Ask the feed; the newer release, if there is one.

        Raises:
            UpdateFailed: it cannot be had or believed.
            DiskFull, StorageFailed
        """
        if self._feed is None:
            raise ValueError("there is no feed")
        await self._keep(lambda state: replace(state, checked_at=self._now(), answered=False))
        feed = await self._feed()
        signed = await feed.newest(self._now())
        release = feed.release(signed)
        if release.sequence < self._state.sequence:
            raise FeedReplayed(host=feed.host)
        is_known = self._release == release
        self._release = release if is_newer(release.version, self._version) else None
        found = signed if self._release else None
        await self._keep(
            lambda state: replace(
                state,
                answered=True,
                sequence=max(state.sequence, release.sequence),
                found=found,
                ready=state.ready and is_known,
            )
        )
        return self._release

    def is_offered(self) -> bool:
        """Whether the user is told of the release unasked: it is not the one that was left by going back."""
        return self._release is not None and self._release.version != self._state.skipped and not self._state.ready

    async def download(self) -> AsyncGenerator[tuple[int, int]]:
        """Download the release that was found, and plan its installation; yields bytes done and bytes in all.

        Closing stops it; the next time it goes on from there.

        Raises:
            UpdateFailed, DiskFull, StorageFailed
        """
        file = self._file()
        if file is None or self._installation is None or self._feed is None:
            raise ValueError("there is nothing to download")
        feed = await self._feed()
        await asyncio.to_thread(self._installation.check)
        await asyncio.to_thread(self._folder.make_room, file)
        async with aclosing(feed.fetch(file, self._folder.downloaded(file))) as sizes:
            async for done in sizes:
                yield done, file.size_bytes
        if self._file() == file:  # else a look found another release meanwhile, which is then offered
            await self._keep(lambda state: replace(state, ready=True))

    async def discard(self) -> None:
        """Do not install what was downloaded."""
        await self._keep(lambda state: replace(state, ready=False))
        await asyncio.to_thread(self._folder.forget_downloads)

    async def start_again(self) -> None:
        """Plan that the program starts by itself once it is replaced."""
        await self._keep(lambda state: replace(state, starts_again=True))

    async def go_back(self) -> None:
        """Plan that the former version and its data come back when the program closes, which is to be now.

        Raises:
            NoWayBack: it is not there any more.
            PlaceNotWritable
        """
        former = self._state.former
        if former is None or self._installation is None:
            raise NoWayBack(name="")
        await asyncio.to_thread(self._installation.check)
        await asyncio.to_thread(self._folder.former_program, former)
        await self._keep(lambda state: replace(state, is_going_back=True, starts_again=True, ready=False))

    def _file(self) -> ReleaseFile | None:
        if self._release is None or self._installation is None:
            return None
        return self._release.file_for(self._installation.target)

    async def _remember_release(self) -> None:
        """The release that was found in an earlier run; its signature is looked at again."""
        if self._state.found is None or self._feed is None:
            return
        try:
            release = (await self._feed()).release(self._state.found)
        except (FeedNotGenuine, FeedUnreadable) as error:
            log.info("what was found is not believed any more: %s", error)
            release = None
        if release is not None and is_newer(release.version, self._version):
            self._release = release
        else:
            await self._keep(lambda state: replace(state, found=None, ready=False))

    def _tidy(self) -> None:
        """What is of no use after another version has taken the place of this one."""
        self._folder.forget_downloads()
        self._folder.keep_only(self._state.former)
        if self._installation is not None:
            self._installation.tidy()

    async def _keep(self, change: Callable[[UpdateState], UpdateState]) -> None:
        """Change what is kept; a look and a download may do it at the same time, and neither undoes the other's."""
        async with self._one_at_a_time:
            if not self._is_read:
                self._state = await asyncio.to_thread(self._folder.read)
                self._is_read = True
            changed = change(self._state)
            if changed != self._state:
                await asyncio.to_thread(self._folder.write, changed)
                self._state = changed


def _told(problem: Problem) -> AppError:
    """The failure of the last end, as it would have been told then."""
    kind: Any = getattr(update_errors, problem.kind, None) or getattr(errors, problem.kind, None)
    if not (isinstance(kind, type) and issubclass(kind, AppError)):
        kind = UpdateFailed
    told: AppError = kind(problem.words, **dict(problem.arguments))
    return told
