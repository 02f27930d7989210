"""The settings dialog over real workers: a profile, a server on loopback, a key store in a file, two small models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from keyring.backend import KeyringBackend
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.model.providers import Provider
from app.paths import Paths
from app.services.history.store import History
from app.services.secrets import Secrets
from app.services.settings import SettingsStore
from app.ui import ask
from app.ui.download_queue import DownloadQueue
from app.ui.settings.dialog import SettingsDialog
from app.workers.backups import BackupWorker
from app.workers.transfer import TransferWorker
from tests.fakes.keyring import in_file
from tests.fakes.model_sources import FileServer, file_server
from tests.fakes.openai_server import FakeOpenAI
from tests.workers.modelling import Modelling
from tests.workers.providing import Providing, providing

type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


@dataclass
class Opened:
    """The open dialog, what it stands on, and the hands of a person."""

    dialog: SettingsDialog
    settings: SettingsStore
    providing: Providing
    modelling: Modelling
    qtbot: QtBot
    history: History

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()))

    def click(self, widget: QWidget) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def type_into(self, field: QWidget, text: str, *, leave: bool = True) -> None:
        """Replace what is in a field; leaving it means Enter."""
        field.setFocus()
        QTest.keySequence(field, "Ctrl+A")
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClicks(field, text)
        if leave:
            QTest.keyClick(field, Qt.Key.Key_Return)

    @property
    def stored(self) -> tuple[Provider, ...]:
        return self.settings.value.providers


type Open = Callable[..., Opened]


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    """A server that takes any key."""
    with FakeOpenAI() as running:
        yield running


@pytest.fixture
def files() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


@pytest.fixture
def backend(paths: Paths) -> KeyringBackend:
    """The key store."""
    return in_file(paths.data / "keys.cfg")


@pytest.fixture
def modelling(paths: Paths, files: FileServer) -> Modelling:
    return Modelling(paths, files)


@pytest.fixture
def open_dialog(
    qtbot: QtBot,
    loop: asyncio.AbstractEventLoop,
    run_async: RunAsync,
    paths: Paths,
    backend: KeyringBackend,
    modelling: Modelling,
) -> Iterator[Open]:
    """Open the dialog on a page; everything is closed after the test."""
    opened: list[tuple[Opened, Any]] = []

    def open_it(page: str = "general", *providers: Provider, secrets: Secrets | None = None) -> Opened:
        secrets_used = secrets or Secrets(backend)
        context = providing(paths, secrets_used)
        made: Providing = run_async(context.__aenter__())
        for provider in providers:
            run_async(made.worker.profiles.save(provider))
        history = run_async(History.open(paths))
        backups = BackupWorker(history, made.settings, paths)
        transfer = TransferWorker(history, made.settings, paths, lambda: paths.pictures, secrets_used.get)
        dialog = SettingsDialog(made.settings, made.worker, DownloadQueue(modelling.worker), backups, transfer)
        qtbot.addWidget(dialog)
        dialog.show_page(page)
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        opened.append((Opened(dialog, made.settings, made, modelling, qtbot, history), context))
        return opened[-1][0]

    yield open_it
    for each, context in opened:
        run_async(each.dialog.models.downloads.aclose())
        run_async(each.dialog.aclose())
        run_async(each.history.aclose())
        run_async(modelling.engine.aclose())
        run_async(context.__aexit__(None, None, None))
    assert not ask.answers, "an answer was set that nobody asked for"


def profile(name: str, base_url: str, preset: str = "custom", **fields: Any) -> Provider:
    """A provider whose id is its name in lower case."""
    return Provider(id=name.lower(), name=name, preset=preset, base_url=base_url, **fields)
