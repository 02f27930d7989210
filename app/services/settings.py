"""SettingsStore: the options on disk as JSON; what they mean is not its business."""

from __future__ import annotations

import json
import sys
import threading
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any

from app.files import remove_abandoned, write_whole
from app.model.errors import AppError, DataDamaged, DataTooNew, DiskFull, StorageFailed, storage_failure
from app.model.settings import Settings

type Change = Callable[[Settings], Settings]
type Listener = Callable[[Settings], None]
type Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: tuple[Upgrade, ...] = ()
"""Step n makes schema n + 2 of n + 1; a step that was released is never changed. A new field needs none."""
SPARED_IN_SAFE_MODE = ("appearance", "chosen", "window")
"""Sections that it neither uses nor changes."""


class SettingsStore:
    """Keeps the settings of one profile.

    Reading never fails: what cannot be read is replaced by defaults, set aside and told in `problems`. A file of a
    newer version, or one the system does not let us read, is left alone and never overwritten. Fields this version
    does not know are kept when it writes, so a look back at an older program loses nothing.

    Changes are functions of the settings, so that they can be made again on what another process wrote meanwhile;
    they must be pure.

    `spared` sections, for safe mode, are neither taken from the file nor changed in it: they begin with their defaults
    and last for the session. A file that is damaged is then left as it is.
    """

    def __init__(self, file: Path, upgrades: Sequence[Upgrade] = UPGRADES, spared: Collection[str] = ()) -> None:
        self.problems: list[AppError] = []
        self._file = SettingsFile(file, upgrades, self.problems, frozenset(spared))
        self._value = Settings()
        self._pending: dict[int, Change] = {}
        self._number = 0
        self._refusal = ""
        self._listeners: list[Listener] = []

    @property
    def value(self) -> Settings:
        return self._value

    def read(self) -> Settings:
        """Read the file anew; changes that were not saved are made on top of it."""
        self._settle(self._file.read(), saved=())
        return self._value

    def update(self, change: Change) -> Settings:
        """Change the value at once and tell the listeners; `save` brings it to disk."""
        self._number += 1
        self._pending[self._number] = change
        self._show(change(self._value))
        return self._value

    def replace(self, **changes: Any) -> Settings:  # noqa: ANN401 - checked by dataclasses.replace
        """As `update`, for whole sections: `replace(window=...)`."""
        return self.update(lambda settings: replace(settings, **changes))

    async def save(self) -> None:
        """Write what was changed since the last time; nothing changed, nothing written.

        Raises:
            DiskFull, StorageFailed: the file is as it was, the value is kept and the next `save` tries again. Of a
                file that may not be written to this is said once.
        """
        import asyncio

        if changes := dict(self._pending):
            try:
                stored = await asyncio.to_thread(self._file.write, tuple(changes.values()))
            except StorageFailed as error:
                was_told, self._refusal = self._refusal, str(error)
                if isinstance(error, DiskFull) or was_told != self._refusal:
                    raise
            else:
                self._refusal = ""
                self._settle(stored, saved=changes)

    def save_now(self) -> None:
        """As `save`, for where no event loop runs."""
        if changes := dict(self._pending):
            self._settle(self._file.write(tuple(changes.values())), saved=changes)

    def write(self, settings: Settings) -> None:
        """Make `settings` the value and bring it to disk at once; raises as `save`."""
        self.update(lambda _: settings)
        self.save_now()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every new value; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _settle(self, stored: Settings, saved: Iterable[int]) -> None:
        """What was stored is the value, with the changes on top that came while it was being written."""
        for number in saved:
            self._pending.pop(number, None)
        for change in self._pending.values():
            stored = change(stored)
        self._show(stored)

    def _show(self, settings: Settings) -> None:
        if settings != self._value:
            self._value = settings
            for listener in tuple(self._listeners):
                listener(settings)


