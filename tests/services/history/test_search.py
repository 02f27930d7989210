"""Search: Latin and Chinese, order, anything typed, and the index following every change."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.chat import Draft, MessageState
from app.paths import Paths
from app.services.history import index
from app.services.history.opening import open_in_memory
from app.services.history.store import History
from app.services.history.words import read_query
from tests.services.history.conftest import Within, in_memory
from tests.services.history.examples import MODEL, ask

TEXT = "我们在北京大学讨论C++ and Qt; the café opens at ９ o'clock. 학교에서 東京タワー naïve snake_case v1.2 😀"

ANYTHING = st.characters() | st.characters(categories=["Cs"]) | st.sampled_from(" \0\"'*()^:-+中é")


@pytest.mark.parametrize(
    "query",
    [
        "北", "大学", "北京大学", "讨论C++", "们", "ope", "CAFÉ", "cafe", "cafe\u0301", "9", "９", "学", "학교",
        "교에", "東京", "タワ", "naive", "snake", "case", "snake_case", "v1.2", "C++", "c++", "++", "😀", "o'clock",
        "o’clock", "café opens", "Qt 北京", "the café opens", "opens   the", "; the",
    ],
)  # fmt: skip
def test_finds(within: Within, query: str) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create(title="title")
        answer = await ask(history, "unrelated", TEXT, conversation)
        assert [hit.message_id for hit in await history.search.find(query)] == [answer.id]

    within(story)


@pytest.mark.parametrize("query", ["", " ", "京北", "afé", "opensthe", "北 上海", "--", "%", "_", "zzz", "\0", "*"])
def test_does_not_find(within: Within, query: str) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create(title="title")
        await ask(history, "unrelated", TEXT.replace("_", ""), conversation)
        assert await history.search.find(query) == []

    within(story)


def test_titles_come_first_then_words_side_by_side_then_the_newest(within: Within) -> None:
    async def story(history: History) -> None:
        together = await ask(history, "x", "a red balloon")
        older = await ask(history, "x", "balloon, which is red")
        newer = await ask(history, "x", "balloons are mostly red")
        titled = await history.conversations.create(title="Red balloons")
        hits = await history.search.find("red balloon")
        assert [(hit.conversation_id, hit.message_id) for hit in hits] == [
            (titled.id, None),
            (together.conversation_id, together.id),
            (newer.conversation_id, newer.id),
            (older.conversation_id, older.id),
        ]
        assert [hit.message_id for hit in await history.search.find("red balloon", 2)] == [None, together.id]

    within(story)


def test_typed_symbols_come_before_words_alone(within: Within) -> None:
    async def story(history: History) -> None:
        exact = await ask(history, "x", "I like C++ most")
        await ask(history, "x", "a cat, and C alone")
        hits = await history.search.find("c++")
        assert hits[0].message_id == exact.id

    within(story)


@pytest.mark.parametrize("rare", [True, False])
@pytest.mark.parametrize("query", ["->", "==", "p->next", "=", "😀", "[0]", "if a =="])
def test_signs_are_found_among_few_and_among_many(within: Within, query: str, *, rare: bool) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create(title="title")
        wanted = await ask(history, "-", f"say {query} here", conversation)
        others = () if rare else range(index.FEW // 2)

        def fill(connection: sqlite3.Connection) -> None:
            add = "INSERT INTO messages (conversation_id, role, text, state, created_at, last_use)"
            text = " ".join(f"{sign} {sign}{sign}" for sign in "-=>[]😀") + " p next if a 0 -> x == y ] ["
            for _ in others:
                connection.execute(f"{add} VALUES (?, 'user', ?, 'complete', 0, 0)", (conversation.id, text))

        await history.search._database.write(fill)
        assert wanted.id in [hit.message_id for hit in await history.search.find(query, 2 * index.FEW)]

    within(story)


def test_hit_has_title_and_excerpt(within: Within) -> None:
    async def story(history: History) -> None:
        await ask(history, "Where is the needle?", "hay " * 100 + "needle" + " hay" * 100)
        answer, prompt = (await history.search.find("needle"))[1:]
        assert answer.title == "Where is the needle?"
        assert answer.excerpt.count("needle") == 1
        assert len(answer.excerpt) < 170
        assert prompt.excerpt == "Where is the needle?"

    within(story)


def test_index_follows_every_change(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create(title="alpha")
        _, answer = await history.messages.add_turn(conversation.id, Draft("beta"), MODEL)
        history.messages.save_partial_soon(answer.id, "gamma delta")
        assert await history.search.find("gamma") == []  # still arriving
        await history.messages.finish(replace(answer, text="gamma", state=MessageState.STOPPED))
        assert len(await history.search.find("gamma")) == 1
        await history.messages.resume(answer.id)
        assert await history.search.find("gamma") == []
        await history.messages.finish(replace(answer, text="epsilon", state=MessageState.COMPLETE))
        assert await history.search.find("gamma") == []
        assert len(await history.search.find("epsilon")) == 1
        await history.conversations.rename(conversation.id, "omega")
        assert await history.search.find("alpha") == []
        assert [hit.message_id for hit in await history.search.find("omega")] == [None]

    within(story)


def test_half_a_character_is_found_as_it_was_stored(within: Within) -> None:
    async def story(history: History) -> None:
        answer = await ask(history, "x", "broken \ud83d here")
        assert [hit.message_id for hit in await history.search.find("\ud83d")] == [answer.id]
        assert [hit.message_id for hit in await history.search.find("broken \ud83d")] == [answer.id]

    within(story)


def test_a_long_paste_is_a_query_like_any_other(within: Within) -> None:
    async def story(history: History) -> None:
        text = " ".join(f"word{number}" for number in range(2000))
        answer = await ask(history, "x", text)
        assert [hit.message_id for hit in await history.search.find(text)] == [answer.id]
        assert await history.search.find('"' * 5000 + "(" * 5000) == []
        assert await history.search.find("字" * 5000) == []

    within(story)


def test_the_index_knows_every_character_it_is_trusted_with() -> None:
    """Texts of these characters alone are not looked for a second time, letter by letter."""
    characters = [chr(code) for code in range(0x10000) if not read_query(chr(code)).literal and chr(code).isalnum()]
    assert len(characters) > 30_000
    with closing(open_in_memory()) as connection, connection:
        insert = "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, 0, 0)"
        connection.executemany(insert, [(ord(character), character) for character in characters])
        for character in characters[::7]:
            assert ord(character) in index.find(connection, index.TITLES, character, 100)


@settings(max_examples=150)
@given(text=st.text(ANYTHING, max_size=60), query=st.text(ANYTHING, max_size=20))
def test_every_word_written_is_found_and_nothing_typed_fails(text: str, query: str) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create(title="title")
        answer = await ask(history, "-", text, conversation)
        await history.search.find(query)
        for word in text.split():
            assert answer.id in [hit.message_id for hit in await history.search.find(word)], word
            if word.isalpha() and word.isascii():
                assert answer.id in [hit.message_id for hit in await history.search.find(word[:1])]

    in_memory(Paths.under(Path("unused")), story)


@settings(max_examples=50)
@given(text=st.text(st.sampled_from("中文字符测试ab 。，"), min_size=1, max_size=30), data=st.data())
def test_every_piece_of_chinese_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))

    async def story(history: History) -> None:
        conversation = await history.conversations.create(title="title")
        answer = await ask(history, "-", text, conversation)
        piece = text[start:end].strip()
        begins_a_word = not (start and text[start].isascii() and text[start - 1].isascii())
        if piece and begins_a_word:
            assert answer.id in [hit.message_id for hit in await history.search.find(piece)]

    in_memory(Paths.under(Path("unused")), story)
