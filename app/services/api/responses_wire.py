"""The Responses dialect: requests into JSON, typed events and whole responses into deltas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.model.chat import (
    ChatMessage,
    ChatParameters,
    ChatRequest,
    FunctionCall,
    ResponseFormat,
    Role,
    TextDelta,
    Usage,
)
from app.model.lessons import Lesson
from app.model.providers import Endpoint
from app.services.api.calls import Call, merged
from app.services.api.chat_wire import data_url, json_schema
from app.services.api.shapes import list_of, object_of, text_of, whole_of

SMALLEST_LIMIT = 16
"""The API refuses a smaller `max_output_tokens`."""

_EXPENDABLE = tuple(map(Lesson, ("temperature", "top_p", "text.verbosity")))
_REASONING_MODEL = re.compile(r"^(o\d|gpt-[5-9])(?!.*chat)")
_REASONS = {"max_output_tokens": "length"}
_TEXT = "response.output_text"
_REFUSAL = "response.refusal"
_SUMMARY = "response.reasoning_summary_text"
_RAW_REASONING = "response.reasoning_text"
_STEMS = {"output_text": _TEXT, "refusal": _REFUSAL, "reasoning_text": _RAW_REASONING, "summary_text": _SUMMARY}

type _Spot = tuple[str, int | None, int | None]
"""Where text belongs: kind of text, number of the item, number of the part in it."""


def responses_call(endpoint: Endpoint, request: ChatRequest) -> Call:
    """POST /responses; nothing is stored at the server. Raises SchemaUnusable for a JSON schema that is no JSON."""
    parameters = request.parameters
    instructions = "\n\n".join(m.text for m in request.messages if m.role is Role.SYSTEM)
    body: dict[str, Any] = {
        "model": request.model_id,
        "input": [_item(m) for m in request.messages if m.role is not Role.SYSTEM],
        "store": False,
        "stream": request.stream,
    }
    if instructions:
        body["instructions"] = instructions
    if parameters.max_tokens is not None:
        body["max_output_tokens"] = max(SMALLEST_LIMIT, parameters.max_tokens)
    if parameters.temperature is not None:
        body["temperature"] = parameters.temperature
    if parameters.top_p is not None:
        body["top_p"] = parameters.top_p
    reasoning = _reasoning(request.model_id, parameters)
    if reasoning:
        body["reasoning"] = reasoning
    text = _text_settings(parameters)
    if text:
        body["text"] = text
    body = merged(body, endpoint.extra_body, parameters.extra_body)
    return Call("/responses", request.model_id, body, optional=(Lesson("reasoning.summary"),), expendable=_EXPENDABLE)


class ResponsesDecoder:
    """Turns events (or one whole response) into deltas. The final object is not trusted for text: it may be empty."""

    def __init__(self) -> None:
        self._shown: set[_Spot] = set()
        self._calls: dict[str, FunctionCall] = {}
        self._usage: Usage | None = None
        self._model_id = ""
        self._finish_reason = ""

    @property
    def complete(self) -> bool:
        return bool(self._finish_reason)

    @property
    def ended(self) -> bool:
        """Whether the terminal event came; nothing after it is waited for."""
        return self.complete

    @property
    def acceptable(self) -> bool:
        return self.complete

    @property
    def is_empty(self) -> bool:
        return not self._shown and not self._calls and not self.complete

    def feed(self, name: str, payload: Mapping[str, Any]) -> Iterator[TextDelta]:
        """The deltas in one event; events of other kinds give none."""
        kind = text_of(payload.get("type")) or name
        if payload.get("object") == "response" and "output" in payload:
            yield from self._take_response(payload)
        elif kind in ("response.completed", "response.incomplete"):
            yield from self._take_response(object_of(payload.get("response")), kind)
        elif kind == "response.output_item.done":
            index = whole_of(payload.get("output_index"))
            known = {stem for stem, item, _ in self._shown if item in (index, None)}
            yield from self._take_item(index, object_of(payload.get("item")), known)
        else:
            yield from self._take_text(kind, payload)

    def finish(self) -> Iterator[TextDelta]:
        """The last delta: why the answer ended, what it used and which functions it calls."""
        calls = tuple(self._calls.values())
        reason = "tool_calls" if calls and self._finish_reason == "stop" else self._finish_reason
        yield TextDelta(finish_reason=reason, usage=self._usage, model_id=self._model_id, function_calls=calls)

    def _take_text(self, kind: str, payload: Mapping[str, Any]) -> Iterator[TextDelta]:
        stem, _, stage = kind.rpartition(".")
        part = payload.get("summary_index") if stem == _SUMMARY else payload.get("content_index")
        spot = (stem, whole_of(payload.get("output_index")), whole_of(part))
        if stage == "delta":
            yield from self._show(spot, payload.get("delta"))
        elif stage == "done" and spot not in self._shown:
            yield from self._show(spot, payload.get("refusal") if stem == _REFUSAL else payload.get("text"))

    def _show(self, spot: _Spot, text: object) -> Iterator[TextDelta]:
        if not isinstance(text, str) or not text:
            return
        stem = spot[0]
        if spot not in self._shown:
            if any(other[0] == stem for other in self._shown):
                text = "\n\n" + text  # the next part of a summary, the next message
            self._shown.add(spot)
        if stem == _TEXT:
            yield TextDelta(text=text)
        elif stem == _REFUSAL:
            yield TextDelta(refusal=text)
        elif stem in (_SUMMARY, _RAW_REASONING):
            yield TextDelta(reasoning=text)

    def _take_response(self, response: Mapping[str, Any], kind: str = "") -> Iterator[TextDelta]:
        known = {stem for stem, _, _ in self._shown}
        for index, item in enumerate(list_of(response.get("output"))):
            yield from self._take_item(index, object_of(item), known)
        self._usage = _usage(response.get("usage")) or self._usage
        self._model_id = text_of(response.get("model")) or self._model_id
        reason = text_of(object_of(response.get("incomplete_details")).get("reason"))
        is_cut = bool(reason) or "incomplete" in (response.get("status"), kind.rpartition(".")[2])
        self._finish_reason = _REASONS.get(reason, reason or "incomplete") if is_cut else "stop"

    def _take_item(self, index: int | None, item: Mapping[str, Any], known: set[str]) -> Iterator[TextDelta]:
        """What of a finished item did not come in deltas already; `known` kinds of text did."""
        if item.get("type") == "function_call":
            call_id = text_of(item.get("call_id")) or text_of(item.get("id"))
            call = FunctionCall(call_id, text_of(item.get("name")), text_of(item.get("arguments")))
            self._calls[call_id] = call
        parts = [(_SUMMARY, part) for part in list_of(item.get("summary"))]
        parts += [(_STEMS.get(_kind(part), ""), part) for part in list_of(item.get("content"))]
        for position, (stem, part) in enumerate(parts):
            if stem and stem not in known:
                words = object_of(part).get("refusal" if stem == _REFUSAL else "text")
                yield from self._show((stem, index, position), words)


def _item(message: ChatMessage) -> dict[str, Any]:
    if message.role is Role.ASSISTANT:
        return {"role": "assistant", "content": [{"type": "output_text", "text": message.text}]}
    parts: list[dict[str, Any]] = [{"type": "input_text", "text": message.text}] if message.text else []
    parts += [{"type": "input_image", "image_url": data_url(i), "detail": "auto"} for i in message.images]
    return {"role": message.role.value, "content": parts if message.images else message.text}


def _reasoning(model_id: str, parameters: ChatParameters) -> dict[str, Any]:
    """A summary is asked for wherever there can be one; models that do not reason refuse the whole field."""
    effort = parameters.reasoning_effort
    if effort is not None:
        return {"effort": effort.value} if effort.value == "none" else {"effort": effort.value, "summary": "auto"}
    return {"summary": "auto"} if _REASONING_MODEL.match(model_id.rpartition("/")[2]) else {}


def _text_settings(parameters: ChatParameters) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if parameters.response_format is ResponseFormat.SCHEMA:
        settings["format"] = {"type": "json_schema", **json_schema(parameters)}
    elif parameters.response_format is not None:
        settings["format"] = {"type": parameters.response_format.value}
    if parameters.verbosity is not None:
        settings["verbosity"] = parameters.verbosity.value
    return settings


def _usage(usage: object) -> Usage | None:
    counts = object_of(usage)
    if not counts:
        return None
    return Usage(
        input_tokens=whole_of(counts.get("input_tokens")),
        output_tokens=whole_of(counts.get("output_tokens")),
        reasoning_tokens=whole_of(object_of(counts.get("output_tokens_details")).get("reasoning_tokens")),
        cached_tokens=whole_of(object_of(counts.get("input_tokens_details")).get("cached_tokens")),
    )


def _kind(part: object) -> str:
    return text_of(object_of(part).get("type"))
