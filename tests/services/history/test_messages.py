"""Messages: turns, versions, branches, streaming, and a random tree against a simple model of one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.model.chat import Draft, Message, MessageState, Role, Timing, Usage
from app.model.lessons import Lesson, LessonKind
from app.model.providers import ModelReference
from app.paths import Paths
from app.services.history.store import History
from tests.services.history.conftest import Within, in_memory
from tests.services.history.examples import MODEL, PNG, ask


def texts(messages: list[Message]) -> list[str]:
    return [message.text for message in messages]


def test_a_turn_is_a_prompt_and_an_empty_streaming_answer(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        prompt, answer = await history.messages.add_turn(conversation.id, Draft("Hello"), MODEL)
        assert (prompt.role, prompt.text, prompt.state, prompt.parent_id) == (
            Role.USER,
            "Hello",
            MessageState.COMPLETE,
            None,
        )
        assert (answer.role, answer.text, answer.state) == (Role.ASSISTANT, "", MessageState.STREAMING)
        assert (answer.parent_id, answer.model) == (prompt.id, MODEL)
        assert await history.messages.path(conversation.id) == [prompt, answer]

    within(story)


def test_sending_clears_the_draft_and_takes_its_attachments(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        await history.attachments.add(conversation.id, PNG)
        await history.conversations.set_draft(conversation.id, "Look")
        draft = await history.conversations.draft(conversation.id)
        prompt, _ = await history.messages.add_turn(conversation.id, draft, MODEL)
        assert prompt.attachments == draft.attachments
        assert await history.conversations.draft(conversation.id) == Draft("")

    within(story)


def test_finished_answer_keeps_all_that_is_known_of_it(within: Within) -> None:
    async def write(history: History) -> Message:
        conversation = await history.conversations.create()
        _, answer = await history.messages.add_turn(conversation.id, Draft("Why?"), MODEL)
        ended = replace(
            answer,
            text="Because.\n\n因为。",
            state=MessageState.TRUNCATED,
            reasoning="Hm.",
            reasoning_s=1.25,
            model=ModelReference("openai", "gpt-test-2026"),
            finish_reason="length",
            error="cut",
            adjustments=(Lesson("temperature"), Lesson("max_tokens", LessonKind.RENAMED, "max_completion_tokens")),
            usage=Usage(10, 20, 5, 0),
            timing=Timing(0.5, 3.0),
        )
        assert await history.messages.finish(ended) == ended
        return ended

    async def read(history: History) -> None:
        assert await history.messages.get(ended.id) == ended

    ended = within(write)
    within(read)


def test_partial_text_is_there_at_once_and_replaced_by_more(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        _, answer = await history.messages.add_turn(conversation.id, Draft("Count"), MODEL)
        history.messages.save_partial_soon(answer.id, "one", "thinking")
        history.messages.save_partial_soon(answer.id, "one two")
        found = await history.messages.get(answer.id)
        assert (found.text, found.reasoning, found.state) == ("one two", "", MessageState.STREAMING)

    within(story)


def test_end_of_a_deleted_answer_changes_nothing(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        _, answer = await history.messages.add_turn(conversation.id, Draft("Count"), MODEL)
        await history.conversations.delete(conversation.id)
        await history.conversations.purge()
        ended = replace(answer, text="late", state=MessageState.COMPLETE)
        assert await history.messages.finish(ended) == ended
        assert await history.conversations.all() == []

    within(story)


def test_unknown_message_is_a_lookup_error(within: Within) -> None:
    async def story(history: History) -> None:
        for asked in (history.messages.get, history.messages.show, history.conversations.branch):
            with pytest.raises(LookupError):
                await asked(99)
        assert await history.messages.path(99) == []

    within(story)


def test_regenerating_keeps_both_answers_and_shows_the_new_one(within: Within) -> None:
    async def story(history: History) -> None:
        first = await ask(history, "A joke", "Knock, knock.")
        assert first.parent_id is not None
        second = await history.messages.add_answer(first.parent_id, MODEL)
        await history.messages.finish(replace(second, text="Who's there?", state=MessageState.COMPLETE))
        path = await history.messages.path(first.conversation_id)
        assert texts(path) == ["A joke", "Who's there?"]
        assert [message.version for message in path] == [(1, 1), (2, 2)]
        back = await history.messages.switch_version(second.id, -1)
        assert texts(back) == ["A joke", "Knock, knock."]
        assert back[-1].version == (1, 2)

    within(story)


def test_editing_keeps_the_old_branch_with_what_followed(within: Within) -> None:
    async def story(history: History) -> None:
        await ask(history, "one", "eins")
        conversation = (await history.conversations.all())[0]
        await ask(history, "two", "zwei", conversation)
        await history.conversations.set_draft(conversation.id, "unsent")
        first_prompt = (await history.messages.path(conversation.id))[0]
        edited, answer = await history.messages.edit_prompt(first_prompt.id, Draft("uno"), MODEL)
        await history.messages.finish(replace(answer, text="un", state=MessageState.COMPLETE))
        assert texts(await history.messages.path(conversation.id)) == ["uno", "un"]
        assert (edited.parent_id, edited.version) == (None, (2, 2))
        assert texts(await history.messages.switch_version(edited.id, -1)) == ["one", "eins", "two", "zwei"]
        assert (await history.conversations.draft(conversation.id)).text == "unsent"

    within(story)


def test_switching_beyond_the_ends_stays(within: Within) -> None:
    async def story(history: History) -> None:
        answer = await ask(history, "one", "eins")
        for step in (-1, 1):
            assert texts(await history.messages.switch_version(answer.id, step)) == ["one", "eins"]

    within(story)


def test_showing_a_found_message_opens_its_branch_to_the_end(within: Within) -> None:
    async def story(history: History) -> None:
        old = await ask(history, "one", "eins")
        conversation = await history.conversations.get(old.conversation_id)
        await ask(history, "two", "zwei", conversation)
        assert old.parent_id is not None
        await history.messages.edit_prompt(old.parent_id, Draft("uno"), MODEL)
        assert texts(await history.messages.show(old.id)) == ["one", "eins", "two", "zwei"]
        shown = await history.conversations.get(old.conversation_id)
        assert shown is not None
        assert shown.leaf_id == (await history.messages.path(old.conversation_id))[-1].id

    within(story)


def test_editing_again_uses_the_same_file(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        attachment = await history.attachments.add(conversation.id, PNG)
        prompt, _ = await history.messages.add_turn(conversation.id, Draft("look", (attachment,)), MODEL)
        edited, _ = await history.messages.edit_prompt(prompt.id, Draft("look!", prompt.attachments), MODEL)
        assert [a.path for a in edited.attachments] == [a.path for a in prompt.attachments]
        assert (await history.messages.get(prompt.id)).attachments == prompt.attachments
        assert len(list(paths.attachments.iterdir())) == 1

    within(story)


def test_resumed_answer_streams_again_with_what_it_has(within: Within) -> None:
    async def story(history: History) -> None:
        answer = await ask(history, "Count", "one two")
        resumed = await history.messages.resume(answer.id)
        assert (resumed.text, resumed.state) == ("one two", MessageState.STREAMING)

    within(story)


def test_all_holds_every_version(within: Within) -> None:
    async def story(history: History) -> None:
        answer = await ask(history, "one", "eins")
        assert answer.parent_id is not None
        await history.messages.add_answer(answer.parent_id, MODEL)
        everything = await history.messages.all(answer.conversation_id)
        assert [(message.text, message.version) for message in everything] == [
            ("one", (1, 1)),
            ("eins", (1, 2)),
            ("", (2, 2)),
        ]

    within(story)


def test_broken_characters_are_stored_as_far_as_they_mean_anything(within: Within) -> None:
    async def story(history: History) -> None:
        answer = await ask(history, "half \ud83d and both \ud83d\ude00", "\udc00")
        prompt = (await history.messages.path(answer.conversation_id))[0]
        assert prompt.text == "half \ufffd and both 😀"
        assert answer.text == "\ufffd"

    within(story)


@dataclass
class Tree:
    """The same in a few plain lines: parents, and when each message was last the end of the branch on show."""

    parents: dict[int, int | None] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    leaf: int | None = None

    def add(self, message: Message) -> None:
        self.parents[message.id] = message.parent_id
        self.show(message.id)

    def show(self, message_id: int) -> None:
        below = [other for other in self.parents if message_id in self.path(other)]
        self.leaf = max(below, key=lambda other: self.used.get(other, 0) if other != message_id else -1)
        self.used[self.leaf] = len(self.used) + max(self.used.values(), default=0) + 1

    def path(self, message_id: int | None) -> list[int]:
        above: list[int] = []
        while message_id is not None:
            above.insert(0, message_id)
            message_id = self.parents[message_id]
        return above

    def versions(self, message_id: int) -> list[int]:
        return [other for other in self.parents if self.parents[other] == self.parents[message_id]]


STEPS = st.lists(st.tuples(st.sampled_from(["turn", "edit", "again", "back", "forth", "show"]), st.integers(0, 50)))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_any_story_of_versions_agrees_with_a_simple_tree(steps: list[tuple[str, int]]) -> None:
    async def story(history: History) -> None:
        tree = Tree()
        conversation = await history.conversations.create()
        for step, number in steps:
            await _take(history, tree, conversation.id, step, number)
            path = await history.messages.path(conversation.id)
            assert [message.id for message in path] == tree.path(tree.leaf)
            for message in path:
                versions = tree.versions(message.id)
                assert message.version == (versions.index(message.id) + 1, len(versions))

    in_memory(Paths.under(Path("unused")), story)


async def _take(history: History, tree: Tree, conversation_id: int, step: str, number: int) -> None:
    everything = await history.messages.all(conversation_id)
    prompts = [message for message in everything if message.role is Role.USER]
    if step == "turn" or not prompts:
        for message in await history.messages.add_turn(conversation_id, Draft("x"), MODEL):
            tree.add(message)
        return
    prompt, chosen = prompts[number % len(prompts)], everything[number % len(everything)]
    if step == "edit":
        for message in await history.messages.edit_prompt(prompt.id, Draft("y"), MODEL):
            tree.add(message)
    elif step == "again":
        tree.add(await history.messages.add_answer(prompt.id, MODEL))
    elif step == "show":
        await history.messages.show(chosen.id)
        tree.show(chosen.id)
    else:
        await history.messages.switch_version(chosen.id, -1 if step == "back" else 1)
        versions = tree.versions(chosen.id)
        place = versions.index(chosen.id) + (-1 if step == "back" else 1)
        tree.show(versions[min(max(place, 0), len(versions) - 1)])


def test_writes_of_a_cancelled_caller_are_done(within: Within) -> None:
    async def story(history: History) -> None:
        answer = await ask(history, "Count", "")
        saving = asyncio.ensure_future(history.messages.finish(replace(answer, text="kept")))
        await asyncio.sleep(0)
        saving.cancel()
        assert (await history.messages.get(answer.id)).text == "kept"

    within(story)


def test_a_long_branch_is_read_from_its_end_in_parts(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        for number in range(4):
            last = await ask(history, f"question {number}", f"answer {number}", conversation)
        assert last.parent_id is not None
        await history.messages.add_answer(last.parent_id, MODEL)  # another branch, on show now
        whole = await history.messages.path(conversation.id)
        newest = await history.messages.path(conversation.id, 3)
        assert newest == whole[-3:]
        assert await history.messages.path_to(newest[0].id, 2) == whole[-4:-2]
        assert await history.messages.path_to(newest[0].id, 100) == whole[:-2]
        assert await history.messages.path_to(whole[0].id, 1) == whole[:1]
        with pytest.raises(LookupError):
            await history.messages.path_to(0, 1)
        assert await history.messages.path(conversation.id, 100) == whole

    within(story)
