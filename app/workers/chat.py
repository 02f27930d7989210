"""ChatWorker: send, edit, regenerate, continue, branch off; whatever arrives is stored, however it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.model.chat import (
    AnswerEnded,
    AnswerStarted,
    Attachment,
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
    RequestAdjusted,
    Role,
    TextDelta,
    Timing,
    Usage,
)
from app.model.errors import AnswerInterrupted, AppError, UnsupportedContent, storage_failure
from app.model.providers import BUILT_IN_ID, Endpoint, ModelReference
from app.model.requests import RequestKind, RequestOutcome, RequestRecord
from app.model.server_errors import NothingArrived
from app.waiting import Paced, undisturbed

if TYPE_CHECKING:
    from app.services.api.client import ApiService
    from app.services.history.store import History

type ApiAccess = Callable[[], Awaitable[ApiService]]
type EndpointFor = Callable[[ModelReference], Awaitable[Endpoint]]
type LeaveOut = Callable[[ModelReference, str], Awaitable[None]]
type Turn = tuple[Message | None, Message]
"""The prompt, if it is new, and its answer."""

SAVE_EVERY_S = 0.25
CONTINUE_PROMPT = "Continue exactly where your last message stopped. Do not repeat anything and do not comment on it."
"""Sent, but not stored: servers differ on whether they go on with a last message of the assistant by themselves.

