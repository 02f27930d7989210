"""BackupFolder: the daily and other copies of one profile as folders; how a database is copied is not known here."""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app.files import free_bytes, write_whole
from app.identity import VERSION
from app.model.backups import Backup, BackupKind, Contents, Manifest, superseded
from app.model.data_errors import BackupFailed
from app.model.errors import DiskFull, storage_failure

log = logging.getLogger(__name__)

MANIFEST, SETTINGS = "manifest.json", "settings.json"
ATTACHMENTS = "attachments"
RESTORES_KEPT = UPDATES_KEPT = 5
RESERVE_BYTES = 64 << 20
"""What is left free on the disk for everything else."""
MOST_MANIFEST_BYTES = 1 << 20
_UNFINISHED = ".new-"
_LOOKING = ".look-"
"""Copies that are made to look into a backup (`history/snapshot.py`)."""
_LOOKED_WITHIN_S = 3600.0
_STAMP = "%Y%m%d-%H%M%S-%f"
_STAMP_FORM = re.compile(r"\d{8}-\d{6}-\d{6}")

type FreeBytes = Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Copied:
    """What is in a copy of the database; `files` are the names of those that its attachments refer to."""

    schema: int
    contents: Contents
    files: frozenset[str] = frozenset()


type Copy = Callable[[Path], Copied]


