"""LibraryWorker over a real history: open, list, delete with Undo, versions, export."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.model.chat import AttachmentKind, ChatParameters, Conversation, Draft, MessageState, NewAttachment
from app.model.errors import StorageFailed
from app.model.providers import ModelReference
from app.paths import Paths
from app.services.history.store import History
from app.workers.library import LibraryWorker

MODEL = ModelReference("openai", "gpt-test")

type Story = Callable[[LibraryWorker, History], Awaitable[None]]


@pytest.fixture
def tell(paths: Paths) -> Callable[[Story], None]:
    async def whole(story: Story) -> None:
        history = await History.open(paths)
        try:
            await story(LibraryWorker(history), history)
        finally:
            await history.aclose()

    return lambda story: asyncio.run(whole(story))


async def _ask(history: History, conversation: Conversation, question: str, answer: str) -> None:
    _, started = await history.messages.add_turn(conversation.id, Draft(question), MODEL)
    await history.messages.finish(replace(started, text=answer, state=MessageState.COMPLETE))


def test_open_brings_all_that_is_shown(tell: Callable[[Story], None]) -> None:
    async def story(library: LibraryWorker, history: History) -> None:
        made = await library.create(MODEL)
        await _ask(history, made, "Hello?", "Hi.")
        await library.set_draft(made.id, "And")
        changed = replace(made, system_prompt="Be brief.", parameters=ChatParameters(seed=1), model=None)
        await library.configure(changed)
        opened = await library.open(made.id)
        assert opened is not None
        assert opened.conversation.title == "Hello?"
        assert (opened.conversation.system_prompt, opened.conversation.parameters.seed) == ("Be brief.", 1)
        assert opened.conversation.model is None
        assert [message.text for message in opened.messages] == ["Hello?", "Hi."]
        assert opened.draft == Draft("And")
        assert await library.open(99) is None

    tell(story)


def test_list_search_rename_pin(tell: Callable[[Story], None]) -> None:
    async def story(library: LibraryWorker, history: History) -> None:
        first, second = await library.create(), await library.create()
        await _ask(history, first, "About wombats", "They dig.")
        await library.rename(second.id, "Second")
        assert [conversation.title for conversation in await library.conversations()] == ["About wombats", "Second"]
        await library.set_pinned(second.id, True)
        assert [conversation.title for conversation in await library.conversations(limit=1)] == ["Second"]
        assert [hit.excerpt for hit in await library.search("dig")] == ["They dig."]
        assert len(await library.search("wombat", limit=1)) == 1

    tell(story)


def test_delete_can_be_undone_until_it_is_settled(tell: Callable[[Story], None]) -> None:
    async def story(library: LibraryWorker, history: History) -> None:
        made = await library.create()
        await _ask(history, made, "Hello?", "Hi.")
        await library.set_deleted(made.id, True)
        assert await library.conversations() == []
        await library.purge()
        await library.set_deleted(made.id, False)
        assert await library.conversations() == []

        kept = await library.create()
        await library.set_deleted(kept.id, True)
        await library.set_deleted(kept.id, False)
        await library.purge()
        assert await library.conversations() == [kept]

    tell(story)


def test_versions(tell: Callable[[Story], None]) -> None:
    async def story(library: LibraryWorker, history: History) -> None:
        made = await library.create()
        await _ask(history, made, "one", "eins")
        prompt, old = await history.messages.path(made.id)
        new = await history.messages.add_answer(prompt.id, MODEL)
        assert [message.id for message in await library.switch_version(new.id, -1)] == [prompt.id, old.id]
        opened = await library.open(made.id, new.id)
        assert opened is not None
        assert [message.id for message in opened.messages] == [prompt.id, new.id]

    tell(story)


def test_export_by_the_ending_of_the_file(tell: Callable[[Story], None], tmp_path: Path) -> None:
    async def story(library: LibraryWorker, history: History) -> None:
        made = await library.create()
        note = NewAttachment(AttachmentKind.TEXT, "note.txt", "text/plain", b"note")
        attachment = await history.attachments.add(made.id, note)
        await history.messages.add_turn(made.id, Draft("Look", (attachment,)), MODEL)
        await _ask(history, made, "and?", "Nice.")
        prompt = (await history.messages.path(made.id))[0]
        await history.messages.edit_prompt(prompt.id, Draft("Look again"), MODEL)

        await library.export(made.id, tmp_path / "chat.md", you="Ich")
        text = (tmp_path / "chat.md").read_text("utf-8")
        assert text == "# Look\n\n## Ich\n\nLook again\n\n## gpt-test\n"
        await library.export(made.id, tmp_path / "chat.JSON")
        told = json.loads((tmp_path / "chat.JSON").read_text("utf-8"))
        assert len(told["messages"]) == 6
        assert told["messages"][0]["attachments"] == ["note.txt"]

    tell(story)


def test_export_that_cannot_be_written_is_said(tell: Callable[[Story], None], tmp_path: Path) -> None:
    async def story(library: LibraryWorker, history: History) -> None:
        made = await library.create()
        with pytest.raises(StorageFailed):
            await library.export(made.id, tmp_path / "missing" / "chat.md")
        with pytest.raises(LookupError):
            await library.export(99, tmp_path / "chat.md")

    tell(story)


def test_a_long_conversation_opens_with_its_end(tell: Callable[[Story], None]) -> None:
    async def story(library: LibraryWorker, history: History) -> None:
        made = await library.create(MODEL)
        for number in range(3):
            await _ask(history, made, f"{number}?", f"{number}.")
        opened = await library.open(made.id, newest=2)
        assert opened is not None
        assert [message.text for message in opened.messages] == ["2?", "2."]
        assert opened.lacks_earlier
        branch = await library.branch_to(opened.messages[0].id, 4)
        assert [message.text for message in branch] == ["0.", "1?", "1.", "2?"]
        whole = await library.open(made.id, newest=6)
        assert whole is not None
        assert not whole.lacks_earlier

    tell(story)
