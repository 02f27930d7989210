"""Updating: what updates of this copy of the program stand on, put together; what is done with it is decided elsewhere.

What it needs is imported when it is needed: long after the first paint, or when all else has ended.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app import executables
from app.identity import VERSION
from app.model.updates import Release, SignedText
from app.paths import SHIPPED_MODELS, Paths

if TYPE_CHECKING:
    import httpx

    from app.services.updates.feed import ReleaseFeed
    from app.services.updates.installation import Installation
    from app.services.updates.source import FeedSource
    from app.workers.updates import UpdateWorker

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class UpdateParts:
    """How the program was installed (None: others bring it up to date), where releases are, and which version it is."""

    installation: Installation | None
    source: FeedSource
    version: str = VERSION


type NewClient = Callable[[], Awaitable[httpx.AsyncClient]]


def find_parts(paths: Paths) -> UpdateParts:
    """Those of the running program; from a checkout it does not update itself."""
    from app.services.updates.installation import find_installation
    from app.services.updates.source import feed_source

    if not executables.is_installed():
        return UpdateParts(None, feed_source())
    program, kept = Path(sys.executable), paths.updates / "installers"
    return UpdateParts(find_installation(program, kept, with_models=SHIPPED_MODELS.is_dir()), feed_source())


def make_worker(paths: Paths, parts: UpdateParts, new_client: NewClient) -> UpdateWorker:
    """What the window asks."""
    from app.services.updates.folder import UpdateFolder
    from app.workers.updates import UpdateWorker

    async def feed() -> ReleaseFeed:
        await asyncio.to_thread(importlib.import_module, "app.services.updates.feed")
        from app.services.updates.feed import ReleaseFeed

        return ReleaseFeed(parts.source, new_client)

    folder = UpdateFolder(paths.updates, paths.backups)
    return UpdateWorker(folder, parts.installation, feed if parts.source.url else None, version=parts.version)


def finish(paths: Paths, parts: UpdateParts) -> None:
    """Once all else has ended: install what was planned, and start it if that was planned as well. Blocks."""
    if parts.installation is None or not paths.updates.is_dir():
        return
    from app.services.updates.folder import UpdateFolder
    from app.services.updates.installation import start_apart
    from app.workers import backups
    from app.workers.updates.finishing import Finisher, ProfileData

    data = ProfileData(
        paths.settings_file,
        keep=partial(backups.before_update, paths),
        bring_back=partial(backups.bring_back, paths),
    )
    folder = UpdateFolder(paths.updates, paths.backups)
    finisher = Finisher(folder, parts.installation, data, partial(_believed, parts.source), version=parts.version)
    command = finisher.finish()
    if command:
        try:
            start_apart(command)
        except OSError as error:
            log.warning("the new version has to be started by hand: %s", error)


def _believed(source: FeedSource, signed: SignedText) -> Release:
    """What a manifest says whose signature is right; nothing is asked of the network."""
    from app.services.updates.feed import ReleaseFeed

    return ReleaseFeed(source, _no_client).release(signed)


async def _no_client() -> httpx.AsyncClient:
    raise AssertionError("what is installed at the end was downloaded before")
