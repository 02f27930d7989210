"""A release feed on loopback with a key of its own: it publishes, and lies in every way an attacker might."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.services.updates.source import FeedSource
from tests.conftest import ROOT
from tests.fakes.model_sources import FileServer, file_server

sys.path.insert(0, str(ROOT / "packaging"))
import release_feed  # type: ignore[import-not-found] # a script's folder
from signing_key import SigningKey  # type: ignore[import-not-found]

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TARGET = "linux-x86_64-portable"
NEWER = "9.0.0"
CHANGES = {"en": "### Added\n\n- Tides.", "zh_CN": "### 新增\n\n- 潮汐。"}


@dataclass
class ReleaseServer:
    """`files` is the server; `key` signs what is published next."""

    files: FileServer
    key: Any
    source: FeedSource
    sequence: int = 0

    def publish(self, program: bytes, version: str = NEWER, **other: object) -> None:
        """Put a program and the signed feed that names it on the server; `other` parts of the manifest may be wrong."""
        self.sequence += 1
        name = f"triptych-{version}-x86_64.AppImage"
        self.files.files[f"/{name}"] = program
        entry = {"name": name, "target": TARGET, "size_bytes": len(program)}
        manifest: dict[str, object] = {
            "format": "triptych-release-1",
            "sequence": self.sequence,
            "version": version,
            "published": NOW.isoformat(),
            "expires": (NOW + timedelta(days=9_000)).isoformat(),
            "changes": CHANGES,
            "files": [entry | {"sha256": hashlib.sha256(program).hexdigest()}],
        }
        self.put(manifest | other)

    def put(self, manifest: Mapping[str, object]) -> None:
        """Sign and serve any manifest."""
        text = json.dumps(manifest, ensure_ascii=False)
        signature = self.key.sign(text.encode(), "timestamp:1795388285")
        self.files.files["/feed.json"] = json.dumps({"manifest": text, "signature": signature}).encode()

    @property
    def feed(self) -> bytes:
        return self.files.files["/feed.json"]

    @feed.setter
    def feed(self, answer: bytes) -> None:
        self.files.files["/feed.json"] = answer

    @property
    def asked(self) -> list[str]:
        """The paths of all requests."""
        return [path for path, _ in self.files.requests]


@contextmanager
def release_server() -> Iterator[ReleaseServer]:
    key = SigningKey.make()
    with file_server() as files:
        yield ReleaseServer(files, key, FeedSource(f"{files.url}/feed.json", key.public_line))


async def plain_client() -> httpx.AsyncClient:
    """A client that knows no proxies."""
    return httpx.AsyncClient(trust_env=False, timeout=10)


def another_key() -> Any:
    """A key that nobody trusts."""
    return SigningKey.make()


make_manifest, make_feed = release_feed.manifest, release_feed.feed
