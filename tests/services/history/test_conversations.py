"""Conversations: the list, titles, settings, drafts, deleting with Undo."""

from __future__ import annotations

from dataclasses import replace

from app.model.chat import ChatParameters, Draft, MessageState, ReasoningEffort, ResponseFormat, Usage
from app.model.lessons import Lesson
from app.paths import Paths
from app.services.history.store import History
from tests.services.history.conftest import Within
from tests.services.history.examples import MODEL, PNG, ask


def test_a_new_conversation_is_empty_and_has_what_it_was_given(within: Within) -> None:
    async def story(history: History) -> None:
        made = await history.conversations.create(title="Plans", system_prompt="Be brief.", model=MODEL)
        assert (made.title, made.system_prompt, made.model, made.leaf_id) == ("Plans", "Be brief.", MODEL, None)
        assert await history.conversations.get(made.id) == made
        assert await history.messages.path(made.id) == []

    within(story)


def test_pinned_come_first_then_the_last_changed(within: Within) -> None:
    async def story(history: History) -> list[str]:
        for title in ("oldest", "pinned", "middle", "newest"):
            await history.conversations.create(title=title)
        oldest = (await history.conversations.all())[-1]
        await history.conversations.set_pinned((await history.conversations.all())[2].id, True)
        await ask(history, "again", "yes", oldest)
        return [conversation.title for conversation in await history.conversations.all()]

    assert within(story) == ["pinned", "oldest", "newest", "middle"]


def test_the_list_can_be_read_in_pages(within: Within) -> None:
    async def story(history: History) -> None:
        for number in range(5):
            await history.conversations.create(title=str(number))
        everything = await history.conversations.all()
        assert await history.conversations.all(2, 1) == everything[1:3]
        assert await history.conversations.all(10, 4) == everything[4:]

    within(story)


def test_pinning_and_renaming_do_not_change_the_order(within: Within) -> None:
    async def story(history: History) -> list[str]:
        first = await history.conversations.create(title="first")
        await history.conversations.create(title="second")
        await history.conversations.rename(first.id, "  renamed ")
        await history.conversations.set_draft(first.id, "half a thought")
        return [conversation.title for conversation in await history.conversations.all()]

    assert within(story) == ["second", "renamed"]


def test_first_prompt_names_the_conversation_unless_the_user_did(within: Within) -> None:
    async def story(history: History) -> None:
        automatic = await ask(history, "What is a monad?", "A burrito.")
        await ask(history, "And a functor?", "Flat.", await history.conversations.get(automatic.conversation_id))
        named = await history.conversations.create(title="Mine")
        await ask(history, "What is a monad?", "A burrito.", named)
        titles = {c.title for c in await history.conversations.all()}
        assert titles == {"What is a monad?", "Mine"}

    within(story)


def test_emptied_title_is_automatic_again(within: Within) -> None:
    async def story(history: History) -> str:
        conversation = await history.conversations.create(title="Mine")
        await history.conversations.rename(conversation.id, " ")
        await ask(history, "Next question", "answer", conversation)
        found = await history.conversations.get(conversation.id)
        assert found is not None
        return found.title

    assert within(story) == "Next question"


def test_a_picture_alone_gives_its_name_as_title(within: Within) -> None:
    async def story(history: History) -> str:
        conversation = await history.conversations.create()
        attachment = await history.attachments.add(conversation.id, PNG)
        await history.messages.add_turn(conversation.id, Draft("", (attachment,)), MODEL)
        return (await history.conversations.all())[0].title

    assert within(story) == "Holiday.PNG"


def test_settings_of_a_conversation_survive_a_restart(within: Within) -> None:
    parameters = ChatParameters(
        temperature=0.0,
        stop=("\n", "结束"),
        seed=7,
        response_format=ResponseFormat.SCHEMA,
        json_schema='{"type": "object"}',
        reasoning_effort=ReasoningEffort.HIGH,
        extra_body={"top_k": 3, "nested": {"a": [1, None]}},
    )

    async def change(history: History) -> int:
        conversation = await history.conversations.create()
        changed = replace(conversation, system_prompt="Sei höflich.", parameters=parameters, model=MODEL, title="no")
        await history.conversations.configure(changed)
        return conversation.id

    async def check(history: History) -> None:
        found = await history.conversations.get(conversation_id)
        assert found is not None
        assert (found.system_prompt, found.parameters, found.model) == ("Sei höflich.", parameters, MODEL)
        assert found.title == ""

    conversation_id = within(change)
    within(check)


