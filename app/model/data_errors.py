"""Failures of the user's data, backups, exports and imports; part of the tree in errors.py."""

from __future__ import annotations

from app.model.errors import AppError, DataDamaged, SessionNotKept, StorageFailed
from app.model.text import QT_TRANSLATE_NOOP


class BackupFailed(StorageFailed):
    title = QT_TRANSLATE_NOOP("Errors", "No backup could be made")
    explanation = QT_TRANSLATE_NOOP("Errors", "{path} could not be copied without errors; older backups are kept.")
    hint = QT_TRANSLATE_NOOP("Errors", "Start Triptych again: it then checks its data.")


class BackupUnreadable(StorageFailed):
    title = QT_TRANSLATE_NOOP("Errors", "This backup cannot be used")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "{name} is damaged or was not made by Triptych. Your present data is as it was."
    )
    hint = QT_TRANSLATE_NOOP("Errors", "Choose another backup.")
    retryable = False


class DataSalvaged(DataDamaged):
    title = QT_TRANSLATE_NOOP("Errors", "The history was damaged and has been repaired")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "Everything could be read. Conversations that are there: {saved}. The damaged file is kept as {copy}."
    )
    hint = QT_TRANSLATE_NOOP(
        "Errors", "A disk that damages files may do so again: check it, and keep a copy elsewhere."
    )


class DataPartlySalvaged(DataDamaged):
    title = QT_TRANSLATE_NOOP("Errors", "The history was damaged; most likely something is missing")
    explanation = QT_TRANSLATE_NOOP(
        "Errors",
        "Conversations saved: {saved}. Not readable any more: at most {conversations} conversations, and {messages}"
        " messages. The damaged file is kept as {copy}.",
    )
    hint = QT_TRANSLATE_NOOP("Errors", "A backup may have what is missing; it can be restored whole or in parts.")


class DataMissing(DataDamaged):
    title = QT_TRANSLATE_NOOP("Errors", "The history is gone")
    explanation = QT_TRANSLATE_NOOP("Errors", "{path} is missing or empty; Triptych goes on with a fresh one.")
    hint = QT_TRANSLATE_NOOP("Errors", "A backup has what was in it when that was made.")


class DataGone(StorageFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The data folder is gone")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "{path} was removed, or its disk was taken out. Nothing that you do now is saved."
    )
    hint = QT_TRANSLATE_NOOP(
        "Errors", "Export everything before you quit, bring the folder back if you can, and start Triptych again."
    )
    action = "export"


class RecordingCut(StorageFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The recording has ended: the disk takes no more")
    explanation = QT_TRANSLATE_NOOP("Errors", "What was recorded until then, {duration}, is kept in {path}.")
    hint = QT_TRANSLATE_NOOP("Errors", "Free some space before you record again.")
    retryable = False


class WorkInterrupted(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "Interrupted: Triptych had ended")
    hint = QT_TRANSLATE_NOOP("Errors", "Try again to begin anew.")
    retryable = True


class SessionReadOnly(SessionNotKept):
    title = QT_TRANSLATE_NOOP("Errors", "Nothing new can be saved")
    explanation = QT_TRANSLATE_NOOP(
        "Errors",
        "Nothing can be written to {path}. What is there is on show; what you do now is kept in memory until you quit.",
    )
    hint = QT_TRANSLATE_NOOP(
        "Errors",
        "Make the folder writable, or room on its disk, and start Triptych again; or export everything before you "
        "quit.",
    )
    action = "export"


class ImportRefused(AppError):
    """`reason` is one of the texts below, `name` the file's."""

    title = QT_TRANSLATE_NOOP("Errors", "The file cannot be imported")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}”: {reason} Nothing was changed.")
    hint = QT_TRANSLATE_NOOP("Errors", "Choose a file that Triptych or ChatGPT has exported, as it was exported.")


NO_EXPORT = QT_TRANSLATE_NOOP("Errors", "This is no export that Triptych knows.")
BROKEN = QT_TRANSLATE_NOOP("Errors", "The file is damaged or not complete.")
WRONG_CONTENT = QT_TRANSLATE_NOOP("Errors", "Something in it is not as it should be.")
TOO_NEW = QT_TRANSLATE_NOOP("Errors", "It was exported by a newer Triptych.")
TOO_LARGE = QT_TRANSLATE_NOOP("Errors", "It holds more than an export can hold.")
SUSPICIOUS_NAMES = QT_TRANSLATE_NOOP("Errors", "It tries to write files outside of its place.")
