"""Chat Completions and legacy Completions: requests into JSON, answers out of it in every shape servers send."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.model.chat import ChatMessage, ChatParameters, ChatRequest, InlineImage, ResponseFormat, Role, TextDelta, Usage
from app.model.errors import UnsupportedContent
from app.model.lessons import Lesson, LessonKind
from app.model.providers import Endpoint
from app.model.server_errors import SchemaUnusable
from app.services.api.calls import Call, merged
from app.services.api.function_calls import FunctionCalls
from app.services.api.shapes import list_of, object_of, text_of, whole_of
from app.services.api.thinking import ThinkingSplitter

COMPLETION_TOKENS = 2048
"""Legacy completions stop after 16 tokens unless told otherwise."""

EXPENDABLE = (
    Lesson("max_tokens", LessonKind.RENAMED, "max_completion_tokens"),
    Lesson("max_completion_tokens", LessonKind.RENAMED, "max_tokens"),
    *map(Lesson, ("temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "verbosity")),
)
"""Wishes about the style of an answer. Its form, its length and what it may cost are not given up unasked."""

_REASONING_FIELDS = ("reasoning_content", "reasoning", "reasoning_details")
_SPEAKERS = {Role.SYSTEM: "System", Role.USER: "User", Role.ASSISTANT: "Assistant"}


def chat_call(endpoint: Endpoint, request: ChatRequest) -> Call:
    """POST /chat/completions. Raises SchemaUnusable for a JSON schema that is no JSON."""
    parameters = request.parameters
    body: dict[str, Any] = {"model": request.model_id, "messages": [_message(m) for m in request.messages]}
    if parameters.max_tokens is not None:
        # Reasoning models of OpenAI refuse the old name; Ollama and others read only that.
        body["max_completion_tokens" if endpoint.is_openai else "max_tokens"] = parameters.max_tokens
    body |= _sampling(parameters)
    if parameters.response_format is not None:
        body["response_format"] = _response_format(parameters)
    if parameters.reasoning_effort is not None:
        body["reasoning_effort"] = parameters.reasoning_effort.value
    if parameters.verbosity is not None:
        body["verbosity"] = parameters.verbosity.value
    return _streamed_call("/chat/completions", endpoint, request, body)


def completion_call(endpoint: Endpoint, request: ChatRequest) -> Call:
    """POST /completions, with the conversation written out as text. Raises UnsupportedContent for pictures."""
    if any(message.images for message in request.messages):
        raise UnsupportedContent()
    parameters = request.parameters
    prompt, is_dialogue = _prompt(request.messages)
    body: dict[str, Any] = {"model": request.model_id, "prompt": prompt}
    body["max_tokens"] = COMPLETION_TOKENS if parameters.max_tokens is None else parameters.max_tokens
    body |= _sampling(parameters)
    if is_dialogue and not parameters.stop:
        body["stop"] = [f"\n{_SPEAKERS[Role.USER]}:"]
    return _streamed_call("/completions", endpoint, request, body)


def data_url(image: InlineImage) -> str:
    return f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}"


def json_schema(parameters: ChatParameters) -> dict[str, Any]:
    """The user's schema with a name; one that is wrapped already stays as it is. Raises SchemaUnusable."""
    try:
        schema = json.loads(parameters.json_schema)
    except json.JSONDecodeError as error:
        raise SchemaUnusable(line=str(error.lineno), column=str(error.colno)) from error
    is_wrapped = isinstance(schema, dict) and "schema" in schema and "name" in schema
    return dict(schema) if is_wrapped else {"name": "answer", "schema": schema}


