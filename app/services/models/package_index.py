"""Where a package index keeps a wheel: asks the index's page of the project, fetches nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from app.services.models.catalogue import Package

if TYPE_CHECKING:
    import httpx

PYPI = "https://pypi.org/simple"
MIRROR_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
"""Where the user names a mirror for uv or pip, in the order in which they are looked at."""
JSON = "application/vnd.pypi.simple.v1+json"
LARGEST_PAGE_BYTES = 1 << 25
"""The largest projects have pages of a few megabytes."""
_PIECE_BYTES = 1 << 16
ACCEPT = f"{JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


class _File(msgspec.Struct):
    url: str
    hashes: dict[str, str] = msgspec.field(default_factory=dict)


class _Project(msgspec.Struct):
    files: list[_File]


def usual_index() -> str:
    """The mirror that the environment names, else PyPI."""
    return next((named for name in MIRROR_VARIABLES if (named := os.environ.get(name, "").strip())), PYPI)


def is_address(text: str) -> bool:
    """Whether a web server can be at this address; what is asked for one that it cannot raises all kinds of errors."""
    import httpx

    try:
        address = httpx.URL(text)
        _ = urlsplit(text).port  # the range of ports is checked here only
        address.host.encode("idna")
    except (httpx.InvalidURL, ValueError):
        return False
    return address.scheme in ("http", "https") and bool(address.host) and text.split() == [text]


async def find_wheel(client: httpx.AsyncClient, index: str, package: Package) -> str | None:
    """The address of the wheel with the package's hash; None if the index, an address, has no such file.

    The protocol is the simple repository API (packaging.python.org), as JSON or as HTML.

    Raises:
        httpx.HTTPError: the index cannot be reached or refuses.
    """
    page = f"{index.rstrip('/')}/{package.name}/"
    async with client.stream("GET", page, headers={"Accept": ACCEPT}, follow_redirects=True) as answer:
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        content = await _read(answer)
    is_json = answer.headers.get("Content-Type", "").startswith(JSON)
    try:
        files = _files_of_json(content) if is_json else _files_of_html(content.decode("utf-8", "replace"))
        found = next((url for url, sha256 in files if sha256 == package.wheel_sha256), None)
    except msgspec.DecodeError:
        return None
    return None if found is None else _joined(answer.url, found)


def _joined(page: httpx.URL, link: str) -> str | None:
    """Where a link on a page leads; None if that is nowhere."""
    import httpx

    try:
        address = str(page.join(link))
    except httpx.InvalidURL:
        return None
    return address if is_address(address) else None


async def _read(answer: httpx.Response) -> bytes:
    """The page, or as much of it as any page has: an endless one is no page."""
    found = bytearray()
    async for piece in answer.aiter_bytes(_PIECE_BYTES):
        found += piece
        if len(found) > LARGEST_PAGE_BYTES:
            break
    return bytes(found)


def _files_of_json(page: bytes) -> Iterator[tuple[str, str]]:
    for file in msgspec.json.decode(page, type=_Project).files:
        yield file.url, file.hashes.get("sha256", "")


def _files_of_html(page: str) -> Iterator[tuple[str, str]]:
    links = _Links()
    links.feed(page)
    for link in links.found:
        url, _, digest = link.partition("#sha256=")
        yield url, digest


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]
