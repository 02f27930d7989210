"""The log of requests with timing and usage; never what was asked or answered."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from app.model.providers import ModelReference
from app.model.requests import RequestKind, RequestOutcome, RequestRecord
from app.services.history import rows
from app.services.history.database import Database


class Requests:
    """Every method raises `StorageFailed` if the disk refuses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, kind: RequestKind, model: ModelReference) -> RequestRecord:
        """Note that a request leaves now."""
        record = RequestRecord(id=0, kind=kind, model=model, started_at=datetime.now(UTC))

        def add(connection: sqlite3.Connection) -> RequestRecord:
            new_id = rows.insert(connection, "requests", _values(record))
            return _to_record(connection.execute("SELECT * FROM requests WHERE id = ?", (new_id,)).fetchone())

        return await self._database.write(add)

    async def finish(self, record: RequestRecord) -> None:
        """Store how a request ended."""
        values = _values(record)
        await self._database.write(lambda connection: rows.update(connection, "requests", record.id, values))

    async def recent(self, limit: int = 200) -> list[RequestRecord]:
        """The newest first."""

        def select(connection: sqlite3.Connection) -> list[RequestRecord]:
            return list(
                map(_to_record, connection.execute("SELECT * FROM requests ORDER BY id DESC LIMIT ?", (limit,)))
            )

        return await self._database.read(select)


def _values(record: RequestRecord) -> dict[str, object]:
    return {
        "kind": record.kind,
        "provider_id": record.model.provider_id,
        "model_id": record.model.model_id,
        "started_at": rows.to_microseconds(record.started_at),
        "outcome": record.outcome,
        "status": record.status,
        "error": record.error,
        "request_id": record.request_id,
        **rows.from_usage(record.usage),
        **rows.from_timing(record.timing),
    }


def _to_record(row: sqlite3.Row) -> RequestRecord:
    return RequestRecord(
        id=row["id"],
        kind=RequestKind(row["kind"]),
        model=ModelReference(row["provider_id"], row["model_id"]),
        started_at=rows.to_datetime(row["started_at"]),
        outcome=RequestOutcome(row["outcome"]),
        timing=rows.to_timing(row),
        usage=rows.to_usage(row),
        status=row["status"],
        error=row["error"],
        request_id=row["request_id"],
    )