class ChatDecoder:
    """Turns the payloads of one answer into deltas, streamed or whole, chat or legacy; nothing is awaited here."""

    def __init__(self) -> None:
        self._thinking = ThinkingSplitter()
        self._calls = FunctionCalls()
        self._usage: Usage | None = None
        self._model_id = ""
        self._finish_reason = ""
        self._reasons_apart = False
        self._has_choices = False

    @property
    def complete(self) -> bool:
        """Whether the model ended its answer, however the connection ends."""
        return bool(self._finish_reason)

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be read; a chat stream says so with [DONE], after the usage, and never before."""
        return False

    @property
    def acceptable(self) -> bool:
        return self.complete

    @property
    def is_empty(self) -> bool:
        """Whether no payload so far was an answer at all."""
        return not self._has_choices

    def feed(self, name: str, payload: Mapping[str, Any]) -> Iterator[TextDelta]:
        """The deltas in one chunk; a chunk without any is normal."""
        self._model_id = text_of(payload.get("model")) or self._model_id
        self._usage = usage_of(payload.get("usage")) or self._usage
        choice = _first_choice(payload.get("choices"))
        if choice is None:
            return
        self._has_choices = True
        self._finish_reason = text_of(choice.get("finish_reason")) or self._finish_reason
        text = choice.get("text")
        message = (
            {"content": text} if isinstance(text, str) else object_of(choice.get("delta") or choice.get("message"))
        )
        delta = self._read(message)
        if delta is not None:
            yield delta

    def finish(self) -> Iterator[TextDelta]:
        """The last delta: why the answer ended, what it used and which functions it calls."""
        text, reasoning = self._thinking.finish()
        yield TextDelta(
            text=text,
            reasoning=reasoning,
            finish_reason=self._finish_reason,
            usage=self._usage,
            model_id=self._model_id,
            function_calls=self._calls.collected(),
        )

    def _read(self, message: Mapping[str, Any]) -> TextDelta | None:
        text, thought = _flat(message.get("content"))
        reasoning = _reasoning(message) + thought
        self._reasons_apart = self._reasons_apart or bool(reasoning)
        if text and not self._reasons_apart:
            text, reasoning = self._thinking.feed(text)
        refusal = text_of(message.get("refusal"))
        if "tool_calls" in message or "function_call" in message:
            self._collect_calls(message)
        return TextDelta(text=text, reasoning=reasoning, refusal=refusal) if text or reasoning or refusal else None

    def _collect_calls(self, message: Mapping[str, Any]) -> None:
        calls = [object_of(call) for call in list_of(message.get("tool_calls"))]
        for position, call in enumerate(calls):
            is_one_of_several = len(calls) > 1 and "index" not in call and not call.get("id")
            self._calls.add({**call, "index": position} if is_one_of_several else call)
        if message.get("function_call"):
            self._calls.add({"function": message["function_call"]})


def usage_of(usage: object) -> Usage | None:
    """Token counts of a chat answer; None when there are none."""
    counts = object_of(usage)
    if not counts:
        return None
    return Usage(
        input_tokens=whole_of(counts.get("prompt_tokens")),
        output_tokens=whole_of(counts.get("completion_tokens")),
        reasoning_tokens=whole_of(object_of(counts.get("completion_tokens_details")).get("reasoning_tokens")),
        cached_tokens=whole_of(object_of(counts.get("prompt_tokens_details")).get("cached_tokens")),
    )


def _message(message: ChatMessage) -> dict[str, Any]:
    """Plain text stays a plain string: several servers refuse a list."""
    if not message.images:
        return {"role": message.role.value, "content": message.text}
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.text}] if message.text else []
    parts += [{"type": "image_url", "image_url": {"url": data_url(image)}} for image in message.images]
    return {"role": message.role.value, "content": parts}


def _sampling(parameters: ChatParameters) -> dict[str, Any]:
    values: dict[str, Any] = {
        "temperature": parameters.temperature,
        "top_p": parameters.top_p,
        "stop": list(parameters.stop) or None,
        "frequency_penalty": parameters.frequency_penalty,
        "presence_penalty": parameters.presence_penalty,
        "seed": parameters.seed,
    }
    return {name: value for name, value in values.items() if value is not None}


def _response_format(parameters: ChatParameters) -> dict[str, Any]:
    if parameters.response_format is ResponseFormat.SCHEMA:
        return {"type": "json_schema", "json_schema": json_schema(parameters)}
    return {"type": parameters.response_format.value} if parameters.response_format else {}


def _streamed_call(path: str, endpoint: Endpoint, request: ChatRequest, body: dict[str, Any]) -> Call:
    body["stream"] = request.stream
    if request.stream and endpoint.sends_usage:
        body["stream_options"] = {"include_usage": True}
        if endpoint.is_openai and path == "/chat/completions":
            body["stream_options"]["include_obfuscation"] = False  # padding that only costs bytes
    body = merged(body, endpoint.extra_body, request.parameters.extra_body)
    return Call(path, request.model_id, body, optional=(Lesson("stream_options"),), expendable=EXPENDABLE)


def _prompt(messages: tuple[ChatMessage, ...]) -> tuple[str, bool]:
    """The conversation as text, and whether it had to be written as a dialogue; a lone prompt is continued as it is."""
    if len(messages) == 1:
        return messages[0].text, False
    lines = [m.text if m.role is Role.SYSTEM else f"{_SPEAKERS[m.role]}: {m.text}" for m in messages]
    if messages and messages[-1].role is not Role.ASSISTANT:
        lines.append(f"{_SPEAKERS[Role.ASSISTANT]}:")
    return "\n\n".join(lines), True


def _first_choice(choices: object) -> Mapping[str, Any] | None:
    """The choice to show; of several answers in one stream only the first is followed."""
    return next((c for c in list_of(choices) if isinstance(c, dict) and not c.get("index")), None)


def _flat(content: object) -> tuple[str, str]:
    """Text and reasoning of a content that may be a list of parts (Mistral and others)."""
    if isinstance(content, str):
        return content, ""
    text, reasoning = "", ""
    for part in list_of(content):
        if isinstance(part, str):
            text += part
        elif object_of(part).get("type") == "thinking":
            reasoning += "".join(_flat(part.get("thinking")))
        else:
            text += text_of(object_of(part).get("text"))
    return text, reasoning


def _reasoning(message: Mapping[str, Any]) -> str:
    """Reasoning in whichever fields it came; the same text in two fields counts once."""
    if message.keys().isdisjoint(_REASONING_FIELDS):
        return ""
    found = (text_of(message.get("reasoning_content")), text_of(message.get("reasoning")))
    if any(found):
        return "".join(dict.fromkeys(found))
    details = map(object_of, list_of(message.get("reasoning_details")))
    return "".join(text_of(detail.get("text")) or text_of(detail.get("summary")) for detail in details)
