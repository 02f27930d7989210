"""A user at a bare machine: what is pressed, what is seen, and what is on the disk after."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageFilter, ImageGrab

from app import identity
from app.ui.theme import LIGHT
from tests.installed.bare_machine import HOME, USER, BareMachine, installer
from tests.installed.screen import Screen, wait_for

SOON_S, LATER_S = 60.0, 300.0
SOLID_PX, BAR_PX = 9, 5
"""How thick a button is at least, beside and above its words, and a bar; rings, lines and letters are thinner."""
ENOUGH_PX = 20_000
"""So much of a colour is a card and no icon."""


@dataclass(frozen=True)
class Seat:
    """The user's seat; the program that is looked at is whichever has its window on the screen."""

    machine: BareMachine
    screen: Screen

    @property
    def data(self) -> Path:
        """Where the user's data is, seen from outside."""
        return self.machine.home / ".local" / "share" / identity.PROGRAM

    @contextmanager
    def running(self, *command: str) -> Iterator[None]:
        """Run the program, and whatever it starts in its place, until the block is left."""
        # The first process of a namespace takes all others with it when it ends: it must not be the program.
        waiting = '"$@"; exec sleep infinity'
        with subprocess.Popen(self.machine.command("sh", "-c", waiting, "sh", *command)) as process:
            try:
                self.focus(identity.NAME)
                yield
            finally:
                process.kill()

    def focus(self, title: str) -> None:
        """Wait for a window, and give it the keyboard: there is no window manager to do so."""

        def focused() -> bool:
            with suppress(subprocess.CalledProcessError):  # it has gone meanwhile, or is not quite there
                for window in self.windows(title)[-1:]:
                    self.screen.xdotool("windowfocus", "--sync", window)
                    return True
            return False

        wait_for(focused, f"the window {title!r} has the keyboard", LATER_S)

    def windows(self, title: str) -> list[str]:
        """The windows on the screen whose title begins so."""
        with suppress(subprocess.CalledProcessError):  # there is none
            return self.screen.xdotool("search", "--onlyvisible", "--name", f"^{title}").split()
        return []

    def say(self, words: str) -> None:
        """Ask the model that is chosen by itself, and wait for the end of its answer."""
        self.screen.type(words)
        before = len(self.messages())

        def sent() -> bool:
            if len(self.messages()) > before:
                return True
            self.screen.keys("Return")  # as long as the engine is not there, the words stay where they are
            return False

        wait_for(sent, f"{words!r} is sent", SOON_S)
        wait_for(lambda: self.messages()[before + 1 :] == [("assistant", "complete")], "it is answered", LATER_S)

    def open_updates(self) -> None:
        """Open that page of the settings by keyboard; the focus is on its first button then, if there is one."""

        def is_open() -> bool:
            if self.windows("Settings"):
                return True
            self.screen.keys("ctrl+comma")  # at the very start there is nothing to set yet
            return False

        wait_for(is_open, "the settings are open", SOON_S)
        self.focus("Settings")
        self.screen.type("u")
        self.screen.keys("Tab")

    def press_primary(self) -> None:
        """Click the one button that does what the place is for, as soon as it is there and stays where it is."""
        found: list[tuple[int, int] | None] = [None]

        def rests() -> bool:
            found.append(_place_of_button(self.look()))
            return found[-1] is not None and found[-1] == found[-2]

        wait_for(rests, "there is a button", SOON_S)
        assert found[-1] is not None
        self.screen.click(*found[-1])

    def look(self) -> Image.Image:
        """What is on the screen."""
        return ImageGrab.grab(xdisplay=self.screen.display).convert("RGB")

    def shows(self, color: str) -> bool:
        """Whether there is a card of this colour."""
        return _mask(self.look(), color).histogram()[-1] > ENOUGH_PX

    def offers_something(self) -> bool:
        """Whether there is a primary button."""
        return _place_of_button(self.look()) is not None

    def shows_progress(self) -> bool:
        """Whether a bar has begun to fill, and no button says that it does not move."""
        mask = _accent(self.look())
        return _is_solid(mask, BAR_PX) and not _is_solid(mask, SOLID_PX)

    def wait_until_all_is_done(self) -> None:
        """Until neither a bar nor a primary button is there, in two looks one after the other."""
        quiet = [False]

        def rests() -> bool:
            quiet.append(not _is_solid(_accent(self.look()), BAR_PX))
            return quiet[-1] and quiet[-2]

        wait_for(rests, "nothing is left to do", SOON_S)

    def messages(self, database: Path | None = None) -> list[tuple[str, str]]:
        """Role and state of each message; none if there is no database yet."""
        return self.stored("SELECT role, state FROM messages ORDER BY id", database)

    def stored(self, query: str, database: Path | None = None) -> list[Any]:
        """Rows of the user's history, or of another database; none if there is none yet."""
        source = database or self.data / "history.sqlite3"
        found: list[list[Any]] = []

        def is_read() -> bool:
            with suppress(sqlite3.DatabaseError):  # it is being made, or was changed meanwhile
                found.append(_rows(source, query) if source.exists() else [])
            return bool(found)

        wait_for(is_read, f"{source} can be read", SOON_S)
        return found[0]

    def log(self) -> str:
        """What the program has written about itself."""
        file = self.machine.home / ".local" / "state" / identity.PROGRAM / "logs" / "triptych.log"
        return file.read_text("utf-8") if file.exists() else ""

    def wait_for_log(self, words: str, times: int = 1) -> None:
        wait_for(lambda: self.log().count(words) >= times, f"the log says {words!r}", LATER_S)

    def update_state(self) -> dict[str, Any]:
        """What the program keeps about updates."""
        file = self.data / "updates" / "state.json"
        found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
        return found

    def install(self) -> None:
        """Install the standard package; what it depends on is there."""
        package = installer("triptych_*.deb")
        shutil.copy(package, self.machine.root / "tmp" / package.name)
        self.machine.run("dpkg", "--install", f"/tmp/{package.name}", as_user=False)

    def give(self, source: Path, place: Path) -> Path:
        """Put a copy of a file into the user's home at `place`; how the user calls it."""
        target = self.machine.home / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        self.machine.run("chown", "--recursive", f"{USER}:{USER}", str(HOME), as_user=False)
        return HOME / place


