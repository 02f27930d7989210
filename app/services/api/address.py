"""Base addresses as people paste them: put in order, compared, and guessed again when wrong; nothing is sent here."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

ROUTES = (
    "chat/completions",
    "completions",
    "responses",
    "models",
    "embeddings",
    "moderations",
    "images/generations",
    "images/edits",
    "images/variations",
    "audio/transcriptions",
    "audio/translations",
    "audio/speech",
)
"""What people paste behind the base address because a manual shows it so."""

_KNOWN_PREFIXES = ("/v1", "/api/v1", "/openai/v1")
_LLAMA_PORTS = {8080: 9931, 9931: 8080}
"""llama.cpp's server listens on 8080; newer builds on 9931."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PASTED_ROUTE = re.compile(rf"/(?:{'|'.join(ROUTES)})(?:/[^/]*)?$", re.IGNORECASE)
_NO_HOST = re.compile(r"[\s\x00-\x20\"'<>\\^`{|}()!$&*+,;=~%/?#]|\.\.|[^.]{64}")
"""What no name of a host has; letters of any script are allowed."""
_LOGIN = re.compile(r"^([a-z][a-z0-9+.-]*://)([^/?#]*@|)", re.IGNORECASE)
_VERSION = re.compile(r"/v\d+[a-z]*\d*$", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FULL_WIDTH = {0xFF00 + place: 0x20 + place for place in range(0x01, 0x5F)} | {ord("。"): "."}
"""The signs of ASCII as Chinese and Japanese input methods write them."""


def normalize_base_url(text: str) -> str:
    """The base address meant by `text`: scheme added, spaces, quotes, a pasted route, query and slashes taken away.

    Signs of full width become ordinary ones. Without a scheme, hosts of this machine and of the local network get http,
    everything else https. An empty text stays empty. It never raises; an address that no server can have comes back as
    it is and fails when it is used.
    """
    cleaned = "".join(text.split()).translate(_FULL_WIDTH).strip("\"'<>`“”‘’")
    if not cleaned:
        return ""
    if not _SCHEME.match(cleaned):
        cleaned = cleaned.lstrip("/")
        cleaned = f"{'http' if _is_local(host_of(f'http://{cleaned}')) else 'https'}://{cleaned}"
    try:
        parts = urlsplit(cleaned)
    except ValueError:
        return cleaned
    path = re.sub(r"/{2,}", "/", parts.path).rstrip("/")
    path = _PASTED_ROUTE.sub("", path)
    return urlunsplit((parts.scheme.lower(), _lower_host(parts), path.rstrip("/"), "", ""))


def is_address(url: str) -> bool:
    """Whether a server of ours can be at `url`, a base address in proper form: http or https, a host, a port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").strip(".")
    return parts.scheme in _DEFAULT_PORTS and port != 0 and bool(host) and not _NO_HOST.search(host)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what decides whether a key may be sent. An unusable address has an origin of its own."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme.lower(), 0)
    except ValueError:
        return ("", url, 0)
    return (parts.scheme.lower(), (parts.hostname or "").lower(), port)


def resolved(base_url: str, reference: str) -> str:
    """The address that `reference` means at `base_url`; one that cannot be read stays as it is and fails later."""
    try:
        return urljoin(base_url, reference)
    except ValueError:
        return reference


def host_of(url: str) -> str:
    """The host's name in small letters; empty where there is none or the address cannot be read."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def shown_host(url: str) -> str:
    """Host and, where it was given, port, as an error names them; never a name and password."""
    bare = without_login(url)
    try:
        return urlsplit(bare).netloc or bare
    except ValueError:
        return bare


def without_login(url: str) -> str:
    """The address without the name and password that may stand before its host; also one that cannot be read."""
    return _LOGIN.sub(r"\1", url)


def with_login_of(url: str, other: str) -> str:
    """`url` with the name and password of `other`, if both have the same origin; none goes to another place."""
    found = _LOGIN.match(other)
    if found is None or origin(url) != origin(other):
        return url
    return _LOGIN.sub(lambda begun: f"{begun[1]}{found[2]}", url)


def is_loopback(url: str) -> bool:
    """Whether the address is on this very machine, so that no proxy can be meant."""
    host = host_of(url)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_base_of(base_url: str, url: str, route: str) -> bool:
    """Whether there may be an API at `base_url`, which was taken from `url`, where a request for `route` was sent.

    Either `url` ends with the very route (or another that is known), or the base ends with a version as nearly all do.
    """
    try:
        path, base_path = urlsplit(url).path.rstrip("/"), urlsplit(base_url).path
    except ValueError:
        return False
    return (bool(route) and path.endswith(route)) or bool(_PASTED_ROUTE.search(path) or _VERSION.search(base_path))


def other_addresses(base_url: str) -> list[str]:
    """Addresses that may be meant when nothing useful answers at `base_url`, the likeliest first, without it."""
    try:
        parts = urlsplit(base_url)
    except ValueError:
        return []
    path = parts.path.rstrip("/")
    collapsed = re.sub(r"(/v1)+", "/v1", path)
    up_to_version = re.sub(r"/v1/.*$", "/v1", collapsed)
    paths = [collapsed, up_to_version, f"{path}/v1", path.removesuffix("/v1"), *_KNOWN_PREFIXES, ""]
    found = [urlunsplit((parts.scheme, parts.netloc, candidate, "", "")) for candidate in paths]
    return [url for url in dict.fromkeys(found) if url != base_url]


def other_doors(base_url: str) -> list[str]:
    """The same host with the other scheme, and llama.cpp's other port: worth a try where no connection is made.

    Without name and password: they belong to the door that was given.
    """
    base_url = without_login(base_url)
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        return []
    swapped = "http" if parts.scheme == "https" else "https"
    doors = [urlunsplit((swapped, parts.netloc, parts.path, "", ""))]
    if port in _LLAMA_PORTS and _is_local(parts.hostname or ""):
        netloc = f"{_bracketed(parts.hostname or '')}:{_LLAMA_PORTS[port]}"
        doors.insert(0, urlunsplit((parts.scheme, netloc, parts.path, "", "")))
    return doors


def _is_local(host: str) -> bool:
    """This machine or the local network: there servers speak plain http."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".lan", ".internal", ".home.arpa"))


def _lower_host(parts: SplitResult) -> str:
    login, at, place = parts.netloc.rpartition("@")
    return f"{login}{at}{place.lower()}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
