"""The real portable file brings itself up to date and goes back, and loses nothing; a package leaves that to others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pytest

from app import identity
from app.ui.theme import LIGHT
from tests.conftest import ROOT
from tests.fakes.release_feed import ReleaseServer, another_key, release_server
from tests.installed.bare_machine import BareMachine, installer
from tests.installed.network import in_network
from tests.installed.package_index import default_chat_model
from tests.installed.repacked import repack
from tests.installed.screen import Screen, wait_for
from tests.installed.seat import SOON_S, Seat
from tests.packaging.requirements import only_for_installers

pytestmark = only_for_installers

OLDER, OLD, NEW = "0.0.1", identity.VERSION, f"9{identity.VERSION[1:]}"
MODELS = ROOT / "build" / "package" / "models"
"""What `make package` has fetched."""
PLACE = Path("my programs") / "Triptych.AppImage"
BROKEN_OFF_AFTER = 60_000_000
ONE_ANSWER, TWO_ANSWERS = ([("user", "complete"), ("assistant", "complete")] * times for times in (1, 2))


@pytest.fixture
def feed(machine: BareMachine) -> Iterator[ReleaseServer]:
    with ExitStack() as stack:
        with in_network(machine.network_of):
            server = stack.enter_context(release_server())
        yield server


@pytest.fixture
def user(machine: BareMachine, seen: Screen) -> Seat:
    return Seat(machine, seen)


def test_a_version_comes_and_goes_and_nothing_is_lost(user: Seat, tmp_path: Path, feed: ReleaseServer) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    real = installer(f"{identity.PROGRAM}-{OLD}-x86_64.AppImage")
    repack(real, old, OLD, feed.source)
    repack(real, new, NEW, feed.source)
    model = default_chat_model().file
    user.give(MODELS / model, user.data.relative_to(user.machine.home) / "models" / model)
    program = str(user.give(old, PLACE))
    with user.running(program):
        user.say("Name three colours")
        user.open_updates()
        _refuses_what_others_signed(user, feed, new.read_bytes())
        _downloads_with_one_break(user, feed, new.read_bytes())
        assert user.machine.run(program, "--version").split()[-1] == OLD, "until the window closes"
        user.press_primary()
        _shows_itself(user, NEW)
        assert user.machine.run(program, "--version").split()[-1] == NEW
        assert user.messages() == ONE_ANSWER
        user.say("And two animals?")
        user.open_updates()
        _refuses_an_old_list(user, feed)
        _goes_back(user)
        _shows_itself(user, OLD, times=2)
        assert user.machine.run(program, "--version").split()[-1] == OLD
        assert user.messages() == ONE_ANSWER, "the data of then is back"
        kept = {path.parent.name.split("-2")[0]: path for path in (user.data / "backups").glob("*/*.sqlite3")}
        assert user.messages(kept["before-restore"]) == TWO_ANSWERS, "what was written since is kept"
        assert user.messages(kept["before-update"]) == ONE_ANSWER
        _takes_no_older_version(user, feed)
        _gets_it_again(user, feed, new.read_bytes())
        user.screen.keys("Escape")
        user.focus(identity.NAME)
        user.screen.keys("ctrl+q")
        wait_for(lambda: user.machine.run(program, "--version").split()[-1] == NEW, "it is replaced at the end", SOON_S)
    with user.running(program):
        _shows_itself(user, NEW, times=2)
        assert user.messages() == ONE_ANSWER


def test_a_package_offers_no_update_of_its_own(user: Seat, feed: ReleaseServer) -> None:
    feed.publish(b"never fetched", NEW)
    user.install()
    built_in = user.machine.root / "usr" / "lib" / identity.PROGRAM / "_internal" / "update.json"
    built_in.write_text(json.dumps(asdict(feed.source)), "utf-8")
    with user.running(identity.PROGRAM):
        user.open_updates()
        user.screen.keys("space")  # where a portable file has the button that looks for a newer version
        user.screen.shot("updates")
        user.screen.keys("Escape")
        user.focus(identity.NAME)
        user.screen.keys("ctrl+q")
        wait_for(lambda: not user.windows(identity.NAME), "the window has closed", SOON_S)
    assert feed.asked == []
    assert not (user.data / "updates").exists()


def _refuses_what_others_signed(user: Seat, feed: ReleaseServer, program: bytes) -> None:
    ours, feed.key = feed.key, another_key()
    feed.publish(program, NEW)
    user.screen.keys("space")
    user.wait_for_log("FeedNotGenuine")
    wait_for(lambda: user.shows(LIGHT.danger_surface), "the refusal is said", SOON_S)
    user.screen.shot("1 signed by another")
    feed.key = ours
    assert user.update_state()["sequence"] == 0, "it is as if nobody had answered"


def _downloads_with_one_break(user: Seat, feed: ReleaseServer, program: bytes) -> None:
    feed.publish(program, NEW)
    user.screen.keys("space")
    wait_for(lambda: user.update_state().get("found"), "the new version is found", SOON_S)
    user.screen.shot("2 found")
    feed.files.break_after = BROKEN_OFF_AFTER
    user.press_primary()
    user.wait_for_log("DownloadBrokenOff")
    wait_for(lambda: user.shows(LIGHT.danger_surface), "the break is said", SOON_S)
    user.screen.shot("3 broken off")
    user.press_primary()
    wait_for(lambda: user.update_state().get("ready"), "the new version is here", SOON_S)
    assert feed.files.requests[-1][1] == f"bytes={BROKEN_OFF_AFTER}-"
    user.screen.shot("4 ready")


def _shows_itself(user: Seat, version: str, times: int = 1) -> None:
    user.wait_for_log(f"{identity.NAME} {version} shows its window", times)
    user.focus(identity.NAME)
    wait_for(lambda: user.shows(LIGHT.info_surface), "the news is said", SOON_S)
    user.screen.shot(f"5 {version}")


def _refuses_an_old_list(user: Seat, feed: ReleaseServer) -> None:
    feed.sequence = 0
    feed.publish(b"never fetched", NEW)
    user.screen.keys("space")
    user.wait_for_log("FeedReplayed")
    wait_for(lambda: user.shows(LIGHT.danger_surface), "the refusal is said", SOON_S)
    user.screen.shot("6 an old list")


def _takes_no_older_version(user: Seat, feed: ReleaseServer) -> None:
    """Not even from those who may sign."""
    feed.sequence = user.update_state()["sequence"]
    feed.publish(b"never fetched", OLDER)
    user.open_updates()
    user.screen.keys("space")
    wait_for(lambda: user.update_state()["sequence"] == feed.sequence, "the list is believed", SOON_S)
    assert user.update_state()["found"] is None
    user.screen.shot("8 nothing newer")


def _gets_it_again(user: Seat, feed: ReleaseServer, program: bytes) -> None:
    feed.publish(program, NEW)
    user.screen.keys("space")
    wait_for(lambda: user.update_state().get("found"), "the new version is found again", SOON_S)
    user.press_primary()
    wait_for(lambda: user.update_state().get("ready"), "the new version is here again", SOON_S)
    user.screen.shot("9 ready again")


def _goes_back(user: Seat) -> None:
    user.screen.keys("Tab", "Tab", "space")  # past the daily look
    user.focus("Go back")
    user.screen.shot("7 shall it go back")
    user.screen.keys("shift+Tab", "space")  # from Cancel
