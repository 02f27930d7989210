"""Downloads: they go on where they broke off, take no byte too many, and know a page from a file."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.downloads import WrongDownload, download, has_hash
from tests.fakes.model_sources import FileServer, file_server

CONTENT = bytes(range(256)) * 4096


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        running.files["/file"] = CONTENT
        yield running


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    return tmp_path / "file.partial"


def _downloaded(url: str, partial: Path, size_bytes: int | None = None, **options: Any) -> list[int]:
    async def go() -> list[int]:
        async with (
            httpx.AsyncClient(trust_env=False) as client,
            aclosing(download(client, url, partial, size_bytes, **options)) as sizes,
        ):
            return [size async for size in sizes]

    return asyncio.run(go())


def test_progress_is_told_as_the_file_grows(server: FileServer, partial: Path) -> None:
    sizes = _downloaded(f"{server.url}/file", partial, len(CONTENT))
    assert partial.read_bytes() == CONTENT
    assert sizes == sorted(sizes)
    assert sizes[-1] <= len(CONTENT)


def test_it_goes_on_where_it_broke_off(server: FileServer, partial: Path) -> None:
    server.break_after = 300_000
    with pytest.raises(httpx.HTTPError):
        _downloaded(f"{server.url}/file", partial, len(CONTENT))
    kept = partial.stat().st_size
    assert 0 < kept <= 300_000
    _downloaded(f"{server.url}/file", partial, len(CONTENT))
    assert server.requests[-1] == ("/file", f"bytes={kept}-")
    assert partial.read_bytes() == CONTENT
    _downloaded(f"{server.url}/file", partial, len(CONTENT))
    assert len(server.requests) == 2, "it is whole: nothing is asked"


def test_what_was_whole_already_is_fetched_anew_where_its_size_is_not_known(server: FileServer, partial: Path) -> None:
    partial.write_bytes(CONTENT)
    _downloaded(f"{server.url}/file", partial)
    assert partial.read_bytes() == CONTENT
    assert [wanted for _, wanted in server.requests] == [f"bytes={len(CONTENT)}-", ""]


def test_a_file_of_unknown_size_has_an_end_all_the_same(server: FileServer, partial: Path) -> None:
    with pytest.raises(WrongDownload, match="more than 100000 bytes"):
        _downloaded(f"{server.url}/file", partial, most_bytes=100_000)
    assert not partial.exists()


def test_a_server_without_ranges_begins_anew(server: FileServer, partial: Path) -> None:
    server.understands_ranges = False
    partial.write_bytes(b"something")
    server.files["/file"] = CONTENT
    _downloaded(f"{server.url}/file", partial)
    assert partial.read_bytes() == CONTENT


def test_not_a_byte_too_many_is_kept(server: FileServer, partial: Path) -> None:
    with pytest.raises(WrongDownload, match="more than 1000 bytes"):
        _downloaded(f"{server.url}/file", partial, 1000)
    assert not partial.exists()


def test_what_is_longer_than_the_file_is_no_beginning_of_it(server: FileServer, partial: Path) -> None:
    partial.write_bytes(bytes(len(CONTENT) + 1))
    _downloaded(f"{server.url}/file", partial, len(CONTENT))
    assert partial.read_bytes() == CONTENT


def test_a_page_is_no_file(server: FileServer, partial: Path) -> None:
    server.content_types["/file"] = "text/html; charset=utf-8"
    with pytest.raises(WrongDownload, match="a page"):
        _downloaded(f"{server.url}/file", partial, len(CONTENT))
    assert not partial.exists()


def test_another_address_is_gone_to_only_by_who_follows(server: FileServer, partial: Path) -> None:
    server.redirects["/moved"] = f"{server.url}/file"
    with pytest.raises(WrongDownload, match="/file"):
        _downloaded(f"{server.url}/moved", partial, follows=False)
    assert [path for path, _ in server.requests] == ["/moved"]
    _downloaded(f"{server.url}/moved", partial)
    assert partial.read_bytes() == CONTENT


def test_a_file_is_told_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(CONTENT)
    assert has_hash(tmp_path / "one", hashlib.sha256(CONTENT).hexdigest())
    assert not has_hash(tmp_path / "one", hashlib.sha256(b"").hexdigest())
    assert not has_hash(tmp_path / "none", hashlib.sha256(CONTENT).hexdigest())
