"""Updates: what a release is, what is kept about them, and which version is newer; how they are fetched is not here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

DUE_AFTER = timedelta(hours=20)
"""A little less than a day, so that a program that is started at about the same time every day asks every day."""
ASK_AFTER = timedelta(hours=20)
"""How long after the first start the user is asked: nobody likes a question before there was an answer."""
CLOCK_TOLERANCE = timedelta(minutes=5)
_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_FILE_BYTES = 8 << 30


class Availability(StrEnum):
    """Whether this copy of the program can update itself, and why not."""

    POSSIBLE = "possible"
    NO_FEED = "no-feed"
    """Nobody told it where releases are."""
    PACKAGED = "packaged"
    """A package manager, or a checkout of the source, brings it up to date."""


class News(StrEnum):
    """What the user is to be told after a start."""

    NONE = ""
    UPDATED = "updated"
    WENT_BACK = "went-back"


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file of a release; `target` says for which kind of installation it is."""

    name: str
    target: str
    size_bytes: int
    sha256: str

    def __post_init__(self) -> None:
        """Raises:
        ValueError: the name could lead elsewhere, or the rest makes no sense.
        """
        sound = _FILE_NAME.fullmatch(self.name) and _SHA256.fullmatch(self.sha256)
        if not sound or not 0 < self.size_bytes <= MOST_FILE_BYTES:
            raise ValueError(f"no file of a release: {self.name!r}")


@dataclass(frozen=True, slots=True)
class Release:
    """What the signed manifest says. `sequence` grows with every manifest; none is good after `expires`."""

    sequence: int
    version: str
    published: datetime
    expires: datetime
    files: tuple[ReleaseFile, ...]
    changes: Mapping[str, str] = field(default_factory=dict)
    """By language (en, zh_CN), as Markdown."""
    format: str = "triptych-release-1"

    def __post_init__(self) -> None:
        """Raises:
        ValueError: it makes no sense.
        """
        version_key(self.version)
        if self.format != "triptych-release-1" or self.sequence < 1:
            raise ValueError("another format")
        if self.published.tzinfo is None or self.expires.tzinfo is None:
            raise ValueError("a moment without its time zone")

    def file_for(self, target: str) -> ReleaseFile | None:
        """The file for this kind of installation."""
        return next((file for file in self.files if file.target == target), None)

    def changes_in(self, language: str) -> str:
        """What is new, in English if not in `language`."""
        return self.changes.get(language) or self.changes.get("en", "")


@dataclass(frozen=True, slots=True)
class SignedText:
    """A manifest as it was signed, and its signature."""

    manifest: str
    signature: str


@dataclass(frozen=True, slots=True)
class Former:
    """The version before the present one: its program and the data of the moment when it was left."""

    version: str
    left_at: datetime
    program: str
    """The kept program's name in the folder of updates; empty if it could not be kept."""
    program_sha256: str
    backup: str = ""
    """The name of the backup; empty if there was no data yet."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure while the program was closing, for the next start to tell: an error's class and what it holds."""

    kind: str
    words: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UpdateState:
    """What is kept from one start to the next."""

    first_started: datetime | None = None
    checked_at: datetime | None = None
    answered: bool = False
    """The last look brought an answer that can be believed."""
    sequence: int = 0
    """The highest that was ever seen: a lower one is an old manifest that somebody shows again."""
    found: SignedText | None = None
    """The newest release that was seen."""
    ready: bool = False
    """It was downloaded and is to be installed when the program closes."""
    installing: Former | None = None
    """Set while `found` takes the place of this one."""
    former: Former | None = None
    is_going_back: bool = False
    starts_again: bool = False
    skipped: str = ""
    """The version that was left by going back: it is not offered unasked."""
    news: News = News.NONE
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class UpdateStatus:
    """How it is with updates, for whoever shows it."""

    availability: Availability
    version: str
    release: Release | None = None
    """A newer one, if there is one."""
    file: ReleaseFile | None = None
    is_ready: bool = False
    checked_at: datetime | None = None
    is_answered: bool = False
    """The last look brought an answer that can be believed."""
    former: Former | None = None
    starts_by_itself: bool = False
    """Another version can be started once it is installed; else the user does that."""


def version_key(version: str) -> tuple[int, ...]:
    """What versions are compared by.

    Raises:
        ValueError: it is no version.
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError(f"no version: {version!r}")
    return tuple(map(int, found.groups()))


def is_newer(version: str, than: str) -> bool:
    return version_key(version) > version_key(than)


def is_due(checked_at: datetime | None, now: datetime) -> bool:
    """Whether it is time to look; a look in the future, of a clock that was wrong, does not count."""
    return checked_at is None or not checked_at <= now + CLOCK_TOLERANCE or now - checked_at >= DUE_AFTER


def settled(state: UpdateState, version: str, now: datetime) -> UpdateState:
    """What holds at a start of `version`: whether what was to happen at the last end has happened."""
    if state.first_started is None:
        state = replace(state, first_started=now)
    if state.installing is not None:
        return _after_installing(state, state.installing, version)
    if state.is_going_back:
        state = replace(state, is_going_back=False, starts_again=False)
        if state.former is not None and version == state.former.version:
            return replace(state, former=None, news=News.WENT_BACK)
        problem = state.problem or Problem(
            "NoWayBack", arguments={"name": state.former.program if state.former else ""}
        )
        return replace(state, problem=problem)
    return state


def _after_installing(state: UpdateState, former: Former, version: str) -> UpdateState:
    state = replace(state, installing=None, ready=False, starts_again=False)
    if version != former.version:
        kept = former if former.program else None
        return replace(state, former=kept, found=None, news=News.UPDATED)
    problem = state.problem or Problem("NotInstalled", arguments={"present": version})
    return replace(state, problem=problem)


def utc_now() -> datetime:
    return datetime.now(UTC)
