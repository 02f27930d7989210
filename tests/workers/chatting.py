"""A chat with everything real but the server, told as a coroutine: history on disk, API service over loopback."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.model.chat import ChatEvent, ChatParameters, Conversation, Message, RetryPending, TextDelta
from app.model.errors import AppError
from app.model.lessons import Lesson
from app.model.providers import Dialect, Endpoint, ModelReference, Timeouts
from app.paths import Paths
from app.services.api.client import ApiService
from app.services.history.store import History
from app.workers.attachments import AttachmentWorker
from app.workers.chat import ChatWorker
from tests.fakes.openai_server import FakeOpenAI

MODEL = ModelReference("fake", "gpt-6-luna")
OTHER_MODEL = ModelReference("fake", "gpt-4o")
BLIND_MODEL = ModelReference("fake", "whisper-1")
"""A model of the fake server that this chat takes for one that reads only text."""


@dataclass
class Heard:
    """What an answer yielded and how it broke off."""

    events: list[ChatEvent] = field(default_factory=list)
    error: AppError | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def pauses(self) -> list[RetryPending]:
        return [event for event in self.events if isinstance(event, RetryPending)]


@dataclass
class Chat:
    """The workers with what they work on; `conversation` is empty at first."""

    server: FakeOpenAI
    history: History
    worker: ChatWorker
    attachments: AttachmentWorker
    conversation: Conversation
    dialect: Dialect = Dialect.CHAT
    left_out: dict[ModelReference, str] = field(default_factory=dict)
    """What the user gave up after a refusal."""

    @property
    def id(self) -> int:
        return self.conversation.id

    async def endpoint_for(self, model: ModelReference) -> Endpoint:
        timeouts = Timeouts(connect_s=5.0, idle_s=5.0)
        lessons = (Lesson(self.left_out[model]),) if model in self.left_out else ()
        return Endpoint(
            self.server.base_url, "sk-test-0123456789", dialect=self.dialect, timeouts=timeouts, lessons=lessons
        )

    async def path(self) -> list[Message]:
        """The branch on show as it is on disk."""
        return await self.history.messages.path(self.id)

    async def set_up(self, system_prompt: str = "", parameters: ChatParameters | None = None) -> None:
        parameters = parameters or ChatParameters()
        await self.history.conversations.configure(
            replace(self.conversation, system_prompt=system_prompt, parameters=parameters)
        )


type Story = Callable[[Chat], Awaitable[None]]
type Tell = Callable[[Story], None]


async def heard(events: AsyncGenerator[ChatEvent], stop_at: str = "") -> Heard:
    """Read an answer to its end, or stop it as soon as the text so far ends in `stop_at`."""
    result = Heard()
    try:
        async with aclosing(events):
            async for event in events:
                result.events.append(event)
                if stop_at and result.text.endswith(stop_at):
                    break
    except AppError as error:
        result.error = error
    return result


async def told(story: Story, paths: Paths, server: FakeOpenAI) -> None:
    """Tell a story about a chat in a profile; pauses before another attempt are not waited for."""
    history = await History.open(paths)
    api = ApiService(sleep=_do_not_wait, jitter=lambda: 0.0)
    try:
        chat = await _chat(history, api, server)
        await story(chat)
    finally:
        await api.aclose()
        await history.aclose()


async def _chat(history: History, api: ApiService, server: FakeOpenAI) -> Chat:
    async def access() -> ApiService:
        return api

    async def endpoint_for(model: ModelReference) -> Endpoint:
        return await chat.endpoint_for(model)

    async def leave_out(model: ModelReference, name: str) -> None:
        chat.left_out[model] = name

    worker = ChatWorker(history, access, endpoint_for, can_see=lambda model: model != BLIND_MODEL, leave_out=leave_out)
    conversation = await history.conversations.create(model=MODEL)
    chat = Chat(server, history, worker, AttachmentWorker(history), conversation)
    return chat


async def _do_not_wait(_: float) -> None:
    pass


def written(path: Path, content: str | bytes) -> Path:
    """A file with this content."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def sent_messages(server: FakeOpenAI) -> list[dict[str, Any]]:
    """The messages of the last request to the chat route."""
    found: list[dict[str, Any]] = server.posts("/chat/completions")[-1].json["messages"]
    return found
