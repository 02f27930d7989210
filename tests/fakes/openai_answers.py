"""What the fake server answers to text requests: chat completions, legacy completions, responses; whole or streamed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.openai_http import Action, Chunk, Pause, Reply, event, json_reply, stream_reply

CREATED = 1_790_000_000
DONE = event("[DONE]")


@dataclass(frozen=True)
class Answer:
    """A scripted answer; `pieces` are the deltas it is streamed in, the words of `text` unless given."""

    text: str
    pieces: tuple[str, ...] = ()
    reasoning: str = ""
    refusal: str = ""
    finish_reason: str = "stop"
    calls: tuple[tuple[str, str, str], ...] = ()
    """Function calls: id, name, arguments."""
    hold_after: int | None = None
    """How many pieces are sent before waiting for `release()`."""
    pause_s: float = 0.0
    """Between two pieces, as a server that makes them one after the other."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Put into the message or delta as it is."""

    @property
    def deltas(self) -> list[str]:
        return list(self.pieces) or re.findall(r"\S+\s*|\s+", self.text)

    def held(self, streamed: list[bytes]) -> list[Chunk]:
        """`streamed` with the hold where the script wants it."""
        if self.pause_s:
            return [part for piece in streamed for part in (Pause(self.pause_s), piece)]
        if self.hold_after is None:
            return list(streamed)
        return [*streamed[: self.hold_after], Action.HOLD, *streamed[self.hold_after :]]


def echo(messages: list[dict[str, Any]]) -> Answer:
    """The answer when nothing was scripted: the last user message comes back."""
    content = next((m["content"] for m in reversed(messages) if m.get("role") == "user"), "")
    if isinstance(content, list):
        content = " ".join(part.get("text", "[image]") for part in content)
    return Answer(f"You said: {content}")


def chat_reply(body: dict[str, Any], answer: Answer) -> Reply:
    """POST /chat/completions."""
    if not body.get("stream"):
        return json_reply(_chat_object(body, answer))
    shell = {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": CREATED, "model": body["model"]}
    usage = bool((body.get("stream_options") or {}).get("include_usage"))

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**shell, "choices": [choice], **({"usage": None} if usage else {})})

    start = [chunk({"role": "assistant", "content": "", "refusal": None})]
    if answer.reasoning:
        start.append(chunk({"reasoning_content": answer.reasoning}))
    if answer.refusal:
        start.append(chunk({"refusal": answer.refusal}))
    middle = [chunk({"content": piece, **answer.extra}) for piece in answer.deltas]
    end = [chunk({"tool_calls": [_call(index, *call)]}) for index, call in enumerate(answer.calls)]
    end.append(chunk({}, _finish(answer)))
    if usage:
        end.append(event({**shell, "choices": [], "usage": chat_usage(answer)}))
    return stream_reply([*start, *answer.held(middle), *end, DONE])


def completion_reply(body: dict[str, Any], answer: Answer) -> Reply:
    """POST /completions."""
    shell = {"id": "cmpl-fake", "object": "text_completion", "created": CREATED, "model": body["model"]}

    def shape(text: str, finish: str | None) -> dict[str, Any]:
        return {**shell, "choices": [{"text": text, "index": 0, "logprobs": None, "finish_reason": finish}]}

    if not body.get("stream"):
        return json_reply({**shape(answer.text, answer.finish_reason), "usage": chat_usage(answer)})
    chunks = answer.held([event(shape(piece, None)) for piece in answer.deltas])
    end = [event(shape("", answer.finish_reason))]
    if (body.get("stream_options") or {}).get("include_usage"):
        end.append(event({**shell, "choices": [], "usage": chat_usage(answer)}))
    return stream_reply([*chunks, *end, DONE])


def responses_reply(body: dict[str, Any], answer: Answer) -> Reply:
    """POST /responses."""
    whole = _response_object(body, answer)
    if not body.get("stream"):
        return json_reply(whole)
    number = iter(range(1_000_000))

    def named(name: str, /, **fields: Any) -> bytes:
        return event({"type": name, "sequence_number": next(number), **fields}, name)

    started = {**whole, "status": "in_progress", "output": [], "usage": None}
    chunks: list[Chunk] = [named("response.created", response=started)]
    for index, item in enumerate(whole["output"]):
        place = {"item_id": item["id"], "output_index": index}
        hollow = {**item, "status": "in_progress", **{k: [] for k in ("content", "summary") if k in item}}
        chunks.append(named("response.output_item.added", output_index=index, item=hollow))
        if item["type"] == "reasoning":
            chunks += _reasoning_events(named, place, answer)
        elif item["type"] == "message":
            chunks += _message_events(named, place, answer)
        else:
            arguments = {"name": item["name"], "arguments": item["arguments"]}
            chunks.append(named("response.function_call_arguments.done", **place, **arguments))
        chunks.append(named("response.output_item.done", output_index=index, item=item))
    ended = "response.incomplete" if whole["status"] == "incomplete" else "response.completed"
    return stream_reply([*chunks, named(ended, response=whole)])


