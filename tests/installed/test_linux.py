"""What a person gets on Debian from each file of `make package`, offline and without Python, and what stays of it."""

from __future__ import annotations

import shutil

import pytest

from tests.installed.bare_machine import APT, BareMachine, installer
from tests.installed.conftest import SUITES
from tests.installed.screen import Screen
from tests.installed.story import Installed, give_files, one_story_per_tab
from tests.packaging.requirements import only_for_installers

pytestmark = only_for_installers

on_each = pytest.mark.parametrize("machine", SUITES, indirect=True)
WITH_MODELS_DEB = "triptych-with-models_*.deb"
WITH_MODELS_PORTABLE = "triptych-*-with-models-x86_64.AppImage"


@on_each
def test_the_package_is_installed_works_offline_and_goes_without_a_trace(machine: BareMachine, seen: Screen) -> None:
    _give(machine, WITH_MODELS_DEB, "tmp/triptych.deb")
    before = machine.files()
    machine.run(*APT, "install", "--no-install-recommends", "/tmp/triptych.deb", as_user=False)
    give_files(machine)
    program = Installed(machine, seen, "triptych")
    with program.window():
        one_story_per_tab(program)
    assert "how much there might be prudently" in machine.run("triptych", "transcribe", "sentence.wav")
    machine.run(*APT, "purge", "triptych", as_user=False)
    assert machine.files() == before
    assert program.stored("SELECT count(*) FROM messages") == [(2,)]


@on_each
def test_the_portable_file_runs_where_it_lies_and_leaves_only_the_users_data(
    machine: BareMachine, seen: Screen
) -> None:
    _give(machine, WITH_MODELS_PORTABLE, "home/person/Triptych.AppImage")
    before = machine.files()
    give_files(machine)
    program = Installed(machine, seen, "/home/person/Triptych.AppImage")
    with program.window():
        one_story_per_tab(program)
    assert machine.files() == before
    assert {path.name for path in machine.home.iterdir() if not path.name.startswith(".")} == {
        *("Triptych.AppImage", "kite.png", "sentence.wav")
    }
    assert program.stored("SELECT count(*) FROM messages") == [(2,)]


def test_safe_mode_and_version_answer_at_once(machine: BareMachine, seen: Screen) -> None:
    _give(machine, "triptych_*.deb", "tmp/triptych.deb")
    machine.run(*APT, "install", "--no-install-recommends", "/tmp/triptych.deb", as_user=False)
    assert machine.run("triptych", "--version").startswith("Triptych ")
    with Installed(machine, seen, "triptych").window("--safe-mode"):
        seen.shot("safe-mode")
    with Installed(machine, seen, "triptych").window():
        seen.shot("first-start")


def _give(machine: BareMachine, pattern: str, place: str) -> None:
    """Put a file of `make package` on the machine, as a download of its user."""
    shutil.copy(installer(pattern), machine.root / place)
    shutil.chown(machine.root / place, machine.home.stat().st_uid)
