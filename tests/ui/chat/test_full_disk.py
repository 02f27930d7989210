"""The disk runs full while something is written in the chat: what was typed or answered stays on the screen."""

from __future__ import annotations

import pytest

from app.model.chat import MessageState
from app.model.errors import DiskFull
from tests.fakes.openai_server import Action, FakeOpenAI, event
from tests.ui.chat.program import Program

PLENTY = 100_000
LONG = "wave " * 60_000
"""More than fits into the pages that are left."""


@pytest.mark.expected_logs
def test_an_answer_that_cannot_be_stored_stays_and_is_stored_later(chat: Program, server: FakeOpenAI) -> None:
    chat.limit_disk(free_pages=20)
    delta = {"content": LONG}
    server.reply_bytes(
        [event({"choices": [{"index": 0, "delta": delta, "finish_reason": "stop"}]}), b"data: [DONE]\n\n"]
    )
    chat.ask("Hello")
    chat.wait(lambda: chat.failures)
    assert isinstance(chat.failures[0], DiskFull)
    answer_id = chat.ids()[-1]
    assert chat.view.messages[answer_id].text == LONG
    assert chat.view.messages[answer_id].state is MessageState.INTERRUPTED
    chat.retries[0]()
    chat.wait(lambda: len(chat.failures) == 2)
    assert chat.view.messages[answer_id].text == LONG
    chat.limit_disk(PLENTY)
    chat.retries[1]()
    chat.wait(lambda: chat.stored()[-1].text == LONG)
    assert len(chat.failures) == 2
    assert chat.stored()[-1].state is MessageState.INTERRUPTED


@pytest.mark.expected_logs
@pytest.mark.parametrize("end", ["cut", "refused"])
def test_an_answer_that_has_only_thought_so_far_is_kept_too(chat: Program, server: FakeOpenAI, end: str) -> None:
    chat.limit_disk(free_pages=20)
    thought = event({"choices": [{"index": 0, "delta": {"reasoning_content": LONG}}]})
    last = [Action.CUT] if end == "cut" else [event({"error": {"message": "no more", "type": "server_error"}})]
    server.reply_bytes([thought, *last])
    chat.ask("Hello")
    chat.wait(lambda: chat.failures)
    answer_id = chat.ids()[-1]
    chat.wait(lambda: chat.view.messages[answer_id].state is MessageState.INTERRUPTED)
    assert chat.view.messages[answer_id].reasoning == LONG
    chat.limit_disk(PLENTY)
    chat.retries[-1]()
    chat.wait(lambda: chat.stored()[-1].reasoning == LONG)
    assert chat.stored()[-1].state is MessageState.INTERRUPTED


@pytest.mark.expected_logs
def test_a_draft_that_cannot_be_stored_is_stored_later(chat: Program) -> None:
    chat.ask("Hello")
    chat.limit_disk(free_pages=0)
    chat.tab.talk.current.note_draft(LONG)
    chat.wait(lambda: chat.failures)
    assert chat.tab.talk.current.shown.draft == LONG
    chat.limit_disk(PLENTY)
    chat.run_async(chat.tab.talk.current.save())
    assert not chat.tab.talk.current.shown.has_unsaved


@pytest.mark.expected_logs
def test_a_draft_that_cannot_be_stored_locks_nobody_in(chat: Program) -> None:
    chat.ask("Hello")
    first = chat.tab.conversation_id
    chat.open_conversation(None)
    chat.ask("Goodbye")
    second = chat.tab.conversation_id
    chat.limit_disk(free_pages=0)
    chat.composer.field.insertPlainText(LONG)
    chat.open_conversation(first)
    assert isinstance(chat.failures[-1], DiskFull)
    assert (chat.shown()[0], chat.composer.text()) == ("Hello", "")
    chat.open_conversation(second)
    assert (chat.shown()[0], chat.composer.text()) == ("Goodbye", LONG)
    chat.open_conversation(first)
    chat.limit_disk(PLENTY)
    chat.retries[-1]()
    chat.wait(lambda: not chat.tab.talk.unstored.holds_something)
    chat.restart(second)
    assert chat.composer.text() == LONG


