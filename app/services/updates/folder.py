"""UpdateFolder: what one profile keeps about updates: its state, the downloaded version and the former one."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from app.files import free_bytes, remove_abandoned, write_whole
from app.model.errors import DiskFull, storage_failure
from app.model.update_errors import NoWayBack
from app.model.updates import Former, ReleaseFile, UpdateState

log = logging.getLogger(__name__)

RESERVE_BYTES = 200 << 20
"""What is left free on the disk for everything else."""
MOST_STATE_BYTES = 4 << 20
SETTINGS = "settings.json"
"""Beside the former program: the settings as it wrote them."""


class UpdateFolder:
    """Everything here blocks for a moment; nothing is made before something is to be written."""

    def __init__(
        self,
        folder: Path,
        backups: Path,
        free_bytes: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._folder = folder
        self._backups = backups
        self._state_file = folder / "state.json"
        self._free_bytes = free_bytes

    @property
    def downloads(self) -> Path:
        """Where versions are downloaded to."""
        return self._folder / "new"

    def read(self) -> UpdateState:
        """What is known; what cannot be read is forgotten."""
        try:
            if self._state_file.stat().st_size > MOST_STATE_BYTES:
                return UpdateState()
            return msgspec.json.decode(self._state_file.read_bytes(), type=UpdateState)
        except FileNotFoundError:
            return UpdateState()
        except (OSError, ValueError, RecursionError) as error:
            log.info("what was known about updates is lost: %s", error)
            return UpdateState()

    def write(self, state: UpdateState) -> None:
        """Keep `state`.

        Raises:
            DiskFull, StorageFailed: what was kept before is there still.
        """
        data = msgspec.json.format(msgspec.json.encode(state))
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._state_file, data)
        except OSError as error:
            raise storage_failure(error, self._state_file) from error

    def downloaded(self, file: ReleaseFile) -> Path:
        """Where this file is, or will be; two that differ never share a place."""
        return self.downloads / f"{file.sha256[:16]}-{file.name}"

    def make_room(self, file: ReleaseFile) -> None:
        """Drop what was downloaded of other versions, and see to it that this one fits.

        Raises:
            DiskFull, StorageFailed
        """
        target = self.downloaded(file)
        try:
            self.downloads.mkdir(parents=True, exist_ok=True, mode=0o700)
            for path in self.downloads.iterdir():
                if not path.name.startswith(target.name):
                    path.unlink()
            here = sum(path.stat().st_size for path in self.downloads.iterdir())
            if self._free_bytes(self.downloads) < file.size_bytes - here + RESERVE_BYTES:
                raise DiskFull(path=str(target))
        except OSError as error:
            raise storage_failure(error, target) from error

    def forget_downloads(self) -> None:
        """Delete every download, as far as that is possible."""
        shutil.rmtree(self.downloads, ignore_errors=True)

    def place_for_former(self, version: str) -> Path:
        """An empty folder for the program that is about to be replaced, beside one that may be there already.

        Raises:
            OSError: it cannot be made.
        """
        place = self._former / version
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True, mode=0o700)
        return place

    def former_program(self, former: Former) -> Path:
        """The kept program.

        Raises:
            NoWayBack: it is not there any more, or the data that belongs to it is not.
        """
        program = self._former / former.version / former.program
        self.former_database(former)
        if not former.program or not program.is_file():
            raise NoWayBack(name=str(program))
        return program

    def former_database(self, former: Former) -> Path | None:
        """The copy of the database that the former version left; None if there was no data.

        Raises:
            NoWayBack: it is not there any more.
        """
        if not former.backup:
            return None
        database = next((self._backups / former.backup).glob("*.sqlite3"), None)
        if database is None:
            raise NoWayBack(name=former.backup)
        return database

    def keep_only(self, former: Former | None) -> None:
        """Delete all kept programs but this one, and what a killed program left half written, as far as possible."""
        remove_abandoned(self._folder)
        for place in self._former.iterdir() if self._former.is_dir() else ():
            if former is None or place.name != former.version:
                shutil.rmtree(place, ignore_errors=True)

    @property
    def _former(self) -> Path:
        return self._folder / "former"


def sum_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
