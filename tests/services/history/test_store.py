"""The history as a whole: killed, full, shared by two processes, unusable, temporary."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.model.audio import Recording, RecordingOrigin, RecordingState, Segment, Transcript, TranscriptState
from app.model.chat import Draft, MessageState
from app.model.errors import DataTooNew, StorageFailed
from app.paths import Paths
from app.services.history.store import History
from tests.services.history.conftest import Within, in_memory, needs_size_limit, run_python, start_python
from tests.services.history.examples import MODEL, PNG, ask

STREAM = """
    import asyncio, sys
    from pathlib import Path
    from app.model.chat import Draft
    from app.model.providers import ModelReference
    from app.paths import Paths
    from app.services.history.store import History

    async def stream():
        history = await History.open(Paths.under(Path(sys.argv[1])))
        conversation = await history.conversations.create()
        _, answer = await history.messages.add_turn(conversation.id, Draft("Count"), ModelReference("a", "b"))
        number = 0
        while True:
            history.messages.save_partial_soon(answer.id, "x" * number)
            await history.messages.get(answer.id)  # in its turn, so the commit before it is done
            print(number, flush=True)
            number += 1

    asyncio.run(stream())
"""
FILL = """
    import asyncio, resource, sys
    from pathlib import Path
    from app.model.chat import AttachmentKind, Draft, NewAttachment
    from app.model.errors import StorageFailed
    from app.model.providers import ModelReference
    from app.paths import Paths
    from app.services.history.store import History

    async def fill():
        history = await History.open(Paths.under(Path(sys.argv[1])))
        conversation = (await history.conversations.all())[0]
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        failed = []
        for work in (
            history.messages.add_turn(conversation.id, Draft("long " * 100_000), ModelReference("a", "b")),
            history.attachments.add(conversation.id, NewAttachment(AttachmentKind.TEXT, "a", "b/c", bytes(500_000))),
        ):
            try:
                await work
            except StorageFailed as error:
                failed.append(error.arguments["path"])
        await history.messages.add_turn(conversation.id, Draft("short"), ModelReference("a", "b"))
        await history.aclose()
        print(len(failed))

    asyncio.run(fill())
"""
READ = """
    import asyncio, resource, sys
    from pathlib import Path
    from app.paths import Paths
    from app.services.history.store import History

    async def read():
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
        history = await History.open(Paths.under(Path(sys.argv[1])))
        path = await history.messages.path(1)
        await history.aclose()
        print([type(problem).__name__ for problem in history.problems], len(path[1].text))

    asyncio.run(read())
"""
WRITE = """
    import asyncio, sys
    from dataclasses import replace
    from pathlib import Path
    from app.model.chat import Draft, MessageState
    from app.model.providers import ModelReference
    from app.paths import Paths
    from app.services.history.store import History

    async def write():
        history = await History.open(Paths.under(Path(sys.argv[1])), is_only_process=False)
        conversation = await history.conversations.create(title=sys.argv[2])
        for number in range(40):
            _, answer = await history.messages.add_turn(conversation.id, Draft(str(number)), ModelReference("a", "b"))
            await history.messages.finish(replace(answer, text="done", state=MessageState.COMPLETE))
        await history.aclose()

    asyncio.run(write())
