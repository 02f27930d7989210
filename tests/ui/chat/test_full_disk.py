"""The disk runs full while something is written in the chat: what was typed or answered stays on the screen."""

from __future__ import annotations

import pytest

from app.model.chat import MessageState
from app.model.errors import DiskFull
from tests.fakes.openai_server import FakeOpenAI, event
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
