"""A copy of the program that can be replaced: a profile, a program that says its version, and a feed on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.model.updates import News
from app.paths import Paths
from app.services.history.store import History
from app.services.updates.feed import ReleaseFeed
from app.services.updates.folder import UpdateFolder
from app.services.updates.installation import PortableFile
from app.updating import UpdateParts, finish
from app.workers.updates import UpdateWorker
from tests.fakes.release_feed import NOW, TARGET, ReleaseServer, plain_client, release_server

OLD, NEW = "0.1.0", "9.0.0"


def program_saying(version: str) -> bytes:
    """A program that can be run and says which version it is; with something to download in it."""
    return f"#!/bin/sh\necho {version}\nexit 0\n".encode() + b"#" * 200_000


@dataclass
class Computer:
    """What a user has: the program's file and a profile. Each method is what happens in one run of the program."""

    paths: Paths
    program: Path
    server: ReleaseServer
    now: datetime = NOW

    @property
    def version(self) -> str:
        """What the program says of itself; it may be a real one."""
        command = [str(self.program), "--version"]
        told: str = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        return told.rsplit(maxsplit=1)[-1]

    @property
    def parts(self) -> UpdateParts:
        installed = PortableFile(self.program, TARGET)
        return UpdateParts(installed, self.server.source, self.version)

    @property
    def folder(self) -> UpdateFolder:
        return UpdateFolder(self.paths.updates, self.paths.backups)

    def worker(self) -> UpdateWorker:
        """As a run of the program has it, with this computer's clock."""
        parts = self.parts

        async def feed() -> ReleaseFeed:
            return ReleaseFeed(parts.source, plain_client)

        return UpdateWorker(self.folder, parts.installation, feed, version=parts.version, now=lambda: self.now)

    def close(self) -> None:
        """What happens when the window has closed."""
        finish(self.paths, self.parts)

    async def started(self) -> tuple[UpdateWorker, News, str]:
        """A run that has begun: what it has to tell, and the name of what went wrong at the end of the last one."""
        worker = self.worker()
        news, problem = await worker.begin()
        return worker, news, type(problem).__name__ if problem else ""

    async def downloaded(self) -> UpdateWorker:
        """A run in which the newest version was downloaded."""
        worker, _, _ = await self.started()
        assert await worker.check() is not None
        await download(worker)
        return worker

    async def titles(self) -> list[str]:
        history = await History.open(self.paths)
        try:
            return sorted(conversation.title for conversation in await history.conversations.all())
        finally:
            await history.aclose()

    async def write(self, title: str) -> None:
        history = await History.open(self.paths)
        try:
            await history.conversations.create(title=title)
        finally:
            await history.aclose()

    def plan(self, **changes: object) -> None:
        """Change what is written down, as an accident or another program would."""
        self.folder.write(replace(self.folder.read(), **changes))  # type: ignore[arg-type] # checked by replace


async def download(worker: UpdateWorker) -> Sequence[int]:
    """Bytes done, as they were told."""
    async with aclosing(worker.download()) as steps:
        return [done async for done, _ in steps]


@contextmanager
def computer_with(paths: Paths, folder: Path) -> Iterator[Computer]:
    """The old program in a folder below `folder`, and a feed that has the new one."""
    program = folder / "my programs 程序" / "Triptych.AppImage"
    program.parent.mkdir()
    program.write_bytes(program_saying(OLD))
    program.chmod(0o755)
    with release_server() as server:
        server.publish(program_saying(NEW), NEW)
        yield Computer(paths, program, server)
