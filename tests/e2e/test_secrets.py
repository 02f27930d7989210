"""A key, a header and a password that were used, mistyped, changed and deleted: in no file and no process."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from keyring.backend import KeyringBackend
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.model.audio import TranscriptState
from app.model.providers import ProxyMode
from app.paths import Paths
from app.services.secrets import SERVICE
from app.services.settings import SettingsStore
from app.ui import ask as asking
from app.ui.audio.tab import AudioTab
from app.ui.chat.tab import ChatTab
from app.ui.crash_box import CrashBox
from app.ui.settings.dialog import SettingsDialog
from app.ui.settings.provider_form import ProviderForm
from tests.driving import Driver, answered, ask, run_story
from tests.e2e.conftest import KEY
from tests.fakes.forward_proxy import ForwardProxy
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import PROVIDER, ROOT, add_models, connect

WRONG_KEY, NEXT_KEY = "sk-mistyped-key/0987+65=", "sk-another-key-56789"
TOKEN, PASSWORD = "team-token/93f1+x=", "pr0xy-passw0rd"
SECRETS = (KEY, WRONG_KEY, NEXT_KEY, TOKEN, PASSWORD)
SPOKEN = ROOT / "tests" / "data" / "speech" / "dashwood.wav"


def _forms(secret: str) -> Iterator[bytes]:
    """As it is, and as programs write it elsewhere without meaning to hide it."""
    raw = secret.encode()
    yield raw
    yield secret.encode("utf-16-le")
    yield raw.hex().encode()
    yield quote(secret, safe="").encode()
    yield repr(secret)[1:-1].encode()
    for before in range(3):  # inside a longer text base64 has one of three forms
        coded = base64.b64encode(bytes(before) + raw)
        yield coded[4 if before else 0 : -4]


FORMS = {form for secret in SECRETS for form in _forms(secret)}


def _holding(folder: Path) -> list[str]:
    """The files anywhere below `folder` that hold a secret in any form, write-ahead logs and free pages included."""
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    assert files
    return [str(file) for file in files if any(form in file.read_bytes() for form in FORMS)]


def _processes_holding() -> list[int]:
    """Children of the program, and theirs, whose arguments or environment hold a secret."""
    found = []
    for child in psutil.Process().children(recursive=True):
        told = b""
        with suppress(FileNotFoundError, ProcessLookupError):  # one that has ended meanwhile holds nothing
            for name in ("cmdline", "environ"):
                told += Path(f"/proc/{child.pid}/{name}").read_bytes()
        if any(form in told for form in FORMS):
            found.append(child.pid)
    return found


@pytest.mark.parametrize("secret", SECRETS)
def test_the_search_finds_every_form(tmp_path: Path, secret: str) -> None:
    for number, form in enumerate(_forms(secret)):
        (tmp_path / f"{number}.bin").write_bytes(b"before " + form + b" after")
    (tmp_path / "long.b64").write_bytes(base64.b64encode(f"Authorization: Bearer {secret}\n".encode()))
    (tmp_path / "clean.txt").write_text("nothing")
    assert len(_holding(tmp_path)) == len(list(tmp_path.iterdir())) - 1


@pytest.mark.engine
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="arguments and environments are read from /proc")
def test_no_secret_is_left_anywhere(
    qapp: QApplication, connected: Path, paths: Paths, server: FakeOpenAI, key_store: KeyringBackend, tmp_path: Path
) -> None:
    add_models(paths)
    exported = tmp_path / "exported.md"

    async def uses_and_mistypes(driver: Driver) -> None:
        await ask(driver, "Hello")
        await answered(driver)
        form = await _provider_form(driver)
        await _enter_key(driver, WRONG_KEY, key_store)
        server.reply(
            401, {"error": {"message": f"Incorrect API key provided: {WRONG_KEY}.", "code": "invalid_api_key"}}
        )
        driver.tab(ChatTab)
        await ask(driver, "And now?")
        await driver.until_notice("The key was not accepted")
        assert _holding(paths.data.parent) == [], "while it is in use"
        await _enter_key(driver, NEXT_KEY, key_store)
        server.key = NEXT_KEY
        await ask(driver, "And with the right one?")
        await answered(driver)
        assert form.key.typed() == ""
        asking.answers.append(exported)
        driver.tab(ChatTab).conversations.export(driver.tab(ChatTab).conversation_id or 0)
        await driver.until(exported.exists, "the conversation is exported")

    async def transcribes_crashes_and_deletes(driver: Driver) -> None:
        await _transcribe(driver)
        assert _processes_holding() == []
        box = CrashBox(RuntimeError(f"https://me:{PASSWORD}@proxy said {SECRETS!r}"), driver.window)
        assert not any(secret in box.report.toPlainText() for secret in SECRETS)
        box.close()
        await driver.program._assembly.backups.make()
        form = await _provider_form(driver)
        await driver.until(form.key.remove_button.isVisible, "the key can be removed")
        driver.click(form.key.remove_button)
        await driver.until(lambda: key_store.get_password(SERVICE, PROVIDER) is None, "the key is deleted")

    with ForwardProxy(login=f"me:{PASSWORD}") as proxy:
        server.key = KEY
        store = SettingsStore(paths.settings_file)
        (provider,) = store.read().providers
        address = proxy.url.replace("://", f"://me:{PASSWORD}@")
        plain = replace(provider, extra_headers={"X-Team-Token": TOKEN}, proxy_mode=ProxyMode.MANUAL, proxy_url=address)
        store.write(replace(store.value, providers=(plain,)))  # as an older version left it
        run_story(connected, uses_and_mistypes)
    assert server.requests[-1].headers["x-team-token"] == TOKEN
    assert server.requests[-1].headers["authorization"] == f"Bearer {NEXT_KEY}"
    connect(paths, server.base_url)
    _choose_built_in_for_sound(paths)
    run_story(connected, transcribes_crashes_and_deletes)
    assert exported.stat().st_size
    assert _holding(tmp_path) == []


async def _provider_form(driver: Driver) -> ProviderForm:
    driver.window.settings_requested.emit("providers")
    dialog = driver.find(SettingsDialog, "settings_dialog")
    dialog.providers.list.choose(PROVIDER)
    await driver.until(dialog.providers.form.key.field.isVisible, "the provider's form is there")
    return dialog.providers.form


async def _enter_key(driver: Driver, key: str, key_store: KeyringBackend) -> None:
    form = await _provider_form(driver)
    driver.type_into(form.key.field, key)
    driver.press(form.key.field, Qt.Key.Key_Return)
    await driver.until(lambda: key_store.get_password(SERVICE, PROVIDER) == key, "the key is stored")
    await driver.until(lambda: not form.key.typed(), "the field is empty again")


async def _transcribe(driver: Driver) -> None:
    audio = driver.tab(AudioTab)
    driver.drop(audio, SPOKEN)
    await driver.until(lambda: audio.pane.recording, "the file is in the queue")

    def is_written() -> bool:
        transcript = audio.pane.transcript
        return transcript is not None and transcript.state is TranscriptState.COMPLETE

    driver.click(audio.pane.transcription_bar.start_button)
    await driver.until(is_written, "the transcript is there", 120)


def _choose_built_in_for_sound(paths: Paths) -> None:
    store = SettingsStore(paths.settings_file)
    chosen = replace(store.read().chosen, audio=None)
    store.write(replace(store.value, chosen=chosen))
