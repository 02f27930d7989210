"""Secrets: kept in a real key store, or for the session; locked, silent and missing ones; hidden from the log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.core
import pytest
from keyring.backends import fail
from keyring.errors import NoKeyringError

from app import log
from app.model.errors import KeyStoreFailed
from app.services.secrets import SERVICE, Secrets, usable_backend
from tests.fakes.keyring import FailingKeyring, SilentKeyring, in_file, locked

KEY = "tk-0123456789abcdef"


@pytest.fixture(autouse=True)
def _no_key_store() -> Iterator[None]:
    """keyring remembers its choice for the whole process: every test begins and ends with none."""
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]


def test_a_key_outlives_the_program(tmp_path: Path) -> None:
    async def story() -> None:
        first = Secrets(in_file(tmp_path / "keys"))
        assert first.available is True
        assert await first.get("openai") == ""
        await first.set("openai", f" {KEY}\n")
        assert await first.get("openai") == KEY
        second = Secrets(in_file(tmp_path / "keys"))
        assert await second.get("openai") == KEY
        assert in_file(tmp_path / "keys").get_password(SERVICE, "openai") == KEY
        await second.delete("openai")
        assert await second.get("openai") == ""
        assert await Secrets(in_file(tmp_path / "keys")).get("openai") == ""

    asyncio.run(story())


def test_deleting_what_is_not_there_and_setting_nothing_are_fine(tmp_path: Path) -> None:
    async def story() -> None:
        secrets = Secrets(in_file(tmp_path / "keys"))
        await secrets.delete("openai")
        await secrets.set("openai", KEY)
        await secrets.set("openai", "  ")
        assert await Secrets(in_file(tmp_path / "keys")).get("openai") == ""

    asyncio.run(story())


def test_without_a_key_store_keys_live_as_long_as_the_session() -> None:
    async def story() -> None:
        secrets = Secrets()
        known = [secrets.available, await secrets.check(), secrets.available]
        assert known == [None, False, False]
        await secrets.set("openai", KEY)
        assert await secrets.get("openai") == KEY
        await secrets.delete("openai")
        assert await secrets.get("openai") == ""
        assert await Secrets().get("openai") == ""

    asyncio.run(story())


def test_keys_are_hidden_from_the_log(tmp_path: Path) -> None:
    async def story() -> None:
        in_file(tmp_path / "keys").set_password(SERVICE, "a", "found-in-the-store-1")
        secrets = Secrets(in_file(tmp_path / "keys"))
        await secrets.get("a")
        await secrets.set("b", "typed-by-the-user-2")
        assert log.redact("found-in-the-store-1 typed-by-the-user-2") == "[key hidden] [key hidden]"
        assert "typed" not in repr(secrets)

    asyncio.run(story())


@pytest.mark.parametrize("backend", [locked(), FailingKeyring(NoKeyringError("gone")), FailingKeyring(OSError("bus"))])
def test_a_key_store_that_refuses_is_said_and_the_key_kept_for_the_session(backend: FailingKeyring) -> None:
    async def story() -> None:
        secrets = Secrets(backend)
        with pytest.raises(KeyStoreFailed):
            await secrets.get("openai")
        with pytest.raises(KeyStoreFailed) as failure:
            await secrets.set("openai", KEY)
        assert KEY not in str(failure.value)
        assert await secrets.get("openai") == KEY
        with pytest.raises(KeyStoreFailed):
            await secrets.delete("openai")
        assert await secrets.get("openai") == ""

    asyncio.run(story())


def test_a_silent_key_store_is_not_waited_for() -> None:
    backend = SilentKeyring()

    async def story() -> None:
        secrets = Secrets(backend, timeout_s=0.05)
        with pytest.raises(KeyStoreFailed):
            await secrets.set("openai", KEY)
        assert await secrets.get("openai") == KEY
        with pytest.raises(KeyStoreFailed):
            await secrets.get("another")

    asyncio.run(story())
    backend.woken.set()
    assert backend.done.wait(5)
    assert backend.kept == {"openai": KEY}


@pytest.mark.parametrize(
    ("name", "usable"),
    [
        ("keyring.backends.fail.Keyring", False),
        ("keyring.backends.null.Keyring", False),
        ("keyrings.alt.file.PlaintextKeyring", True),  # whoever writes this into the environment wants it
    ],
)
def test_the_users_own_choice_counts(monkeypatch: pytest.MonkeyPatch, name: str, usable: bool) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    keyring.core.init_backend()
    assert (usable_backend() is not None) is usable


def test_readable_files_are_no_key_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """keyrings.alt is installed for the tests; with nothing better keyring itself would take it."""
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    keyring.core.init_backend(limit=lambda backend: type(backend).__module__.startswith("keyrings.alt"))
    assert keyring.get_keyring().priority > 0
    assert usable_backend() is None