The engine inside does, in the middle of a word if need be, and its small models would not understand this.
"""


class ChatWorker:
    """Answers for the Chat tab and the command line.

    `can_see` tells whether a model is known to read pictures; `is_waking` whether asking this model first starts the
    built-in engine; `leave_out` lets requests to a model go without a field from then on.

    Every generator yields `AnswerStarted`, the pieces and pauses as they come, and `AnswerEnded`. Closing it, or
    cancelling whoever reads it, stops the answer and stores what arrived. It raises

        UnsupportedContent: the model cannot see the prompt's pictures; nothing was stored or sent.
        AppError: the answer failed; prompt and whatever arrived are stored.
    """

    def __init__(
        self,
        history: History,
        api: ApiAccess,
        endpoint_for: EndpointFor,
        *,
        can_see: Callable[[ModelReference], bool] = lambda _: True,
        is_waking: Callable[[ModelReference], bool] = lambda _: False,
        leave_out: LeaveOut | None = None,
    ) -> None:
        self._history = history
        self._api = api
        self._endpoint_for = endpoint_for
        self.can_see = can_see
        self._is_waking = is_waking
        self._leave_out = leave_out

    def send(self, conversation_id: int, draft: Draft, model: ModelReference) -> AsyncGenerator[ChatEvent]:
        """Store the prompt, then let `model` answer it."""

        async def begin() -> Turn:
            self._check(draft.attachments, model)
            return await self._history.messages.add_turn(conversation_id, draft, model)

        return self._answer(begin)

    def edit(self, message_id: int, draft: Draft, model: ModelReference) -> AsyncGenerator[ChatEvent]:
        """Store another version of a prompt and let `model` answer it."""

        async def begin() -> Turn:
            self._check(draft.attachments, model)
            return await self._history.messages.edit_prompt(message_id, draft, model)

        return self._answer(begin)

    def regenerate(self, answer_id: int, model: ModelReference) -> AsyncGenerator[ChatEvent]:
        """Another version of an answer, by `model`; the old one stays."""

        async def begin() -> Turn:
            prompt = await self._prompt_of(await self._history.messages.get(answer_id))
            self._check(prompt.attachments, model)
            return None, await self._history.messages.add_answer(prompt.id, model)

        return self._answer(begin)

    def resume(self, answer_id: int, model: ModelReference) -> AsyncGenerator[ChatEvent]:
        """Go on with an answer that did not come to its end; one without a word so far is begun again by `model`."""

        async def begin() -> Turn:
            answer = await self._history.messages.get(answer_id)
            if not answer.text:
                answer = replace(answer, model=model, reasoning="", reasoning_s=None, adjustments=())
            self._check((await self._prompt_of(answer)).attachments, _model_of(answer))
            resumed = await self._history.messages.resume(answer_id)
            return None, replace(answer, state=resumed.state, error=resumed.error)

        return self._answer(begin)

    async def resume_without(self, answer_id: int, field: str) -> AsyncGenerator[ChatEvent]:
        """As `resume`, by the model that refused `field` of the request, which it is not sent any more."""
        model = _model_of(await self._history.messages.get(answer_id))
        if self._leave_out is not None:
            await self._leave_out(model, field)
        async with aclosing(self.resume(answer_id, model)) as events:
            async for event in events:
                yield event

    async def branch(self, message_id: int) -> Conversation:
        """Another conversation that begins with this answer and all before it, or has this prompt as its draft.

        Raises:
            LookupError: the message is gone.
            StorageFailed: the disk refuses.
        """
        return await self._history.conversations.branch(message_id)

    def _check(self, attachments: Iterable[Attachment], model: ModelReference) -> None:
        if not self.can_see(model) and any(attachment.kind is AttachmentKind.IMAGE for attachment in attachments):
            raise UnsupportedContent

    async def _prompt_of(self, answer: Message) -> Message:
        assert answer.parent_id is not None
        return await self._history.messages.get(answer.parent_id)

    async def _answer(self, begin: Callable[[], Coroutine[Any, Any, Turn]]) -> AsyncGenerator[ChatEvent]:
        prompt, answer = await self._begun(begin())
        growing = GrowingAnswer(answer, self._history.messages.save_partial_soon)
        record: RequestRecord | None = None
        failure: AppError | None = None
        ended = answer
        try:
            yield AnswerStarted(answer.conversation_id, prompt, answer)
            record = await self._history.requests.begin(RequestKind.CHAT, _model_of(answer))
            async with aclosing(self._stream(answer)) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        growing.add(event)
                    elif isinstance(event, RequestAdjusted):
                        growing.note(event)
                    yield event
            ended = growing.completed()
        except AppError as error:
            failure = growing.in_its_words(error)
            ended = growing.failed(failure)
            if failure is error:
                raise
            raise failure from error
        except BaseException:  # stopped, or a bug: what arrived is kept either way
            ended = growing.stopped()
            raise
        finally:
            growing.close()
            stored = await self._finish(ended, record, failure)
        yield AnswerEnded(stored)

    async def _begun(self, storing: Coroutine[Any, Any, Turn]) -> Turn:
        """The stored turn; a Stop while it is being stored leaves a stopped answer and not an endless one."""
        turn: list[Turn] = []

        async def store() -> None:
            turn.append(await storing)

        try:
            await undisturbed(store())
        except asyncio.CancelledError:
            for _, answer in turn:
                await self._finish(replace(answer, state=MessageState.STOPPED))
            raise
        return turn[0]

    async def _finish(
        self, ended: Message, record: RequestRecord | None = None, failure: AppError | None = None
    ) -> Message:
        """Store how an answer ended, in the conversation and in the log of requests."""
        try:
            # Its write is on its way before the first wait: a second cancellation cannot lose it.
            return await self._history.messages.finish(ended)
        finally:
            if record is not None:
                await self._history.requests.finish(_logged(record, ended, failure))

    async def _stream(self, answer: Message) -> AsyncGenerator[ChatEvent]:
        model = _model_of(answer)
        if self._is_waking(model):
            yield EngineStarting()
        endpoint = await self._endpoint_for(model)
        request = await self._request(answer, model)
        api = await self._api()
        async with aclosing(api.chat(endpoint, request)) as events:
            async for event in events:
                yield event

    async def _request(self, answer: Message, model: ModelReference) -> ChatRequest:
        conversation = await self._history.conversations.get(answer.conversation_id)
        before = _branch_above(answer, await self._history.messages.all(answer.conversation_id))
        sees = self.can_see(model)
        messages = await asyncio.to_thread(lambda: [as_turn(message, sees=sees) for message in before])
        if answer.text:
            messages.append(ChatMessage(Role.ASSISTANT, answer.text))
            if model.provider_id != BUILT_IN_ID:
                messages.append(ChatMessage(Role.USER, CONTINUE_PROMPT))
        if conversation is None:  # deleted meanwhile
            return ChatRequest(model.model_id, tuple(messages))
        if conversation.system_prompt:
            messages.insert(0, ChatMessage(Role.SYSTEM, conversation.system_prompt))
        return ChatRequest(model.model_id, tuple(messages), conversation.parameters)


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
        self._saving = Paced(self._save_now, SAVE_EVERY_S)

    def add(self, delta: TextDelta) -> None:
        text = delta.text + delta.refusal
        if (text or delta.reasoning) and self._first_token_s is None:
            self._first_token_s = self._clock() - self._started
        if delta.reasoning:
            self._reasoning.append(delta.reasoning)
            if self._thinking_since is None:
                self._thinking_since = self._clock()
        if text:
            self._text.append(text)
            self._end_thinking()
        self._usage = delta.usage or self._usage
        self._finish_reason = delta.finish_reason or self._finish_reason
        self._saving.soon()

    def note(self, adjusted: RequestAdjusted) -> None:
        """What arrives answers a request that was changed; an answer that is gone on with may know some of it."""
        new = (lesson for lesson in adjusted.lessons if lesson not in self._answer.adjustments)
        self._answer = replace(self._answer, adjustments=(*self._answer.adjustments, *new))

    def completed(self) -> Message:
        """It came to its end; `length` means that the token limit cut it."""
        cut = self._finish_reason == "length"
        return self._ended(MessageState.TRUNCATED if cut else MessageState.COMPLETE)

    def stopped(self) -> Message:
        """The user stopped it."""
        return self._ended(MessageState.STOPPED)

    def in_its_words(self, error: AppError) -> AppError:
        """`error`; but that what arrived is kept is said only where something did."""
        if not isinstance(error, AnswerInterrupted) or any(self._text) or any(self._reasoning):
            return error
        host = error.arguments.get("host", "")
        return NothingArrived(error.server_words, request_id=error.request_id, host=host)

    def failed(self, error: AppError) -> Message:
        """It broke off; with something to read it is interrupted, without it is failed."""
        state = MessageState.INTERRUPTED if any(self._text) else MessageState.FAILED
        return replace(self._ended(state), error=error.server_words or type(error).title)

    def close(self) -> None:
        """No more saving: the end is stored by whoever asked how it ended."""
        self._saving.close()

    def _save_now(self) -> None:
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


def as_turn(message: Message, *, sees: bool = True) -> ChatMessage:
    """A stored message as it is sent: files become text, pictures travel inside; blocks while it reads them.

    Models that do not `sees` pictures are told that there was one.

    Raises:
        StorageFailed: an attachment's file is gone.
    """
    texts = [message.text]
    images: list[InlineImage] = []
    for attachment in message.attachments:
        data = _content(attachment)
        if attachment.kind is not AttachmentKind.IMAGE:
            texts.append(_quoted(attachment.name, data.decode("utf-8", "replace")))
        elif sees:
            images.append(InlineImage(attachment.media_type, data))
        else:
            texts.append(f"[A picture that cannot be shown here: {attachment.name}]")
    return ChatMessage(message.role, "\n\n".join(text for text in texts if text), tuple(images))


def _model_of(answer: Message) -> ModelReference:
    assert answer.model is not None, "an answer without a model"
    return answer.model


def _content(attachment: Attachment) -> bytes:
    try:
        return attachment.path.read_bytes()
    except OSError as error:
        raise storage_failure(error, attachment.path) from error


def _quoted(name: str, content: str) -> str:
    """A text file inside a message, in a fence that its own content cannot close."""
    fence = "```"
    while fence in content:
        fence += "`"
    return f"{name}:\n{fence}\n{content.rstrip()}\n{fence}"


def _branch_above(answer: Message, messages: Iterable[Message]) -> list[Message]:
    """What was said before `answer`, oldest first, whichever branch is on show; answers without a word are left out."""
    by_id = {message.id: message for message in messages}
    branch: list[Message] = []
    above = answer.parent_id
    while above is not None:
        message = by_id[above]
        if message.role is not Role.ASSISTANT or message.text:
            branch.insert(0, message)
        above = message.parent_id
    return branch


def _logged(record: RequestRecord, ended: Message, failure: AppError | None) -> RequestRecord:
    """The entry in the log of requests for an answer."""
    record = replace(record, usage=ended.usage, timing=ended.timing, outcome=RequestOutcome.COMPLETE)
    if failure is not None:
        return replace(
            record,
            outcome=RequestOutcome.FAILED,
            status=failure.status,
            error=failure.server_words or failure.title,
            request_id=failure.request_id,
        )
    if ended.state is MessageState.STOPPED:
        return replace(record, outcome=RequestOutcome.STOPPED)
    return record
