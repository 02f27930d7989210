"""The client at the other end of a connection: notices that it hung up, and reads its bodies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

from starlette.requests import Request

from app.engine.openai_errors import ApiError, invalid

LARGEST_JSON_BYTES = 64 << 20
LARGEST_UPLOAD_BYTES = 1 << 30


class ClientGone(Exception):
    """Nobody is there to take the answer."""


async def unless_gone[T](request: Request, result: Awaitable[T]) -> T:
    """Wait for `result` while the client stays; the body must have been read.

    Raises:
        ClientGone: the client hung up first; `result` is cancelled.
    """
    waiting = asyncio.ensure_future(result)
    leaving = asyncio.create_task(_until_gone(request))
    try:
        await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            raise ClientGone
        return waiting.result()
    finally:
        for task in (waiting, leaving):
            task.cancel()


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def read_json(request: Request) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        ApiError: too large, no JSON, or not an object.
    """
    refuse_large(request, LARGEST_JSON_BYTES)
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise invalid("The body of the request is not valid JSON.") from None
    if not isinstance(body, dict):
        raise invalid("The body of the request must be a JSON object.")
    return body


def refuse_large(request: Request, most_bytes: int) -> None:
    """Judge by the announced length, before anything is read.

    Raises:
        ApiError: the body is larger.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most_bytes:
        raise ApiError(413, f"The request is larger than {most_bytes >> 20} MiB.", code="request_too_large")
