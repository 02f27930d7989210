"""What servers taught, kept over a restart, for one address, and forgotten on request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.model.chat import ChatMessage, ChatParameters, ChatRequest, RequestAdjusted, Role
from app.model.errors import ModelNotFound
from app.model.lessons import Lesson, LessonKind
from app.model.providers import ModelReference, Provider
from app.model.settings import built_in_provider
from app.paths import Paths
from app.workers.providers.lessons import LessonBook
from tests.fakes.openai_particular import ParticularOpenAI, unsupported
from tests.workers.providing import Providing, provided

SERVER = Provider("one", "One", "custom", "http://one.example/v1")
OTHER = replace(SERVER, id="two")
TEMPERATURE, SEED = Lesson("temperature"), Lesson("seed")
RENAMED = Lesson("max_tokens", LessonKind.RENAMED, "max_completion_tokens")
RENAMED_BACK = Lesson("max_completion_tokens", LessonKind.RENAMED, "max_tokens")


@pytest.fixture
def book(tmp_path: Path) -> LessonBook:
    return LessonBook(tmp_path)


def again(tmp_path: Path) -> LessonBook:
    """The book after a restart."""
    return LessonBook(tmp_path)


def test_lessons_survive_a_restart(book: LessonBook, tmp_path: Path) -> None:
    asyncio.run(book.learn(SERVER, "m", (TEMPERATURE,)))
    asyncio.run(book.learn(SERVER, "m", (RENAMED, SEED)))
    asyncio.run(book.learn(SERVER, "n", (SEED,)))
    for each in (book, again(tmp_path)):
        assert each.of(SERVER, "m") == (TEMPERATURE, RENAMED, SEED)
        assert each.all_of(SERVER) == {"m": (TEMPERATURE, RENAMED, SEED), "n": (SEED,)}
        assert each.of(OTHER, "m") == each.of(SERVER, "other") == ()


def test_the_newest_lesson_about_a_field_counts(book: LessonBook) -> None:
    for lesson in (RENAMED, Lesson("max_tokens"), RENAMED, RENAMED_BACK):
        asyncio.run(book.learn(SERVER, "m", (lesson,)))
    assert book.of(SERVER, "m") == (RENAMED_BACK,)


def test_another_address_is_another_server(book: LessonBook) -> None:
    moved = replace(SERVER, base_url="http://elsewhere.example/v1")
    asyncio.run(book.learn(SERVER, "m", (TEMPERATURE,)))
    assert book.of(moved, "m") == ()
    asyncio.run(book.learn(moved, "m", (SEED,)))
    assert (book.of(moved, "m"), book.of(SERVER, "m")) == ((SEED,), ())


def test_lessons_are_forgotten(book: LessonBook, tmp_path: Path) -> None:
    asyncio.run(book.learn(SERVER, "m", (TEMPERATURE,)))
    asyncio.run(book.learn(OTHER, "m", (SEED,)))
    asyncio.run(book.forget(SERVER.id))
    asyncio.run(book.forget("nobody"))
    for each in (book, again(tmp_path)):
        assert (each.all_of(SERVER), each.of(OTHER, "m")) == ({}, (SEED,))


def test_the_engine_inside_needs_no_lessons(book: LessonBook, tmp_path: Path) -> None:
    asyncio.run(book.learn(built_in_provider(), "m", (TEMPERATURE,)))
    assert list(tmp_path.iterdir()) == []


def test_two_processes_write_in_one_book(book: LessonBook, tmp_path: Path) -> None:
    other = again(tmp_path)
    assert (book.all_of(SERVER), other.all_of(SERVER)) == ({}, {})
    asyncio.run(book.learn(SERVER, "m", (TEMPERATURE,)))
    asyncio.run(other.learn(SERVER, "m", (SEED,)))
    assert other.of(SERVER, "m") == again(tmp_path).of(SERVER, "m") == (TEMPERATURE, SEED)


def test_a_disk_that_refuses_costs_only_the_memory(tmp_path: Path) -> None:
    book = LessonBook(tmp_path / "missing")
    asyncio.run(book.learn(SERVER, "m", (TEMPERATURE,)))
    asyncio.run(book.learn(SERVER, "m", (SEED,)))
    assert book.of(SERVER, "m") == (TEMPERATURE, SEED)
    (tmp_path / "missing").mkdir()
    asyncio.run(book.learn(SERVER, "n", (SEED,)))
    assert len(LessonBook(tmp_path / "missing").all_of(SERVER)) == 2


ENTRY = {"field": "seed", "kind": "left-out", "instead": ""}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        {"one": []},
        {"one": {}},
        {"one": {"address": SERVER.base_url, "models": []}},
        {"one": {"address": SERVER.base_url, "models": {"m": ENTRY, "n": [5, {}, {"kind": "x"}]}}},
        {"one": {"address": SERVER.base_url, "models": {"m": [{**ENTRY, "kind": "invented"}]}}},
    ],
)
def test_a_damaged_book_is_begun_anew(book: LessonBook, tmp_path: Path, content: Any) -> None:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (tmp_path / "lessons.json").write_bytes(data)
    assert book.all_of(SERVER) == {}
    asyncio.run(book.learn(SERVER, "m", (TEMPERATURE,)))
    assert again(tmp_path).of(SERVER, "m") == (TEMPERATURE,)


def told(paths: Paths, story: Callable[[Providing, Provider, ParticularOpenAI], Awaitable[None]]) -> None:
    """A story about a server that does not know the temperature."""
    with ParticularOpenAI(unsupported("temperature")) as server:

        async def whole(providing: Providing) -> None:
            await story(providing, await providing.add(server.base_url), server)

        provided(paths, whole)


async def asked(providing: Providing, model: ModelReference) -> list[RequestAdjusted]:
    """Ask with a temperature; what was told of the request."""
    request = ChatRequest(model.model_id, (ChatMessage(Role.USER, "hi"),), ChatParameters(temperature=0.5))
    endpoint = await providing.worker.endpoint_for(model)
    async with aclosing(providing.api.chat(endpoint, request)) as items:
        return [item async for item in items if isinstance(item, RequestAdjusted)]


def test_a_model_is_refused_once_and_its_neighbour_for_itself(paths: Paths) -> None:
    async def story(providing: Providing, provider: Provider, server: ParticularOpenAI) -> None:
        for model_id in ("gpt-4o", "gpt-4o", "gpt-6-luna"):
            assert await asked(providing, ModelReference(provider.id, model_id)) == [RequestAdjusted((TEMPERATURE,))]
        assert ["temperature" in post.json for post in server.posts()] == [True, False, False, True, False]
        assert set(providing.worker.lessons.all_of(provider)) == {"gpt-4o", "gpt-6-luna"}

    told(paths, story)


def test_nothing_is_learnt_for_a_profile_that_was_changed_or_removed_meanwhile(paths: Paths) -> None:
    async def story(providing: Providing, provider: Provider, _: ParticularOpenAI) -> None:
        endpoint = await providing.worker.endpoint_for(ModelReference(provider.id, "gpt-4o"))
        moved = replace(provider, base_url="http://elsewhere.example/v1")
        await providing.worker.profiles.save(moved)
        await providing.worker.learn(endpoint, "gpt-4o", (TEMPERATURE,))
        assert providing.worker.lessons.all_of(moved) == providing.worker.lessons.all_of(provider) == {}
        await providing.worker.profiles.remove(provider.id)
        await providing.worker.learn(endpoint, "gpt-4o", (TEMPERATURE,))
        await providing.worker.leave_out(ModelReference(provider.id, "gpt-4o"), "seed")
        with pytest.raises(ModelNotFound):
            await providing.worker.endpoint_for(ModelReference(provider.id, "gpt-4o"))

    told(paths, story)


def test_what_the_user_gives_up_is_not_sent_any_more(paths: Paths) -> None:
    async def story(providing: Providing, provider: Provider, server: ParticularOpenAI) -> None:
        model = ModelReference(provider.id, "gpt-4o")
        await providing.worker.leave_out(model, "temperature")
        assert await asked(providing, model) == [RequestAdjusted((TEMPERATURE,))]
        assert ["temperature" in post.json for post in server.posts()] == [False]

    told(paths, story)


def test_a_removed_provider_leaves_no_lessons(paths: Paths) -> None:
    async def story(providing: Providing, provider: Provider, _: ParticularOpenAI) -> None:
        await asked(providing, ModelReference(provider.id, "gpt-4o"))
        await providing.worker.profiles.remove(provider.id)
        await providing.worker.forget(provider.id)
        assert json.loads((paths.cache / "lessons.json").read_bytes()) == {}

    told(paths, story)
