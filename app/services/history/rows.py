"""Values as the database keeps them: times, JSON, paths that move with the data folder, rows of shared columns."""

from __future__ import annotations

import logging
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

import msgspec

from app.model.chat import Timing, Usage
from app.model.providers import ModelReference

log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BYTES = "file:"
_NOT_OURS = "not-ours:"


def now() -> int:
    """This moment as the database keeps it."""
    return to_microseconds(datetime.now(UTC))


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970; a moment without a time zone is in the local one."""
    return (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND


def to_datetime(microseconds: int) -> datetime:
    """The moment in UTC."""
    return _EPOCH + microseconds * _MICROSECOND


def clean(text: str) -> str:
    """`text` that can be stored: halves of a character, which broken JSON brings, are joined or replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def to_json[Value](value: Value, default: Value) -> str:
    """JSON of a dataclass or a tuple of them; empty if it says nothing but the default."""
    return "" if value == default else msgspec.json.encode(value, enc_hook=str).decode()


def from_json[Value](text: str, default: Value, form: type[Value]) -> Value:
    """What `to_json` wrote; the default if this version cannot read it, as after a return to an older program."""
    if not text:
        return default
    try:
        return msgspec.json.decode(text, type=form)
    except msgspec.MsgspecError as error:
        log.info("stored %s is not readable: %s", form.__name__, error)
        return default


def to_model(row: sqlite3.Row) -> ModelReference | None:
    """The columns provider_id and model_id; None if they are empty."""
    return None if row["model_id"] is None else ModelReference(row["provider_id"], row["model_id"])


def from_model(model: ModelReference | None) -> tuple[str | None, str | None]:
    return (None, None) if model is None else (model.provider_id, model.model_id)


def to_usage(row: sqlite3.Row) -> Usage:
    return Usage(row["input_tokens"], row["output_tokens"], row["reasoning_tokens"], row["cached_tokens"])


def from_usage(usage: Usage) -> dict[str, object]:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "cached_tokens": usage.cached_tokens,
    }


def to_timing(row: sqlite3.Row) -> Timing:
    return Timing(row["first_token_s"], row["total_s"])


def from_timing(timing: Timing) -> dict[str, object]:
    return {"first_token_s": timing.first_token_s, "total_s": timing.total_s}


def not_ours(path: str) -> str:
    """The text of a path to a file that must never be deleted with its row."""
    return path if path.startswith(_NOT_OURS) else _NOT_OURS + path


def is_ours(path: str) -> bool:
    """Whether the file goes with its row."""
    return not path.startswith(_NOT_OURS)


def as_written(path: str) -> str:
    """A stored path as a system has it, without what marks it; relative to the data folder if it is below that."""
    path = path.removeprefix(_NOT_OURS)
    return os.fsdecode(unquote_to_bytes(path.removeprefix(_BYTES))) if path.startswith(_BYTES) else path


class StoredPaths:
    """Paths inside the data folder are kept relative to it, so that the folder can be moved as a whole.

    Names that are no Unicode, as old file systems have them, are kept byte by byte behind `file:`. What `not_ours` made
    leads to the same file.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def to_text(self, path: Path) -> str:
        path = self._root / path
        text = path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else str(path)
        return text if clean(text) == text else _BYTES + quote(os.fsencode(text))

    def to_path(self, text: str) -> Path:
        return self._root / as_written(text)


def insert(connection: sqlite3.Connection, table: str, values: dict[str, object]) -> int:
    """Add a row and return its id; texts are made storable."""
    columns = ", ".join(values)
    marks = ", ".join("?" * len(values))
    cursor = connection.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})",
        [_storable(value) for value in values.values()],
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def update(connection: sqlite3.Connection, table: str, row_id: int, values: dict[str, object]) -> bool:
    """Change a row; False if it is gone. Texts are made storable."""
    changes = ", ".join(f"{column} = ?" for column in values)
    cursor = connection.execute(
        f"UPDATE {table} SET {changes} WHERE id = ?",
        [*(_storable(value) for value in values.values()), row_id],
    )
    return cursor.rowcount > 0


def _storable(value: object) -> object:
    return clean(value) if isinstance(value, str) else value
