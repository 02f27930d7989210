"""The pool of HTTP clients: one for each way out (proxy and certificate file); what is sent is not known here."""

from __future__ import annotations

import asyncio
import ssl
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import truststore

from app.model.errors import ProxyFailed, UnreadableFile
from app.model.providers import Endpoint, ProxyMode
from app.services.api.address import is_loopback, origin, shown_host

_CONNECTIONS = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=30)


@dataclass(frozen=True, slots=True)
class Route:
    """One way out: an empty `proxy_url` means direct; `ca_file` is trusted besides the system's certificates."""

    proxy_url: str = ""
    ca_file: str = ""


type ClientFactory = Callable[[Route], Awaitable[httpx.AsyncClient]]


class Connections:
    """Keeps a client for each route; a client keeps its connections open between requests."""

    def __init__(self, new_client: ClientFactory) -> None:
        self._new_client = new_client
        self._clients: dict[Route, httpx.AsyncClient] = {}
        self._making = asyncio.Lock()

    async def client_for(self, route: Route) -> httpx.AsyncClient:
        """The client for `route`. Raises ProxyFailed for an unusable proxy address, UnreadableFile for a CA file."""
        async with self._making:
            if route not in self._clients:
                self._clients[route] = await self._new_client(route)
            return self._clients[route]

    async def aclose(self) -> None:
        clients = list(self._clients.values())
        self._clients.clear()
        for client in clients:
            await client.aclose()


async def new_client(route: Route) -> httpx.AsyncClient:
    """A client without redirects or surroundings of its own: the proxy, the trust and the waiting times are ours."""
    # Reading all certificates of the system takes tens of milliseconds, too long for the window's thread.
    context = await asyncio.to_thread(_trust, route.ca_file)
    try:
        return httpx.AsyncClient(
            verify=context,
            proxy=route.proxy_url or None,
            trust_env=False,
            follow_redirects=False,
            limits=_CONNECTIONS,
            timeout=None,  # noqa: S113 - every request brings its own
        )
    except (ValueError, httpx.InvalidURL) as error:
        raise ProxyFailed(str(error), host=shown_host(route.proxy_url)) from error


async def route_to(endpoint: Endpoint) -> Route:
    """How `endpoint` is reached; the system's proxy is asked for anew each time, for it changes with the network."""
    if endpoint.proxy_mode is ProxyMode.MANUAL and endpoint.proxy_url.strip():
        return Route(_with_scheme(endpoint.proxy_url.strip()), endpoint.ca_file)
    if endpoint.proxy_mode is ProxyMode.SYSTEM and not is_loopback(endpoint.base_url):
        # In a thread, because macOS may look up names to answer.
        return Route(await asyncio.to_thread(_system_proxy, endpoint.base_url), endpoint.ca_file)
    return Route("", endpoint.ca_file)


def _system_proxy(url: str) -> str:
    """The proxy that the environment or the system's settings want for `url`, "" for none."""
    scheme, host, port = origin(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(scheme) or proxies.get("all") or ""
    if not (proxy and host) or urllib.request.proxy_bypass(f"{host}:{port}"):
        return ""
    return _with_scheme(proxy)


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _trust(ca_file: str) -> ssl.SSLContext:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UnreadableFile(str(error), name=Path(ca_file).name, expected="PEM") from error
    return context
