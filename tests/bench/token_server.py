"""A server in a process of its own that answers a chat with as many tokens, as fast, as the model's name says.

`tokens-5000-at-500` sends 5,000 tokens, 500 a second; at 0 it sends as fast as the line takes. `stamps` sends one
token, the time at which it was written. Its port is the first line of its output.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.bench.texts import tokens
from tests.profiles import ROOT

STAMPS = "stamps"
_PIECE_BYTES = 16_384
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_SHELL = {"id": "chatcmpl-x", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def model(count: int, per_second: int = 0) -> str:
    return f"tokens-{count}-at-{per_second}"


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The server's base URL; it ends with the block."""
    command = [sys.executable, "-m", "tests.bench.token_server"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.terminate()
        process.wait()


async def main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1")
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, OSError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = next((line[15:] for line in head.split("\r\n") if line.startswith("content-length:")), "0")
            body = await reader.readexactly(int(length))
            if head.startswith("post"):
                await _answer(writer, json.loads(body)["model"])
            else:
                _list_models(writer)
            await writer.drain()
    writer.close()


def _list_models(writer: asyncio.StreamWriter) -> None:
    body = json.dumps({"object": "list", "data": [{"id": STAMPS, "object": "model"}]}).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


async def _answer(writer: asyncio.StreamWriter, name: str) -> None:
    if name == STAMPS:
        writer.write(_HEAD)
        writer.write(_chunk(_delta(f"{time.perf_counter():.6f}")))
    else:
        _, count, _, per_second = name.split("-")
        deltas = [_delta(token) for token in tokens(int(count))]  # before the head: making them is not measured
        writer.write(_HEAD)
        await (_pace(writer, deltas, int(per_second)) if int(per_second) else _flood(writer, deltas))
    writer.write(_chunk(_event({"delta": {}, "finish_reason": "stop"}) + b"data: [DONE]\n\n") + b"0\r\n\r\n")


async def _flood(writer: asyncio.StreamWriter, deltas: list[bytes]) -> None:
    whole = b"".join(map(_chunk, deltas))  # each a chunk of its own, as servers write them; the network joins them
    for start in range(0, len(whole), _PIECE_BYTES):
        writer.write(whole[start : start + _PIECE_BYTES])
        await writer.drain()


async def _pace(writer: asyncio.StreamWriter, deltas: list[bytes], per_second: int) -> None:
    started = time.perf_counter()
    for number, delta in enumerate(deltas):
        early_s = started + number / per_second - time.perf_counter()
        if early_s > 0:
            await asyncio.sleep(early_s)
        writer.write(_chunk(delta))
        await writer.drain()


def _delta(text: str) -> bytes:
    return _event({"delta": {"content": text}, "finish_reason": None})


def _event(choice: dict[str, object]) -> bytes:
    return b"data: " + json.dumps(_SHELL | {"choices": [{"index": 0, **choice}]}).encode() + b"\n\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
