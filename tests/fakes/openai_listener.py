"""A loopback HTTP server in a thread of its own that remembers its requests; what it answers is not decided here."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Self

from tests.fakes.openai_http import ClientLeftError, Connection, Received, Reply

PATIENCE_S = 10.0
"""How long a wait of a test may take before it is a failure; nothing ever waits so long in a good run."""

FAREWELL_S = 0.2


class Listener(ABC):
    """Listens while it is entered; one instance serves once."""

    def __init__(self, tls: ssl.SSLContext | None, place: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        """`place` is a host of this machine and a port, 0 for any that is free."""
        self.requests: list[Received] = []
        self.sent: list[tuple[float, bytes]] = []
        """The pieces of streamed answers, each with the time by `time.monotonic` at which it went out."""
        self.port = 0
        self._tls = tls
        self._place = place
        self._departures = 0
        self.connections = 0
        self._news = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._released = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(PATIENCE_S)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._place[0]}:{self.port}"

    @abstractmethod
    def reply_to(self, request: Received) -> Reply:
        """The reply to `request`; called on the server's thread."""

    def release(self) -> None:
        """Let every answer that waits at this moment go on."""
        self._loop.call_soon_threadsafe(self._let_go)

    def posts(self, path: str = "") -> list[Received]:
        """The POST requests so far whose path ends in `path`."""
        return [r for r in list(self.requests) if r.method == "POST" and r.path.endswith(path)]

    def wait_for_requests(self, count: int, path: str = "") -> None:
        """Wait until this many requests to `path` came; not on the thread that runs the client."""
        self._wait(lambda: len([r for r in self.requests if r.path.endswith(path)]) >= count, "requests")

    def wait_for_departures(self, count: int = 1) -> None:
        """Wait until this many clients left while they were being answered."""
        self._wait(lambda: self._departures >= count, "departures")

    def _wait(self, happened: Callable[[], bool], what: str) -> None:
        with self._news:
            assert self._news.wait_for(happened, PATIENCE_S), f"the {what} did not come"

    def _let_go(self) -> None:
        self._released.set()
        self._released = asyncio.Event()

    async def _listen(self) -> asyncio.Server:
        # A client on the thread that waits for our end cannot take leave of TLS.
        farewell_s = FAREWELL_S if self._tls else None
        return await asyncio.start_server(self._accept, *self._place, ssl=self._tls, ssl_shutdown_timeout=farewell_s)

    async def _stop(self) -> None:
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self.connections += 1
        connection = Connection(reader, writer, lambda piece: self.sent.append((time.monotonic(), piece)))
        pump = asyncio.ensure_future(connection.pump())
        try:
            await self._serve(connection)
        except (ClientLeftError, asyncio.CancelledError):
            pass  # cancelled only when the whole server stops
        finally:
            pump.cancel()
            await connection.close()
            self._connections.discard(task)

    async def _serve(self, connection: Connection) -> None:
        while True:
            request = await connection.receive()
            with self._news:
                self.requests.append(request)
                self._news.notify_all()
            try:
                await connection.send(self.reply_to(request), self._current_gate)
            except ClientLeftError:
                with self._news:
                    self._departures += 1
                    self._news.notify_all()
                raise

    def _current_gate(self) -> asyncio.Event:
        return self._released
