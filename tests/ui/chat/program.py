"""The Chat tab with everything behind it real but the server, as a person would use it: type, click, look."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model.chat import Conversation, Message
from app.model.errors import AppError
from app.model.lessons import Lesson
from app.model.providers import Endpoint, ModelReference, Timeouts
from app.paths import Paths
from app.services.api.client import ApiService
from app.services.history.store import History
from app.ui.chat.columns import Columns
from app.ui.chat.tab import ChatTab
from app.ui.job import JobState
from app.workers.attachments import AttachmentWorker
from app.workers.chat import ChatWorker
from app.workers.library import LibraryWorker
from tests.fakes.openai_server import FakeOpenAI
from tests.ui.chat.reading import text_of

MODEL = ModelReference("fake", "gpt-6-luna")
OTHER_MODEL = ModelReference("fake", "gpt-4o")
BLIND_MODEL = ModelReference("fake", "whisper-1")
"""A model of the fake server that this tab takes for one that reads only text."""

type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


@dataclass
class Program:
    """Open it, use it, close it; open it again for what a restart shows."""

    qtbot: QtBot
    run_async: RunAsync
    paths: Paths
    server: FakeOpenAI
    waits: bool = False
    """Whether pauses before another attempt are waited for."""
    failures: list[AppError] = field(default_factory=list)
    retries: list[Any] = field(default_factory=list)
    models_chosen: list[ModelReference] = field(default_factory=list)
    is_open: bool = False
    left_out: list[str] = field(default_factory=list)
    """Fields that the user gave up after refusals."""

    def open(self, conversation_id: int | None = None, columns: Columns | None = None) -> None:
        """`columns` were on the screen before the tab."""
        self.history: History = self.run_async(History.open(self.paths))
        self.api = ApiService() if self.waits else ApiService(sleep=_do_not_wait, jitter=lambda: 0.0)
        self.tab = self._new_tab(columns)
        self.is_open = True
        self.qtbot.addWidget(self.tab)
        self.tab.failed.connect(self._note_failure)
        self.tab.model_chosen.connect(self.models_chosen.append)
        self.tab.set_model(MODEL)
        self.tab.resize(1180, 760)
        self.tab.show()
        with self.qtbot.waitSignal(self.tab.talk.opening.shown):
            self.tab.show_first(conversation_id)
        self.tab.activateWindow()

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self.run_async(self._take_apart())
            self.tab.close()

    def restart(self, conversation_id: int | None = None) -> None:
        self.close()
        self.open(conversation_id)

    @property
    def view(self) -> Any:
        return self.tab.view

    @property
    def composer(self) -> Any:
        return self.tab.view.composer

    @property
    def listing(self) -> Any:
        return self.tab.sidebar.list

    def write(self, text: str) -> None:
        """Type into the composer."""
        QTest.keyClicks(self.composer.field, text)

    def send(self, text: str) -> None:
        """Type and press Enter, and see it begin."""
        self.write(text)
        with self.qtbot.waitSignal(self.tab.talk.answers.arrived):
            self.press(Qt.Key.Key_Return)

    def ask(self, text: str) -> None:
        """Send and wait for the whole answer."""
        self.send(text)
        self.wait_idle()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.composer.field, key, modifier)

    def click(self, button: Any) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def wait(self, happened: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(happened()), timeout=10_000)

    def wait_idle(self) -> None:
        """Until the answer has ended and is shown as it is stored."""
        self.wait(lambda: self.tab.talk.answers.state(self.tab.conversation_id) is JobState.IDLE)
        self.wait(lambda: all(message.state != "streaming" for message in self.view.messages.values()))

    def wait_for_text(self, ending: str) -> None:
        """Until the last message shown ends so."""
        self.wait(lambda: self.shown() and self.shown()[-1].endswith(ending))

    def open_conversation(self, conversation_id: int | None) -> None:
        with self.qtbot.waitSignal(self.tab.talk.opening.shown):
            self.tab.open(conversation_id)

    def shown(self) -> list[str]:
        """The texts in the transcript."""
        return [text_of(self.view.transcript, message_id) for message_id in self.view.messages]

    def ids(self) -> list[int]:
        return list(self.view.messages)

    def listed(self) -> list[str]:
        """The titles at the left."""
        model = self.listing.entries
        return [model.index(row).data() for row in range(model.rowCount())]

    def stored(self) -> list[Message]:
        """The branch on show, from disk."""
        found: list[Message] = self.run_async(self.history.messages.path(self.tab.conversation_id or 0))
        return found

    def limit_disk(self, free_pages: int) -> None:
        """Let the database grow by so many pages and no further."""

        def limit(connection: sqlite3.Connection) -> None:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + free_pages}")

        self.run_async(self.history._database.read(limit))

    def let_write(self, allowed: bool) -> None:
        """Let the database be changed, or refuse every change."""
        self.run_async(self.history._database.read(lambda db: db.execute(f"PRAGMA query_only = {int(not allowed)}")))

    def conversations(self) -> list[Conversation]:
        found: list[Conversation] = self.run_async(self.history.conversations.all())
        return found

    def _new_tab(self, columns: Columns | None) -> ChatTab:
        async def api() -> ApiService:
            return self.api

        async def endpoint_for(_: ModelReference) -> Endpoint:
            lessons = tuple(map(Lesson, self.left_out))
            return Endpoint(self.server.base_url, "sk-test-0123456789", timeouts=Timeouts(5.0, 5.0), lessons=lessons)

        async def leave_out(_: ModelReference, name: str) -> None:
            self.left_out.append(name)

        def can_see(model: ModelReference) -> bool:
            return model != BLIND_MODEL

        worker = ChatWorker(self.history, api, endpoint_for, can_see=can_see, leave_out=leave_out)
        return ChatTab(worker, LibraryWorker(self.history), AttachmentWorker(self.history), columns)

    def _note_failure(self, error: AppError, retry: object) -> None:
        self.failures.append(error)
        self.retries.append(retry)

    async def _take_apart(self) -> None:
        await self.tab.aclose()
        await self.api.aclose()
        await self.history.aclose()


async def _do_not_wait(_: float) -> None:
    pass
