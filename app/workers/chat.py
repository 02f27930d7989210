"""ChatWorker: send, edit, regenerate and continue; whatever arrives is stored, however it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from app.model.chat import (
    AnswerEnded,
    AnswerStarted,
    AttachmentKind,
    ChatEvent,
    ChatMessage,
    ChatRequest,
    Conversation,
    Draft,
    EngineStarting,
    InlineImage,
    Message,
    MessageState,
    Role,
    TextDelta,
    Timing,
    Usage,
)
from app.model.errors import AppError, UnsupportedContent
from app.model.providers import Endpoint, ModelReference

if TYPE_CHECKING:
    from app.services.api.client import ApiService
    from app.services.history.store import History

type ApiAccess = Callable[[], Awaitable[ApiService]]
type EndpointFor = Callable[[ModelReference], Awaitable[Endpoint]]

SAVE_EVERY_S = 0.25
CONTINUE_PROMPT = "Continue exactly where your last message stopped. Do not repeat anything and do not comment on it."
"""Sent, but not stored: servers differ on whether they go on with a last message of the assistant by themselves."""


class ChatWorker:
    """Answers for the Chat tab and the command line.

    `can_see` tells whether a model is known to read pictures; `is_waking` whether asking this model first starts the
    built-in engine.
    """

    def __init__(
        self,
        history: History,
        api: ApiAccess,
        endpoint_for: EndpointFor,
        *,
        can_see: Callable[[ModelReference], bool] = lambda _: True,
        is_waking: Callable[[ModelReference], bool] = lambda _: False,
    ) -> None:
        self._history = history
        self._api = api
        self._endpoint_for = endpoint_for
        self.can_see = can_see
        self._is_waking = is_waking

    async def send(self, conversation_id: int, draft: Draft, model: ModelReference) -> AsyncGenerator[ChatEvent]:
        """Store the prompt, then let `model` answer it.

        Raises:
            UnsupportedContent: the model cannot see the draft's pictures; nothing was stored, the draft stays.
            AppError: the answer failed; prompt and whatever arrived are stored.
        """
        self._check(draft, model)
        prompt, answer = await self._history.messages.add_turn(conversation_id, draft, model)
        async with aclosing(self._answer(prompt, answer)) as events:
            async for event in events:
                yield event

    async def edit(self, message_id: int, draft: Draft, model: ModelReference) -> AsyncGenerator[ChatEvent]:
        """Store another version of a prompt and let `model` answer it; raises as `send` does."""
        self._check(draft, model)
        prompt, answer = await self._history.messages.edit_prompt(message_id, draft, model)
        async with aclosing(self._answer(prompt, answer)) as events:
            async for event in events:
                yield event

    async def regenerate(self, answer_id: int, model: ModelReference) -> AsyncGenerator[ChatEvent]:
        """Another version of an answer; the old one stays. Raises as `send` does."""
        old = await self._history.messages.get(answer_id)
        assert old.parent_id is not None
        answer = await self._history.messages.add_answer(old.parent_id, model)
        async with aclosing(self._answer(None, answer)) as events:
            async for event in events:
                yield event

    async def resume(self, answer_id: int) -> AsyncGenerator[ChatEvent]:
        """Go on with an answer that was stopped, interrupted or cut at the token limit. Raises as `send` does."""
        answer = await self._history.messages.resume(answer_id)
        async with aclosing(self._answer(None, answer)) as events:
            async for event in events:
                yield event

    def _check(self, draft: Draft, model: ModelReference) -> None:
        has_pictures = any(attachment.kind is AttachmentKind.IMAGE for attachment in draft.attachments)
        if has_pictures and not self.can_see(model):
            raise UnsupportedContent

    async def _answer(self, prompt: Message | None, answer: Message) -> AsyncGenerator[ChatEvent]:
        yield AnswerStarted(answer.conversation_id, prompt, answer)
        growing = GrowingAnswer(answer, self._history.messages.save_partial_soon)
        ended = replace(answer, state=MessageState.STOPPED)
        try:
            assert answer.model is not None
            if self._is_waking(answer.model):
                yield EngineStarting()
            async with aclosing(self._stream(answer)) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        growing.add(event)
                    yield event
            ended = growing.completed()
        except AppError as error:
            ended = growing.failed(error)
            raise
        except (GeneratorExit, asyncio.CancelledError):
            ended = growing.stopped()
            raise
        finally:
            growing.close()
            # The write is on its way before the first await: a second cancellation cannot lose it.
            stored = await self._history.messages.finish(ended)
        yield AnswerEnded(stored)

    async def _stream(self, answer: Message) -> AsyncGenerator[ChatEvent]:
        assert answer.model is not None
        endpoint = await self._endpoint_for(answer.model)
        request = await self._request(answer, endpoint)
        api = await self._api()
        async with aclosing(api.chat(endpoint, request)) as events:
            async for event in events:
                yield event

    async def _request(self, answer: Message, endpoint: Endpoint) -> ChatRequest:
        conversation = await self._history.conversations.get(answer.conversation_id)
        path = await self._history.messages.path(answer.conversation_id)
        turns = [message for message in path if message.id != answer.id]
        messages = await asyncio.to_thread(lambda: tuple(as_turn(message) for message in turns if _is_told(message)))
        messages = _system(conversation) + messages
        if answer.text:
            told = ChatMessage(Role.ASSISTANT, answer.text), ChatMessage(Role.USER, CONTINUE_PROMPT)
            messages += told
        assert answer.model is not None
        parameters = conversation.parameters if conversation is not None else ChatRequest("", ()).parameters
        return ChatRequest(answer.model.model_id, messages, parameters)


class GrowingAnswer:
    """An answer while it arrives: collects the pieces, saves at most every quarter of a second, knows how it ended."""

    def __init__(
        self,
        answer: Message,
        save: Callable[[int, str, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._answer = answer
        self._save = save
        self._clock = clock
        self._text = [answer.text]
        self._reasoning = [answer.reasoning]
        self._usage: Usage | None = None
        self._finish_reason = ""
        self._started = clock()
        self._first_token_s: float | None = None
        self._thinking_since: float | None = None
        self._reasoning_s = answer.reasoning_s
        self._pending: asyncio.TimerHandle | None = None

    def add(self, delta: TextDelta) -> None:
        text = delta.text + delta.refusal
        if (text or delta.reasoning) and self._first_token_s is None:
            self._first_token_s = self._clock() - self._started
        if delta.reasoning:
            self._reasoning.append(delta.reasoning)
            self._thinking_since = self._thinking_since or self._clock()
        if text:
            self._text.append(text)
            self._end_thinking()
        self._usage = delta.usage or self._usage
        self._finish_reason = delta.finish_reason or self._finish_reason
        if self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(SAVE_EVERY_S, self._save_now)

    def completed(self) -> Message:
        """It came to its end; `length` means that the token limit cut it."""
        cut = self._finish_reason == "length"
        return self._ended(MessageState.TRUNCATED if cut else MessageState.COMPLETE)

    def stopped(self) -> Message:
        """The user stopped it."""
        return self._ended(MessageState.STOPPED)

    def failed(self, error: AppError) -> Message:
        """It broke off; with something to read it is interrupted, without it is failed."""
        state = MessageState.INTERRUPTED if any(self._text) else MessageState.FAILED
        return replace(self._ended(state), error=error.server_words or type(error).title)

    def close(self) -> None:
        """No more saving: the end is stored by whoever asked how it ended."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None

    def _save_now(self) -> None:
        self._pending = None
        self._save(self._answer.id, "".join(self._text), "".join(self._reasoning))

    def _end_thinking(self) -> None:
        if self._thinking_since is not None:
            self._reasoning_s = (self._reasoning_s or 0.0) + self._clock() - self._thinking_since
            self._thinking_since = None

    def _ended(self, state: MessageState) -> Message:
        self._end_thinking()
        return replace(
            self._answer,
            text="".join(self._text),
            reasoning="".join(self._reasoning),
            reasoning_s=self._reasoning_s,
            state=state,
            finish_reason=self._finish_reason,
            usage=self._usage or Usage(),
            timing=Timing(self._first_token_s, self._clock() - self._started),
        )


def as_turn(message: Message) -> ChatMessage:
    """A stored message as it is sent: files become text, pictures travel inside; blocks while it reads them.

    Raises:
        OSError: an attachment's file is gone.
    """
    texts = [message.text]
    images: list[InlineImage] = []
    for attachment in message.attachments:
        if attachment.kind is AttachmentKind.IMAGE:
            images.append(InlineImage(attachment.media_type, attachment.path.read_bytes()))
        else:
            texts.append(_quoted(attachment.name, attachment.path.read_text("utf-8", "replace")))
    return ChatMessage(message.role, "\n\n".join(text for text in texts if text), tuple(images))


def _quoted(name: str, content: str) -> str:
    """A text file inside a message, in a fence that its own content cannot close."""
    fence = "```"
    while fence in content:
        fence += "`"
    return f"{name}:\n{fence}\n{content.rstrip()}\n{fence}"


def _is_told(message: Message) -> bool:
    """Answers that never came to anything are not part of what the model is told."""
    return message.role is Role.USER or bool(message.text)


def _system(conversation: Conversation | None) -> tuple[ChatMessage, ...]:
    if conversation is None or not conversation.system_prompt:
        return ()
    return (ChatMessage(Role.SYSTEM, conversation.system_prompt),)
