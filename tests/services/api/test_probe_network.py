"""The connection test where the network is at fault: TLS, proxies, silence, and servers of another kind."""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from app.model.providers import Endpoint, ProxyMode, TestResult, Timeouts, Verdict
from app.services.api.client import ApiService
from app.services.api.probe import LIMIT_S
from tests.fakes.forward_proxy import ForwardProxy
from tests.fakes.odd_servers import full_server, silent_server, speaking_server, unused_port
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.secure_server import secure_server
from tests.services.api.asking import KEY, endpoint_of, run

QUICK = Timeouts(connect_s=0.3, idle_s=0.3)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "company.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def probed(endpoint: Endpoint) -> TestResult:
    return run(lambda api: api.test(endpoint))


def at(port: int, scheme: str = "http") -> Endpoint:
    return Endpoint(f"{scheme}://127.0.0.1:{port}/v1", KEY, timeouts=QUICK)


def test_a_certificate_of_an_unknown_authority(authority: trustme.CA, ca_file: str) -> None:
    with secure_server(authority, key=KEY) as server:
        result = probed(endpoint_of(server))
        assert (result.verdict, server.requests) == (Verdict.CERTIFICATE, [])
        assert "issuer" in result.words
        assert probed(endpoint_of(server, ca_file=ca_file)).verdict is Verdict.WORKS


def test_a_certificate_for_another_name(authority: trustme.CA, ca_file: str) -> None:
    with secure_server(authority, "other.example", key=KEY) as server:
        result = probed(endpoint_of(server, ca_file=ca_file))
    assert result.verdict is Verdict.CERTIFICATE_NAME
    assert "127.0.0.1" in result.words


@pytest.mark.parametrize("days", [(-20, -10), (10, 20)])
def test_a_certificate_of_another_time(authority: trustme.CA, ca_file: str, days: tuple[int, int]) -> None:
    begins, ends = (datetime.now(UTC) + timedelta(days=count) for count in days)
    with secure_server(authority, key=KEY, dates=(begins, ends)) as server:
        assert probed(endpoint_of(server, ca_file=ca_file)).verdict is Verdict.CERTIFICATE_DATE


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_certificate_file_that_is_none(authority: trustme.CA, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "wrong.pem"
    if content is not None:
        path.write_bytes(content)
    with secure_server(authority, key=KEY) as server:
        assert probed(endpoint_of(server, ca_file=str(path))).verdict is Verdict.CERTIFICATE_FILE


def test_http_where_https_is_spoken(authority: trustme.CA, ca_file: str) -> None:
    with secure_server(authority, key=KEY) as server:
        plain = server.base_url.replace("https:", "http:")
        result = probed(endpoint_of(server, base_url=plain, ca_file=ca_file))
        assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, server.base_url)
        # Without the file the next test is about the certificate; but first things first.
        result = probed(endpoint_of(server, base_url=plain))
        assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, server.base_url)
        assert all(request.key == "" for request in server.requests)


def test_https_where_http_is_spoken() -> None:
    with FakeOpenAI(key=KEY) as server:
        result = probed(endpoint_of(server, base_url=server.base_url.replace("http:", "https:")))
        assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, server.base_url)
        assert all(request.key == "" for request in server.requests)


def through(proxy_url: str, server: FakeOpenAI, **changes: Any) -> TestResult:
    return probed(endpoint_of(server, proxy_mode=ProxyMode.MANUAL, proxy_url=proxy_url, **changes))


@pytest.mark.parametrize("is_secure", [True, False])
def test_a_proxy_that_wants_a_password(authority: trustme.CA, ca_file: str, is_secure: bool) -> None:
    serving = secure_server(authority, key=KEY) if is_secure else FakeOpenAI(key=KEY)
    with serving as server, ForwardProxy(login="me:secret") as proxy:
        for login in ("", "me:wrong@"):
            result = through(proxy.url.replace("://", f"://{login}"), server, ca_file=ca_file)
            assert (result.verdict, server.requests) == (Verdict.PROXY_LOGIN, [])
            assert "wrong" not in result.words
        right = proxy.url.replace("://", "://me:secret@")
        assert through(right, server, ca_file=ca_file).verdict is Verdict.WORKS
        assert not any(KEY.encode() in data for data in proxy.seen) or not is_secure


