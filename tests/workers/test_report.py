"""The report of a problem: what is in it, and that no secret, no private word and no name of a person is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.identity import VERSION
from app.model.errors import KeyStoreFailed, StorageFailed
from app.model.providers import HIDDEN, Provider, ProxyMode
from app.model.settings import AudioSettings, ImagesSettings, WindowState
from app.paths import Paths
from app.services.secrets import Secrets
from app.services.settings import SettingsStore
from app.workers.providers.profiles import Profiles
from app.workers.report import ReportWorker
from tests.fakes.keyring import in_file
from tests.fakes.model_sources import FileServer, file_server
from tests.workers.modelling import Modelling

KEY, HEADER, PASSWORD = "correct-horse-battery", "staple-of-the-header", "pass/word@with signs"
OLD_KEY = "sk-from-an-older-session-0123456789"
ENVIRONMENT = "a-key-of-another-program"
PRIVATE = "the merger with Acme"
PROVIDER = Provider(
    id="work",
    name="Jane's employer",
    preset="custom",
    base_url=f"https://jane:{HIDDEN}@models.example/v1",
    extra_headers={"X-Gate": HIDDEN, "X-Old": "never-moved-header-value"},
    organization="org-jane-1234",
    proxy_mode=ProxyMode.MANUAL,
    proxy_url=f"http://jane:{HIDDEN}@proxy.example:3128",
)


@pytest.fixture
def files() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


@pytest.fixture
def modelling(paths: Paths, files: FileServer) -> Modelling:
    return Modelling(paths, files)


def _worker(paths: Paths, modelling: Modelling, *providers: Provider) -> ReportWorker:
    """On a profile with something private in every place that text can be in."""
    settings = SettingsStore(paths.settings_file)
    settings.update(
        lambda all_: replace(
            all_,
            providers=providers,
            images=ImagesSettings(folder=str(Path.home() / PRIVATE)),
            audio=AudioSettings(vocabulary=PRIVATE),
            window=WindowState(drafts={"chat": PRIVATE}),
        )
    )
    return ReportWorker(
        settings, Profiles(settings, Secrets(in_file(paths.data / "keys.cfg"))), modelling.worker, paths
    )


def _keep_secrets(paths: Paths) -> None:
    backend = in_file(paths.data / "keys.cfg")
    backend.set_password("Triptych", "work", KEY)
    places = f'{{"header:X-Gate": "{HEADER}", "proxy_url": "{PASSWORD}", "base_url": "{PASSWORD}"}}'
    backend.set_password("Triptych", "work/more", places)


def test_a_profile_full_of_secrets_gives_none_away(
    paths: Paths, modelling: Modelling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_SERVICE_TOKEN", ENVIRONMENT)
    _keep_secrets(paths)
    modelling.install("small-chat")
    lines = [
        f"asked with {KEY} and {HEADER}, proxy http://jane:{PASSWORD}@proxy.example",
        f"Authorization: Bearer {OLD_KEY}",
        "GET https://models.example/v1?api_key=query-key-0123&x=1 with never-moved-header-value for org-jane-1234",
        f"from the environment: {ENVIRONMENT}",
        f"cannot read {Path.home()}/notes.txt nor /home/jane/notes.txt",
        f"wrote {paths.data}/history.sqlite3",
    ]
    (paths.logs / "triptych.log").write_text("\n".join(lines), "utf-8")
    (paths.logs / "engine.log").write_text(f"loading {paths.models}/small-chat.gguf\nkey {KEY}", "utf-8")
    text = asyncio.run(_worker(paths, modelling, PROVIDER).collect({"Qt": "6.12"}))
    secrets = (KEY, HEADER, PASSWORD, OLD_KEY, ENVIRONMENT, "query-key-0123", "never-moved", "org-jane-1234", PRIVATE)
    for secret in (*secrets, "jane", "Jane", str(Path.home()), str(paths.data.parent)):
        assert secret not in text, secret
    assert "GET https://models.example/v1?api_key=[key hidden]" in text
    assert "cannot read ~/notes.txt nor /home/…/notes.txt" in text
    assert "wrote (data folder)/history.sqlite3" in text
    assert "loading (data folder)/models/small-chat.gguf" in text


def test_it_says_what_is_here(paths: Paths, modelling: Modelling) -> None:
    modelling.install("small-chat")
    text = asyncio.run(_worker(paths, modelling).collect({"Qt": "6.12", "Screens": "one"}))
    assert text.startswith(f"Triptych {VERSION}\n")
    assert "\nQt: 6.12\nScreens: one\n" in text
    assert "\nappearance.theme: system\n" in text
    assert "## Providers\nnone\n" in text
    assert "## Built-in engine\nstopped\nsmall-chat: installed, 3 MB\n" in text
    assert "## The end of the log\nnot readable (FileNotFoundError)\n" in text


def test_only_the_end_of_a_long_log(paths: Paths, modelling: Modelling) -> None:
    (paths.logs / "triptych.log").write_text("\n".join(f"line {number}" for number in range(5000)), "utf-8")
    text = asyncio.run(_worker(paths, modelling).collect({}))
    assert "line 4999" in text
    assert "line 4800\n" in text
    assert "line 4799\n" not in text


def test_a_locked_key_store_hinders_nothing(paths: Paths, modelling: Modelling) -> None:
    class Locked(Profiles):
        async def key_of(self, provider_id: str) -> str:
            raise KeyStoreFailed

    settings = SettingsStore(paths.settings_file)
    settings.update(lambda all_: replace(all_, providers=(replace(PROVIDER, extra_headers={"A": "header-value"}),)))
    worker = ReportWorker(settings, Locked(settings, Secrets(in_file(paths.data / "k.cfg"))), modelling.worker, paths)
    (paths.logs / "triptych.log").write_text("sent header-value", "utf-8")
    text = asyncio.run(worker.collect({}))
    assert "provider 1: custom, https://models.example/v1" in text
    assert "header-value" not in text


def test_it_is_saved_as_it_was_read(paths: Paths, modelling: Modelling, tmp_path: Path) -> None:
    worker = _worker(paths, modelling)
    asyncio.run(worker.save("read and changed 已读", tmp_path / "report.txt"))
    assert (tmp_path / "report.txt").read_text("utf-8") == "read and changed 已读"
    with pytest.raises(StorageFailed):
        asyncio.run(worker.save("x", tmp_path / "nowhere" / "report.txt"))
