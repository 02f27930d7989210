"""Finisher: once all else has ended, puts the downloaded or the former version in the place of the program."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.files import copy_whole, write_whole
from app.identity import VERSION
from app.model.errors import AppError, StorageFailed, storage_failure
from app.model.update_errors import DownloadWrong, NoWayBack
from app.model.updates import Former, Problem, Release, SignedText, UpdateState, is_newer, utc_now
from app.services.updates.folder import SETTINGS, UpdateFolder, sum_of

if TYPE_CHECKING:
    from app.services.updates.installation import Installation

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ProfileData:
    """The user's data as this program wrote it, and the ways to keep it and to bring it back; each may raise AppError.

    `keep` makes a backup and returns its database; None if there is no data. `bring_back` puts such a database in the
    place of the present data, which becomes a backup, and returns what undoes that.
    """

    settings_file: Path
    keep: Callable[[], Path | None]
    bring_back: Callable[[Path], Callable[[], None]]


class Finisher:
    """`believed` reads a manifest and checks its signature. Everything blocks, and is for the very end of a run."""

    def __init__(
        self,
        folder: UpdateFolder,
        installation: Installation,
        data: ProfileData,
        believed: Callable[[SignedText], Release],
        *,
        version: str = VERSION,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._folder = folder
        self._installation = installation
        self._data = data
        self._believed = believed
        self._version = version
        self._now = now

    def finish(self) -> Sequence[str]:
        """Do what was planned; what is to be started then, if anything.

        If it fails, program and data are as they were, and the next start tells why.
        """
        state = self._folder.read()
        if state.installing is not None or not (state.is_going_back or state.ready):
            return ()
        try:
            if state.is_going_back:
                self._go_back(state)
            else:
                self._install(state)
        except AppError as error:
            self._remember(error)
        except OSError as error:
            self._remember(storage_failure(error, Path(error.filename or self._folder.downloads)))
        return self._installation.command if state.starts_again else ()

    def _install(self, state: UpdateState) -> None:
        new, release = self._checked(state)
        self._installation.check()
        backup = self._data.keep()
        place = self._folder.place_for_former(self._version)
        program = self._installation.keep(place)
        if self._data.settings_file.exists():
            copy_whole(self._data.settings_file, place / SETTINGS)
        former = Former(
            self._version,
            self._now(),
            "" if program is None else program.name,
            "" if program is None else sum_of(program),
            "" if backup is None else backup.parent.name,
        )
        # Before: whoever starts next, this version or the new one, can tell what has happened.
        self._folder.write(replace(state, installing=former))
        self._installation.install(new, release.version)
        log.info("version %s is in the place of %s", release.version, self._version)

    def _checked(self, state: UpdateState) -> tuple[Path, Release]:
        """The downloaded program, looked at once more: it lay on the disk for who knows how long."""
        if state.found is None:
            raise DownloadWrong(name="")
        release = self._believed(state.found)
        file = release.file_for(self._installation.target)
        if file is None or not is_newer(release.version, self._version):
            raise DownloadWrong(name=release.version)
        new = self._folder.downloaded(file)
        if not new.is_file() or sum_of(new) != file.sha256:
            new.unlink(missing_ok=True)
            raise DownloadWrong(name=file.name)
        return new, release

    def _go_back(self, state: UpdateState) -> None:
        former = state.former
        if former is None:
            raise NoWayBack(name="")
        program = self._folder.former_program(former)
        if sum_of(program) != former.program_sha256:
            raise NoWayBack(name=program.name)
        self._installation.check()
        self._folder.write(replace(state, skipped=self._version))
        undo = self._bring_back_data(former)
        try:
            self._installation.install(program, former.version)
        except BaseException:
            undo()
            raise
        log.info("version %s is in the place of %s", former.version, self._version)

    def _bring_back_data(self, former: Former) -> Callable[[], None]:
        """The data of when the former version was left; the result undoes that."""
        database = self._folder.former_database(former)
        if database is None:
            return lambda: None
        present = self._data.settings_file.read_bytes() if self._data.settings_file.exists() else b""
        undo_data = self._data.bring_back(database)

        def undo() -> None:
            undo_data()
            if present:
                write_whole(self._data.settings_file, present)

        kept = self._folder.former_program(former).with_name(SETTINGS)
        try:
            if kept.exists():
                copy_whole(kept, self._data.settings_file)
        except BaseException:
            undo()
            raise
        return undo

    def _remember(self, error: AppError) -> None:
        """For the next start: nobody sees a window any more."""
        log.info("no other version was installed: %s", error)
        problem = Problem(type(error).__name__, error.server_words, dict(error.arguments))
        state = replace(
            self._folder.read(), ready=False, installing=None, is_going_back=False, starts_again=False, problem=problem
        )
        try:
            self._folder.write(state)
        except StorageFailed:
            log.warning("not even that could be written down")