def _rows(database: Path, query: str) -> list[Any]:
    """From a copy: whoever reads a database beside its owner changes its files."""
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("-wal", ""):  # what goes from the first to the second meanwhile is in both then
            with suppress(FileNotFoundError):
                shutil.copy(f"{database}{suffix}", f"{folder}/copy{suffix}")
        with closing(sqlite3.connect(f"{folder}/copy")) as connection:
            return connection.execute(query).fetchall()


def _place_of_button(seen: Image.Image) -> tuple[int, int] | None:
    """A point of the uppermost thing that is solid and has the colour of a primary button."""
    solid = _accent(seen).filter(ImageFilter.MinFilter(SOLID_PX))
    box = solid.getbbox()
    if box is None:
        return None
    _, top, right, _ = box
    row = solid.crop((0, top, right, top + 1)).getbbox()
    assert row is not None
    return row[0], top


def _accent(seen: Image.Image) -> Image.Image:
    """White where bars and primary buttons are, under the pointer or not."""
    return ImageChops.lighter(_mask(seen, LIGHT.accent), _mask(seen, LIGHT.accent_strong))


def _is_solid(mask: Image.Image, size_px: int) -> bool:
    return mask.filter(ImageFilter.MinFilter(size_px)).getbbox() is not None


def _mask(seen: Image.Image, color: str) -> Image.Image:
    """White where `seen` has exactly this colour."""
    red, green, blue = ImageChops.difference(seen, Image.new("RGB", seen.size, color)).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point(lambda difference: 0 if difference else 255)
