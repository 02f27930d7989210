"""Profiles as they are stored: order, addresses, keys, and what a system without a key store means."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from keyring.backends.fail import Keyring as NoKeyring

from app.model.errors import KeyStoreFailed
from app.model.providers import BUILT_IN_ID, HIDDEN, Dialect, KeyHeader, ModelInfo, ModelReference, Provider, Timeouts
from app.paths import Paths
from app.services.secrets import SERVICE, Secrets
from app.services.settings import SettingsStore
from app.workers.providers.knowledge import presets
from tests.fakes.keyring import in_file, locked
from tests.workers.providing import Providing, provided

KEY = "sk-proj-0123456789abcdefghij"
MODEL = ModelReference("server", "m")


def test_the_built_in_engine_is_always_there_and_always_first(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        await made.add("http://localhost:1234/v1")
        await made.worker.profiles.remove(BUILT_IN_ID)
        assert [provider.id for provider in made.worker.profiles.all()] == [BUILT_IN_ID, "server"]
        assert made.worker.profiles.all()[0].is_built_in

    provided(paths, story)


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        ("localhost:11434", "http://localhost:11434"),
        (" https://api.example.com/v1/chat/completions ", "https://api.example.com/v1"),
        ("api.example.com/v1/", "https://api.example.com/v1"),
        ("", ""),
    ],
)
def test_an_address_is_stored_in_proper_form(paths: Paths, pasted: str, stored: str) -> None:
    async def story(made: Providing) -> None:
        await made.add(pasted)
        found = made.worker.profiles.find("server")
        assert found is not None
        assert found.base_url == stored

    provided(paths, story)


def test_a_profile_is_stored_whole_and_read_again(paths: Paths) -> None:
    full = Provider(
        id="full",
        name="Gateway",
        preset="azure",
        base_url="https://gateway.example.com/v1",
        dialect=Dialect.RESPONSES,
        key_header=KeyHeader.API_KEY,
        organization="org",
        extra_headers={"X-Team": HIDDEN},
        extra_body={"provider": {"sort": "price"}},
        timeouts=Timeouts(5, 60),
    )

    async def story(made: Providing) -> None:
        await made.worker.profiles.save(replace(full, extra_headers={"X-Team": "research"}))

    provided(paths, story)
    assert SettingsStore(paths.settings_file).read().providers == (full,)


def test_changes_to_different_fields_do_not_undo_each_other(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        await made.add("http://localhost:1/v1")
        await made.worker.profiles.change("server", lambda provider: replace(provider, name="Renamed"))
        await made.worker.profiles.change("server", lambda provider: replace(provider, enabled=False))
        await made.worker.profiles.change("gone", lambda provider: replace(provider, name="Nobody"))
        await made.worker.profiles.change(BUILT_IN_ID, lambda provider: replace(provider, name="Mine"))
        assert [(own.name, own.enabled) for own in made.worker.profiles.own()] == [("Renamed", False)]

    provided(paths, story)


def test_a_removed_profile_comes_back_to_its_place_with_its_key(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        first = await made.add("http://localhost:1/v1", "First", key=KEY)
        await made.add("http://localhost:2/v1", "Second")
        await made.worker.profiles.remove("first")
        assert [own.id for own in made.worker.profiles.own()] == ["second"]
        await made.worker.profiles.save(first, position=0)
        assert [own.id for own in made.worker.profiles.own()] == ["first", "second"]
        assert await made.worker.profiles.key_of("first") == KEY

    provided(paths, story)


def test_a_second_profile_of_a_preset_gets_a_name_of_its_own(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        ollama = next(preset for preset in presets() if preset.id == "ollama")
        names = []
        for _ in range(3):
            provider = made.worker.profiles.new(ollama)
            await made.worker.profiles.save(provider)
            names.append(provider.name)
        assert names == ["Ollama", "Ollama 2", "Ollama 3"]
        assert len({own.id for own in made.worker.profiles.own()}) == 3

    provided(paths, story)


def test_a_key_is_in_the_key_store_and_nowhere_else(
    paths: Paths, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    backend = in_file(tmp_path / "keys.cfg")

    async def story(made: Providing) -> None:
        provider = await made.add("http://localhost:1/v1", key=KEY)
        endpoint = await made.worker.endpoint_for(MODEL)
        assert endpoint.key == KEY
        assert KEY not in repr(endpoint) + repr(provider) + repr(made.settings.value)

    provided(paths, story, Secrets(backend))
    assert backend.get_password(SERVICE, "server") == KEY
    stored = [file for file in paths.settings_file.parent.parent.rglob("*") if file.is_file()]
    assert paths.settings_file in stored
    assert not [file for file in stored if KEY.encode() in file.read_bytes()]
    assert KEY not in caplog.text


def test_without_a_key_store_a_key_lasts_for_the_session(paths: Paths) -> None:
    """The guard of the tests names the backend that always fails, as on a system without any."""

    async def story(made: Providing) -> None:
        assert not await made.worker.profiles.keeps_keys()
        await made.add("http://localhost:1/v1", key=KEY)
        assert (await made.worker.endpoint_for(MODEL)).key == KEY

    async def next_session(made: Providing) -> None:
        assert (await made.worker.endpoint_for(MODEL)).key == ""

    assert NoKeyring.priority == 0
    provided(paths, story, Secrets())
    provided(paths, next_session, Secrets())
    assert KEY not in json.dumps(paths.settings_file.read_text("utf-8"))


def test_a_locked_key_store_is_told_and_the_key_holds_for_the_session(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        await made.add("http://localhost:1/v1")
        with pytest.raises(KeyStoreFailed):
            await made.worker.profiles.set_key("server", KEY)
        assert (await made.worker.endpoint_for(MODEL)).key == KEY

    provided(paths, story, Secrets(locked()))


def test_forgetting_deletes_the_key_and_the_list(paths: Paths) -> None:
    backend = in_file(paths.data / "keys.cfg")

    async def story(made: Providing) -> None:
        provider = await made.add("http://localhost:1/v1", key=KEY)
        await made.worker.models.remember("server", [ModelInfo("m", "server")])
        await made.worker.profiles.remove("server")
        await made.worker.forget("server")
        assert made.worker.models.known_of(provider).models == ()

    provided(paths, story, Secrets(backend))
    assert backend.get_password(SERVICE, "server") is None
