"""A small real forward proxy on loopback: plain requests and CONNECT tunnels, with a password when wanted."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

_REFUSAL = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"


class ForwardProxy:
    """Listens while it is entered. `targets` are the addresses it was asked for, `seen` the bytes it passed on."""

    def __init__(self, login: str = "") -> None:
        self.targets: list[str] = []
        self.seen: list[bytes] = []
        self._login = f"Basic {base64.b64encode(login.encode()).decode()}" if login else ""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                data = client.recv(65536)
                if not data:
                    return
                head += data
            if self._login and f"proxy-authorization: {self._login}".encode().lower() not in head.lower():
                client.sendall(_REFUSAL)
                client.shutdown(socket.SHUT_RDWR)
                return
            self._pass_on(client, head)

    def _pass_on(self, client: socket.socket, head: bytes) -> None:
        method, target, _ = head.split(b" ", 2)
        self.targets.append(target.decode())
        place = target.decode() if method == b"CONNECT" else urlsplit(target.decode()).netloc
        host, _, port = place.partition(":")
        server = socket.create_connection((host, int(port)))
        self._open.append(server)
        if method == b"CONNECT":
            client.sendall(_TUNNEL)
        else:
            path = urlsplit(target.decode()).path.encode()
            server.sendall(head.replace(target, path, 1))
        self._start(self._copy, server, client)
        self._copy(client, server)

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.seen.append(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _start(self, work: Callable[..., None], *sockets: socket.socket) -> None:
        thread = threading.Thread(target=work, args=sockets, daemon=True)
        self._threads.append(thread)
        thread.start()
