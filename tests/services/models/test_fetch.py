"""Fetcher: a host that cannot be reached is left alone for a while, and tried again after it."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest

from app.model.errors import ConnectionFailed
from app.services.models.catalogue import Part, Source
from app.services.models.fetch import DEAD_FOR_S, Fetcher
from tests.fakes.model_sources import file_server

CONTENT = b"the model"


def test_a_host_that_was_away_is_tried_again_when_some_time_has_passed(tmp_path: Path) -> None:
    now = 1000.0
    fetcher = Fetcher(_client, clock=lambda: now)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        with pytest.raises(ConnectionFailed):
            _fetch(fetcher, f"http://127.0.0.1:{port}/m", tmp_path)
    with file_server(port) as server:
        server.files["/m"] = CONTENT
        with pytest.raises(ConnectionFailed):
            _fetch(fetcher, f"{server.url}/m", tmp_path)
        assert not server.requests
        now += DEAD_FOR_S
        _fetch(fetcher, f"{server.url}/m", tmp_path)
    assert (tmp_path / "m").read_bytes() == CONTENT


def test_the_password_of_a_mirror_is_not_told(tmp_path: Path) -> None:
    with file_server() as server:
        address = server.url.replace("http://", "http://me:sesame@")
        with pytest.raises(ConnectionFailed, match="404") as failed:
            _fetch(Fetcher(_client), f"{address}/m", tmp_path)
    assert "sesame" not in str(failed.value)
    assert "sesame" not in failed.value.server_words


def _fetch(fetcher: Fetcher, url: str, folder: Path) -> None:
    part = Part("m", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), (Source("url", url=url),))

    async def fetched() -> None:
        async with aclosing(fetcher.fetch(part, folder)) as sizes:
            async for _ in sizes:
                pass

    asyncio.run(fetched())


async def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False)
