"""One SQLite connection on one thread, used through awaitables; it knows how to wait, not what is stored."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app.model.data_errors import DataGone
from app.services.history.failures import DAMAGE, primary_code, translated

log = logging.getLogger(__name__)

type Opener = Callable[[], sqlite3.Connection]


class Database:
    """Does work in the order in which it was given.

    Work that was given is done even if whoever waits for it is cancelled: stopping an answer never loses the write
    that was already on its way.
    """

    def __init__(self, location: Path, suspect: Path | None = None) -> None:
        """`location` is named in failures; the file `suspect` is made when damage was met, for the next start.

        With `suspect` the database is the file at `location`, and nothing is written when that is no longer there.
        """
        self._location = location
        self._suspect = suspect
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")
        self._connection: sqlite3.Connection | None = None
        self._opened_file: tuple[int, int] | None = None
        self.changes = 0
        """Rows that were ever changed through this connection; comes after the write."""

    async def open(self, opener: Opener) -> None:
        """Connect on the thread of this database.

        Raises:
            StorageFailed, DataTooNew: as `opener` does; the thread is ended.
        """
        try:
            self._connection = await self._do(opener)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        self._opened_file = _file_at(self._location) if self._suspect is not None else None

    @property
    def is_gone(self) -> bool:
        """Whether its file was removed, or its disk taken out: on most systems SQLite writes on into nowhere."""
        return self._opened_file is not None and _file_at(self._location) != self._opened_file

    async def read[Result](self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """The result of `work`, which changes nothing.

        Raises:
            StorageFailed: the database cannot be read.
        """
        connection = self._open_connection()
        return await self._do(lambda: work(connection))

    async def write[Result](self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """The result of `work`, committed; if it or the commit fails, nothing of it is there.

        Raises:
            DiskFull, DataGone, StorageFailed: nothing was written.
        """
        connection = self._open_connection()
        return await self._do(lambda: self._in_transaction(connection, work))

    def write_soon(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """As `write`, in its turn, with nobody waiting for it: a failure goes to the log."""
        connection = self._open_connection()
        future = self._thread.submit(self._guarded, lambda: self._in_transaction(connection, work))
        future.add_done_callback(_log_failure)

    async def aclose(self) -> None:
        """Finish the work that was given, then close; further work is refused."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._do(connection.close)
        self._thread.shutdown(wait=False)

    def _open_connection(self) -> sqlite3.Connection:
        assert self._connection is not None, "the history is not open"
        return self._connection

    async def _do[Result](self, work: Callable[[], Result]) -> Result:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()

        def done(future: Future[Result]) -> None:
            loop.call_soon_threadsafe(_deliver, future, answer)

        self._thread.submit(self._guarded, work).add_done_callback(done)
        return await answer

    def _in_transaction[Result](
        self, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Result]
    ) -> Result:
        if self.is_gone:
            raise DataGone(path=str(self._location))
        try:
            return _in_transaction(connection, work)
        finally:
            self.changes = connection.total_changes

    def _guarded[Result](self, work: Callable[[], Result]) -> Result:
        with translated(self._location):
            try:
                return work()
            except sqlite3.Error as error:
                if primary_code(error) in DAMAGE and self._suspect is not None:
                    self._suspect.touch()
                raise


def _file_at(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _deliver[Result](future: Future[Result], answer: asyncio.Future[Result]) -> None:
    """Pass on what the thread brought; a failure that nobody waits for any more is at least in the log."""
    error = future.exception()
    if answer.cancelled():
        _log_failure(future)
    elif error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(future.result())


def _log_failure(future: Future[Any]) -> None:
    error = future.exception()
    if error is not None:
        log.error("a write that nobody waits for failed", exc_info=error)


def _in_transaction[Result](connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Result]) -> Result:
    # IMMEDIATE: the lock is taken at once, waiting for the other process if need be. A transaction that began with
    # reading could not be repeated by SQLite and would fail instead of waiting.
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result
