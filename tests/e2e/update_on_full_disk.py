"""Run by `test_update` with a small disk of its own: it is full while a version arrives, and when one is installed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from app.model.errors import DiskFull
from app.paths import Paths
from app.services.updates.feed import ReleaseFeed
from app.services.updates.folder import UpdateFolder
from app.workers.updates import UpdateWorker
from tests.e2e.small_disk import fill
from tests.fakes.release_feed import plain_client, release_server
from tests.workers.updates.updating import NEW, OLD, Computer, download, program_saying

MEGABYTE = 1 << 20


def main(disk: Path) -> None:
    program = disk / "Triptych.AppImage"
    program.write_bytes(program_saying(OLD))
    program.chmod(0o755)
    with release_server() as server:
        _fills_while_it_arrives(Computer(_profile(disk), program, server))
        _is_full_when_it_is_installed(Computer(_profile(disk.parent), program, server), disk / "filler")


def _profile(folder: Path) -> Paths:
    paths = Paths.under(folder / "profile")
    paths.ensure()
    return paths


def _fills_while_it_arrives(computer: Computer) -> None:
    computer.server.publish(program_saying(NEW) + bytes(30 * MEGABYTE), NEW)
    asyncio.run(_runs_out_while_it_arrives(computer))


def _is_full_when_it_is_installed(computer: Computer, filler: Path) -> None:
    """The disk with the program: that with the profile has room."""
    asyncio.run(computer.write("Old"))
    computer.server.publish(program_saying(NEW) + bytes(2 * MEGABYTE), NEW)
    asyncio.run(_downloads(computer))
    fill(filler)
    computer.close()
    assert computer.version == OLD
    _, _, problem = asyncio.run(computer.started())
    assert problem == "DiskFull", problem
    assert asyncio.run(computer.titles()) == ["Old"]
    filler.unlink()
    asyncio.run(_downloads(computer))
    computer.close()
    assert computer.version == NEW, computer.folder.read().problem
    assert asyncio.run(computer.titles()) == ["Old"]


def _worker(computer: Computer) -> UpdateWorker:
    """One that believes the disk to be large, as if others filled it meanwhile."""

    async def feed() -> ReleaseFeed:
        return ReleaseFeed(computer.server.source, plain_client)

    folder = UpdateFolder(computer.paths.updates, computer.paths.backups, lambda _: 1 << 40)
    return UpdateWorker(folder, computer.parts.installation, feed, version=OLD)


async def _runs_out_while_it_arrives(computer: Computer) -> None:
    worker = _worker(computer)
    await worker.begin()
    await worker.check()
    try:
        await download(worker)
    except DiskFull:
        assert not worker.status.is_ready
        assert list(computer.folder.downloads.iterdir()) == [], "the room is free again"
        return
    raise AssertionError("30 MB fit on a disk of 16")


async def _downloads(computer: Computer) -> None:
    worker = _worker(computer)
    await worker.begin()
    await worker.check()
    await download(worker)
    assert worker.status.is_ready


if __name__ == "__main__":
    main(Path(sys.argv[1]))
