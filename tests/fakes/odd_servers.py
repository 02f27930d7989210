"""Real listeners on loopback that are no servers of any use: each a context that gives its port."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

_FULL = 2
"""Connections that fill the queue of a listener with room for one."""


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word."""
    with _listening(lambda _: None) as port:
        yield port


@contextlib.contextmanager
def speaking_server(*words: bytes, again_every_s: float = 0.0) -> Iterator[int]:
    """Waits for the first bytes, says `words`, and hangs up; or repeats the last of them for as long as one listens."""

    def speak(connection: socket.socket) -> None:
        connection.recv(65536)
        for word in words:
            connection.sendall(word)
        if not again_every_s:
            connection.shutdown(socket.SHUT_RDWR)
            return
        pause = threading.Event()
        while not pause.wait(again_every_s):
            connection.sendall(words[-1])

    with _listening(speak) as port:
        yield port


@contextlib.contextmanager
def full_server() -> Iterator[int]:
    """Listens and never takes a connection; its queue is full, so that new ones get no answer at all."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = listener.getsockname()
        for _ in range(_FULL):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield address[1]


def unused_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as once:
        once.bind(("127.0.0.1", 0))
        return int(once.getsockname()[1])


@contextlib.contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve_quietly(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            serve(connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                threads.append(threading.Thread(target=serve_quietly, args=(connection,), daemon=True))
                threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in threads:
            thread.join()
        listener.close()
