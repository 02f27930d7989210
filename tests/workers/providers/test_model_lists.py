"""Lists of models: all asked at once, the last known ones at once, and the user's word before any guess."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.model.errors import ConnectionFailed, KeyRejected
from app.model.providers import BUILT_IN_ID, Capability, ModelInfo, ModelReference
from app.paths import Paths
from app.workers.providers import ProviderModels
from tests.fakes.openai_http import Action
from tests.fakes.openai_server import FakeOpenAI
from tests.workers.providing import LOCAL, Providing, provided

SEES = frozenset({Capability.CHAT, Capability.VISION})


def test_everybody_is_asked_and_described(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI() as server:
            server.models = ["gpt-4o", {"id": "old", "object": "model", "shutdown_date": "2030-01-31"}]
            await made.add(server.base_url)
            found = await made.refreshed()
        assert found[BUILT_IN_ID].models == (LOCAL,)
        seen, old = found["server"].models
        assert (seen.id, seen.capabilities) == ("gpt-4o", SEES)
        assert (old.shutdown_date, old.capabilities) == ("2030-01-31", frozenset())

    provided(paths, story)


def test_a_server_that_is_silent_holds_up_nobody(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI() as silent, FakeOpenAI() as quick:
            silent.reply_raw([Action.STAY], path="/models")
            await made.add(silent.base_url, "Silent")
            await made.add(quick.base_url, "Quick")
            answered = asyncio.Event()
            order: list[str] = []

            def found(result: ProviderModels) -> None:
                order.append(result.provider_id)
                if result.provider_id == "quick":
                    answered.set()

            async with asyncio.TaskGroup() as group:
                asking = group.create_task(made.worker.models.refresh(found))
                await answered.wait()
                asking.cancel()
        assert sorted(order) == [BUILT_IN_ID, "quick"]

    provided(paths, story)


def test_a_dead_server_keeps_its_list_of_the_last_time_and_says_why(paths: Paths) -> None:
    async def first(made: Providing) -> None:
        with FakeOpenAI() as server:
            server.models = ["gpt-4o"]
            await made.add(server.base_url)
            await made.refreshed()

    async def second(made: Providing) -> None:
        assert [known.provider_id for known in made.worker.models.known()] == [BUILT_IN_ID, "server"]
        assert [model.id for model in made.worker.models.known()[1].models] == ["gpt-4o"]
        found = (await made.refreshed())["server"]
        assert isinstance(found.error, ConnectionFailed)
        assert [model.id for model in found.models] == ["gpt-4o"]
        assert found.models[0].capabilities == SEES

    provided(paths, first)
    provided(paths, second)


def test_a_refused_key_is_told(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI(key="sk-right-0123456789") as server:
            await made.add(server.base_url, key="sk-wrong-0123456789")
            assert isinstance((await made.refreshed())["server"].error, KeyRejected)

    provided(paths, story)


def test_a_provider_that_is_off_is_left_alone(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI() as server:
            await made.add(server.base_url, enabled=False)
            assert set(await made.refreshed()) == {BUILT_IN_ID}
            assert [known.provider_id for known in made.worker.models.known()] == [BUILT_IN_ID]
            assert not server.requests

    provided(paths, story)


def test_the_users_word_counts_more_than_a_guess(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        model = ModelReference("server", "gpt-4o")
        await made.add("http://localhost:1/v1")
        assert made.worker.models.can_see(model)
        corrected: dict[str, tuple[Capability, ...]] = {"gpt-4o": (Capability.CHAT,)}
        await made.worker.profiles.change("server", lambda own: replace(own, capabilities=corrected))
        assert made.worker.models.capabilities_of(model) == frozenset({Capability.CHAT})
        assert not made.worker.models.can_see(model)

    provided(paths, story)


def test_an_unknown_model_may_be_sent_pictures_but_one_of_the_engine_may_not(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        await made.add("http://localhost:1/v1")
        await made.refreshed()
        models = made.worker.models
        assert models.can_see(ModelReference("server", "my-own-thing"))
        assert not models.can_see(ModelReference("server", "llama3.2:3b"))
        assert not models.can_see(ModelReference(BUILT_IN_ID, "tiny"))
        assert not models.can_see(ModelReference(BUILT_IN_ID, "unheard-of"))

    provided(paths, story)


def test_the_servers_word_counts_more_than_a_guess_and_is_remembered(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        provider = await made.add("http://localhost:1/v1")
        chat, transcription = frozenset({Capability.CHAT}), frozenset({Capability.TRANSCRIPTION})
        models = [
            ModelInfo("claude-blind", "server", chat),
            ModelInfo("odd", "server", frozenset({Capability.CHAT, Capability.VISION})),
            ModelInfo("my/whisper", "server", transcription),
            ModelInfo("my/ear", "server", transcription),
        ]
        await made.worker.models.remember(provider.id, models)

    async def next_start(made: Providing) -> None:
        provider = made.worker.profiles.find("server")
        assert provider is not None
        assert {model.id: model.capabilities for model in made.worker.models.known_of(provider).models} == {
            "claude-blind": {Capability.CHAT},
            "odd": {Capability.CHAT, Capability.VISION},
            "my/whisper": {Capability.TRANSCRIPTION, Capability.TRANSLATION},  # told the task, guessed the rest
            "my/ear": {Capability.TRANSCRIPTION},
        }
        assert not made.worker.models.can_see(ModelReference("server", "claude-blind"))
        assert made.worker.models.can_see(ModelReference("server", "odd"))

    provided(paths, story)
    provided(paths, next_start)


def test_a_cache_that_is_damaged_or_cannot_be_written_costs_only_the_memory(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        provider = await made.add("http://localhost:1/v1")
        assert made.worker.models.known_of(provider).models == ()
        (paths.cache / "models.json").unlink()
        with _unwritable(paths):
            await made.worker.models.remember("server", [ModelInfo("m", "server")])
        assert [model.id for model in made.worker.models.known_of(provider).models] == ["m"]

    (paths.cache / "models.json").write_bytes(b'{"server": [{"no id": 1}]}')
    provided(paths, story)


@contextmanager
def _unwritable(paths: Paths) -> Iterator[None]:
    """A folder in the place of the file: no user, not even root, can write over it."""
    (paths.cache / "models.json").mkdir()
    yield
    (paths.cache / "models.json").rmdir()