@pytest.mark.expected_logs
def test_a_new_conversation_that_cannot_be_begun_can_be_left_and_found_again(chat: Program) -> None:
    chat.ask("Hello")
    first = chat.tab.conversation_id
    chat.open_conversation(None)
    chat.let_write(False)
    chat.write("What is a tide?")
    chat.open_conversation(first)
    assert chat.composer.text() == ""
    chat.open_conversation(None)
    assert chat.composer.text() == "What is a tide?"
    chat.let_write(True)
    chat.tab.talk.unstored.timer.setInterval(20)
    chat.wait(lambda: chat.tab.conversation_id is not None)
    chat.wait(lambda: not chat.tab.talk.unstored.holds_something)
    assert chat.tab.conversation_id != first


@pytest.mark.expected_logs
def test_an_answer_whose_notice_nobody_read_is_kept_and_stored_by_itself(chat: Program, server: FakeOpenAI) -> None:
    chat.limit_disk(free_pages=20)
    server.answer(LONG, pieces=(LONG,))
    chat.ask("Hello")
    chat.wait(lambda: chat.failures)
    first, answer_id = chat.tab.conversation_id, chat.ids()[-1]
    chat.open_conversation(None)
    chat.open_conversation(first)
    assert chat.view.messages[answer_id].text == LONG
    assert chat.view.messages[answer_id].state is MessageState.INTERRUPTED
    chat.open_conversation(None)
    chat.limit_disk(PLENTY)
    chat.tab.talk.unstored.timer.setInterval(20)
    chat.wait(lambda: not chat.tab.talk.unstored.holds_something)
    chat.restart(first)
    assert chat.view.messages[answer_id].text == LONG


@pytest.mark.expected_logs
def test_an_answer_that_is_only_in_memory_goes_on_from_its_end(chat: Program, server: FakeOpenAI) -> None:
    chat.limit_disk(free_pages=20)
    server.answer(LONG, pieces=(LONG,))
    chat.ask("Hello")
    chat.wait(lambda: chat.failures)
    server.answer("and so on")
    chat.limit_disk(PLENTY)
    chat.tab.talk.again.resume(chat.ids()[-1])
    chat.wait_for_text("and so on")
    chat.wait_idle()
    assert chat.stored()[-1].text == LONG + "and so on"


@pytest.mark.expected_logs
def test_whoever_quits_is_told_which_words_would_be_lost(chat: Program) -> None:
    chat.ask("Hello")
    chat.limit_disk(free_pages=0)
    chat.composer.field.insertPlainText(LONG)
    unsaved = chat.tab.unsaved
    assert unsaved is not None
    assert unsaved.may_be_lost
    chat.run_async(unsaved.save())
    assert unsaved.text() == LONG
    chat.limit_disk(PLENTY)
    chat.run_async(unsaved.save())
    assert unsaved.text() == ""
    assert not unsaved.may_be_lost


@pytest.mark.expected_logs
def test_quitting_in_the_middle_of_an_answer_tells_what_of_it_would_be_lost(chat: Program, server: FakeOpenAI) -> None:
    unsaved = chat.tab.unsaved
    assert unsaved is not None
    server.answer(f"{LONG} and more", pieces=(LONG, " and more"), hold_after=1)
    chat.limit_disk(free_pages=20)
    chat.send("Hello")
    chat.wait(lambda: LONG in _live(chat))
    assert unsaved.may_be_lost
    chat.run_async(unsaved.save())
    assert LONG in unsaved.text()
    assert unsaved.is_refused
    chat.limit_disk(PLENTY)
    chat.run_async(unsaved.save())
    assert (unsaved.text(), unsaved.may_be_lost) == ("", False)
    assert chat.stored()[-1].text == LONG


def _live(chat: Program) -> str:
    answer = chat.tab.talk.answers.live(chat.tab.conversation_id)
    return "".join(answer.text) if answer is not None else ""
