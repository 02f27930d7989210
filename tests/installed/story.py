"""What a person does with the installed program: asks, enlarges a picture, has a sound transcribed.

Driven by keys and by files that are opened, looked at by pictures and by what is on the disk afterwards.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageDraw

from app import identity
from app.ui.theme import LIGHT
from tests.conftest import ROOT
from tests.installed.bare_machine import BareMachine
from tests.installed.screen import wait_for
from tests.installed.seat import LATER_S, Seat

SOUND = ROOT / "tests" / "data" / "speech" / "dashwood.wav"
SAID = "how much there might be prudently"
KITE_RED = "#d2452f"
KITE_PIXELS = 300
"""As many as its thumbnail shows at least."""
RECORD_PIXELS = 500
"""As many as the round button of the Audio tab shows at least."""
ENLARGE_PIXELS, BUTTON_PIXELS = 8000, 3000
"""As many as Images shows of the accent's colour while Enlarge can be pressed, and Audio while Transcribe can; without
these buttons it is less than half."""
OPENS_WITHIN_S, CLOSES_WITHIN_S = 60.0, 60.0


@contextmanager
def window(user: Seat, command: str, *arguments: str) -> Iterator[None]:
    """The program's window, ready; closed by its keys afterwards, which ends the program without a complaint."""
    machine = BareMachine(
        user.machine.root, user.machine.network_of, user.machine.environment | {"TRIPTYCH_ANNOUNCE_START": "1"}
    )
    with subprocess.Popen(machine.command(command, *arguments), stdout=subprocess.PIPE) as program:
        try:
            assert program.stdout is not None
            for _announcement in range(2):  # it is painted; all of it can be used
                assert program.stdout.readline(), "the program ended before its window could be used"
            user.focus(identity.NAME)
            yield
            user.screen.keys("ctrl+q")
            assert program.wait(CLOSES_WITHIN_S) == 0
        finally:
            program.kill()


def give_files(machine: BareMachine) -> None:
    """Put a small picture and a spoken sentence into the user's home."""
    picture = Image.new("RGB", (96, 72), "#cfe6f5")
    ImageDraw.Draw(picture).polygon([(48, 8), (68, 30), (48, 56), (28, 30)], fill=KITE_RED)
    picture.save(machine.home / "kite.png")
    shutil.copy(SOUND, machine.home / "sentence.wav")


def one_story_per_tab(user: Seat, command: str) -> None:
    """With the built-in engine: an answer, a picture four times as large, a transcript. The window is open."""
    user.say("Name three colours")
    user.screen.shot("chat")
    _enlarge(user, command)
    _transcribe(user, command)


def _open(user: Seat, command: str, file: str) -> None:
    """What a double click on a file does: it goes to the window that is open."""
    user.machine.run(command, file, within_s=OPENS_WITHIN_S)


def _enlarge(user: Seat, command: str) -> None:
    user.screen.keys("ctrl+2")
    _open(user, command, "kite.png")
    wait_for(lambda: user.screen.shows(KITE_RED, KITE_PIXELS), "the picture in the panel")
    wait_for(lambda: user.screen.shows(LIGHT.accent, ENLARGE_PIXELS), "the button that enlarges it")
    user.screen.shot("images-opened")
    user.screen.keys("Tab", "space")  # from Add pictures to Enlarge
    pictures = "SELECT path FROM pictures WHERE width_px = 384 AND height_px = 288"
    wait_for(lambda: user.stored(pictures), "a larger picture", LATER_S)
    user.screen.shot("images")
    [(path,)] = user.stored(pictures)
    with Image.open(user.data / path) as picture:
        assert picture.size == (384, 288)


def _transcribe(user: Seat, command: str) -> None:
    _open(user, command, "sentence.wav")
    wait_for(lambda: user.stored("SELECT id FROM recordings WHERE state = 'ready'"), "the sound in the list")
    wait_for(lambda: user.screen.shows(LIGHT.danger, RECORD_PIXELS), "the Audio tab")
    wait_for(lambda: user.screen.shows(LIGHT.accent, BUTTON_PIXELS), "the button that transcribes it")
    user.screen.keys("ctrl+t")
    transcripts = "SELECT text FROM transcripts WHERE state = 'complete'"
    wait_for(lambda: user.stored(transcripts), "a transcript", LATER_S)
    user.screen.shot("audio")
    [(text,)] = user.stored(transcripts)
    assert SAID in text
