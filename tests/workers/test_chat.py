"""Asking, stopping, failing, versions and going on: real history, real API service, only the server is fake."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.model.chat import (
    AnswerEnded,
    AnswerStarted,
    ChatParameters,
    Draft,
    EngineStarting,
    Message,
    MessageState,
    ReasoningEffort,
    RequestAdjusted,
    ResponseFormat,
    Role,
    TextDelta,
    Usage,
    Verbosity,
)
from app.model.errors import (
    AnswerInterrupted,
    KeyRejected,
    RateLimited,
    RequestRefused,
    StorageFailed,
    UnsupportedContent,
)
from app.model.lessons import Lesson
from app.model.providers import BUILT_IN_ID, Dialect, ModelReference
from app.model.requests import RequestOutcome
from app.paths import Paths
from app.services.history.store import History
from app.workers.chat import CONTINUE_PROMPT, SAVE_EVERY_S, ChatWorker, GrowingAnswer
from app.workers.library import LibraryWorker
from tests.conftest import PATIENCE_MS, ROOT
from tests.fakes.openai_server import Action, FakeOpenAI, event
from tests.workers.chatting import BLIND_MODEL, MODEL, OTHER_MODEL, Chat, Tell, heard, sent_messages, written


def test_an_answer_arrives_in_pieces_and_is_stored(tell: Tell, server: FakeOpenAI) -> None:
    server.answer("Hello to you", reasoning="A greeting.")

    async def story(chat: Chat) -> None:
        answer = await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL))
        assert isinstance(answer.events[0], AnswerStarted)
        assert answer.text == "Hello to you"
        ended = answer.events[-1]
        assert isinstance(ended, AnswerEnded)
        prompt, stored = await chat.path()
        assert ended.answer == stored
        assert (prompt.role, prompt.text) == (Role.USER, "Hello")
        assert (stored.text, stored.reasoning, stored.state) == ("Hello to you", "A greeting.", MessageState.COMPLETE)
        assert stored.model == MODEL

    tell(story)


def test_usage_and_timing_are_stored_and_logged(tell: Tell, server: FakeOpenAI) -> None:
    server.answer("one two three", reasoning="Counting.")

    async def story(chat: Chat) -> None:
        await heard(chat.worker.send(chat.id, Draft("Count"), MODEL))
        stored = (await chat.path())[-1]
        assert stored.usage == Usage(input_tokens=7, output_tokens=3, reasoning_tokens=1, cached_tokens=2)
        assert stored.reasoning_s is not None
        assert stored.timing.first_token_s is not None
        assert stored.timing.total_s is not None
        assert 0 <= stored.timing.first_token_s <= stored.timing.total_s
        (record,) = await chat.history.requests.recent()
        assert (record.model, record.outcome, record.usage) == (MODEL, RequestOutcome.COMPLETE, stored.usage)
        assert record.timing == stored.timing

    tell(story)


def test_the_prompt_is_on_disk_before_the_request_leaves(tell: Tell, server: FakeOpenAI, paths: Paths) -> None:
    async def story(chat: Chat) -> None:
        async with aclosing(chat.worker.send(chat.id, Draft("Keep this"), MODEL)) as events:
            started = await anext(events)
            assert isinstance(started, AnswerStarted)
            assert not server.requests
            assert _on_disk(paths, "user") == ["Keep this"]

    tell(story)


def test_stop_keeps_every_character(tell: Tell, server: FakeOpenAI) -> None:
    server.answer("one two three four", hold_after=2)

    async def story(chat: Chat) -> None:
        answer = await heard(chat.worker.send(chat.id, Draft("Count"), MODEL), stop_at="two ")
        assert answer.text == "one two "
        stored = (await chat.path())[-1]
        assert (stored.text, stored.state) == ("one two ", MessageState.STOPPED)
        assert (await chat.history.requests.recent())[0].outcome is RequestOutcome.STOPPED

    tell(story)
    server.wait_for_departures()


def test_stop_by_cancelling_whoever_listens(tell: Tell, server: FakeOpenAI) -> None:
    server.answer("one two three", hold_after=1)

    async def story(chat: Chat) -> None:
        arrived = asyncio.Event()

        async def listen() -> None:
            async with aclosing(chat.worker.send(chat.id, Draft("Count"), MODEL)) as events:
                async for piece in events:
                    if isinstance(piece, TextDelta) and piece.text:
                        arrived.set()

        listening = asyncio.create_task(listen())
        await arrived.wait()
        listening.cancel()
        await asyncio.wait([listening])
        assert listening.cancelled()
        stored = (await chat.path())[-1]
        assert (stored.text, stored.state) == ("one ", MessageState.STOPPED)

    tell(story)


@pytest.mark.parametrize("rounds", range(1, 12))
def test_stop_at_any_moment_leaves_nothing_streaming(tell: Tell, server: FakeOpenAI, rounds: int) -> None:
    """However many steps the loop has made since Send, Stop leaves no message that pretends to be arriving."""
    server.answer("one two three", hold_after=1)

    async def story(chat: Chat) -> None:
        listening = asyncio.create_task(heard(chat.worker.send(chat.id, Draft("Count"), MODEL)))
        for _ in range(rounds):
            await asyncio.sleep(0)
        listening.cancel()
        await asyncio.wait([listening])
        states = {message.state for message in await chat.history.messages.all(chat.id)}
        assert MessageState.STREAMING not in states
        texts = {message.text for message in await chat.path()} | {
            (await chat.history.conversations.draft(chat.id)).text
        }
        assert "Count" in texts or rounds == 1

    tell(story)


def test_a_wrong_key_fails_with_the_prompt_kept(tell: Tell, server: FakeOpenAI) -> None:
    server.key = "sk-another"

    async def story(chat: Chat) -> None:
        answer = await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL))
        assert isinstance(answer.error, KeyRejected)
        prompt, stored = await chat.path()
        assert prompt.text == "Hello"
        assert (stored.text, stored.state) == ("", MessageState.FAILED)
        assert "Incorrect API key" in stored.error
        (record,) = await chat.history.requests.recent()
        assert (record.outcome, record.status) == (RequestOutcome.FAILED, 401)

    tell(story)


def test_a_stream_that_is_cut_keeps_what_came(tell: Tell, server: FakeOpenAI) -> None:
    pieces = [event({"choices": [{"index": 0, "delta": {"content": text}}]}) for text in ("Half ", "an ")]
    server.reply_bytes([*pieces, Action.CUT])

    async def story(chat: Chat) -> None:
        answer = await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL))
        assert isinstance(answer.error, AnswerInterrupted)
        stored = (await chat.path())[-1]
        assert (stored.text, stored.state) == ("Half an ", MessageState.INTERRUPTED)
        assert stored.error

    tell(story)


def test_too_fast_is_tried_again_after_the_servers_delay(tell: Tell, server: FakeOpenAI) -> None:
    server.reply_error(429, "rate_limit_exceeded", headers={"retry-after": "7"})
    server.answer("At last")

    async def story(chat: Chat) -> None:
        answer = await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL))
        assert answer.error is None
        (pause,) = answer.pauses
        assert (pause.wait_s, pause.reason) == (7.0, RateLimited.title)
        assert (await chat.path())[-1].text == "At last"

    tell(story)


def test_the_token_limit_is_told_apart(tell: Tell, server: FakeOpenAI) -> None:
    server.answer("Once upon a", finish_reason="length")

    async def story(chat: Chat) -> None:
        await heard(chat.worker.send(chat.id, Draft("A story"), MODEL))
        assert (await chat.path())[-1].state is MessageState.TRUNCATED

    tell(story)


def test_a_refusal_is_text(tell: Tell, server: FakeOpenAI) -> None:
    server.answer("", refusal="I cannot do that.")

    async def story(chat: Chat) -> None:
        await heard(chat.worker.send(chat.id, Draft("Do it"), MODEL))
        assert (await chat.path())[-1].text == "I cannot do that."

    tell(story)


def test_regenerating_keeps_the_old_version(tell: Tell, server: FakeOpenAI) -> None:
    server.answer("First")
    server.answer("Second")

    async def story(chat: Chat) -> None:
        await heard(chat.worker.send(chat.id, Draft("Say"), MODEL))
        first = (await chat.path())[-1]
        await heard(chat.worker.regenerate(first.id, OTHER_MODEL))
        second = (await chat.path())[-1]
        assert (second.text, second.version, second.model) == ("Second", (2, 2), OTHER_MODEL)
        assert [message["content"] for message in sent_messages(server)] == ["Say"]
        back = await chat.history.messages.switch_version(second.id, -1)
        assert (back[-1].text, back[-1].version) == ("First", (1, 2))

    tell(story)


def test_editing_makes_a_version_of_the_prompt(tell: Tell, server: FakeOpenAI) -> None:
    async def story(chat: Chat) -> None:
        await heard(chat.worker.send(chat.id, Draft("Frist"), MODEL))
        await heard(chat.worker.send(chat.id, Draft("More"), MODEL))
        old = (await chat.path())[0]
        await heard(chat.worker.edit(old.id, Draft("First"), MODEL))
        prompt, answer = await chat.path()
        assert (prompt.text, prompt.version) == ("First", (2, 2))
        assert answer.text == "You said: First"
        assert len(await chat.history.messages.switch_version(prompt.id, -1)) == 4

    tell(story)


def test_going_on_adds_to_what_is_there(tell: Tell, server: FakeOpenAI) -> None:
    server.answer("one two three four", hold_after=2)
    server.answer("three four")

    async def story(chat: Chat) -> None:
        await heard(chat.worker.send(chat.id, Draft("Count"), MODEL), stop_at="two ")
        stopped = (await chat.path())[-1]
        going_on = await heard(chat.worker.resume(stopped.id, OTHER_MODEL))
        started = going_on.events[0]
        assert isinstance(started, AnswerStarted)
        assert (started.prompt, started.answer.text) == (None, "one two ")
        stored = (await chat.path())[-1]
        assert (stored.id, stored.text, stored.state) == (stopped.id, "one two three four", MessageState.COMPLETE)
        assert stored.model == MODEL
        sent = [(message["role"], message["content"]) for message in sent_messages(server)]
        assert sent == [("user", "Count"), ("assistant", "one two "), ("user", CONTINUE_PROMPT)]
        assert len(await chat.path()) == 2

    tell(story)


def test_the_engine_inside_goes_on_without_being_told_how(tell: Tell, server: FakeOpenAI) -> None:
    server.accepts_any_model = True
    server.answer("A beginn", finish_reason="length")

    async def story(chat: Chat) -> None:
        model = ModelReference(BUILT_IN_ID, "small")
        await heard(chat.worker.send(chat.id, Draft("Tell"), model))
        await heard(chat.worker.resume((await chat.path())[-1].id, model))
        assert [message["content"] for message in sent_messages(server)] == ["Tell", "A beginn"]

    tell(story)


def test_going_on_in_the_middle_leaves_out_what_came_later(tell: Tell, server: FakeOpenAI) -> None:
    server.answer("A beginning", finish_reason="length")

    async def story(chat: Chat) -> None:
        await heard(chat.worker.send(chat.id, Draft("Tell"), MODEL))
        cut = (await chat.path())[-1]
        await heard(chat.worker.send(chat.id, Draft("Something else"), MODEL))
        await heard(chat.worker.resume(cut.id, MODEL))
        assert [message["content"] for message in sent_messages(server)] == ["Tell", "A beginning", CONTINUE_PROMPT]

    tell(story)


def test_an_answer_that_never_began_is_tried_again_by_the_model_chosen_now(tell: Tell, server: FakeOpenAI) -> None:
    server.reply_error(404, "model_not_found", "invalid_request_error")
    server.answer("Here I am")

    async def story(chat: Chat) -> None:
        await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL))
        failed = (await chat.path())[-1]
        await heard(chat.worker.resume(failed.id, OTHER_MODEL))
        stored = (await chat.path())[-1]
        assert (stored.id, stored.text, stored.model) == (failed.id, "Here I am", OTHER_MODEL)
        assert (stored.error, stored.version) == ("", (1, 1))
        assert [message["content"] for message in sent_messages(server)] == ["Hello"]

    tell(story)


def test_a_whole_conversation_is_told_but_not_what_never_came(tell: Tell, server: FakeOpenAI) -> None:
    async def story(chat: Chat) -> None:
        await heard(chat.worker.send(chat.id, Draft("One"), MODEL))
        server.reply_error(400, type_="invalid_request_error")
        await heard(chat.worker.send(chat.id, Draft("Two"), MODEL))
        await heard(chat.worker.send(chat.id, Draft("Three"), MODEL))
        assert [message["content"] for message in sent_messages(server)] == ["One", "You said: One", "Two", "Three"]

    tell(story)


def test_only_what_is_set_is_sent(tell: Tell, server: FakeOpenAI) -> None:
    async def story(chat: Chat) -> None:
        await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL))
        bare = server.posts()[-1].json
        assert set(bare) == {"model", "messages", "stream", "stream_options"}
        await chat.set_up(
            "Be brief.",
            ChatParameters(
                temperature=0.0,
                top_p=0.9,
                max_tokens=50,
                stop=("END",),
                seed=0,
                response_format=ResponseFormat.JSON,
                reasoning_effort=ReasoningEffort.LOW,
                verbosity=Verbosity.HIGH,
                extra_body={"service_tier": "flex"},
            ),
        )
        await heard(chat.worker.send(chat.id, Draft("Again"), MODEL))
        full = server.posts()[-1].json
        assert full["messages"][0]["content"] == "Be brief."
        assert full["messages"][0]["role"] in ("system", "developer")
        assert (full["temperature"], full["top_p"], full["seed"], full["stop"]) == (0.0, 0.9, 0, ["END"])
        assert 50 in (full.get("max_tokens"), full.get("max_completion_tokens"))
        assert full["response_format"] == {"type": "json_object"}
        assert (full["reasoning_effort"], full["verbosity"], full["service_tier"]) == ("low", "high", "flex")

    tell(story)


@pytest.mark.parametrize("dialect", [Dialect.RESPONSES, Dialect.COMPLETIONS])
def test_other_dialects_answer_alike(tell: Tell, server: FakeOpenAI, dialect: Dialect) -> None:
    server.answer("All the same")

    async def story(chat: Chat) -> None:
        chat.dialect = dialect
        await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL))
        stored = (await chat.path())[-1]
        assert (stored.text, stored.state) == ("All the same", MessageState.COMPLETE)

    tell(story)


def test_a_picture_reaches_the_server_upright_small_and_without_its_place(
    tell: Tell, server: FakeOpenAI, tmp_path: Path
) -> None:
    photo = _photo(tmp_path / "holiday.jpg")

    async def story(chat: Chat) -> None:
        picture = await chat.attachments.attach_file(chat.id, photo)
        await heard(chat.worker.send(chat.id, Draft("What is this?", (picture,)), MODEL))
        (message,) = sent_messages(server)
        words, shown = message["content"]
        assert words == {"type": "text", "text": "What is this?"}
        received = Image.open(BytesIO(base64.b64decode(shown["image_url"]["url"].partition(",")[2])))
        assert received.size == (1024, 2048)
        assert not received.getexif()
        red, _, blue = received.convert("RGB").getpixel((512, 10))  # type: ignore[misc] # three channels
        assert red > blue, "the red half is at the top"
        assert (await chat.path())[0].attachments == (picture,)

    tell(story)


def test_text_files_are_sent_in_a_fence_that_they_cannot_close(tell: Tell, server: FakeOpenAI, tmp_path: Path) -> None:
    file = written(tmp_path / "notes.md", "before\n```python\nprint(1)\n```\nafter\n")

    async def story(chat: Chat) -> None:
        note = await chat.attachments.attach_file(chat.id, file)
        await heard(chat.worker.send(chat.id, Draft("Read this", (note,)), MODEL))
        (message,) = sent_messages(server)
        assert message["content"] == ("Read this\n\nnotes.md:\n````\nbefore\n```python\nprint(1)\n```\nafter\n````")

    tell(story)


def test_a_model_that_cannot_see_refuses_before_anything_is_stored(
    tell: Tell, server: FakeOpenAI, tmp_path: Path
) -> None:
    photo = _photo(tmp_path / "holiday.jpg")

    async def story(chat: Chat) -> None:
        picture = await chat.attachments.attach_file(chat.id, photo)
        await chat.history.conversations.set_draft(chat.id, "What is this?")
        answer = await heard(chat.worker.send(chat.id, Draft("What is this?", (picture,)), BLIND_MODEL))
        assert isinstance(answer.error, UnsupportedContent)
        assert not answer.events
        assert await chat.path() == []
        assert await chat.history.conversations.draft(chat.id) == Draft("What is this?", (picture,))
        assert not server.requests

    tell(story)


def test_a_model_that_cannot_see_is_told_that_there_was_a_picture(
    tell: Tell, server: FakeOpenAI, tmp_path: Path
) -> None:
    photo = _photo(tmp_path / "holiday.jpg")

    async def story(chat: Chat) -> None:
        picture = await chat.attachments.attach_file(chat.id, photo)
        await heard(chat.worker.send(chat.id, Draft("What is this?", (picture,)), MODEL))
        await heard(chat.worker.send(chat.id, Draft("And now?"), BLIND_MODEL))
        first = sent_messages(server)[0]["content"]
        assert first == "What is this?\n\n[A picture that cannot be shown here: holiday.jpg]"
        answer = (await chat.path())[1]
        refused = await heard(chat.worker.regenerate(answer.id, BLIND_MODEL))
        assert isinstance(refused.error, UnsupportedContent)
        assert (await chat.history.messages.get(answer.id)).version == (1, 1)

    tell(story)


def test_a_file_that_is_gone_fails_in_words(tell: Tell, server: FakeOpenAI, tmp_path: Path) -> None:
    file = written(tmp_path / "notes.txt", "hello")

    async def story(chat: Chat) -> None:
        note = await chat.attachments.attach_file(chat.id, file)
        note.path.unlink()
        answer = await heard(chat.worker.send(chat.id, Draft("Read", (note,)), MODEL))
        assert isinstance(answer.error, StorageFailed)
        assert (await chat.path())[-1].state is MessageState.FAILED
        assert not server.requests

    tell(story)


def test_a_conversation_deleted_meanwhile_stays_deleted(tell: Tell, server: FakeOpenAI) -> None:
    server.answer("one two", hold_after=1)

    async def story(chat: Chat) -> None:
        async with aclosing(chat.worker.send(chat.id, Draft("Count"), MODEL)) as events:
            async for piece in events:
                if isinstance(piece, TextDelta) and piece.text:
                    break
            await chat.history.conversations.delete(chat.id)
            await chat.history.conversations.purge(chat.id)
        assert await chat.history.conversations.get(chat.id) is None

    tell(story)


def test_waking_the_engine_is_said_first(tell: Tell, server: FakeOpenAI) -> None:
    async def story(chat: Chat) -> None:
        waking = ChatWorker(chat.history, chat.worker._api, chat.endpoint_for, is_waking=lambda _: True)
        answer = await heard(waking.send(chat.id, Draft("Hello"), MODEL))
        assert isinstance(answer.events[1], EngineStarting)

    tell(story)


def test_thinking_is_timed_and_saving_is_due_in_a_quarter_of_a_second() -> None:
    saved: list[tuple[int, str, str]] = []
    seconds = [0.0]

    async def story() -> Message:
        is_saved = asyncio.Event()

        def save(*piece: object) -> None:
            saved.append(piece)  # type: ignore[arg-type] # a message's id, its text and its reasoning
            is_saved.set()

        growing = GrowingAnswer(_empty_answer(), save, lambda: seconds[0])
        pieces = {1.0: TextDelta(reasoning="Hm"), 3.0: TextDelta(reasoning=", well"), 4.0: TextDelta(text="Yes")}
        for seconds[0], piece in pieces.items():
            growing.add(piece)
        began = time.monotonic()
        await is_saved.wait()
        assert time.monotonic() - began > SAVE_EVERY_S / 2, "pieces are collected, not saved one by one"
        seconds[0] = 5.0
        growing.add(TextDelta(text=".", finish_reason="stop"))
        growing.close()
        return growing.completed()

    ended = asyncio.run(story())
    assert saved == [(1, "Yes", "Hm, well")]
    assert (ended.text, ended.reasoning_s) == ("Yes.", 3.0)
    assert (ended.timing.first_token_s, ended.timing.total_s) == (1.0, 5.0)


def test_what_came_is_on_the_disk_before_more_comes(paths: Paths, server: FakeOpenAI) -> None:
    words = [event({"choices": [{"index": 0, "delta": {"content": f"{word} "}}]}) for word in ("one two three", "four")]
    server.reply_bytes([words[0], Action.HOLD, words[1], Action.STAY])
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.workers.stream_until_killed", str(paths.data.parent), server.base_url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    try:
        _read_until(child, "one two three")
        _wait_for(lambda: _on_disk(paths, "assistant") == ["one two three "])
        server.release()
        _read_until(child, "four")
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()

    async def reopened() -> list[Message]:
        history = await History.open(paths)
        try:
            (conversation,) = await history.conversations.all()
            return await history.messages.path(conversation.id)
        finally:
            await history.aclose()

    prompt, answer = asyncio.run(reopened())
    assert prompt.text == "Count"
    assert answer.text.startswith("one two three ")
    assert answer.state is MessageState.INTERRUPTED


def _read_until(child: subprocess.Popen[str], word: str) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == word:
            return
    raise AssertionError(f"the program ended before it said {word!r}")


def _wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"


def _on_disk(paths: Paths, role: str) -> list[str]:
    """The texts of the messages as another process sees them."""
    with sqlite3.connect(f"file:{paths.database_file}?mode=ro", uri=True) as connection:
        found = [row[0] for row in connection.execute("SELECT text FROM messages WHERE role = ? ORDER BY id", (role,))]
    connection.close()
    return found


def _photo(path: Path) -> Path:
    """A lying photo, 4096 × 2048, whose metadata says: turn me right; with the place where it was taken."""
    image = Image.new("RGB", (4096, 2048), "blue")
    image.paste((255, 0, 0), (0, 0, 2048, 2048))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    image.save(path, exif=exif, quality=80)
    return path


def _empty_answer() -> Message:
    return Message(1, 1, None, Role.ASSISTANT, "", datetime.now(UTC), MessageState.STREAMING, model=MODEL)


def _refuse(server: FakeOpenAI, field: str, **place: object) -> None:
    words = f"Unsupported parameter: '{field}' is not supported with this model."
    server.reply_error(400, "unsupported_parameter", "invalid_request_error", words, param=field, **place)


def test_what_was_left_out_is_stored_with_the_answer(tell: Tell, server: FakeOpenAI) -> None:
    _refuse(server, "temperature")

    async def story(chat: Chat) -> None:
        await chat.set_up(parameters=ChatParameters(temperature=0.5))
        answer = await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL))
        assert answer.events[1] == RequestAdjusted((Lesson("temperature"),))
        assert (await chat.path())[-1].adjustments == (Lesson("temperature"),)

    tell(story)


def test_a_stopped_answer_tells_as_well_and_going_on_adds_to_it(tell: Tell, server: FakeOpenAI) -> None:
    _refuse(server, "temperature")
    server.answer("one two three", hold_after=1)

    async def story(chat: Chat) -> None:
        await chat.set_up(parameters=ChatParameters(temperature=0.5, seed=7))
        await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL), stop_at="one ")
        stopped = (await chat.path())[-1]
        assert (stopped.text, stopped.adjustments) == ("one ", (Lesson("temperature"),))
        for field in ("temperature", "seed"):
            _refuse(server, field)
        await heard(chat.worker.resume(stopped.id, MODEL))
        assert (await chat.path())[-1].adjustments == (Lesson("temperature"), Lesson("seed"))

    tell(story)


def test_what_the_answer_depends_on_is_left_out_when_the_user_says_so(tell: Tell, server: FakeOpenAI) -> None:
    _refuse(server, "response_format", times=2)

    async def story(chat: Chat) -> None:
        await chat.set_up(parameters=ChatParameters(response_format=ResponseFormat.JSON))
        refused = await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL))
        assert isinstance(refused.error, RequestRefused)
        assert refused.error.removable == "response_format"
        answer_id = (await chat.path())[-1].id
        again = await heard(chat.worker.resume(answer_id, OTHER_MODEL))
        assert isinstance(again.error, RequestRefused)
        assert (await chat.path())[-1].adjustments == ()
        final = await heard(chat.worker.resume_without(answer_id, "response_format"))
        assert (final.error, final.text) == (None, "You said: Hello")
        stored = (await chat.path())[-1]
        assert (stored.id, stored.model) == (answer_id, OTHER_MODEL)  # the one that refused it last
        assert stored.adjustments == (Lesson("response_format"),)
        assert chat.left_out == {OTHER_MODEL: "response_format"}
        assert "response_format" not in server.posts()[-1].json

    tell(story)


def test_a_character_cut_in_two_is_kept_whole_and_half_of_one_can_be_kept(
    tell: Tell, server: FakeOpenAI, tmp_path: Path
) -> None:
    pieces = ("hm \ud83d", "\ude00", " and \ud83d")
    events = [event(json.dumps({"choices": [{"delta": {"content": piece}}]})) for piece in pieces]
    server.reply_bytes([*events, Action.CUT])

    async def story(chat: Chat) -> None:
        answer = await heard(chat.worker.send(chat.id, Draft("Hello"), MODEL))
        assert isinstance(answer.error, AnswerInterrupted)
        assert (await chat.path())[-1].text == answer.text == "hm 😀 and \ufffd"
        target = tmp_path / "chat.md"
        await LibraryWorker(chat.history).export(chat.id, target)
        assert "hm 😀 and \ufffd" in target.read_text("utf-8")

    tell(story)
