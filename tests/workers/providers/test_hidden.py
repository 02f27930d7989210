"""Secret headers and passwords in addresses: in the key store and in requests, and in no file."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.log import redact
from app.model.errors import KeyStoreFailed
from app.model.providers import HIDDEN, ModelReference, Provider, ProxyMode
from app.model.settings import Settings
from app.paths import Paths
from app.services.secrets import SERVICE, Secrets
from app.workers.providers.hidden import from_text, put_back, take_out
from tests.fakes.keyring import in_file, locked
from tests.fakes.openai_server import FakeOpenAI
from tests.workers.providing import Providing, provided

TOKEN, PASSWORD, LOGIN = "team-token-93f1", "pr0xy-passw0rd", "b4sic-l0gin"
SECRETS = (TOKEN, PASSWORD, LOGIN)
MODEL = ModelReference("server", "m")
PROFILE = Provider(
    "server",
    "Server",
    "custom",
    f"http://me:{LOGIN}@localhost:1/v1",
    extra_headers={"X-Token": TOKEN, "X-Empty": ""},
    proxy_mode=ProxyMode.MANUAL,
    proxy_url=f"http://me:{PASSWORD}@localhost:2",
)

type Story = Callable[[Providing], Awaitable[None]]


def _found_in(folder: Path) -> list[Path]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if any(secret.encode() in file.read_bytes() for secret in SECRETS)]


def test_they_are_sent_and_in_no_file(paths: Paths, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    keys = in_file(tmp_path / "keys.cfg")

    async def story(made: Providing) -> None:
        await made.worker.profiles.save(PROFILE)
        stored = made.settings.value.providers[0]
        assert stored.extra_headers == {"X-Token": HIDDEN, "X-Empty": ""}
        assert stored.proxy_url == f"http://me:{HIDDEN}@localhost:2"
        assert stored.base_url == f"http://me:{HIDDEN}@localhost:1/v1"
        endpoint = await made.worker.endpoint_for(MODEL)
        assert endpoint.extra_headers == {"X-Token": TOKEN, "X-Empty": ""}
        assert (endpoint.proxy_url, endpoint.base_url) == (PROFILE.proxy_url, PROFILE.base_url)
        assert not [secret for secret in SECRETS if secret in redact(f"{endpoint} {SECRETS}")]

    async def next_session(made: Providing) -> None:
        assert (await made.worker.endpoint_for(MODEL)).extra_headers["X-Token"] == TOKEN

    provided(paths, story, Secrets(keys))
    provided(paths, next_session, Secrets(keys))
    assert _found_in(paths.data) == []
    assert not [secret for secret in SECRETS if secret in caplog.text]


def test_one_is_changed_and_the_others_stay(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        profiles = made.worker.profiles
        await profiles.save(PROFILE)
        await profiles.change("server", lambda one: replace(one, extra_headers={**one.extra_headers, "X-Other": "new"}))
        assert (await made.worker.endpoint_for(MODEL)).extra_headers == {
            "X-Token": TOKEN,
            "X-Empty": "",
            "X-Other": "new",
        }
        await profiles.change(
            "server", lambda one: replace(one, extra_headers={"X-Other": HIDDEN}, proxy_url="http://b")
        )
        endpoint = await made.worker.endpoint_for(MODEL)
        assert (endpoint.extra_headers, endpoint.proxy_url) == ({"X-Other": "new"}, "http://b")
        assert endpoint.base_url == PROFILE.base_url

    provided(paths, story)


def test_what_is_removed_leaves_the_key_store(paths: Paths) -> None:
    keys = in_file(paths.data / "keys.cfg")

    async def story(made: Providing) -> None:
        profiles = made.worker.profiles
        await profiles.save(PROFILE)
        await profiles.change(
            "server", lambda one: replace(one, extra_headers={}, proxy_url="", base_url="http://localhost:1/v1")
        )
        assert not keys.get_password(SERVICE, "server/more")
        await profiles.save(PROFILE)
        await profiles.remove("server")
        await made.worker.forget("server")

    provided(paths, story, Secrets(keys))
    assert not keys.get_password(SERVICE, "server/more")


def test_those_of_an_older_version_move_into_the_key_store(paths: Paths, tmp_path: Path) -> None:
    keys = in_file(tmp_path / "keys.cfg")
    _write_as_before(paths)
    assert _found_in(paths.config) == [paths.settings_file]

    async def story(made: Providing) -> None:
        before = await made.worker.endpoint_for(MODEL)
        await made.worker.profiles.hide_secrets()
        assert await made.worker.endpoint_for(MODEL) == before
        assert before.extra_headers["X-Token"] == TOKEN

    provided(paths, story, Secrets(keys))
    assert _found_in(paths.data) == []
    provided(paths, story, Secrets(keys))


@pytest.mark.parametrize("store", [Secrets, lambda: Secrets(locked())], ids=["none", "locked"])
def test_without_a_key_store_those_of_before_are_not_lost(paths: Paths, store: Callable[[], Secrets]) -> None:
    _write_as_before(paths)

    async def story(made: Providing) -> None:
        try:
            await made.worker.profiles.hide_secrets()
        except KeyStoreFailed:
            assert store is not Secrets
        assert made.settings.value.providers == (PROFILE,)
        if store is Secrets:
            await made.worker.profiles.change("server", lambda one: replace(one, name="Renamed"))
            assert (await made.worker.endpoint_for(MODEL)).extra_headers["X-Token"] == TOKEN

    provided(paths, story, store())
    assert json.loads(paths.settings_file.read_text("utf-8"))["providers"][0]["extra_headers"]["X-Token"] == TOKEN


def test_without_a_key_store_new_ones_hold_for_the_session(paths: Paths) -> None:
    async def story(made: Providing) -> None:
        await made.worker.profiles.save(PROFILE)
        assert (await made.worker.endpoint_for(MODEL)).extra_headers["X-Token"] == TOKEN

    async def next_session(made: Providing) -> None:
        endpoint = await made.worker.endpoint_for(MODEL)
        assert endpoint.extra_headers == {"X-Empty": ""}, "dots are never sent"
        assert (endpoint.proxy_url, endpoint.base_url) == ("http://me@localhost:2", "http://me@localhost:1/v1")

    provided(paths, story, Secrets())
    provided(paths, next_session, Secrets())
    assert _found_in(paths.data) == []


def test_a_server_gets_the_header(paths: Paths) -> None:
    with FakeOpenAI() as server:

        async def story(made: Providing) -> None:
            await made.worker.profiles.save(replace(PROFILE, base_url=server.base_url, proxy_mode=ProxyMode.NONE))
            await made.refreshed()

        provided(paths, story)
        assert server.requests[-1].headers["x-token"] == TOKEN


@pytest.mark.parametrize(
    "address",
    ["me:s3cret@proxy:3128", "http://me:s3:cr@et@proxy:3128/", "socks5://:s3cret@proxy"],
)
def test_passwords_are_found_in_every_form_of_address(address: str) -> None:
    hidden, secrets = take_out(Provider("p", "P", "custom", "http://localhost", proxy_url=address))
    assert "s3" not in hidden.proxy_url
    assert take_out(hidden) == (hidden, {})
    assert put_back(hidden, secrets).proxy_url == address


@pytest.mark.parametrize(
    "address", ["", "proxy:3128", "http://proxy:3128", "http://me@proxy", "http://proxy/a:b@c", "[::1]:3128"]
)
def test_addresses_without_one_stay_as_they_are(address: str) -> None:
    plain = Provider("p", "P", "custom", "http://localhost", proxy_url=address)
    assert take_out(plain) == (plain, {})


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", "1"])
def test_what_others_wrote_into_the_key_store_is_nothing(text: str) -> None:
    assert from_text(text) == {}


def _write_as_before(paths: Paths) -> None:
    """The settings as the version before wrote them."""
    from app.services.settings import SettingsStore

    SettingsStore(paths.settings_file).write(Settings(providers=(PROFILE,)))
