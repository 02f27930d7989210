"""What a person gets on Debian from each file of `make package`, offline and without Python, and what stays of it."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import identity
from app.ui.theme import LIGHT
from tests.fakes.microphone import virtual_microphone
from tests.installed.bare_machine import APT, BareMachine, installer
from tests.installed.conftest import SUITES
from tests.installed.screen import Screen, wait_for
from tests.installed.seat import SOON_S, Seat
from tests.installed.story import SAID, SOUND, give_files, one_story_per_tab, window
from tests.packaging.requirements import only_for_installers

pytestmark = only_for_installers

on_each = pytest.mark.parametrize("machine", SUITES, indirect=True)
WITH_MODELS_DEB = "triptych-with-models_*.deb"
WITH_MODELS_PORTABLE = "triptych-*-with-models-x86_64.AppImage"
PORTABLE = "/home/person/Triptych.AppImage"
LOUD = 3000
"""A sample of speech that is heard; silence has none above a few."""
ANSWERED = [("user", "complete"), ("assistant", "complete")]


@on_each
def test_the_package_is_installed_works_offline_and_goes_without_a_trace(machine: BareMachine, seen: Screen) -> None:
    _give(machine, WITH_MODELS_DEB, "tmp/triptych.deb")
    before = machine.files()
    machine.run(*APT, "install", "--no-install-recommends", "/tmp/triptych.deb", as_user=False)
    give_files(machine)
    user = Seat(machine, seen)
    with window(user, "triptych"):
        one_story_per_tab(user, "triptych")
    assert machine.run("triptych", "ask", "Name three colours").strip()
    assert SAID in machine.run("triptych", "transcribe", "sentence.wav")
    machine.run(*APT, "purge", "triptych", as_user=False)
    assert machine.files() == before
    assert user.messages() == ANSWERED


@on_each
def test_the_portable_file_runs_where_it_lies_and_leaves_only_the_users_data(
    machine: BareMachine, seen: Screen
) -> None:
    _give(machine, WITH_MODELS_PORTABLE, PORTABLE.removeprefix("/"))
    before, at_home = machine.files(), set(_entries(machine.home))
    give_files(machine)
    user = Seat(machine, seen)
    with window(user, PORTABLE):
        one_story_per_tab(user, PORTABLE)
    assert machine.files() == before
    made = {str(path.relative_to(machine.home)) for path in _entries(machine.home) if path not in at_home}
    assert made - {".cache/fontconfig", ".config/pulse"} == {  # which are the system's, for every program
        *("kite.png", "sentence.wav", ".config/triptych", ".local/share/triptych", ".local/state/triptych"),
        *(".cache/triptych", ".cache/triptych-program"),
    }
    assert user.messages() == ANSWERED


@on_each
def test_what_is_spoken_is_recorded(machine: BareMachine, seen: Screen) -> None:
    user = Seat(machine, seen)
    user.install()
    with virtual_microphone() as microphone:
        microphone.listen(machine.root / "tmp" / "sound")
        machine.environment["PULSE_SERVER"] = "unix:/tmp/sound"
        with window(user, "triptych"):
            seen.keys("ctrl+3", "ctrl+r")
            wait_for(lambda: user.stored("SELECT id FROM recordings WHERE state = 'recording'"), "it records", SOON_S)
            microphone.play(SOUND)
            seen.shot("recording")
            seen.keys("ctrl+r")
            spoken = "SELECT duration_s, path FROM recordings WHERE state = 'ready'"
            wait_for(lambda: user.stored(spoken), "the recording is kept", SOON_S)
            seen.shot("recorded")
        [(duration_s, path)] = user.stored(spoken)
    with wave.open(str(user.data / path)) as sound, wave.open(str(SOUND)) as said:
        assert duration_s > said.getnframes() / said.getframerate() - 0.5
        loudest = max(memoryview(sound.readframes(sound.getnframes())).cast("h"))
    assert loudest > LOUD


def test_the_package_without_models_offers_them_and_starts_in_safe_mode(machine: BareMachine, seen: Screen) -> None:
    user = Seat(machine, seen)
    user.install()
    assert machine.run("triptych", "--version") == f"{identity.NAME} {identity.VERSION}\n"
    with window(user, "triptych"):
        wait_for(user.offers_something, "the offer to download a model", SOON_S)
        seen.shot("first-start")
    with window(user, "triptych", "--safe-mode"):
        wait_for(lambda: user.shows(LIGHT.warning_surface), "the notice of the safe mode", SOON_S)
        seen.shot("safe-mode")


def _give(machine: BareMachine, pattern: str, place: str) -> None:
    """Put a file of `make package` on the machine, as a download of its user."""
    shutil.copy(installer(pattern), machine.root / place)
    shutil.chown(machine.root / place, machine.home.stat().st_uid)


def _entries(home: Path) -> Iterator[Path]:
    """What lies in a home folder, and in the folders there that all programs share."""
    shared = [home / name for name in (".cache", ".config", ".local", ".local/share", ".local/state")]
    for folder in (home, *filter(Path.is_dir, shared)):
        yield from (path for path in folder.iterdir() if path not in shared)