"""


def _root(paths: Paths) -> str:
    return str(paths.data.parent)


def test_killed_while_an_answer_arrives_keeps_everything_that_was_committed(within: Within, paths: Paths) -> None:
    process = start_python(STREAM, _root(paths))
    with process:
        assert process.stdout is not None
        last = [int(next(process.stdout)) for _ in range(50)][-1]
        process.kill()

    async def story(history: History) -> None:
        assert history.problems == []
        (conversation,) = await history.conversations.all()
        prompt, answer = await history.messages.path(conversation.id)
        assert (prompt.text, prompt.state) == ("Count", MessageState.COMPLETE)
        assert answer.state is MessageState.INTERRUPTED
        assert len(answer.text) >= last
        assert answer.text == "x" * len(answer.text)
        assert [hit.message_id for hit in await history.search.find("xx")] == [answer.id]

    within(story)


@needs_size_limit
def test_a_full_disk_is_said_and_what_was_there_stays(within: Within, paths: Paths) -> None:
    within(lambda history: ask(history, "before", "the flood"))
    assert run_python(FILL, _root(paths)) == "2\n"

    async def story(history: History) -> None:
        (conversation,) = await history.conversations.all()
        path = await history.messages.path(conversation.id)
        assert [message.text for message in path] == ["before", "the flood", "short", ""]
        assert list(paths.attachments.iterdir()) == []

    within(story)


@needs_size_limit
def test_on_a_full_disk_everything_can_still_be_read(within: Within, paths: Paths) -> None:
    async def leave(history: History) -> None:
        conversation = await history.conversations.create()
        _, answer = await history.messages.add_turn(conversation.id, Draft("Count"), MODEL)
        history.messages.save_partial_soon(answer.id, "x" * 200_000)

    within(leave)
    assert run_python(READ, _root(paths)) == "['StorageFailed'] 200000\n"


def test_two_processes_write_at_the_same_time(within: Within, paths: Paths) -> None:
    within(lambda history: history.conversations.create(title="first"))
    processes = [start_python(WRITE, _root(paths), name) for name in ("second", "third")]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0

    async def story(history: History) -> None:
        for conversation in await history.conversations.all():
            expected = 0 if conversation.title == "first" else 80
            assert len(await history.messages.path(conversation.id)) == expected

    within(story)


def test_beside_another_process_nothing_is_taken_for_interrupted(paths: Paths) -> None:
    async def story() -> None:
        streaming = await History.open(paths)
        conversation = await streaming.conversations.create()
        _, answer = await streaming.messages.add_turn(conversation.id, Draft("Count"), MODEL)
        beside = await History.open(paths, is_only_process=False)
        assert (await beside.messages.get(answer.id)).state is MessageState.STREAMING
        await beside.aclose()
        await streaming.messages.finish(replace(answer, text="one", state=MessageState.COMPLETE))
        await streaming.aclose()

    asyncio.run(story())


def test_transcripts_that_were_being_made_are_stopped_with_what_they_have(within: Within, paths: Paths) -> None:
    moment = datetime.now(UTC)

    async def leave(history: History) -> None:
        path = paths.recordings / "a.wav"
        begun = Recording(0, "Memo", path, RecordingOrigin.MICROPHONE, RecordingState.RECORDING, moment)
        recording = await history.recordings.add(begun)
        half = Transcript(0, recording.id, (Segment(0, 1, "half a"),), "en", MODEL, moment, TranscriptState.RUNNING)
        await history.transcripts.add(half)

    async def come_back(history: History) -> None:
        await history.tidy()
        (recording,) = await history.recordings.unfinished()
        (transcript,) = await history.transcripts.of(recording.id)
        assert (transcript.state, transcript.text) == (TranscriptState.STOPPED, "half a")
        assert len(await history.transcripts.search("half")) == 1

    within(leave)
    within(come_back)


def test_a_file_where_the_folder_should_be_is_said(paths: Paths, within: Within) -> None:
    for folder in paths.data.iterdir():
        folder.rmdir()
    paths.data.rmdir()
    paths.data.write_text("not a folder")
    with pytest.raises(StorageFailed):
        within(lambda history: history.conversations.all())


def test_a_damaged_file_is_told_among_the_problems(paths: Paths, within: Within) -> None:
    paths.database_file.write_bytes(b"garbage" * 1000)

    async def story(history: History) -> list[str]:
        assert await history.conversations.all() == []
        return [problem.arguments["copy"] for problem in history.problems]

    (copy,) = within(story)
    assert paths.database_file.with_name(copy).read_bytes() == b"garbage" * 1000


def test_a_newer_file_is_refused(paths: Paths, within: Within) -> None:
    import sqlite3

    connection = sqlite3.connect(paths.database_file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(DataTooNew):
        within(lambda history: history.conversations.all())


def test_a_temporary_history_leaves_nothing(paths: Paths) -> None:
    async def story(history: History) -> None:
        answer = await ask(history, "secret", "whisper")
        attachment = await history.attachments.add(answer.conversation_id, PNG)
        assert attachment.path.read_bytes() == PNG.data
        assert len(await history.search.find("whisper")) == 1
        folders.append(attachment.path.parent)

    folders: list[object] = []
    in_memory(paths, story)
    assert not paths.database_file.exists()
    assert not folders[0].exists()  # type: ignore[attr-defined]