def test_a_proxy_without_a_password() -> None:
    with FakeOpenAI(key=KEY) as server, ForwardProxy() as proxy:
        assert through(proxy.url, server).verdict is Verdict.WORKS
        assert f"http://127.0.0.1:{server.port}/v1/models" in proxy.targets


@pytest.mark.parametrize("address", ["", "http://nowhere.invalid:1", "odd://h:1", "a b"])
def test_a_proxy_that_is_not_there(address: str) -> None:
    address = address or f"http://127.0.0.1:{unused_port()}"
    with FakeOpenAI(key=KEY) as server:
        result = through(address, server)
    assert (result.verdict, result.corrected_url) == (Verdict.PROXY, "")


def test_a_name_that_nobody_has() -> None:
    assert probed(Endpoint("https://nowhere.invalid/v1", KEY)).verdict is Verdict.UNKNOWN_HOST


def test_a_port_where_nobody_listens() -> None:
    assert probed(at(unused_port())).verdict is Verdict.UNREACHABLE


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
OTHERS = {
    "a mail server": b"220 mail.example ESMTP\r\n",
    "a shell": b"SSH-2.0-OpenSSH_9.7\r\n",
    "a TLS alert": b"\x15\x03\x01\x00\x02\x02\x46",
    "nothing": b"",
    "a page for every question": OK + b"\r\n<html><title>My NAS</title></html>",
    "an empty answer": OK + b"Content-Length: 0\r\n\r\n",
    "other JSON": OK + b'\r\n{"ok": "yes"}',
    "half an answer": OK + b"Content-Length: 99\r\n\r\n{",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_a_server_of_another_kind(kind: str) -> None:
    with speaking_server(OTHERS[kind]) as port:
        result = probed(at(port))
    assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, "")
    assert ("My NAS" in result.words) is ("page" in kind)


@pytest.mark.parametrize("make", [silent_server, full_server])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_silence(make: Any, scheme: str) -> None:
    with make() as port:
        assert probed(at(port, scheme)).verdict is Verdict.SILENT


NEVER_ENDING: dict[str, tuple[AbstractContextManager[int], str]] = {
    "silent": (silent_server(), "http"),
    "silent, secure": (silent_server(), "https"),
    "full": (full_server(), "http"),
    "a header and another": (speaking_server(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", again_every_s=0.1), "http"),
    "a body by the byte": (speaking_server(b"HTTP/1.1 200 OK\r\n\r\n", b" ", again_every_s=0.1), "http"),
    "the list for ever": (speaking_server(b"HTTP/1.1 200 OK\r\n\r\n[", b'"a",' * 999, again_every_s=0.01), "http"),
    "a TLS record by the byte": (speaking_server(b"\x16", b"\x03", again_every_s=0.1), "https"),
}


BUSY_S = 5.0
"""What a busy machine may take on top of the limit; without a limit it would be for ever."""


def test_ten_seconds_are_the_longest_that_anyone_waits() -> None:
    """All at the same time, with the waiting times of a new profile."""

    async def use(api: ApiService) -> list[tuple[float, Verdict]]:
        async def measured(port: int, scheme: str) -> tuple[float, Verdict]:
            began = time.monotonic()
            result = await api.test(Endpoint(f"{scheme}://127.0.0.1:{port}/v1", KEY))
            return time.monotonic() - began, result.verdict

        with contextlib.ExitStack() as stack:
            places = [(stack.enter_context(server), scheme) for server, scheme in NEVER_ENDING.values()]
            return await asyncio.gather(*(measured(port, scheme) for port, scheme in places))

    found = run(use)
    assert LIMIT_S < 10
    assert max(seconds for seconds, _ in found) < LIMIT_S + BUSY_S
    assert {verdict for _, verdict in found} <= {Verdict.SILENT, Verdict.WRONG_ADDRESS}
