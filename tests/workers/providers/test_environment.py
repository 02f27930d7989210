"""The provider that OPENAI_API_KEY and OPENAI_BASE_URL describe: offered once, taken with its key, or declined."""

from __future__ import annotations

import pytest

from app.model.providers import Provider
from app.paths import Paths
from app.workers.providers.environment import Environment
from tests.workers.providing import Providing, provided

KEY = "sk-from-the-environment"


def test_nothing_set_nothing_offered(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        assert made.worker.environment.offer() is None
        assert _environment(made, OPENAI_BASE_URL="http://localhost:1/v1").offer() is None
        assert _environment(made, OPENAI_API_KEY="  ").offer() is None

    provided(paths, story)


def test_a_key_alone_means_openai(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        offered = _offered(_environment(made, OPENAI_API_KEY=KEY, OPENAI_ORG_ID="org", OPENAI_PROJECT_ID="proj"))
        assert (offered.preset, offered.name, offered.base_url) == ("openai", "OpenAI", "https://api.openai.com/v1")
        assert (offered.organization, offered.project) == ("org", "proj")

    provided(paths, story)


def test_another_address_is_named_after_its_host(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        environment = _environment(made, OPENAI_API_KEY=KEY, OPENAI_BASE_URL="https://gateway.example.com/v1/")
        offered = _offered(environment)
        assert (offered.preset, offered.name) == ("custom", "gateway.example.com")
        assert offered.base_url == "https://gateway.example.com/v1"

    provided(paths, story)


def test_what_is_accepted_is_kept_with_its_key_and_not_offered_again(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        environment = _environment(made, OPENAI_API_KEY=KEY)
        offered = _offered(environment)
        await environment.accept(offered)
        assert made.worker.profiles.own() == (offered,)
        assert await made.worker.profiles.key_of(offered.id) == KEY
        assert environment.offer() is None

    provided(paths, story)


def test_what_is_declined_is_never_offered_again(paths: Paths) -> None:
    async def first(made: Providing) -> None:
        await _environment(made, OPENAI_API_KEY=KEY).decline()

    async def second(made: Providing) -> None:
        assert _environment(made, OPENAI_API_KEY=KEY).offer() is None

    provided(paths, first)
    provided(paths, second)


def test_the_real_environment_is_read(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    async def story(made: Providing) -> None:
        assert _offered(made.worker.environment).name == "OpenAI"

    provided(paths, story)


def _environment(made: Providing, **variables: str) -> Environment:
    return Environment(made.worker.profiles, made.settings, variables)


def _offered(environment: Environment) -> Provider:
    offered = environment.offer()
    assert offered is not None
    return offered