def _reasoning_events(named: Callable[..., bytes], place: dict[str, Any], answer: Answer) -> list[Chunk]:
    spot = {**place, "summary_index": 0}
    empty, full = ({"type": "summary_text", "text": text} for text in ("", answer.reasoning))
    return [
        named("response.reasoning_summary_part.added", **spot, part=empty),
        named("response.reasoning_summary_text.delta", **spot, delta=answer.reasoning),
        named("response.reasoning_summary_text.done", **spot, text=answer.reasoning),
        named("response.reasoning_summary_part.done", **spot, part=full),
    ]


def _message_events(named: Callable[..., bytes], place: dict[str, Any], answer: Answer) -> list[Chunk]:
    chunks: list[Chunk] = []
    spot = {**place, "content_index": 0}
    if answer.text:
        part = {"type": "output_text", "text": "", "annotations": []}
        chunks.append(named("response.content_part.added", **spot, part=part))
        deltas = [named("response.output_text.delta", **spot, delta=piece, logprobs=[]) for piece in answer.deltas]
        chunks += answer.held(deltas)
        chunks.append(named("response.output_text.done", **spot, text=answer.text, logprobs=[]))
        spot = {**place, "content_index": 1}
    if answer.refusal:
        chunks.append(named("response.content_part.added", **spot, part={"type": "refusal", "refusal": ""}))
        chunks.append(named("response.refusal.delta", **spot, delta=answer.refusal))
        chunks.append(named("response.refusal.done", **spot, refusal=answer.refusal))
    return chunks


def chat_usage(answer: Answer) -> dict[str, Any]:
    """Token counts: one for each piece."""
    count = len(answer.deltas)
    details = {"reasoning_tokens": 1 if answer.reasoning else 0}
    return {
        "prompt_tokens": 7,
        "completion_tokens": count,
        "total_tokens": 7 + count,
        "prompt_tokens_details": {"cached_tokens": 2},
        "completion_tokens_details": details,
    }


def _chat_object(body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": answer.text or None,
        "refusal": answer.refusal or None,
        **answer.extra,
    }
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    if answer.calls:
        message["tool_calls"] = [_call(index, *call) for index, call in enumerate(answer.calls)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(answer)}
    shell = {"id": "chatcmpl-fake", "object": "chat.completion", "created": CREATED, "model": body["model"]}
    return {**shell, "choices": [choice], "usage": chat_usage(answer)}


def _response_object(body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    output: list[dict[str, Any]] = []
    if answer.reasoning:
        summary = [{"type": "summary_text", "text": answer.reasoning}]
        output.append({"type": "reasoning", "id": "rs_fake", "summary": summary})
    content: list[dict[str, Any]] = []
    if answer.text:
        content.append({"type": "output_text", "text": answer.text, "annotations": []})
    if answer.refusal:
        content.append({"type": "refusal", "refusal": answer.refusal})
    if content:
        message = {"type": "message", "id": "msg_fake", "role": "assistant", "status": "completed"}
        output.append({**message, "content": content})
    for call_id, name, arguments in answer.calls:
        call = {"type": "function_call", "id": f"fc_{call_id}", "call_id": call_id, "name": name}
        output.append({**call, "arguments": arguments, "status": "completed"})
    cut = answer.finish_reason == "length"
    count = len(answer.deltas)
    return {
        "id": "resp_fake",
        "object": "response",
        "created_at": CREATED,
        "status": "incomplete" if cut else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "model": body["model"],
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 7,
            "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 0},
            "output_tokens": count,
            "output_tokens_details": {"reasoning_tokens": 1 if answer.reasoning else 0},
            "total_tokens": 7 + count,
        },
    }


def _call(index: int, call_id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _finish(answer: Answer) -> str:
    return "tool_calls" if answer.calls and answer.finish_reason == "stop" else answer.finish_reason
