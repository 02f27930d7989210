"""The command line as a shell sees it: answers on stdout, all else on stderr, exit codes, Ctrl-C, the history."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app.model.audio import TranscriptState
from app.model.chat import Message, MessageState
from app.model.images import Picture
from app.paths import Paths
from app.services.history.store import History
from app.services.pictures.notes import read_embedded
from app.services.settings import SettingsStore
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import CHAT_MODEL, ROOT

SPOKEN = ROOT / "tests" / "data" / "speech" / "dashwood.wav"
TOKEN = "team-token-0123456789"
WITHIN_S = 120.0
FAILED, WRONG_ARGUMENTS, INTERRUPTED = 1, 2, 130


def _command(profile: Path, *arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "app", "--data-dir", str(profile), *map(str, arguments)]


def _run(profile: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(profile, *arguments),
        cwd=ROOT, capture_output=True, encoding="utf-8", timeout=WITHIN_S, check=False,
    )  # fmt: skip


def _kept[Found](paths: Paths, look: Callable[[History], Awaitable[Found]]) -> Found:
    """What the history of the profile has by now."""

    async def read() -> Found:
        history = await History.open(paths, is_only_process=False)
        try:
            return await look(history)
        finally:
            await history.aclose()

    return asyncio.run(read())


async def _messages(history: History) -> list[Message]:
    (conversation,) = await history.conversations.all()
    return await history.messages.path(conversation.id)


async def _pictures(history: History) -> list[Picture]:
    return await history.pictures.all()


def test_ask_prints_the_answer_and_nothing_else(connected: Path, paths: Paths) -> None:
    done = _run(connected, "ask", "Is the sea deep? 海深吗？")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "You said: Is the sea deep? 海深吗？\n"
    assert done.stderr == ""
    assert not paths.database_file.exists(), "without --save nothing is kept"


def test_ask_with_a_picture_and_a_saved_answer(
    connected: Path, paths: Paths, server: FakeOpenAI, tmp_path: Path
) -> None:
    Image.new("RGB", (40, 30), "#207040").save(tmp_path / "meadow.png")
    done = _run(connected, "ask", "Which colour?", "--image", tmp_path / "meadow.png", "--save")
    assert done.returncode == 0, done.stderr
    (request,) = server.posts("/chat/completions")
    (picture,) = [part for part in request.json["messages"][-1]["content"] if part["type"] == "image_url"]
    with Image.open(io.BytesIO(base64.b64decode(picture["image_url"]["url"].partition(",")[2]))) as sent:
        assert sent.size == (40, 30)
    question, answer = _kept(paths, _messages)
    assert question.text == "Which colour?"
    assert answer.state is MessageState.COMPLETE
    assert answer.text in done.stdout


def test_ctrl_c_keeps_what_came(connected: Path, paths: Paths, server: FakeOpenAI) -> None:
    server.answer("The sea is deep and wide.", hold_after=3)
    command = _command(connected, "ask", "Tell me about the sea.", "--save")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(len("The sea is ")) == b"The sea is "
        process.send_signal(signal.SIGINT)
        rest, words = process.communicate(timeout=WITHIN_S)
    assert process.returncode == INTERRUPTED, words
    assert rest.strip() == b""
    _, answer = _kept(paths, _messages)
    assert (answer.state, answer.text) == (MessageState.STOPPED, "The sea is ")


def test_a_failure_is_told_on_stderr(connected: Path, server: FakeOpenAI) -> None:
    done = _run(connected, "ask", "Hello?", "--model", "no-such-model")
    assert done.returncode == FAILED
    assert done.stdout == "", "not even an empty line"
    assert "The model is not available" in done.stderr
    assert "triptych models" in done.stderr, "no hint to what only the window has"
    assert "Traceback" not in done.stderr


def test_a_provider_that_is_not_there_is_told_with_those_that_are(connected: Path, server: FakeOpenAI) -> None:
    done = _run(connected, "ask", "Hello?", "--provider", "nobody")
    assert done.returncode == WRONG_ARGUMENTS
    assert "no provider “nobody”" in done.stderr
    assert "“Loopback”" in done.stderr
    assert not server.posts("/chat/completions")


def test_where_there_are_no_models_the_way_to_some_is_told(profile: Path) -> None:
    listed = _run(profile, "models")
    assert (listed.returncode, listed.stdout) == (0, "")
    assert "triptych models fetch" in listed.stderr
    asked = _run(profile, "ask", "Hello?")
    assert asked.returncode == FAILED
    assert "triptych models fetch" in asked.stderr
    assert "kept" not in asked.stderr, "which it is in the window only"


def test_a_file_that_is_not_there_is_told_before_anything_else(profile: Path) -> None:
    done = _run(profile, "transcribe", "nowhere.wav")
    assert done.returncode == WRONG_ARGUMENTS
    assert done.stderr == "There is no file “nowhere.wav”.\n"


def test_what_is_neither_file_nor_command_opens_no_window(profile: Path) -> None:
    done = _run(profile, "ask-me")
    assert done.returncode == WRONG_ARGUMENTS
    assert "no file and no command “ask-me”" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_it_says_so(profile: Path) -> None:
    places = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in places}
    done = subprocess.run(
        _command(profile),
        cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=WITHIN_S, check=False,
    )  # fmt: skip
    assert done.returncode == FAILED
    assert "no display" in done.stderr
    assert "triptych ask" in done.stderr


def test_wrong_arguments(profile: Path) -> None:
    done = _run(profile, "ask")
    assert done.returncode == WRONG_ARGUMENTS
    assert done.stdout == ""
    assert "usage:" in done.stderr


def test_draw_writes_the_file_that_was_named(connected: Path, paths: Paths, tmp_path: Path) -> None:
    target = tmp_path / "kite.png"
    done = _run(connected, "draw", "A red kite", "-o", target, "--save")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    note = read_embedded(target)
    assert note is not None
    assert note.prompt == "A red kite"
    (picture,) = _kept(paths, _pictures)
    assert picture.prompt == "A red kite"
    assert picture.path.exists()


def test_draw_that_fails_leaves_no_file(connected: Path, server: FakeOpenAI, tmp_path: Path) -> None:
    server.reply_error(400, "moderation_blocked", "image_generation_user_error", "Your request was rejected.")
    done = _run(connected, "draw", "Something", "-o", tmp_path / "none.png")
    assert done.returncode == FAILED
    assert "The provider refused this content" in done.stderr
    assert not (tmp_path / "none.png").exists()


def test_draw_into_a_folder_that_is_not_there_costs_nothing(
    connected: Path, server: FakeOpenAI, tmp_path: Path
) -> None:
    done = _run(connected, "draw", "a kite", "-o", str(tmp_path / "nowhere" / "kite.png"))
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert not [request for request in server.requests if "images" in request.path]


def test_damaged_settings_are_told(profile: Path, paths: Paths) -> None:
    paths.settings_file.write_text("{broken")
    done = _run(profile, "models")
    assert "damaged" in done.stderr


def test_one_bad_file_does_not_stop_the_others(connected: Path, server: FakeOpenAI, tmp_path: Path) -> None:
    server.transcript([(0.0, 1.5, "High water"), (1.5, 3.0, "at six.")])
    done = _run(connected, "transcribe", tmp_path / "gone.wav", SPOKEN)
    assert done.returncode == FAILED
    assert "gone.wav" in done.stderr
    assert "at six." in done.stdout


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_subtitles_of_several_files_are_not_printed_as_one(connected: Path, server: FakeOpenAI, form: str) -> None:
    done = _run(connected, "transcribe", SPOKEN, SPOKEN, "--format", form)
    assert done.returncode == WRONG_ARGUMENTS
    assert done.stdout == ""
    assert "--into" in done.stderr
    assert not server.posts("/audio/transcriptions"), "nothing is paid for"


def test_subtitles_into_a_folder_are_a_file_each_and_overwrite_none(
    connected: Path, server: FakeOpenAI, tmp_path: Path
) -> None:
    server.transcript([(0.0, 1.5, "High water"), (1.5, 3.0, "at six.")])
    folder = tmp_path / "new" / "subtitles"
    for number in (1, 2):
        done = _run(connected, "transcribe", SPOKEN, "--format", "srt", "--into", folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        name = "dashwood.srt" if number == 1 else "dashwood (2).srt"
        assert str(folder / name) in done.stderr
        assert "00:00:01,500 --> 00:00:03,000" in (folder / name).read_text(encoding="utf-8")
    assert len(list(folder.iterdir())) == 2


def test_what_was_sent_otherwise_is_told_on_stderr(connected: Path, server: FakeOpenAI, tmp_path: Path) -> None:
    def refuse(field: str, path: str) -> None:
        words = f"Unsupported parameter: '{field}' is not supported with this model."
        server.reply_error(400, "unsupported_parameter", "invalid_request_error", words, param=field, path=path)

    refuse("stream_options", "/chat/completions")
    asked = _run(connected, "ask", "Hello?")
    assert (asked.returncode, asked.stdout) == (0, "You said: Hello?\n")
    assert asked.stderr == "sent without stream_options\n"

    refuse("response_format", "/audio/transcriptions")
    heard = _run(connected, "transcribe", SPOKEN, "--model", "whisper-1")
    assert (heard.returncode, heard.stdout) == (0, "Hello from the fake server. It heard everything.\n")
    assert "dashwood.wav: asked for the text without times" in heard.stderr

    refuse("stream", "/images/generations")
    drawn = _run(connected, "draw", "a red fox", "--output", tmp_path / "fox.png", "--model", "gpt-image-2")
    assert drawn.returncode == 0, drawn.stderr
    assert f"{tmp_path / 'fox.png'}: " in drawn.stderr
    assert drawn.stderr.endswith(", not streamed\n")


def test_models_are_listed_a_line_each(connected: Path, server: FakeOpenAI) -> None:
    done = _run(connected, "models")
    assert done.returncode == 0, done.stderr
    assert f"Loopback\t{CHAT_MODEL}" in done.stdout.splitlines()


def test_secrets_in_old_settings_go_into_the_key_store(connected: Path, paths: Paths, server: FakeOpenAI) -> None:
    """Also of somebody who never opens the window."""
    store = SettingsStore(paths.settings_file)
    (provider,) = store.read().providers
    store.replace(providers=(replace(provider, extra_headers={"X-Team-Token": TOKEN}),))
    store.save_now()
    assert TOKEN in paths.settings_file.read_text()
    for _ in range(2):
        assert _run(connected, "models").returncode == 0
        assert TOKEN not in paths.settings_file.read_text()
        assert server.requests[-1].headers["x-team-token"] == TOKEN


def test_what_only_the_engine_has_goes_to_the_engine(connected: Path, server: FakeOpenAI) -> None:
    done = _run(connected, "transcribe", SPOKEN, "--model", "whisper-base")
    assert done.returncode == FAILED
    assert "has to be downloaded" in done.stderr
    assert not server.posts("/audio/transcriptions"), "the sound must not go where nobody sent it"


def test_a_single_transcript_is_text_and_a_line_break(connected: Path, server: FakeOpenAI) -> None:
    server.transcript([(0.0, 1.5, "High water")])
    done = _run(connected, "transcribe", SPOKEN)
    assert done.stdout == "High water\n"
    assert done.stderr == "", "no terminal, no progress"


@pytest.mark.parametrize("arguments", [("draw", " ", "-o", "none.png"), ("ask", "")])
def test_nothing_is_asked_without_words(connected: Path, server: FakeOpenAI, arguments: tuple[str, ...]) -> None:
    done = _run(connected, *arguments)
    assert done.returncode == WRONG_ARGUMENTS
    assert "there is nothing in it" in done.stderr
    assert not server.posts()


def test_a_model_that_is_not_in_the_catalogue_is_no_crash(profile: Path) -> None:
    done = _run(profile, "models", "fetch", "no-such-model")
    assert done.returncode == WRONG_ARGUMENTS
    assert "no-such-model" in done.stderr
    assert "whisper-base" in done.stderr, "it says what there is"


@pytest.mark.engine
def test_the_built_in_engine_listens_answers_and_is_listed(equipped: Path, paths: Paths) -> None:
    listed = _run(equipped, "models")
    assert "Built-in engine\twhisper-base" in listed.stdout.splitlines()
    ask = _command(equipped, "ask", "Say hello.", "--model", "smollm2-135m-instruct")
    with subprocess.Popen(ask, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(3).strip()
        process.send_signal(signal.SIGINT)  # so small a model may go on for minutes
        process.communicate(timeout=WITHIN_S)
    written = _run(equipped, "transcribe", SPOKEN, "--language", "en", "--save")
    assert written.returncode == 0, written.stderr
    assert "dashwood had then leisure" in written.stdout.lower()

    async def transcripts(history: History) -> list[TranscriptState]:
        (recording,) = await history.recordings.all()
        return [transcript.state for transcript in await history.transcripts.of(recording.id)]

    assert _kept(paths, transcripts) == [TranscriptState.COMPLETE]


def test_an_answer_gives_a_terminal_no_commands(connected: Path, server: FakeOpenAI) -> None:
    server.answer("Fine \x1b]0;owned\x07words \x1b[2J\x1b[31min\x1b[0m colour \u202eand turned")
    ours, theirs = os.openpty()
    done = subprocess.run(
        _command(connected, "ask", "Hello"), cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs,
        timeout=WITHIN_S, check=False,
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert done.returncode == 0, shown
    assert shown.replace("\r\n", "\n") == "Fine words in colour and turned\n"


def test_an_answer_into_a_file_is_as_it_came(connected: Path, server: FakeOpenAI) -> None:
    server.answer("\x1b[31mred\x1b[0m")
    assert _run(connected, "ask", "Hello").stdout == "\x1b[31mred\x1b[0m\n"
