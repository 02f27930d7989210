"""Asking in the tab: sending, stopping, failing, going on, versions, several conversations at once, closing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.model.chat import ChatParameters, Draft, MessageState, ResponseFormat
from app.model.errors import AnswerInterrupted, KeyRejected, NoModelChosen, RateLimited, RequestRefused
from app.ui.chat.opening import NEWEST
from app.ui.job import JobState
from app.ui.notices import SendWithout
from tests.fakes.openai_server import Action, FakeOpenAI, event
from tests.ui.chat.program import MODEL, OTHER_MODEL, Program


def test_enter_sends_and_the_answer_is_shown_and_stored(chat: Program, server: FakeOpenAI) -> None:
    server.answer("Good **morning**")
    chat.ask("Hello")
    assert chat.shown() == ["Hello", "Good **morning**"]
    assert chat.composer.text() == ""
    assert [message.text for message in chat.stored()] == ["Hello", "Good **morning**"]
    chat.wait(lambda: chat.listed() == ["Hello"])


def test_send_becomes_stop_and_stop_keeps_what_came(chat: Program, server: FakeOpenAI) -> None:
    server.answer("one two three four", hold_after=2)
    chat.send("Count")
    button = chat.composer.send_button
    assert button.accessibleName() == "Stop"
    chat.wait_for_text("one two ")
    chat.click(button)
    chat.wait_idle()
    assert button.accessibleName() == "Send"
    stopped = chat.stored()[-1]
    assert (stopped.text, stopped.state) == ("one two ", MessageState.STOPPED)
    assert chat.view.messages[stopped.id].state is MessageState.STOPPED
    assert not chat.failures, "stopping is no failure"


def test_what_was_typed_and_taken_back_begins_no_conversation(chat: Program) -> None:
    chat.composer.field.insertPlainText("abc")
    chat.composer.field.clear()
    chat.wait(lambda: not chat.tab.talk.current.shown.has_unsaved)
    chat.run_async(chat.tab.talk.current.save())
    assert chat.conversations() == []
    assert chat.tab.conversation_id is None


def test_escape_stops(chat: Program, server: FakeOpenAI) -> None:
    server.answer("one two three", hold_after=1)
    chat.send("Count")
    chat.wait_for_text("one ")
    chat.press(Qt.Key.Key_Escape)
    chat.wait_idle()
    assert chat.stored()[-1].state is MessageState.STOPPED


def test_escape_in_the_transcript_stops_too(chat: Program, server: FakeOpenAI) -> None:
    server.answer("one two three", hold_after=1)
    chat.send("Count")
    chat.wait_for_text("one ")
    QTest.keyClick(chat.view.transcript, Qt.Key.Key_Escape)
    chat.wait_idle()
    assert chat.stored()[-1].state is MessageState.STOPPED


def test_a_stopped_answer_goes_on(chat: Program, server: FakeOpenAI) -> None:
    server.answer("one two three", hold_after=1)
    server.answer("two three")
    chat.send("Count")
    chat.wait_for_text("one ")
    chat.press(Qt.Key.Key_Escape)
    chat.wait_idle()
    chat.view.transcript.continue_requested.emit(chat.ids()[-1])
    chat.wait_for_text("three")
    chat.wait_idle()
    assert chat.shown() == ["Count", "one two three"]
    assert chat.stored()[-1].state is MessageState.COMPLETE


def test_a_failure_is_told_and_can_be_tried_again(chat: Program, server: FakeOpenAI) -> None:
    pieces = [event({"choices": [{"index": 0, "delta": {"content": "Half "}}]})]
    server.reply_bytes([*pieces, Action.CUT])
    server.answer("and half")
    chat.ask("Hello")
    chat.wait(lambda: chat.failures)
    assert isinstance(chat.failures[0], AnswerInterrupted)
    assert chat.shown() == ["Hello", "Half "]
    assert chat.stored()[-1].state is MessageState.INTERRUPTED
    chat.retries[0]()
    chat.wait_for_text("half")
    chat.wait_idle()
    assert chat.shown() == ["Hello", "Half and half"]


def test_trying_again_reaches_the_conversation_that_failed(chat: Program, server: FakeOpenAI) -> None:
    server.reply_error(500, times=9)
    chat.ask("Hello")
    chat.wait(lambda: chat.failures)
    failed_id = chat.tab.conversation_id
    chat.open_conversation(None)
    server._replies.clear()
    server.answer("Now it works")
    chat.retries[0]()
    chat.wait(lambda: chat.tab.talk.answers.state(failed_id) is JobState.IDLE)
    chat.open_conversation(failed_id)
    assert chat.shown() == ["Hello", "Now it works"]


def test_a_wrong_key_leaves_the_prompt_and_a_row_that_says_why(chat: Program, server: FakeOpenAI) -> None:
    server.key = "sk-another"
    chat.ask("Hello")
    chat.wait(lambda: chat.failures)
    assert isinstance(chat.failures[0], KeyRejected)
    assert chat.retries == [None]
    prompt, answer = chat.stored()
    assert (prompt.text, answer.state) == ("Hello", MessageState.FAILED)
    assert "Incorrect API key" in answer.error


def test_a_pause_is_counted_down_and_can_be_stopped(chat: Program, server: FakeOpenAI) -> None:
    chat.waits = True
    chat.restart()
    server.reply_error(429, "rate_limit_exceeded", headers={"retry-after": "20"})
    chat.send("Hello")
    line = chat.view.status_line
    chat.wait(lambda: line.text().startswith(f"{RateLimited.title}. Trying again in 20 "))
    assert line.isVisible()
    waiting_id = chat.tab.conversation_id
    chat.open_conversation(None)
    assert not line.isVisible(), "another conversation waits for nothing"
    chat.open_conversation(waiting_id)
    assert line.isVisible()
    chat.wait(lambda: "in 19 " in line.text())
    chat.press(Qt.Key.Key_Escape)
    chat.wait_idle()
    assert not line.isVisible()


def test_regenerating_makes_a_version_to_switch_between(chat: Program, server: FakeOpenAI) -> None:
    server.answer("First")
    server.answer("Second")
    chat.ask("Say")
    chat.view.transcript.regenerate_requested.emit(chat.ids()[-1])
    chat.wait_for_text("Second")
    chat.wait_idle()
    assert chat.shown() == ["Say", "Second"]
    assert chat.view.messages[chat.ids()[-1]].version == (2, 2)
    chat.view.transcript.version_requested.emit(chat.ids()[-1], -1)
    chat.wait_for_text("First")
    assert chat.view.messages[chat.ids()[-1]].version == (1, 2)


def test_regenerating_uses_the_model_that_is_chosen_now(chat: Program, server: FakeOpenAI) -> None:
    chat.ask("Say")
    chat.tab.set_model(OTHER_MODEL)
    chat.view.transcript.regenerate_requested.emit(chat.ids()[-1])
    chat.wait(lambda: len(server.posts()) == 2)
    chat.wait_idle()
    assert server.posts()[-1].json["model"] == OTHER_MODEL.model_id
    assert chat.stored()[-1].model == OTHER_MODEL


def test_versions_can_be_looked_at_while_another_one_arrives(chat: Program, server: FakeOpenAI) -> None:
    server.answer("First")
    server.answer("one two three", hold_after=1)
    chat.ask("Say")
    chat.view.transcript.regenerate_requested.emit(chat.ids()[-1])
    chat.wait_for_text("one ")
    chat.view.transcript.version_requested.emit(chat.ids()[-1], -1)
    chat.wait_for_text("First")
    server.release()
    chat.wait(lambda: chat.tab.talk.answers.state(chat.tab.conversation_id) is JobState.IDLE)
    assert chat.shown() == ["Say", "First"]
    chat.view.transcript.version_requested.emit(chat.ids()[-1], 1)
    chat.wait_for_text("one two three")


def test_leaving_while_an_answer_arrives_and_coming_back(chat: Program, server: FakeOpenAI) -> None:
    server.answer("one two three four five six", reasoning="Let me count.", hold_after=3)
    chat.send("Count")
    chat.wait_for_text("three ")
    counting_id = chat.tab.conversation_id
    chat.open_conversation(None)
    assert chat.shown() == []
    assert chat.composer.send_button.accessibleName() == "Send"
    chat.open_conversation(counting_id)
    assert chat.composer.send_button.accessibleName() == "Stop"
    assert chat.shown() == ["Count", "one two three "]
    server.release()
    chat.wait_idle()
    assert chat.shown() == ["Count", "one two three four five six"]
    assert chat.view.messages[chat.ids()[-1]].reasoning == "Let me count."


def test_an_answer_that_ends_out_of_sight_is_whole_when_one_comes_back(chat: Program, server: FakeOpenAI) -> None:
    server.answer("one two three", hold_after=1)
    chat.send("Count")
    chat.wait_for_text("one ")
    counting_id = chat.tab.conversation_id
    chat.open_conversation(None)
    server.release()
    chat.wait(lambda: chat.tab.talk.answers.state(counting_id) is JobState.IDLE)
    chat.open_conversation(counting_id)
    assert chat.shown() == ["Count", "one two three"]
    assert chat.view.messages[chat.ids()[-1]].state is MessageState.COMPLETE


def test_two_conversations_are_answered_at_once(chat: Program, server: FakeOpenAI) -> None:
    working: list[bool] = []
    chat.tab.working_changed.connect(working.append)
    server.answer("first answer", hold_after=1)
    server.answer("second answer", hold_after=1)
    chat.send("One")
    chat.wait_for_text("first ")
    first_id = chat.tab.conversation_id
    chat.open_conversation(None)
    chat.send("Two")
    chat.wait_for_text("second ")
    second_id = chat.tab.conversation_id
    assert chat.shown() == ["Two", "second "]
    server.release()
    states = chat.tab.talk.answers.state
    chat.wait(lambda: states(first_id) is JobState.IDLE and states(second_id) is JobState.IDLE)
    chat.wait_for_text("second answer")
    chat.open_conversation(first_id)
    assert chat.shown() == ["One", "first answer"]
    assert working == [True, False]


def test_stop_in_one_conversation_leaves_the_other_alone(chat: Program, server: FakeOpenAI) -> None:
    server.answer("first answer", hold_after=1)
    server.answer("second answer", hold_after=1)
    chat.send("One")
    chat.wait_for_text("first ")
    first_id = chat.tab.conversation_id
    chat.open_conversation(None)
    chat.send("Two")
    chat.wait_for_text("second ")
    chat.press(Qt.Key.Key_Escape)
    chat.wait_idle()
    assert chat.tab.talk.answers.state(first_id) is JobState.RUNNING
    server.release()
    chat.wait(lambda: chat.tab.talk.answers.state(first_id) is JobState.IDLE)


def test_nothing_is_sent_without_a_model_and_the_text_stays(chat: Program, server: FakeOpenAI) -> None:
    chat.tab.set_model(None)
    chat.write("Hello")
    chat.press(Qt.Key.Key_Return)
    assert isinstance(chat.failures[0], NoModelChosen)
    assert chat.composer.text() == "Hello"
    assert not server.requests


def test_the_model_goes_with_the_conversation(chat: Program) -> None:
    chat.ask("Hello")
    first_id = chat.tab.conversation_id
    chat.tab.set_model(OTHER_MODEL)
    chat.open_conversation(None)
    chat.tab.set_model(MODEL)
    chat.open_conversation(first_id)
    assert chat.models_chosen == [OTHER_MODEL]


def test_what_is_pressed_twice_is_sent_once(chat: Program, server: FakeOpenAI) -> None:
    server.answer("one two", hold_after=1)
    chat.write("Hello")
    chat.press(Qt.Key.Key_Return)
    chat.press(Qt.Key.Key_Return)
    chat.wait_for_text("one ")
    chat.press(Qt.Key.Key_Return)
    server.release()
    chat.wait_idle()
    assert chat.shown() == ["Hello", "one two"]
    assert len(server.posts()) == 1


def test_what_is_written_while_an_answer_arrives_stays(chat: Program, server: FakeOpenAI) -> None:
    server.answer("one two", hold_after=1)
    chat.send("Hello")
    chat.wait_for_text("one ")
    chat.write("And then?")
    server.release()
    chat.wait_idle()
    assert chat.composer.text() == "And then?"


@pytest.mark.parametrize("answers", [1, 2])
def test_closing_in_the_middle_stores_everything(chat: Program, server: FakeOpenAI, answers: int) -> None:
    for number in range(answers):
        server.answer("one two three", hold_after=2)
        chat.open_conversation(None)
        chat.send(f"Count {number}")
        chat.wait_for_text("two ")
    chat.write("not sent yet")
    last_id = chat.tab.conversation_id
    chat.restart(last_id)
    assert chat.shown() == [f"Count {answers - 1}", "one two "]
    assert chat.composer.text() == "not sent yet"
    for conversation in chat.conversations():
        messages = chat.run_async(chat.history.messages.path(conversation.id))
        assert [message.state for message in messages] == [MessageState.COMPLETE, MessageState.STOPPED]
    assert not chat.failures


def _refuse(server: FakeOpenAI, field: str) -> None:
    words = f"Unsupported parameter: '{field}' is not supported with this model."
    server.reply_error(400, "unsupported_parameter", "invalid_request_error", words, param=field)


def test_the_small_print_tells_what_was_not_sent(chat: Program, server: FakeOpenAI) -> None:
    chat.tab.parameters.changed.emit("", ChatParameters(temperature=0.5))
    _refuse(server, "temperature")
    chat.ask("Hello")
    rows = chat.view.transcript.stage.live()
    assert rows[1].footer.small_print.text().endswith(" · sent without temperature")
    assert not chat.failures
    chat.restart(chat.tab.conversation_id)
    rows = chat.view.transcript.stage.live()
    assert rows[1].footer.small_print.text().endswith(" · sent without temperature")


def test_what_the_answer_depends_on_is_offered_to_be_left_out(chat: Program, server: FakeOpenAI) -> None:
    chat.tab.parameters.changed.emit("", ChatParameters(response_format=ResponseFormat.JSON))
    _refuse(server, "response_format")
    chat.ask("Hello")
    (failure,), (retry,) = chat.failures, chat.retries
    assert isinstance(failure, RequestRefused)
    assert isinstance(retry, SendWithout)
    with chat.qtbot.waitSignal(chat.tab.talk.answers.arrived):
        retry()
    chat.wait_idle()
    assert chat.shown() == ["Hello", "You said: Hello"]
    assert chat.left_out == ["response_format"]
    small_print = chat.view.transcript.stage.live()[1].footer.small_print
    assert small_print.text().endswith(" · sent without response_format")


def test_an_answer_that_came_whole_tells_so_and_no_speed(chat: Program, server: FakeOpenAI) -> None:
    words = "Your organization must be verified to stream this model."
    server.reply_error(400, "unsupported_value", "invalid_request_error", words, param="stream")
    chat.ask("Hello")
    small_print = chat.view.transcript.stage.live()[1].footer.small_print
    assert small_print.text() == "gpt-6-luna · 3 token(s) · not streamed"


def _long_conversation(chat: Program, turns: int) -> int:
    """Written straight into the history."""

    async def write() -> int:
        conversation = await chat.history.conversations.create(title="Long")
        for number in range(turns):
            _, answer = await chat.history.messages.add_turn(conversation.id, Draft(f"{number}?"), MODEL)
            ended = replace(answer, text=f"{number}.", state=MessageState.COMPLETE)
            await chat.history.messages.finish(ended)
        return conversation.id

    made: int = chat.run_async(write())
    return made


def test_a_long_conversation_shows_its_end_first_and_then_all_of_it(chat: Program) -> None:
    turns = NEWEST
    conversation_id = _long_conversation(chat, turns)
    chat.open_conversation(conversation_id)
    assert chat.shown() == [text for number in range(turns // 2, turns) for text in (f"{number}?", f"{number}.")]
    assert chat.view.transcript.at_end
    chat.wait(lambda: len(chat.view.messages) == 2 * turns)
    assert chat.shown() == [message.text for message in chat.stored()]
    assert chat.view.transcript.at_end


def test_what_is_asked_before_all_is_there_stays_at_the_end(chat: Program, server: FakeOpenAI) -> None:
    server.answer("Indeed.")
    conversation_id = _long_conversation(chat, NEWEST)
    chat.open_conversation(conversation_id)
    chat.ask("And now?")
    chat.wait(lambda: len(chat.view.messages) == 2 * NEWEST + 2)
    assert chat.shown() == [message.text for message in chat.stored()]
    assert chat.shown()[-2:] == ["And now?", "Indeed."]


def test_another_conversation_is_not_mixed_with_earlier_messages(chat: Program) -> None:
    long, other = _long_conversation(chat, NEWEST), _long_conversation(chat, 1)
    chat.open_conversation(long)
    chat.open_conversation(other)
    assert chat.shown() == ["0?", "0."]
    chat.open_conversation(long)
    chat.wait(lambda: len(chat.view.messages) == 2 * NEWEST)


def test_a_found_message_far_above_is_there_at_once(chat: Program) -> None:
    conversation_id = _long_conversation(chat, NEWEST)
    first = chat.run_async(chat.history.messages.path(conversation_id))[0]
    with chat.qtbot.waitSignal(chat.tab.talk.opening.shown):
        chat.tab.open(conversation_id, first.id)
    assert next(iter(chat.view.messages)) == first.id
    assert len(chat.view.messages) == 2 * NEWEST


def test_another_version_of_a_message_in_the_shown_end_is_found(chat: Program) -> None:
    conversation_id = _long_conversation(chat, NEWEST)

    async def answer_again() -> None:
        last = (await chat.history.messages.path(conversation_id, 1))[0]
        assert last.parent_id is not None
        answer = await chat.history.messages.add_answer(last.parent_id, MODEL)
        await chat.history.messages.finish(replace(answer, text="Better.", state=MessageState.COMPLETE))

    chat.run_async(answer_again())
    chat.open_conversation(conversation_id)
    chat.view.transcript.version_requested.emit(chat.ids()[-1], -1)
    chat.wait(lambda: len(chat.view.messages) == 2 * NEWEST)
    chat.wait(lambda: chat.shown()[-1] == f"{NEWEST - 1}.")
