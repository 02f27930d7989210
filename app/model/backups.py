"""Backups: what is kept of them, and which of them stay; how they are made is not known here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

DAILY_KEPT = 7
WEEKLY_KEPT = 4
DUE_AFTER = timedelta(hours=20)
"""A little less than a day, so that a computer that is used at about the same time every day gets one every day."""
CLOCK_TOLERANCE = timedelta(minutes=5)


class BackupKind(StrEnum):
    """Why there is a copy."""

    DAILY = "daily"
    BEFORE_UPGRADE = "before-upgrade"
    BEFORE_RESTORE = "before-restore"
    BEFORE_UPDATE = "before-update"
    """Made by a version of the program before another took its place: the way back needs it."""
    SET_ASIDE = "set-aside"
    """The database itself, which was found damaged."""


@dataclass(frozen=True, slots=True)
class Contents:
    """How much there is of what; nothing that is deleted counts. `newest` are titles, the last changed first."""

    conversations: int = 0
    messages: int = 0
    pictures: int = 0
    recordings: int = 0
    transcripts: int = 0
    newest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy of the database, with the settings beside it or not; `contents` is None if it cannot be read."""

    database: Path
    kind: BackupKind
    made_at: datetime
    size_bytes: int
    contents: Contents | None = None
    has_settings: bool = False


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A conversation inside a backup."""

    id: int
    title: str
    updated_at: datetime
    messages: int


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """A conversation of a backup that is in the history again, by its id there; how many of its files are nowhere."""

    conversation_id: int
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Restored:
    """A whole state that took the place of the data; `before` is what was there, None if it could not be copied.

    `switched_off` are the names of providers that were on in it but may have a key of another address.
    """

    made_at: datetime
    conversations: int
    before: Backup | None
    switched_off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What lies beside the copy and tells about it without opening it."""

    made_at: datetime
    program: str
    schema: int
    contents: Contents = field(default_factory=Contents)
    format: str = "triptych-backup-1"


def is_due(made: Iterable[datetime], now: datetime) -> bool:
    """Whether the last daily backup is old enough; one from the future, of a clock that was wrong, does not count."""
    past = [moment for moment in made if moment <= now + CLOCK_TOLERANCE]
    return not past or now - max(past) >= DUE_AFTER


def superseded(made: Iterable[datetime], now: datetime) -> set[datetime]:
    """Those that may go: all but the newest `DAILY_KEPT` and, of older ones, the last of each of `WEEKLY_KEPT` weeks.

    Those from the future, of a clock that was wrong, count as the oldest.
    """

    def place(moment: datetime) -> datetime:
        return moment if moment <= now + CLOCK_TOLERANCE else datetime.min.replace(tzinfo=UTC)

    ordered = sorted(made, key=place, reverse=True)
    older = ordered[DAILY_KEPT:]
    weeks: dict[tuple[int, int], datetime] = {}
    for moment in older:
        year, week, _ = moment.isocalendar()
        weeks.setdefault((year, week), moment)
    return set(older) - set(list(weeks.values())[:WEEKLY_KEPT])