class BackupFolder:
    """Everything here blocks: it is for a thread. Every method raises `StorageFailed` if the disk refuses.

    A backup is a folder with a copy of the database, the settings and a manifest; it has its name only once it is
    whole, its files included. The files of attachments lie beside the backups, once for all, as further names of the
    same files: they take no room while the original is there.
    """

    def __init__(self, folder: Path, database: Path, free_bytes: FreeBytes = free_bytes) -> None:
        self._folder = folder
        self._database = database
        self._free_bytes = free_bytes

    @property
    def attachments(self) -> Path:
        """Where the files of attachments are kept that a backup names."""
        return self._folder / ATTACHMENTS

    def all(self) -> list[Backup]:
        """Every backup, the newest first, with the copies before upgrades and damaged files beside the database."""
        with _disk(self._folder):
            return sorted([*self._made(), *self._beside()], key=lambda backup: backup.made_at, reverse=True)

    def daily(self) -> list[datetime]:
        """When the daily ones were made."""
        with _disk(self._folder):
            return [backup.made_at for backup in self._made() if backup.kind is BackupKind.DAILY]

    def add(self, kind: BackupKind, now: datetime, settings: bytes, copy: Copy, attachments: Path) -> Backup:
        """A new backup. `copy` makes a verified copy of the database at a path; its files are in `attachments`.

        Raises:
            DiskFull, StorageFailed: there is no new backup, and all older ones are there.
        """
        now = now.astimezone(UTC)
        place = self._folder / f"{kind}-{now.strftime(_STAMP)}"
        with _disk(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._clear_unfinished()
            self._check_room()
            unfinished = Path(tempfile.mkdtemp(dir=self._folder, prefix=_UNFINISHED))
            try:
                copied = copy(unfinished / self._database.name)
                manifest = Manifest(now, VERSION, copied.schema, copied.contents)
                _write(unfinished / SETTINGS, settings)
                _write(unfinished / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
                self._keep_files(copied.files, attachments)
                unfinished.rename(place)
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
            made = self._read(place)
        if made is None:
            raise BackupFailed(path=str(self._database))
        return made

    def prune(self, now: datetime, spared: Collection[Path | None]) -> None:
        """Remove daily backups that newer ones supersede, and all but the newest made before restores and updates.

        Those whose databases are `spared` stay: where the clock was set back, the last one made is not the newest.
        """
        with _disk(self._folder):
            made = sorted(self._made(), key=lambda backup: backup.made_at)
        daily = {backup.made_at: backup for backup in made if backup.kind is BackupKind.DAILY}
        gone = [daily[moment] for moment in superseded(daily, now)]
        for kind, kept in ((BackupKind.BEFORE_RESTORE, RESTORES_KEPT), (BackupKind.BEFORE_UPDATE, UPDATES_KEPT)):
            gone += [backup for backup in made if backup.kind is kind][:-kept]
        for backup in gone:
            if backup.database not in spared:
                self.remove(backup)

    def drop_files(self, still_named: set[str]) -> None:
        """Remove the files of attachments that no backup names any more."""
        with _disk(self.attachments):
            for path in self.attachments.iterdir() if self.attachments.is_dir() else ():
                if path.name not in still_named:
                    path.unlink(missing_ok=True)

    def remove(self, backup: Backup) -> None:
        """Delete a backup for good.

        Raises:
            StorageFailed: it is still there, or parts of it.
        """
        with _disk(backup.database):
            if backup.database.parent.parent == self._folder:
                # Without its manifest it is none any more, whatever else cannot be removed.
                (backup.database.parent / MANIFEST).unlink(missing_ok=True)
                shutil.rmtree(backup.database.parent)
            elif backup.database.parent == self._database.parent and backup.database != self._database:
                for ending in ("-wal", "-shm", ""):
                    backup.database.with_name(backup.database.name + ending).unlink(missing_ok=True)

    def settings_of(self, backup: Backup) -> bytes | None:
        """The settings that lie beside the copy."""
        if not backup.has_settings:
            return None
        with _disk(backup.database):
            return (backup.database.parent / SETTINGS).read_bytes()

    def _keep_files(self, names: Iterable[str], source: Path) -> None:
        """Give the attachments called `names` in `source` a further name here; one that is gone is left out."""
        self.attachments.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in names:
            target = self.attachments / name
            if target.parent != self.attachments or target.exists():
                continue
            try:
                _link(source / name, target)
            except FileNotFoundError:
                log.info("an attachment is not there any more: %s", name)

    def _made(self) -> Iterator[Backup]:
        for place in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            if place.is_dir() and not place.is_symlink() and (backup := self._read(place)) is not None:
                yield backup

    def _read(self, place: Path) -> Backup | None:
        """None if this is no backup, or one without its database."""
        kind = next((one for one in BackupKind if place.name.startswith(f"{one}-")), None)
        database = place / self._database.name
        if kind is None or not database.is_file() or not (place / MANIFEST).is_file():
            return None
        backup = Backup(database, kind, _stamp_in(place.name), database.stat().st_size)
        try:
            if (place / MANIFEST).stat().st_size > MOST_MANIFEST_BYTES:
                return backup
            manifest = msgspec.json.decode((place / MANIFEST).read_bytes(), type=Manifest)
            made_at = manifest.made_at.astimezone(UTC)
        except (OSError, ValueError, OverflowError, RecursionError) as error:
            log.info("%s has no readable manifest: %s", place.name, error)
            return backup
        return replace(
            backup,
            made_at=made_at,
            contents=manifest.contents,
            has_settings=(place / SETTINGS).is_file(),
        )

    def _beside(self) -> Iterator[Backup]:
        """Copies that were made before the program upgraded its data, and databases that were found damaged."""
        name = self._database.name
        for kind, pattern in ((BackupKind.BEFORE_UPGRADE, f"{name}.v*-*"), (BackupKind.SET_ASIDE, f"{name}.damaged-*")):
            for path in self._database.parent.glob(pattern):
                if path.is_file() and not path.name.endswith(("-wal", "-shm")):
                    yield Backup(path, kind, _stamp_in(path.name), path.stat().st_size)

    def _clear_unfinished(self) -> None:
        """What a killed program left; in a folder that is not old somebody may be looking just now."""
        for path in self._folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in (*self._folder.glob(f"*/{_LOOKING}*"), *self._database.parent.glob(f"{_LOOKING}*")):
            with suppress(FileNotFoundError):  # they have just stopped looking
                if time.time() - path.stat().st_mtime > _LOOKED_WITHIN_S:
                    shutil.rmtree(path, ignore_errors=True)

    def _check_room(self) -> None:
        needed = sum(
            path.stat().st_size
            for path in (self._database, self._database.with_name(self._database.name + "-wal"))
            if path.exists()
        )
        if self._free_bytes(self._folder) < needed + RESERVE_BYTES:
            raise DiskFull(path=str(self._folder))


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    """Raises:
    DiskFull, StorageFailed: what the system said about `path`, or what is in it.
    """
    try:
        yield
    except OSError as error:
        raise storage_failure(error, path) from error


def _stamp_in(name: str) -> datetime:
    """The moment in a name, 1970 if there is none."""
    found = _STAMP_FORM.search(name)
    try:
        return datetime.strptime(found.group(), _STAMP).replace(tzinfo=UTC) if found else datetime.fromtimestamp(0, UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _link(source: Path, target: Path) -> None:
    """Another name for `source`; a copy, whole or none, where the file system knows only one."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        write_whole(target, source.read_bytes())