def test_draft_survives_a_restart_with_its_attachments(within: Within) -> None:
    async def leave(history: History) -> int:
        conversation = await history.conversations.create()
        await history.attachments.add(conversation.id, PNG)
        await history.conversations.set_draft(conversation.id, "Look at this")
        return conversation.id

    async def come_back(history: History) -> None:
        draft = await history.conversations.draft(conversation_id)
        assert draft.text == "Look at this"
        assert [attachment.path.read_bytes() for attachment in draft.attachments] == [PNG.data]

    conversation_id = within(leave)
    within(come_back)


def test_deleted_is_out_of_sight_until_restored(within: Within) -> None:
    async def story(history: History) -> None:
        answer = await ask(history, "wombat", "a marsupial")
        await history.conversations.delete(answer.conversation_id)
        assert await history.conversations.all() == []
        assert await history.conversations.get(answer.conversation_id) is None
        assert await history.search.find("wombat") == []
        await history.conversations.restore(answer.conversation_id)
        assert len(await history.conversations.all()) == 1
        assert len(await history.search.find("wombat")) == 2

    within(story)


def test_purge_removes_the_deleted_for_good_and_only_them(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        kept = await history.conversations.create(title="kept")
        await history.attachments.add(kept.id, PNG)
        gone = await ask(history, "wombat", "a marsupial")
        other = replace(PNG, data=b"something else")
        await history.attachments.add(gone.conversation_id, other)
        also_deleted = await history.conversations.create(title="deleted later")
        await history.conversations.delete(gone.conversation_id)
        await history.conversations.delete(also_deleted.id)
        await history.conversations.purge(gone.conversation_id)
        await history.conversations.restore(gone.conversation_id)
        await history.conversations.restore(also_deleted.id)
        assert {c.title for c in await history.conversations.all()} == {"kept", "deleted later"}
        assert await history.search.find("marsupial") == []
        assert [file.read_bytes() for file in paths.attachments.iterdir()] == [PNG.data]

    within(story)


def test_a_very_long_conversation_can_be_purged(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        for number in range(600):  # 1,200 messages deep: more than SQLite lets a cascade recurse
            await history.messages.add_turn(conversation.id, Draft(str(number)), MODEL)
        assert len(await history.messages.path(conversation.id)) == 1200
        await history.conversations.delete(conversation.id)
        await history.conversations.purge()
        assert await history.messages.all(conversation.id) == []

    within(story)


def test_branch_is_a_copy_that_lives_on_its_own(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create(system_prompt="Be brief.", model=MODEL)
        attachment = await history.attachments.add(conversation.id, PNG)
        _, started = await history.messages.add_turn(conversation.id, Draft("look", (attachment,)), MODEL)
        lessons = (Lesson("temperature"),)
        ended = replace(started, text="nice", state=MessageState.COMPLETE, usage=Usage(1), adjustments=lessons)
        answer = await history.messages.finish(ended)
        await ask(history, "and then?", "more", conversation)
        branch = await history.conversations.branch(answer.id)
        copied = await history.messages.path(branch.id)
        assert [message.text for message in copied] == ["look", "nice"]
        assert (branch.system_prompt, branch.model, branch.title) == ("Be brief.", MODEL, "look")
        assert (copied[1].usage, copied[1].adjustments) == (Usage(1), lessons)
        await history.conversations.delete(conversation.id)
        await history.conversations.purge()
        still_there = await history.messages.path(branch.id)
        assert still_there == copied
        assert still_there[0].attachments[0].path.read_bytes() == PNG.data

    within(story)


def test_branch_at_a_prompt_has_it_as_its_draft(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create(system_prompt="Be brief.", model=MODEL)
        await ask(history, "Hello?", "Hi.", conversation)
        attachment = await history.attachments.add(conversation.id, PNG)
        await history.messages.add_turn(conversation.id, Draft("And this?", (attachment,)), MODEL)
        first, _, second, _ = await history.messages.path(conversation.id)

        branch = await history.conversations.branch(second.id)
        assert [message.text for message in await history.messages.path(branch.id)] == ["Hello?", "Hi."]
        draft = await history.conversations.draft(branch.id)
        assert draft.text == "And this?"
        assert [(one.name, one.path, one.id != attachment.id) for one in draft.attachments] == [
            (PNG.name, attachment.path, True)
        ]

        fresh = await history.conversations.branch(first.id)
        assert (fresh.title, fresh.system_prompt, fresh.model) == ("", "Be brief.", MODEL)
        assert await history.messages.path(fresh.id) == []
        assert await history.conversations.draft(fresh.id) == Draft("Hello?")

    within(story)


def test_branch_of_a_streaming_answer_does_not_stream(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        _, answer = await history.messages.add_turn(conversation.id, Draft("Count"), MODEL)
        history.messages.save_partial_soon(answer.id, "one")
        branch = await history.conversations.branch(answer.id)
        copied = (await history.messages.path(branch.id))[-1]
        assert (copied.text, copied.state) == ("one", MessageState.STOPPED)

    within(story)
