"""Where releases come from and who signs them: what the program was built with, and nothing that a user could set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from app import executables
from app.identity import FEED_URL, UPDATE_KEY
from app.paths import RESOURCES

BUILT_IN = RESOURCES.parent / "update.json"
"""Put into an installed program by whoever builds it for another feed, as the tests of installers do."""


@dataclass(frozen=True, slots=True)
class FeedSource:
    """An address and minisign's public key; without an address there are no updates."""

    url: str
    public_key: str


def feed_source(file: Path = BUILT_IN) -> FeedSource:
    """That of the installed program; a file beside a checkout is of no account.

    Raises:
        ValueError: the program was built wrongly.
    """
    if executables.is_installed() and file.is_file():
        return msgspec.json.decode(file.read_bytes(), type=FeedSource)
    return FeedSource(FEED_URL, UPDATE_KEY)
