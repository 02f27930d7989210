"""ReleaseFeed: asks one address for the newest release, believes nothing unsigned, and downloads its file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from app.downloads import WrongDownload, download, has_hash
from app.model.errors import DiskFull, storage_failure
from app.model.update_errors import (
    DownloadBrokenOff,
    DownloadWrong,
    FeedExpired,
    FeedNotGenuine,
    FeedRedirected,
    FeedUnreachable,
    FeedUnreadable,
)
from app.model.updates import Release, ReleaseFile, SignedText
from app.services.updates.minisign import BadSignature, PublicKey, verify

if TYPE_CHECKING:
    from app.services.updates.source import FeedSource

log = logging.getLogger(__name__)

MOST_FEED_BYTES = 1 << 20
ANSWER_WITHIN_S = 30.0


class ReleaseFeed:
    """`new_client` makes an HTTP client for one question."""

    def __init__(self, source: FeedSource, new_client: Callable[[], Awaitable[httpx.AsyncClient]]) -> None:
        self._url = source.url
        self._key = PublicKey.read(source.public_key)
        self._new_client = new_client
        self.host = urlsplit(source.url).netloc

    async def newest(self, now: datetime) -> SignedText:
        """What the feed says, whose signature is right and which is good at the moment `now`.

        Nothing about the user or the computer is sent but what every request for a page has.

        Raises:
            UpdateFailed: it cannot be had or believed.
        """
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                answer = await self._answer()
        except (TimeoutError, httpx.HTTPError) as error:
            raise FeedUnreachable(str(error), host=self.host) from error
        try:
            signed = msgspec.json.decode(answer, type=SignedText)
        except (ValueError, RecursionError) as error:
            raise FeedUnreadable(str(error), host=self.host) from error
        release = self.release(signed)
        if release.expires <= now:
            raise FeedExpired(date=release.expires.date().isoformat())
        return signed

    def release(self, signed: SignedText) -> Release:
        """What the manifest says.

        Raises:
            FeedNotGenuine: it is not signed with the right key.
            FeedUnreadable: it is, and still makes no sense to this version.
        """
        try:
            manifest = signed.manifest.encode()
            verify(self._key, manifest, signed.signature)
            return msgspec.json.decode(manifest, type=Release)
        except BadSignature as error:
            raise FeedNotGenuine(str(error), host=self.host) from error
        except (ValueError, RecursionError) as error:
            raise FeedUnreadable(str(error), host=self.host) from error

    async def fetch(self, file: ReleaseFile, target: Path) -> AsyncGenerator[int]:
        """Bring a file, which lies beside the feed, to `target`; yields how many bytes of it are here.

        Closing stops it; the next time it goes on from there.

        Raises:
            DownloadBrokenOff, DownloadWrong
            DiskFull, StorageFailed
        """
        if await asyncio.to_thread(has_hash, target, file.sha256):
            yield file.size_bytes
            return
        partial = target.with_name(f"{target.name}.partial")
        with self._failures_of(file, partial):
            async with (
                await self._new_client() as client,
                aclosing(
                    download(client, urljoin(self._url, file.name), partial, file.size_bytes, follows=False)
                ) as sizes,
            ):
                async for done in sizes:
                    yield done
            if partial.stat().st_size < file.size_bytes:
                raise DownloadBrokenOff(host=self.host)
            yield file.size_bytes
            if not await asyncio.to_thread(has_hash, partial, file.sha256):
                partial.unlink()
                raise DownloadWrong(name=file.name, host=self.host)
            partial.replace(target)

    async def _answer(self) -> bytes:
        async with (
            await self._new_client() as client,
            client.stream("GET", self._url, headers={"Accept-Encoding": "identity"}) as response,
        ):
            if response.is_redirect:
                raise FeedRedirected(host=self.host, location=self._named_by(response))
            response.raise_for_status()
            answer = bytearray()
            async for chunk in response.aiter_raw():
                answer += chunk
                if len(answer) > MOST_FEED_BYTES:
                    raise FeedUnreadable(f"more than {MOST_FEED_BYTES} bytes", host=self.host)
            return bytes(answer)

    def _named_by(self, response: httpx.Response) -> str:
        """Where a redirect leads; empty if that is no address."""
        try:
            return urlsplit(urljoin(self._url, str(response.headers.get("Location", "")))).netloc
        except ValueError:
            return ""

    @contextmanager
    def _failures_of(self, file: ReleaseFile, partial: Path) -> Iterator[None]:
        try:
            yield
        except WrongDownload as error:
            raise DownloadWrong(str(error), name=file.name, host=self.host) from error
        except httpx.HTTPError as error:
            raise DownloadBrokenOff(str(error) or type(error).__name__, host=self.host) from error
        except OSError as error:
            failure = storage_failure(error, partial)
            if isinstance(failure, DiskFull):
                partial.unlink(missing_ok=True)  # the room is needed for what the user makes
            raise failure from error
