"""What updates stand on: of a checkout nothing, of an installed program its own file; and what ends a run."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.paths import Paths
from app.updating import find_parts, finish, make_worker
from tests.fakes.release_feed import plain_client
from tests.workers.updates.updating import NEW, OLD, Computer, computer_with, download


@pytest.fixture
def computer(paths: Paths, tmp_path: Path) -> Iterator[Computer]:
    with computer_with(paths, tmp_path) as made:
        yield made


def test_a_checkout_does_not_update_itself(paths: Paths) -> None:
    parts = find_parts(paths)
    assert parts.installation is None
    finish(paths, parts)
    assert not paths.updates.exists()


def test_an_installed_program_knows_its_file(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)  # as PyInstaller does
    monkeypatch.setenv("APPIMAGE", "/home/me/Triptych.AppImage")
    monkeypatch.setenv("APPDIR", str(Path(sys.executable).resolve().parent))
    installation = find_parts(paths).installation
    if sys.platform == "linux":
        assert installation is not None
        assert list(installation.command) == ["/home/me/Triptych.AppImage"]


def test_the_program_s_own_worker_finds_and_installs(computer: Computer) -> None:
    async def story() -> None:
        worker = make_worker(computer.paths, computer.parts, plain_client)
        await worker.begin()
        assert await worker.check() is not None
        await download(worker)

    asyncio.run(story())
    computer.close()
    assert computer.version == NEW


def test_the_new_version_is_started_if_that_was_asked_for(computer: Computer, tmp_path: Path) -> None:
    said = tmp_path / "said"
    program = f'#!/bin/sh\necho {NEW}\necho started > "{said}.new" && mv "{said}.new" "{said}"\n'.encode()
    computer.server.publish(program, NEW)

    async def story() -> None:
        worker = await computer.downloaded()
        await worker.start_again()

    asyncio.run(story())
    computer.close()
    # It is started apart, so that there is nothing to wait for but what it does.
    subprocess.run(["sh", "-c", f'until [ -e "{said}" ]; do sleep 0.01; done'], timeout=30, check=True)
    assert said.read_text("utf-8") == "started\n"


@pytest.mark.expected_logs
def test_a_program_that_cannot_be_started_is_no_failure(computer: Computer) -> None:
    asyncio.run(_planned(computer))
    parts = computer.parts
    assert parts.installation is not None
    finish(computer.paths, replace(parts, installation=Unstartable(parts.installation.target)))
    assert computer.version == OLD


async def _planned(computer: Computer) -> None:
    worker = await computer.downloaded()
    await worker.start_again()


class Unstartable:
    """An installation whose program is gone once it was replaced."""

    command = ("/nowhere/at/all",)

    def __init__(self, target: str) -> None:
        self.target = target

    def check(self) -> None:
        pass

    def keep(self, folder: Path) -> Path | None:
        return None

    def install(self, new: Path, version: str) -> None:
        pass

    def tidy(self) -> None:
        pass
