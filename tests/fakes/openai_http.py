"""Requests and replies of the fake server at the level of bytes, so that a test can misbehave in any way it likes."""

from __future__ import annotations

import asyncio
import contextlib
import email.parser
import email.policy
import json
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Action(Enum):
    """What a reply may do between two pieces of bytes."""

    HOLD = "wait for release()"
    CUT = "close the connection here, whatever was promised"
    RESET = "drop the connection so hard that the client sees a reset"
    STAY = "keep the connection open and silent until the client leaves"


@dataclass(frozen=True)
class Pause:
    """A reply waits so long between two pieces of bytes."""

    seconds: float


type Chunk = bytes | Action | Pause
type Gate = Callable[[], asyncio.Event]


@dataclass(frozen=True)
class Part:
    """One part of a multipart form."""

    name: str
    data: bytes
    file_name: str = ""
    media_type: str = ""

    @property
    def text(self) -> str:
        return self.data.decode()


@dataclass(frozen=True)
class Received:
    """A request as it came in. `path` is without the query; header names are lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def parts(self) -> list[Part]:
        """The parts of a multipart form, in order."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + self.body)
        parts = []
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            data = part.get_payload(decode=True)
            media_type = part.get_content_type() if part["content-type"] else ""
            parts.append(Part(str(name), bytes(data), part.get_filename() or "", media_type))
        return parts

    @property
    def fields(self) -> dict[str, list[str]]:
        """Name to values of the parts that are not files."""
        found: dict[str, list[str]] = {}
        for part in self.parts:
            if not part.file_name:
                found.setdefault(part.name, []).append(part.text)
        return found

    @property
    def files(self) -> list[Part]:
        return [part for part in self.parts if part.file_name]

    @property
    def key(self) -> str:
        """The key that came with it, in either header; empty when there was none."""
        return self.headers.get("api-key") or self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True)
class Reply:
    """What to send: a whole body, or `chunks` one after the other (chunked unless the headers say otherwise)."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    chunks: Sequence[Chunk] = ()
    raw: bool = False
    """True: `chunks` are the whole answer including status line and headers; the connection ends after them."""


def json_reply(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """A reply that carries `content` as JSON."""
    all_headers = {"Content-Type": "application/json", **(headers or {})}
    return Reply(status, all_headers, json.dumps(content, ensure_ascii=False).encode())


def text_reply(text: str, media_type: str = "text/plain; charset=utf-8") -> Reply:
    return Reply(200, {"Content-Type": media_type}, text.encode())


def stream_reply(chunks: Sequence[Chunk]) -> Reply:
    """A reply that streams `chunks` as server-sent events."""
    return Reply(200, {"Content-Type": "text/event-stream; charset=utf-8"}, None, chunks)


def error_reply(status: int, message: str, *, code: str | None = None, type_: str, param: str | None = None) -> Reply:
    """A reply with OpenAI's error body."""
    return json_reply({"error": {"message": message, "type": type_, "param": param, "code": code}}, status)


def event(data: object, name: str = "") -> bytes:
    """One server-sent event; strings are sent as they are, everything else as JSON."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


class ClientLeftError(Exception):
    """The client closed the connection while it was being answered, or between two requests."""


class Connection:
    """One client's connection: reads requests and writes replies; notices at once when the client leaves."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        note_sent: Callable[[bytes], object] = lambda _: None,
    ) -> None:
        """`note_sent` hears of every piece of a streamed answer that went out."""
        self._reader = reader
        self._writer = writer
        self._note_sent = note_sent
        self._buffer = bytearray()
        self._news = asyncio.Event()
        self._left = asyncio.Event()

    async def pump(self) -> None:
        """Move what arrives into the buffer until the client leaves; must run beside everything else."""
        try:
            while data := await self._reader.read(1 << 16):
                self._buffer += data
                self._news.set()
        except ConnectionError:
            pass
        self._left.set()
        self._news.set()

    async def receive(self) -> Received:
        """The next request; raises ClientLeftError when there is none."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if self._buffer and not self._buffer[:1].isalpha():
                await self._refuse_other_protocol()
            await self._more()
        head = bytes(self._buffer[:end]).decode("utf-8")
        del self._buffer[: end + 4]
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        chunked = headers.get("transfer-encoding", "") == "chunked"
        body = await self._chunks() if chunked else await self._exactly(int(headers.get("content-length", "0")))
        url = urlsplit(target)
        return Received(method, url.path, parse_qs(url.query), headers, body)

    async def send(self, reply: Reply, gate: Gate) -> None:
        """Write `reply`; what `gate` gives is waited for wherever it says HOLD."""
        if reply.raw:
            await self._send_chunks(reply.chunks, gate, framed=False)
            raise ClientLeftError
        headers = {"x-request-id": "req_fake", **reply.headers}
        framed = reply.body is None and "Content-Length" not in headers
        if framed:
            headers["Transfer-Encoding"] = "chunked"
        elif reply.body is not None:
            headers.setdefault("Content-Length", str(len(reply.body)))
        phrase = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else "Unknown"
        lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + (reply.body or b""))
        await self._drain()
        if reply.body is None:
            await self._send_chunks(reply.chunks, gate, framed=framed)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):  # the client was faster, or TLS was never agreed on
            await self._writer.wait_closed()

    async def _refuse_other_protocol(self) -> None:
        """What servers say to a TLS greeting and other things that are not HTTP."""
        self._writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        await self._drain()
        raise ClientLeftError

    async def _send_chunks(self, chunks: Sequence[Chunk], gate: Gate, *, framed: bool) -> None:
        for chunk in chunks:
            if isinstance(chunk, Action):
                await self._act(chunk, gate)
            elif isinstance(chunk, Pause):
                await asyncio.sleep(chunk.seconds)
            elif chunk:
                self._writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk) if framed else chunk)
                await self._drain()
                self._note_sent(chunk)
        if framed:
            self._writer.write(b"0\r\n\r\n")
            await self._drain()

    async def _act(self, action: Action, gate: Gate) -> None:
        if action is Action.HOLD:
            await self._first_of(gate(), self._left)
            if self._left.is_set():
                raise ClientLeftError
            return
        if action is Action.STAY:
            await self._left.wait()
        elif action is Action.RESET:
            sock = self._writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._writer.transport.abort()
        raise ClientLeftError

    async def _first_of(self, *events: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in events]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _drain(self) -> None:
        if self._left.is_set():
            raise ClientLeftError
        try:
            await self._writer.drain()
        except OSError as error:
            raise ClientLeftError from error

    async def _more(self) -> None:
        if self._left.is_set():
            raise ClientLeftError
        await self._news.wait()
        self._news.clear()

    async def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            await self._more()
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    async def _chunks(self) -> bytes:
        body = b""
        while True:
            while (end := self._buffer.find(b"\r\n")) < 0:
                await self._more()
            size = int(await self._exactly(end + 2), 16)
            body += (await self._exactly(size + 2))[:-2]
            if not size:
                return body
