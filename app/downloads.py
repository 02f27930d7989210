"""Brings a file over HTTP to disk so that a broken connection loses nothing; whether it is the right one is checked."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

TELL_EVERY_BYTES = 1 << 18
PAGE = "text/html"
GOING_ON, BEYOND_THE_END = 206, 416
"""What a server answers that sends the rest, and one that has no rest to send (RFC 9110, 15.3.7 and 15.5.17)."""
MOST_BYTES = 1 << 28
"""Of an archive or a wheel: three times the largest that an index takes without being asked."""


class WrongDownload(Exception):
    """The server sends something else than the file: a page, more than there is, or to another address."""


async def download(
    client: httpx.AsyncClient,
    url: str,
    partial: Path,
    size_bytes: int | None = None,
    *,
    most_bytes: int = MOST_BYTES,
    follows: bool = True,
) -> AsyncGenerator[int]:
    """Bring `url` to `partial`, going on from what is there already; yields how many bytes that is.

    Of a file whose size is not known beforehand, `most_bytes` are taken at most; of another not one byte more than
    `size_bytes`. Unless it `follows`, being sent to another address is a failure.

    Raises:
        WrongDownload
        httpx.HTTPError, OSError: what arrived is kept.
    """
    most = most_bytes if size_bytes is None else size_bytes
    done = partial.stat().st_size if partial.exists() else 0
    if done > most:
        partial.unlink()
        done = 0
    if size_bytes is not None and done == size_bytes:
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    async with client.stream("GET", url, headers=headers, follow_redirects=follows) as response:
        if done and response.status_code == BEYOND_THE_END:  # whole already, or of another file: it is fetched anew
            partial.unlink()
            async with aclosing(
                download(client, url, partial, size_bytes, most_bytes=most_bytes, follows=follows)
            ) as anew:
                async for done in anew:
                    yield done
            return
        _check(response)
        going_on = response.status_code == GOING_ON
        async with aclosing(_kept(response, partial, done if going_on else 0, most)) as sizes:
            async for done in sizes:
                yield done


async def _kept(response: httpx.Response, partial: Path, done: int, most: int) -> AsyncGenerator[int]:
    """Put what comes behind the `done` bytes that are there, or in their place; yields how many there are."""
    told = 0
    with partial.open("ab" if done else "wb") as file:
        async for chunk in response.aiter_raw():  # as it arrives: a broken connection loses nothing
            if done + len(chunk) > most:
                break
            await asyncio.to_thread(file.write, chunk)
            done += len(chunk)
            if done - told >= TELL_EVERY_BYTES:
                told = done
                yield done
        else:
            return
    partial.unlink()  # what is there would not become the file either
    raise WrongDownload(f"more than {most} bytes")


def has_hash(file: Path, sha256: str) -> bool:
    """Whether the file is there and has this content; blocks."""
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def _check(response: httpx.Response) -> None:
    if response.is_redirect:
        raise WrongDownload(f"it is sent from {response.headers.get('Location', '')}")
    response.raise_for_status()
    if response.headers.get("Content-Type", "").startswith(PAGE):
        raise WrongDownload("a page instead of a file")
