"""What a person does with the installed program: asks, enlarges a picture, has a sound transcribed.

Driven by keys and by files that are opened, looked at by pictures and by what is on the disk afterwards.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from PIL import Image, ImageDraw

from app.ui.theme import LIGHT
from tests.conftest import ROOT
from tests.installed.bare_machine import BareMachine
from tests.installed.screen import Screen, wait_for

SOUND = ROOT / "tests" / "data" / "speech" / "dashwood.wav"
KITE_RED = "#d2452f"
KITE_PIXELS = 300
"""As many as its thumbnail shows at least."""
RECORD_PIXELS = 500
"""As many as the round button of the Audio tab shows at least."""
BUTTON_PIXELS = 3000
"""As many as the Audio tab shows of the accent's colour while Transcribe is its main button, and not otherwise."""
ANSWERS_WITHIN_S = 120.0
"""The engine starts, reads its model from the disk and computes, on one core perhaps."""
OPENS_WITHIN_S, CLOSES_WITHIN_S = 60.0, 30.0


@dataclass(frozen=True)
class Installed:
    """The program on a machine, before a screen; `command` is what starts it there."""

    machine: BareMachine
    screen: Screen
    command: str

    def open(self, *files: str) -> None:
        """What a double click on files does: they go to the window that is open."""
        self.machine.run(self.command, *files, within_s=OPENS_WITHIN_S)

    def stored(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the user's history, read beside the running program."""
        file = self.machine.home / ".local" / "share" / "triptych" / "history.sqlite3"
        if not file.exists():
            return []
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as history:
            return history.execute(query).fetchall()

    @contextmanager
    def window(self, *arguments: str) -> Iterator[None]:
        """The window, open and in front; closed by its keys afterwards, which ends the program without a complaint."""
        environment = self.machine.environment | {"TRIPTYCH_ANNOUNCE_START": "1"}
        machine = BareMachine(self.machine.root, self.machine.network_of, environment)
        command = machine.command(self.command, *arguments)
        with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
            try:
                assert program.stdout is not None
                for _announcement in range(2):  # it is painted; all of it can be used
                    assert program.stdout.readline(), "the program ended before its window could be used"
                self.screen.focus_window()
                yield
                self.screen.keys("ctrl+q")
                assert program.wait(CLOSES_WITHIN_S) == 0
            finally:
                program.kill()


def give_files(machine: BareMachine) -> None:
    """Put a small picture and a spoken sentence into the user's home."""
    picture = Image.new("RGB", (96, 72), "#cfe6f5")
    ImageDraw.Draw(picture).polygon([(48, 8), (68, 30), (48, 56), (28, 30)], fill=KITE_RED)
    picture.save(machine.home / "kite.png")
    shutil.copy(SOUND, machine.home / "sentence.wav")


def one_story_per_tab(program: Installed) -> None:
    """With the built-in engine: an answer, a picture four times as large, a transcript. The window is open."""
    _chat(program)
    _enlarge(program)
    _transcribe(program)


def _chat(program: Installed) -> None:
    program.screen.type("Name three colours")
    program.screen.keys("Return")
    answer = "SELECT text FROM messages WHERE role = 'assistant' AND state = 'complete' AND text <> ''"
    wait_for(lambda: program.stored(answer), "an answer", ANSWERS_WITHIN_S)
    program.screen.shot("chat")


def _enlarge(program: Installed) -> None:
    program.screen.keys("ctrl+2")
    program.open("kite.png")
    wait_for(lambda: program.screen.shows(KITE_RED, KITE_PIXELS), "the picture in the panel")
    program.screen.shot("images-opened")
    program.screen.keys("Tab", "space")  # from Add pictures to Enlarge
    pictures = "SELECT path FROM pictures WHERE width_px = 384 AND height_px = 288"
    wait_for(lambda: program.stored(pictures), "a larger picture", ANSWERS_WITHIN_S)
    program.screen.shot("images")
    [(path,)] = program.stored(pictures)
    with Image.open(program.machine.home / ".local" / "share" / "triptych" / str(path)) as picture:
        assert picture.size == (384, 288)


def _transcribe(program: Installed) -> None:
    program.open("sentence.wav")
    wait_for(lambda: program.stored("SELECT id FROM recordings WHERE state = 'ready'"), "the sound in the list")
    wait_for(lambda: program.screen.shows(LIGHT.danger, RECORD_PIXELS), "the Audio tab")
    wait_for(lambda: program.screen.shows(LIGHT.accent, BUTTON_PIXELS), "the button that transcribes it")
    program.screen.keys("ctrl+t")
    transcripts = "SELECT text FROM transcripts WHERE state = 'complete'"
    wait_for(lambda: program.stored(transcripts), "a transcript", ANSWERS_WITHIN_S)
    program.screen.shot("audio")
    [(text,)] = program.stored(transcripts)
    assert "how much there might be prudently" in str(text)
