"""Server-sent events as OpenAI's API sends them; knows nothing of what is inside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from starlette.responses import StreamingResponse

from app.engine.work import Work

KEEP_ALIVE_S = 10.0
DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": still working\n\n"


def event(data: dict[str, Any]) -> bytes:
    """One unnamed event with a JSON object."""
    return b"data: " + json.dumps(data, ensure_ascii=False, allow_nan=False).encode() + b"\n\n"


def named_event(data: dict[str, Any]) -> bytes:
    """One event named after its `type`."""
    return f"event: {data['type']}\n".encode() + event(data)


def streamed(events: AsyncIterator[bytes]) -> StreamingResponse:
    """Send `events` as they come. When the client hangs up, the generator is cancelled at its `await`."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def with_pauses[T](work: Work[T], pause_s: float = KEEP_ALIVE_S) -> AsyncGenerator[T | None]:
    """The items of `work`, and None whenever nothing came for `pause_s` seconds, so that the line is kept alive."""
    upcoming = asyncio.ensure_future(anext(work))
    try:
        while True:
            await asyncio.wait({upcoming}, timeout=pause_s)
            if not upcoming.done():
                yield None
                continue
            try:
                item = upcoming.result()
            except StopAsyncIteration:
                return
            upcoming = asyncio.ensure_future(anext(work))
            yield item
    finally:
        upcoming.cancel()
