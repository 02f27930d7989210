"""BackupWorker: makes the daily backup, shows what is in backups and restores from them; it exports nothing."""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.backups import Backup, BackupKind, BroughtBack, Restored, StoredConversation, is_due
from app.model.chat import NewAttachment
from app.model.data_errors import BackupFailed
from app.model.errors import AppError, DataTooNew, StorageFailed, storage_failure
from app.model.settings import Settings
from app.model.transfer import PortableConversation
from app.paths import Paths
from app.waiting import in_thread

if TYPE_CHECKING:
    from app.services.backups import BackupFolder
    from app.services.history.ownership import OwnFiles
    from app.services.history.store import History
    from app.services.settings import SettingsStore

log = logging.getLogger(__name__)

LOOK_EVERY_S = 600.0
IDLE_S = 30.0
"""While something was written to the database more recently than this, the backup waits."""
_MOMENT = "made_at.txt"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class BackupWorker:
    """Backups lie beside the data and hold conversations, the index of pictures, transcripts and settings, no keys.

    Every method raises `StorageFailed` if the disk refuses; what there was before is then as it was.
    """

    def __init__(
        self, history: History, settings: SettingsStore, paths: Paths, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._history = history
        self._settings = settings
        self._paths = paths
        self._now = now
        self._making = asyncio.Lock()

    async def all(self) -> list[Backup]:
        """Every copy there is, the newest first, with what is in it."""
        return await asyncio.to_thread(self._all)

    async def make(self, kind: BackupKind = BackupKind.DAILY) -> Backup:
        """Copy the state of this moment; older daily backups go once the new one is whole.

        Raises:
            BackupFailed: the database is damaged.
            DiskFull, StorageFailed
        """
        async with self._making:
            return await in_thread(lambda cancelled: make(self._paths, kind, self._now(), cancelled))

    async def keep_daily(self, tell: Callable[[StorageFailed], object], look_every_s: float = LOOK_EVERY_S) -> None:
        """Make a backup a day while the program runs, whenever nothing has been written for a moment; never ends.

        What hinders it is told once, and tried again every `look_every_s` seconds.
        """
        told = ""
        while True:
            try:
                await self.make_if_due()
                told = ""
            except StorageFailed as error:
                log.info("no daily backup could be made: %s", error)
                if told != repr(error):
                    tell(error)
                told = repr(error)
            await asyncio.sleep(look_every_s)

    async def make_if_due(self) -> bool:
        """Make the daily backup if it is time, wanted, and nobody is writing; whether it was made."""
        if not self._settings.value.backups.daily or self._history.is_temporary:
            return False
        if not await asyncio.to_thread(self._is_time):
            return False
        await self.make()
        return True

    async def conversations(self, backup: Backup) -> list[StoredConversation]:
        """What can be restored one by one, the last changed first.

        Raises:
            BackupUnreadable, DataTooNew: of this backup nothing can be restored.
        """
        from app.services.history import snapshot

        return await asyncio.to_thread(snapshot.conversations, backup.database)

    async def restore_conversation(self, backup: Backup, conversation_id: int) -> BroughtBack:
        """Copy a conversation of a backup into the history; those that are there stay.

        Raises:
            BackupUnreadable, DataTooNew: it cannot be read.
        """
        conversation, files = await asyncio.to_thread(self._read, backup, conversation_id)
        arrival = await self._history.transfers.arrive()
        await arrival.add(conversation, files, even_if_known=True)
        (new_id,) = await arrival.complete()
        wanted = {attachment.file for attachment in conversation.attachments()}
        return BroughtBack(new_id, len(wanted - files.keys()))

    async def stage(self, backup: Backup) -> None:
        """Get everything ready for `finish_restore`, which puts it in the place of the present data.

        Raises:
            BackupUnreadable: it is damaged or was not made by Triptych.
            DataTooNew: it was made by a newer Triptych.
        """
        await asyncio.to_thread(self._stage, backup)

    async def remove(self, backup: Backup) -> None:
        """Delete a backup for good."""
        await asyncio.to_thread(self._remove, backup)

    def _all(self) -> list[Backup]:
        from app.services.history import snapshot

        return [
            backup if backup.contents else replace(backup, contents=snapshot.contents(backup.database))
            for backup in _folder(self._paths).all()
        ]

    def _is_time(self) -> bool:
        log_file = self._paths.database_file.with_name(f"{self._paths.database_file.name}-wal")
        for file in (log_file, self._paths.database_file):
            try:
                written_at = file.stat().st_mtime
            except FileNotFoundError:
                continue
            except OSError as error:
                raise storage_failure(error, file) from error
            if abs(time.time() - written_at) < IDLE_S:
                return False
        return is_due(_folder(self._paths).daily(), self._now())

    def _read(self, backup: Backup, conversation_id: int) -> tuple[PortableConversation, dict[str, NewAttachment]]:
        from app.services.history import snapshot

        conversation = snapshot.conversation(backup.database, conversation_id)
        kept = _folder(self._paths).attachments
        files: dict[str, NewAttachment] = {}
        for attachment in conversation.attachments():
            if Path(attachment.file).name != attachment.file:  # it would be a file elsewhere
                continue
            places = [folder / attachment.file for folder in (self._paths.attachments, kept)]
            found = next((place for place in places if place.is_file()), None)
            if found is None:
                continue
            try:
                data = found.read_bytes()
            except OSError as error:
                raise storage_failure(error, found) from error
            files[attachment.file] = NewAttachment(attachment.kind, attachment.file, attachment.media_type, data)
        return conversation, files

    def _stage(self, backup: Backup) -> None:
        from app.services.history import snapshot

        folder = self._paths.staged_restore
        unfinished = folder.with_name(f".new-{folder.name}")
        try:
            for old in (folder, unfinished):
                shutil.rmtree(old, ignore_errors=True)
            unfinished.mkdir(parents=True, mode=0o700)
            snapshot.stage(
                backup.database,
                unfinished / self._paths.database_file.name,
                _own_files(self._paths, self._settings.value),
            )
            settings = _folder(self._paths).settings_of(backup)
            if settings is not None:
                (unfinished / self._paths.settings_file.name).write_bytes(settings)
            (unfinished / _MOMENT).write_text(backup.made_at.isoformat())
            unfinished.rename(folder)
        except OSError as error:
            raise storage_failure(error, folder) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _remove(self, backup: Backup) -> None:
        folder = _folder(self._paths)
        folder.remove(backup)
        _drop_files(folder)


def make(
    paths: Paths, kind: BackupKind, now: datetime, cancelled: threading.Event, needed: Path | None = None
) -> Backup:
    """Copy the profile's present state; blocks. Older backups go, but not the one with the database that is `needed`.

    Raises as `BackupWorker.make`.
    """
    from app.model.shared_settings import without_secrets
    from app.services.backups import Copied
    from app.services.history import snapshot
    from app.services.settings import SettingsStore, as_json

    folder = _folder(paths)
    settings = as_json(without_secrets(SettingsStore(paths.settings_file).read()))

    def copy(target: Path) -> Copied:
        schema, held = snapshot.copy_database(paths.database_file, target, cancelled)
        return Copied(schema, held, frozenset(snapshot.attachment_files(target)))

    backup = folder.add(kind, now, settings, copy, paths.attachments)
    folder.prune(now, {backup.database, needed})
    _drop_files(folder)
    return backup


def before_update(paths: Paths, now: datetime | None = None) -> Path | None:
    """Keep the data for the way back from a newer version: a backup's database, None if there is no data yet.

    Blocks, and is for when nobody uses the database. Raises as `BackupWorker.make`.
    """
    if not paths.database_file.exists():
        return None
    try:
        asyncio.run(_purged(paths))
    except DataTooNew:
        log.info("the data is of a newer version: it is kept as it is")
    return make(paths, BackupKind.BEFORE_UPDATE, now or _utc_now(), threading.Event()).database


def bring_back(paths: Paths, database: Path, now: datetime | None = None) -> Callable[[], None]:
    """Put a backup's database in the place of the present one, as the older version wrote it; the result undoes that.

    The present state becomes a backup. Blocks, and is for when nobody uses the database; raises as `BackupWorker.make`
    and `BackupUnreadable`, and then the database is as it was.
    """
    from app.services.history import snapshot
    from app.services.settings import SettingsStore

    present = make(paths, BackupKind.BEFORE_RESTORE, now or _utc_now(), threading.Event(), needed=database).database
    _bring_back_files(paths, snapshot.attachment_files(database))
    own = _own_files(paths, SettingsStore(paths.settings_file).read())
    snapshot.put_back(database, paths.database_file, own)
    return lambda: snapshot.put_in_place(present, paths.database_file)


async def _purged(paths: Paths) -> None:
    """End what was deleted: if it came back with the older data, files would be deleted that are others by then."""
    from app.services.history.store import History

    history = await History.open(paths)
    try:
        await history.tidy()
    finally:
        await history.aclose()


def finish_restore(paths: Paths, now: datetime | None = None) -> Restored | AppError | None:
    """Put what was staged in the place of the present data, which becomes a backup itself; what came of it.

    None if nothing was staged. Blocks, and is for the moment before anything but the settings is read. If something
    goes wrong, all is as it was, and the backup can be chosen again; if the program is killed, the next call does it.
    """
    staged = paths.staged_restore
    if not staged.is_dir():
        return None
    try:
        return _put_in_place(paths, staged, now or _utc_now())
    except OSError as error:
        return storage_failure(error, staged)
    except AppError as error:
        log.info("the backup could not be put in place: %s", error)
        return error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _put_in_place(paths: Paths, staged: Path, now: datetime) -> Restored:
    """The database is the last: until it is there in one step, everything else can be undone."""
    from app.services.history import snapshot
    from app.services.settings import from_json

    database, settings_file = staged / paths.database_file.name, staged / paths.settings_file.name
    held = snapshot.contents(database)
    kept = from_json(settings_file.read_bytes()) if settings_file.exists() else None
    # Before anything is pruned: these files may be those of the oldest backup.
    _bring_back_files(paths, snapshot.attachment_files(database))
    with ExitStack() as undoing:
        before = _kept_before(paths, now, undoing)
        off = () if kept is None else _bring_back_settings(paths, kept, undoing)
        snapshot.put_in_place(database, paths.database_file)
        undoing.pop_all()
    return Restored(_made_at(staged), held.conversations if held else 0, before, off)


def _bring_back_settings(paths: Paths, kept: Settings, undoing: ExitStack) -> tuple[str, ...]:
    """Put those of a backup in place; the names of providers that are switched off by that."""
    from app.files import write_whole
    from app.model.shared_settings import restored, switched_off
    from app.services.settings import SettingsStore

    file = paths.settings_file
    if file.exists():
        undoing.callback(write_whole, file, file.read_bytes())
    else:
        undoing.callback(file.unlink, missing_ok=True)
    store = SettingsStore(file)
    store.read()
    store.update(lambda present: restored(kept, present))
    store.save_now()
    return switched_off(kept, store.value)


def _kept_before(paths: Paths, now: datetime, undoing: ExitStack) -> Backup | None:
    """The present state as a backup; one that is damaged is kept as it is."""
    from app.services.history import opening
    from app.services.history.spared import note_missing

    if not paths.database_file.exists():
        note_missing(paths.database_file, paths.attachments)
        return None
    try:
        return make(paths, BackupKind.BEFORE_RESTORE, now, threading.Event())
    except BackupFailed:
        undoing.callback(opening.take_back, opening.set_aside(paths.database_file), paths.database_file)
        return None


def _own_files(paths: Paths, settings: Settings) -> OwnFiles:
    from app.services.history.ownership import own_files

    chosen = settings.images.folder
    pictures = (paths.pictures, *((Path(chosen),) if chosen else ()))
    return own_files(paths.database_file, pictures, paths.recordings)


def _made_at(staged: Path) -> datetime:
    """The moment of the state that was staged; the files' own time if that was not written down."""
    try:
        return datetime.fromisoformat((staged / _MOMENT).read_text())
    except (OSError, ValueError):
        return datetime.fromtimestamp(staged.stat().st_mtime, UTC)


def _bring_back_files(paths: Paths, names: set[str]) -> None:
    """Attachments whose file was removed since, from where the backups keep them."""
    from app.files import copy_whole

    kept = _folder(paths).attachments
    try:
        paths.attachments.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in names:
            if not (paths.attachments / name).exists() and (kept / name).is_file():
                copy_whole(kept / name, paths.attachments / name)
    except OSError as error:
        raise storage_failure(error, paths.attachments) from error


def _drop_files(folder: BackupFolder) -> None:
    """Forget the files of attachments that no backup names; from one that cannot be read nothing can be restored."""
    from app.services.history import snapshot

    named: set[str] = set()
    for backup in folder.all():
        try:
            named |= snapshot.attachment_files(backup.database)
        except StorageFailed as error:
            log.info("%s names no files: %s", backup.database.name, error)
    folder.drop_files(named)


def _folder(paths: Paths) -> BackupFolder:
    from app.services.backups import BackupFolder

    return BackupFolder(paths.backups, paths.database_file)
