"""Endpoints as a call needs them, and the Test button's verdicts over real servers on loopback."""

from __future__ import annotations

import socket

import pytest

from app.model.errors import KeyStoreFailed, ModelNotFound
from app.model.providers import (
    BUILT_IN_ID,
    HIDDEN,
    Capability,
    Dialect,
    KeyHeader,
    ModelReference,
    Provider,
    ProxyMode,
    Timeouts,
    Verdict,
)
from app.model.server_errors import AddressUnfinished
from app.model.settings import ChosenModels
from app.paths import Paths
from app.services.secrets import Secrets
from app.workers.providers.knowledge import presets
from tests.fakes.keyring import locked
from tests.fakes.openai_server import FakeOpenAI
from tests.workers.providing import ENGINE, Providing, provided

KEY = "sk-right-0123456789"


def test_the_engine_is_started_when_one_of_its_models_is_asked(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        assert await made.worker.endpoint_for(ModelReference(BUILT_IN_ID, "tiny")) == ENGINE
        assert len(made.engine_starts) == 1

    provided(paths, story)


def test_an_endpoint_carries_everything_the_profile_says(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        await made.add(
            "https://gateway.example.com/v1",
            key=KEY,
            key_header=KeyHeader.API_KEY,
            organization="org",
            project="proj",
            extra_headers={"X-Team": "research"},
            extra_body={"user": "me"},
            proxy_mode=ProxyMode.MANUAL,
            proxy_url="http://proxy:3128",
            ca_file="/ca.pem",
            timeouts=Timeouts(3, 30),
        )
        endpoint = await made.worker.endpoint_for(ModelReference("server", "m"))
        assert (endpoint.base_url, endpoint.key, endpoint.key_header) == (
            "https://gateway.example.com/v1",
            KEY,
            KeyHeader.API_KEY,
        )
        assert (endpoint.organization, endpoint.project) == ("org", "proj")
        assert (endpoint.extra_headers, endpoint.extra_body) == ({"X-Team": "research"}, {"user": "me"})
        assert (endpoint.proxy_mode, endpoint.proxy_url) == (ProxyMode.MANUAL, "http://proxy:3128")
        assert (endpoint.ca_file, endpoint.timeouts) == ("/ca.pem", Timeouts(3, 30))
        assert not endpoint.is_openai

    provided(paths, story)


@pytest.mark.parametrize(
    ("address", "chosen", "model", "expected"),
    [
        ("https://api.openai.com/v1", Dialect.AUTOMATIC, "gpt-4o", Dialect.CHAT),
        ("https://api.openai.com/v1", Dialect.AUTOMATIC, "gpt-5-pro", Dialect.RESPONSES),
        ("https://other.example.com/v1", Dialect.AUTOMATIC, "gpt-5-pro", Dialect.CHAT),
        ("https://other.example.com/v1", Dialect.AUTOMATIC, "davinci-002", Dialect.COMPLETIONS),
        ("https://other.example.com/v1", Dialect.RESPONSES, "davinci-002", Dialect.RESPONSES),
        ("https://other.example.com/v1", Dialect.COMPLETIONS, "special", Dialect.CHAT),
    ],
)
def test_the_protocol_is_the_users_word_or_what_the_model_needs(
    paths: Paths, address: str, chosen: Dialect, model: str, expected: Dialect
) -> None:
    async def story(made: Providing) -> None:
        await made.add(address, dialect=chosen, dialects={"special": Dialect.CHAT})
        assert (await made.worker.endpoint_for(ModelReference("server", model))).dialect is expected

    provided(paths, story)


def test_a_model_of_a_provider_that_was_removed_cannot_be_asked(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with pytest.raises(ModelNotFound):
            await made.worker.endpoint_for(ModelReference("gone", "m"))

    provided(paths, story)


def test_a_server_that_works_says_what_its_models_can_do(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI(key=KEY) as server:
            server.models = ["gpt-4o", "whisper-1", "odd"]
            provider = await made.add(server.base_url, key=KEY)
            result = await made.worker.test(provider)
        assert result.verdict is Verdict.WORKS
        assert {model.id: model.capabilities for model in result.models} == {
            "gpt-4o": {Capability.CHAT, Capability.VISION},
            "whisper-1": {Capability.TRANSCRIPTION, Capability.TRANSLATION},
            "odd": frozenset(),
        }
        assert [model.id for model in made.worker.models.known_of(provider).models] == ["gpt-4o", "whisper-1", "odd"]

    provided(paths, story)


def test_a_key_that_is_typed_is_tried_before_the_stored_one(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI(key=KEY) as server:
            provider = await made.add(server.base_url, key=KEY)
            assert (await made.worker.test(provider, "sk-wrong-9876543210")).verdict is Verdict.KEY
            assert (await made.worker.test(provider)).verdict is Verdict.WORKS

    provided(paths, story)


def test_an_address_without_its_path_is_repaired(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI() as server:
            provider = await made.add(server.base_url.removesuffix("/v1"))
            result = await made.worker.test(provider)
        assert (result.verdict, result.corrected_url) == (Verdict.WRONG_ADDRESS, server.base_url)
        assert not made.worker.models.known_of(provider).models

    provided(paths, story)


def test_nobody_there(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        result = await made.worker.test(Provider("p", "P", "custom", f"http://127.0.0.1:{_free_port()}/v1"), KEY)
        assert result.verdict is Verdict.UNREACHABLE

    provided(paths, story)


def test_a_locked_key_store_is_not_taken_for_a_wrong_key(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI(key=KEY) as server:
            provider = await made.add(server.base_url)
            with pytest.raises(KeyStoreFailed):
                await made.worker.test(provider)
            assert (await made.worker.test(provider, KEY)).verdict is Verdict.WORKS

    provided(paths, story, Secrets(locked()))


def test_a_chosen_model_that_the_server_does_not_have_is_named(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI(models=["gpt-4o"]) as server:
            provider = await made.add(server.base_url)
            for chosen in (ModelReference("server", "gpt-4o"), ModelReference("another", "gone")):
                made.settings.replace(chosen=ChosenModels(chat=chosen))
                assert (await made.worker.test(provider)).verdict is Verdict.WORKS
            made.settings.replace(chosen=ChosenModels(audio=ModelReference("server", "gone")))
            server.reply_error(404, "model_not_found", path="/models/gone")
            result = await made.worker.test(provider)
        assert (result.verdict, result.missing_model) == (Verdict.NO_MODEL, "gone")
        assert [model.id for model in made.worker.models.known_of(provider).models] == ["gpt-4o"]

    provided(paths, story)


def test_a_template_that_was_not_filled_in_is_not_asked(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        azure = next(preset for preset in presets() if preset.id == "azure")
        await made.worker.profiles.save(made.worker.profiles.new(azure))
        (stored,) = made.worker.profiles.own()
        await made.worker.profiles.set_key(stored.id, KEY)
        assert (await made.worker.test(stored, KEY)).verdict is Verdict.PLACEHOLDER
        assert isinstance((await made.worker.models.ask(stored)).error, AddressUnfinished)
        with pytest.raises(AddressUnfinished):
            await made.worker.endpoint_for(ModelReference(stored.id, "gpt-4o"))

    provided(paths, story)


@pytest.mark.parametrize("pasted", [f"“{KEY}”", f"{KEY[:9]}\n{KEY[9:]}", f"OPENAI_API_KEY={KEY}"])
def test_the_key_in_what_was_pasted_is_tried_and_kept(paths: Paths, pasted: str) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI(key=KEY) as server:
            provider = await made.add(server.base_url)
            assert (await made.worker.test(provider, pasted)).verdict is Verdict.WORKS
            await made.worker.profiles.set_key(provider.id, pasted)
            assert await made.worker.profiles.key_of(provider.id) == KEY

    provided(paths, story)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_password_in_an_address_stays_hidden_when_it_is_repaired(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        with FakeOpenAI() as server:
            typed = server.base_url.removesuffix("/v1").replace("http://", "http://me:sesame@")
            result = await made.worker.test(await made.add(typed))
        assert result.verdict is Verdict.WRONG_ADDRESS
        assert result.corrected_url == server.base_url.replace("http://", f"http://me:{HIDDEN}@")

    provided(paths, story)
