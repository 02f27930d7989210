"""The connection's thread: order, transactions, closing, and failures put into words."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from app.model.data_errors import DataGone
from app.model.errors import DiskFull, StorageFailed
from app.services.history.database import Database


def _opener(path: Path, *statements: str) -> Callable[[], sqlite3.Connection]:
    def open_it() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        for statement in ("CREATE TABLE IF NOT EXISTS t (x)", *statements):
            connection.execute(statement)
        return connection

    return open_it


def _run(path: Path, story: Callable[[Database], Awaitable[Any]], *statements: str) -> Any:
    async def whole() -> Any:
        database = Database(path, path.with_suffix(".suspect"))
        await database.open(_opener(path, *statements))
        try:
            return await story(database)
        finally:
            await database.aclose()

    return asyncio.run(whole())


def _add(value: object) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute("INSERT INTO t VALUES (?)", (value,)).rowcount


def _values(connection: sqlite3.Connection) -> list[Any]:
    return [x for (x,) in connection.execute("SELECT x FROM t")]


def test_work_is_done_in_the_order_it_was_given(tmp_path: Path) -> None:
    async def story(database: Database) -> None:
        database.write_soon(_add(0))
        await asyncio.gather(*(database.write(_add(number)) for number in range(1, 50)))
        assert await database.read(_values) == list(range(50))

    _run(tmp_path / "x.db", story)


@pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody remove an open file: try it on another system")
def test_nothing_is_written_into_a_file_that_was_removed(tmp_path: Path) -> None:
    async def story(database: Database) -> None:
        await database.write(_add(1))
        gone = [database.is_gone]
        (tmp_path / "x.db").rename(tmp_path / "elsewhere")
        with pytest.raises(DataGone):
            await database.write(_add(2))
        gone.append(database.is_gone)
        assert gone == [False, True]
        (tmp_path / "x.db").touch()
        with pytest.raises(DataGone):
            await database.write(_add(2))
        (tmp_path / "elsewhere").replace(tmp_path / "x.db")
        await database.write(_add(3))
        assert await database.read(_values) == [1, 3]

    _run(tmp_path / "x.db", story)


def test_failed_work_leaves_nothing_behind(tmp_path: Path) -> None:
    def half(connection: sqlite3.Connection) -> None:
        _add("half")(connection)
        raise ZeroDivisionError

    async def story(database: Database) -> None:
        with pytest.raises(ZeroDivisionError):
            await database.write(half)
        await database.write(_add("whole"))
        assert await database.read(_values) == ["whole"]

    _run(tmp_path / "x.db", story)


def test_closing_finishes_what_was_given(tmp_path: Path) -> None:
    async def story(database: Database) -> None:
        for number in range(100):
            database.write_soon(_add(number))
        waiting.append(asyncio.ensure_future(database.write(_add(100))))
        await asyncio.sleep(0)

    async def check(database: Database) -> None:
        assert await database.read(_values) == list(range(101))

    waiting: list[asyncio.Future[object]] = []
    _run(tmp_path / "x.db", story)
    assert waiting[0].result() == 1
    _run(tmp_path / "x.db", check)


def test_full_disk_is_said_and_harms_nothing(tmp_path: Path) -> None:
    async def story(database: Database) -> None:
        await database.write(_add("small"))
        with pytest.raises(DiskFull) as failure:
            await database.write(_add("x" * 100_000))
        assert failure.value.arguments == {"path": str(tmp_path / "x.db")}
        await database.write(_add("small too"))
        assert await database.read(_values) == ["small", "small too"]

    _run(tmp_path / "x.db", story, "PRAGMA max_page_count = 10")


@pytest.mark.expected_logs
def test_a_failure_nobody_waits_for_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(database: Database) -> None:
        database.write_soon(_add("x" * 100_000))
        waiting = asyncio.ensure_future(database.write(_add("y" * 100_000)))
        await asyncio.sleep(0)
        waiting.cancel()
        assert await database.read(_values) == []

    _run(tmp_path / "x.db", story, "PRAGMA max_page_count = 10")
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_another_process_that_never_ends_its_write_is_said(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)

    async def story(database: Database) -> None:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageFailed):
            await database.write(_add(1))
        other.execute("ROLLBACK")
        await database.write(_add(2))
        assert await database.read(_values) == [2]

    _run(tmp_path / "x.db", story, "PRAGMA busy_timeout = 20")
    other.close()


def test_damage_met_in_the_middle_is_remembered_for_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "x.db"

    async def fill(database: Database) -> None:
        for number in range(100):
            await database.write(_add(str(number) * 1000))

    async def story(database: Database) -> None:
        with pytest.raises(StorageFailed):
            await database.read(_values)

    _run(path, fill)
    data = bytearray(path.read_bytes())
    data[3 * 4096 :] = b"\xff" * (len(data) - 3 * 4096)
    path.write_bytes(data)
    _run(path, story)
    assert path.with_suffix(".suspect").exists()


def test_bugs_are_not_dressed_up(tmp_path: Path) -> None:
    async def story(database: Database) -> None:
        with pytest.raises(sqlite3.OperationalError):
            await database.read(lambda connection: connection.execute("SELECT nonsense").fetchall())
        with pytest.raises(sqlite3.IntegrityError):
            await database.write(lambda connection: connection.execute("INSERT INTO u VALUES (1), (1)").rowcount)

    _run(tmp_path / "x.db", story, "CREATE TABLE u (x UNIQUE)")


def test_a_database_that_cannot_be_opened_leaves_no_thread(tmp_path: Path) -> None:
    async def story() -> None:
        with pytest.raises(StorageFailed):
            await Database(tmp_path).open(_opener(tmp_path))

    asyncio.run(story())
