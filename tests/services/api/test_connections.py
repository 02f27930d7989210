"""The way out: proxies, certificates, and one client for each."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from app.model.errors import CertificateRejected, ConnectionFailed, ProxyFailed, UnreadableFile, WrongAddress
from app.model.providers import Endpoint, ProxyMode
from app.services.api.connections import Route, new_client, route_to
from tests.fakes.forward_proxy import ForwardProxy
from tests.fakes.openai_server import FakeOpenAI
from tests.services.api.asking import KEY, QUICK, chat, collected, endpoint_of, question, run


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[FakeOpenAI]:
    """A server with a certificate that no system trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FakeOpenAI(tls=context) as running:
        yield running


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "company 证书.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def proxy() -> Iterator[ForwardProxy]:
    with ForwardProxy() as running:
        yield running


def test_an_unknown_certificate_is_rejected(secure: FakeOpenAI) -> None:
    outcome = chat(secure)
    assert isinstance(outcome.error, CertificateRejected)
    assert outcome.pauses == []
    assert secure.requests == []


def test_a_certificate_file_makes_it_known(secure: FakeOpenAI, ca_file: str) -> None:
    assert chat(secure, ca_file=ca_file).text == "You said: hi"


def test_a_certificate_for_another_name_is_rejected(authority: trustme.CA, ca_file: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(context)
    with FakeOpenAI(tls=context) as server:
        outcome = chat(server, ca_file=ca_file)
    assert isinstance(outcome.error, CertificateRejected)
    assert "127.0.0.1" in outcome.error.server_words


@pytest.mark.parametrize("content", [None, b"", b"no certificate at all"])
def test_a_certificate_file_that_cannot_be_read(secure: FakeOpenAI, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    outcome = chat(secure, ca_file=str(path))
    assert isinstance(outcome.error, UnreadableFile)
    assert outcome.error.arguments["name"] == "ca.pem"


def test_https_at_a_plain_port(server: FakeOpenAI) -> None:
    outcome = chat(server, base_url=server.base_url.replace("http:", "https:"))
    assert isinstance(outcome.error, WrongAddress)


def test_http_at_a_secure_port(secure: FakeOpenAI) -> None:
    outcome = chat(secure, base_url=secure.base_url.replace("https:", "http:"))
    assert isinstance(outcome.error, ConnectionFailed)


def through(proxy: ForwardProxy, server: FakeOpenAI, **changes: Any) -> Endpoint:
    return endpoint_of(server, proxy_mode=ProxyMode.MANUAL, proxy_url=proxy.url, **changes)


def test_a_manual_proxy_is_used(server: FakeOpenAI, proxy: ForwardProxy) -> None:
    outcome = collected(lambda api: api.chat(through(proxy, server), question()))
    assert outcome.text == "You said: hi"
    assert proxy.targets == [f"http://127.0.0.1:{server.port}/v1/chat/completions"]


def test_a_secure_server_behind_a_proxy(secure: FakeOpenAI, proxy: ForwardProxy, ca_file: str) -> None:
    outcome = collected(lambda api: api.chat(through(proxy, secure, ca_file=ca_file), question()))
    assert outcome.text == "You said: hi"
    assert proxy.targets == [f"127.0.0.1:{secure.port}"]
    assert not any(KEY.encode() in data for data in proxy.seen)


def test_a_proxy_with_a_password(server: FakeOpenAI) -> None:
    with ForwardProxy(login="me:secret") as proxy:
        outcome = collected(lambda api: api.chat(through(proxy, server), question()))
        assert isinstance(outcome.error, ProxyFailed)
        assert outcome.pauses == []
        proxy_url = proxy.url.replace("://", "://me:secret@")
        endpoint = endpoint_of(server, proxy_mode=ProxyMode.MANUAL, proxy_url=proxy_url)
        assert collected(lambda api: api.chat(endpoint, question())).text == "You said: hi"


def test_a_proxy_that_refuses_the_tunnel(secure: FakeOpenAI, ca_file: str) -> None:
    with ForwardProxy(login="me:secret") as proxy:
        outcome = collected(lambda api: api.chat(through(proxy, secure, ca_file=ca_file), question()))
    assert isinstance(outcome.error, ProxyFailed)


def test_a_proxy_that_is_not_there(server: FakeOpenAI) -> None:
    with ForwardProxy() as gone:
        endpoint = through(gone, server)
    assert isinstance(collected(lambda api: api.chat(endpoint, question())).error, ProxyFailed)


@pytest.mark.parametrize("address", ["nonsense://h:1", "http://[::1"])
def test_a_proxy_address_that_cannot_be(server: FakeOpenAI, address: str) -> None:
    endpoint = endpoint_of(server, proxy_mode=ProxyMode.MANUAL, proxy_url=address)
    assert isinstance(collected(lambda api: api.chat(endpoint, question())).error, ProxyFailed)


def routed(base_url: str, mode: ProxyMode, proxy_url: str = "") -> str:
    endpoint = Endpoint(base_url, KEY, proxy_mode=mode, proxy_url=proxy_url, timeouts=QUICK)
    return asyncio.run(route_to(endpoint)).proxy_url


def test_the_systems_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intern.example")
    assert routed("https://api.example/v1", ProxyMode.SYSTEM) == "http://proxy.example:3128"
    assert routed("https://box.intern.example/v1", ProxyMode.SYSTEM) == ""
    assert routed("http://api.example/v1", ProxyMode.SYSTEM) == ""
    assert routed("https://api.example/v1", ProxyMode.NONE) == ""
    assert routed("https://api.example/v1", ProxyMode.MANUAL, "socks5://other:1080") == "socks5://other:1080"
    assert routed("https://api.example/v1", ProxyMode.MANUAL) == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_is_never_behind_the_systems_proxy(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    assert routed("http://api.example/v1", ProxyMode.SYSTEM) == "http://proxy.example:3128"
    assert routed(f"http://{host}:8080/v1", ProxyMode.SYSTEM) == ""


def test_surroundings_bring_no_password_along(
    server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    chat(server, key="")
    assert "authorization" not in server.requests[0].headers


def test_one_client_for_each_way_out_made_off_the_loops_thread(server: FakeOpenAI, ca_file: str) -> None:
    made: list[Route] = []

    async def counting(route: Route) -> httpx.AsyncClient:
        made.append(route)
        return await new_client(route)

    async def use(api: Any) -> None:
        plain = [api.models(endpoint_of(server)) for _ in range(5)]
        await asyncio.gather(*plain, api.models(endpoint_of(server, ca_file=ca_file)))

    run(use, new_client=counting)
    assert sorted(made, key=lambda route: route.ca_file) == [Route(), Route("", ca_file)]


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port that accepts connections and says something that is not HTTP."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak() -> None:
            for _ in range(3):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"220 mail.example ESMTP\r\n\r\n")

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        yield listener.getsockname()[1]


def test_a_server_of_another_kind() -> None:
    with deaf_port() as port:
        endpoint = Endpoint(f"http://127.0.0.1:{port}/v1", timeouts=QUICK)
        outcome = collected(lambda api: api.chat(endpoint, question()))
    assert isinstance(outcome.error, WrongAddress)
