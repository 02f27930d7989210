"""What an import changed in the history is shown at once; what was typed meanwhile stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.model.chat import Role
from app.model.transfer import PortableMessage, Standing
from app.services.history.store import History
from tests.ui.chat.program import Program


async def _goes_on_elsewhere(history: History, conversation_id: int) -> Standing:
    """Import the conversation with one more question."""
    found = await history.transfers.conversation(conversation_id)
    assert found is not None
    last = found.messages[-1]
    more = PortableMessage(last.id + 1, last.id, Role.USER, "And now?", last.created_at + timedelta(seconds=9))
    arrival = await history.transfers.arrive()
    standing = await arrival.add(replace(found, messages=(*found.messages, more), leaf_id=more.id), {})
    await arrival.complete()
    return standing


def test_a_conversation_that_went_on_elsewhere_is_shown_so(chat: Program) -> None:
    chat.server.answer("Salt.")
    chat.ask("What is in the sea?")
    shown_id = chat.tab.conversation_id
    assert shown_id is not None
    chat.write("half a thought")
    assert chat.run_async(_goes_on_elsewhere(chat.history, shown_id)) is Standing.GROWN
    chat.tab.reload()
    chat.wait(lambda: chat.shown()[-1] == "And now?")
    assert chat.shown()[:2] == ["What is in the sea?", "Salt."]
    assert chat.composer.text() == "half a thought"
    assert chat.tab.conversation_id == shown_id


def test_a_message_that_is_being_edited_is_left_alone(chat: Program) -> None:
    chat.server.answer("Salt.")
    chat.ask("What is in the sea?")
    shown_id = chat.tab.conversation_id
    assert shown_id is not None
    chat.view.transcript.edit_requested.emit(chat.ids()[0])
    chat.write(" Really?")
    chat.run_async(_goes_on_elsewhere(chat.history, shown_id))
    with chat.qtbot.waitSignal(chat.tab.conversations.listed):
        chat.tab.reload()
    assert chat.composer.text() == "What is in the sea? Really?"
    assert len(chat.shown()) == 2