class SettingsFile:
    """The file itself, used from several threads one after the other; adds to `problems`."""

    def __init__(
        self,
        path: Path,
        upgrades: Sequence[Upgrade],
        problems: list[AppError],
        spared: frozenset[str] = frozenset(),
    ) -> None:
        self._path = path
        self._spared = spared
        self._is_left_alone = False
        self._upgrades = upgrades
        self._problems = problems
        self._lock = threading.Lock()
        self._stored = Settings()
        self._raw: dict[str, Any] = {}
        self._stamp: tuple[int, int, int] | None = None
        self._refusal: AppError | None = None

    def read(self) -> Settings:
        """What the file says; where it says nothing, what was last known of it, at first the defaults."""
        remove_abandoned(self._path.parent)
        with self._lock:
            self._load()
            return self._stored

    def write(self, changes: Sequence[Change]) -> Settings:
        """Make `changes` on what the file says now and write it.

        Raises:
            DiskFull, StorageFailed: the file is as it was.
        """
        with self._lock:
            if self._refusal is not None or self._look() != self._stamp:
                self._load()
            settings = self._stored
            for change in changes:
                settings = change(settings)
            if isinstance(self._refusal, DataTooNew) or self._is_left_alone or self._is_spared(settings):
                self._stored = settings  # for this session only, as was said when it was read
                return settings
            if self._refusal is not None:
                raise self._refusal
            self._write(settings)
            return settings

    def _load(self) -> None:
        try:
            self._stamp = self._look()
            data = self._path.read_bytes()
        except FileNotFoundError:
            self._refusal = None
            return
        except OSError as error:
            self._refuse(storage_failure(error, self._path))
            return
        try:
            raw = json.loads(data)
        except (ValueError, RecursionError) as error:
            self._set_aside(str(error))
            return
        if isinstance(raw, dict):
            self._take(raw)
        else:
            self._set_aside(_mismatch(raw, dict))

    def _take(self, raw: dict[str, Any]) -> None:
        schema = raw.get("schema", 1)
        if not isinstance(schema, int) or schema < 1:
            self._set_aside("schema")
            return
        if schema > len(self._upgrades) + 1:
            self._refuse(DataTooNew(path=str(self._path)))
            return
        lost: list[str] = []
        upgraded = raw
        for upgrade in self._upgrades[schema - 1 :]:
            upgraded = upgrade(upgraded)
        read = {name: value for name, value in upgraded.items() if name not in self._spared}
        settings = read_value(read, Settings, lost)
        self._refusal = None
        if self._spared and lost:
            self._is_left_alone, lost = True, []
        if upgraded is not raw:
            self._keep_copy(f".v{schema}")
        if lost:
            copy = self._keep_copy(f".damaged-{_now()}")
            self._problems.append(DataDamaged("; ".join(lost), path=str(self._path), copy=copy.name))
        self._raw = upgraded
        self._stored = replace(within_limits(settings), schema=len(self._upgrades) + 1)

    def _write(self, settings: Settings) -> None:
        raw = with_unknown(settings, self._raw)
        for name in self._spared & raw.keys():
            raw.pop(name)
        raw |= {name: value for name, value in self._raw.items() if name in self._spared}
        data = json.dumps(raw, ensure_ascii=False, indent=2).encode(errors="surrogatepass")  # as json reads them
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._path, data)
            self._stamp = self._look()
        except OSError as error:
            raise storage_failure(error, self._path) from error
        self._raw = raw
        self._stored = settings

    def _is_spared(self, settings: Settings) -> bool:
        """Whether nothing but what is not to be written was changed."""
        if not self._spared:
            return False
        return settings == replace(self._stored, **{name: getattr(settings, name) for name in self._spared})

    def _look(self) -> tuple[int, int, int] | None:
        """What tells one state of the file from another without reading it; None if only reading can tell."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _refuse(self, problem: AppError) -> None:
        """Leave the file alone from now on; said once."""
        if type(problem) is not type(self._refusal):
            self._problems.append(problem)
        self._refusal = problem

    def _set_aside(self, words: str) -> None:
        self._is_left_alone = bool(self._spared)
        if self._is_left_alone:
            return
        copy = self._path.with_name(f"{self._path.name}.damaged-{_now()}")
        try:
            self._path.rename(copy)
        except OSError as error:
            self._refuse(storage_failure(error, self._path))
            return
        self._refusal = None
        self._stamp = None
        self._problems.append(DataDamaged(words, path=str(self._path), copy=copy.name))

    def _keep_copy(self, ending: str) -> Path:
        """Keep what the next write would lose; without a copy there will be no write."""
        copy = self._path.with_name(self._path.name + ending)
        try:
            write_whole(copy, self._path.read_bytes())
        except OSError as error:
            self._refuse(storage_failure(error, copy))
        return copy


def as_json(settings: Settings) -> bytes:
    """`settings` as the file holds them."""
    return json.dumps(with_unknown(settings, {}), ensure_ascii=False, indent=2).encode(errors="surrogatepass")


def from_json(data: bytes, upgrades: Sequence[Upgrade] = UPGRADES) -> Settings:
    """Settings that lie elsewhere than in their file, as in a backup; what makes no sense is left to the defaults.

    Raises:
        DataTooNew: written by a newer version.
        DataDamaged: no settings at all.
    """
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataDamaged(str(error), path="settings.json", copy="settings.json") from error
    schema = raw.get("schema", 1) if isinstance(raw, dict) else 0
    if not isinstance(schema, int) or schema < 1:
        raise DataDamaged(path="settings.json", copy="settings.json")
    if schema > len(upgrades) + 1:
        raise DataTooNew(path="settings.json")
    for upgrade in upgrades[schema - 1 :]:
        raw = upgrade(raw)
    return replace(within_limits(read_value(raw, Settings, [])), schema=len(upgrades) + 1)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")


def read_value(raw: object, form: Any, lost: list[str]) -> Any:  # noqa: ANN401 - a value of any type
    """`raw` as a value of type `form`; parts that make no sense are left to the defaults and told in `lost`.

    MISSING if nothing of it can be used. Written out because a library that does this would take longer to import
    than everything else the settings need before the window can be painted.
    """
    origin, parts = typing.get_origin(form), typing.get_args(form)
    if is_dataclass(form) and isinstance(raw, Mapping):
        return _read_fields(raw, form, lost)
    if origin is UnionType and NoneType in parts:
        return None if raw is None else read_value(raw, next(part for part in parts if part is not NoneType), lost)
    if origin is tuple and isinstance(raw, list):
        items = [read_value(item, parts[0], lost) for item in raw]
        return tuple(item for item in items if item is not MISSING)
    if origin is dict and isinstance(raw, Mapping):
        values = {name: read_value(value, parts[1], lost) for name, value in raw.items()}
        return {name: value for name, value in values.items() if value is not MISSING}
    return _read_leaf(raw, form, lost)


def _read_fields(raw: Mapping[str, Any], form: Any, lost: list[str]) -> Any:  # noqa: ANN401 - see read_value
    types = typing.get_type_hints(form)
    values = {}
    for field in fields(form):
        if field.name in raw:
            told: list[str] = []
            values[field.name] = read_value(raw[field.name], types[field.name], told)
            lost += [f"{field.name}: {problem}" for problem in told]
    values = {name: value for name, value in values.items() if value is not MISSING}
    needed = [field.name for field in fields(form) if field.default is MISSING and field.default_factory is MISSING]
    missing = [name for name in needed if name not in values]
    lost += [f"{name}: missing" for name in missing if name not in raw]
    return MISSING if missing else form(**values)


def _read_leaf(raw: object, form: Any, lost: list[str]) -> Any:  # noqa: ANN401 - see read_value
    if form is float and isinstance(raw, (int, float)) and not isinstance(raw, bool):
        if abs(raw) <= sys.float_info.max:  # neither infinite nor NaN
            return float(raw)
    elif form is object or type(raw) is form:
        return raw
    if isinstance(form, type) and issubclass(form, Enum) and raw in [member.value for member in form]:
        return form(raw)
    lost.append(_mismatch(raw, form))
    return MISSING


def _mismatch(raw: object, form: Any) -> str:  # noqa: ANN401 - see read_value
    """Says nothing of the value: it may be a secret that was put into the wrong place."""
    return f"expected {getattr(form, '__name__', form)}, got {type(raw).__name__}"


def within_limits(settings: Settings) -> Settings:
    """`settings` with every number that was edited by hand brought between the minimum and maximum of its option."""
    sections: dict[str, Any] = {}
    for field in fields(settings):
        section = getattr(settings, field.name)
        if is_dataclass(section) and not isinstance(section, type):
            limited = {
                option.name: _limited(getattr(section, option.name), option.metadata) for option in fields(section)
            }
            sections[field.name] = replace(section, **limited)
    return replace(settings, **sections)


def _limited(value: Any, limits: Mapping[Any, Any]) -> Any:  # noqa: ANN401 - the value of any option
    if isinstance(value, (int, float)) and "minimum" in limits and "maximum" in limits:
        return min(max(value, limits["minimum"]), limits["maximum"])
    return value


def with_unknown(value: object, raw: object) -> Any:  # noqa: ANN401 - JSON
    """`value` as JSON with the fields that `raw`, its older form, has beyond it; list items are matched by their id."""
    if is_dataclass(value) and not isinstance(value, type):
        old = raw if isinstance(raw, Mapping) else {}
        known = {field.name: with_unknown(getattr(value, field.name), old.get(field.name)) for field in fields(value)}
        return {**known, **{name: kept for name, kept in old.items() if name not in known}}
    if isinstance(value, tuple):
        items = raw if isinstance(raw, list) else []
        by_id = {item["id"]: item for item in items if isinstance(item, Mapping) and isinstance(item.get("id"), str)}
        return [with_unknown(item, by_id.get(getattr(item, "id", ""))) for item in value]
    return value
