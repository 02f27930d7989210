"""A fake server that is particular about its requests, each rule in the words of a real server.

    with ParticularOpenAI(unsupported("temperature"), unverified_to_stream()) as server: ...

What no rule refuses is answered as `FakeOpenAI` does. Rules look at every request, so a client that did not learn is
refused again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.openai_http import Received, Reply, error_reply, json_reply
from tests.fakes.openai_server import FakeOpenAI

type Rule = Callable[[Received], Reply | None]


class ParticularOpenAI(FakeOpenAI):
    """`rules` may be changed at any time; the first that refuses answers."""

    def __init__(self, *rules: Rule, key: str = "") -> None:
        super().__init__(key=key)
        self.rules: list[Rule] = list(rules)

    def reply_to(self, request: Received) -> Reply:
        for rule in self.rules if request.method == "POST" else ():
            refusal = rule(request)
            if refusal is not None:
                return refusal
        return super().reply_to(request)


def unsupported(field: str, *, instead: str = "") -> Rule:
    """OpenAI's reasoning models."""
    words = f"Unsupported parameter: '{field}' is not supported with this model."
    return _without(field, words + (f" Use '{instead}' instead." if instead else ""), code="unsupported_parameter")


def only_default(field: str) -> Rule:
    """OpenAI's reasoning models, of a value."""
    words = f"Unsupported value: '{field}' does not support 0.5 with this model. Only the default (1) is supported."
    return _without(field, words, code="unsupported_value")


def unknown_property(field: str) -> Rule:
    """Groq: no code and no parameter."""
    return _without(field, f"property '{field}' is unsupported", param=False)


def forbidden(field: str) -> Rule:
    """Mistral and other servers on FastAPI that forbid what they do not know."""
    complaint = {"type": "extra_forbidden", "loc": ["body", field], "msg": "Extra inputs are not permitted"}
    return lambda request: json_reply({"detail": [complaint]}, 422) if _has(request, field) else None


def out_of_range(field: str, most: float) -> Rule:
    """OpenAI: a field that it takes, with a value that it does not take."""
    words = f"Invalid '{field}': decimal above maximum value. Expected a value <= {most}."

    def rule(request: Received) -> Reply | None:
        return _error(words, "decimal_above_max_value", field) if _has(request, field, above=most) else None

    return rule


def unverified_to_stream() -> Rule:
    """OpenAI, for organisations that did not prove who they are."""
    words = (
        "Your organization must be verified to stream this model. Please go to: "
        "https://platform.openai.com/settings/organization/general and click on Verify Organization."
    )

    def rule(request: Received) -> Reply | None:
        return _error(words, "unsupported_value", "stream") if _field(request, "stream") is True else None

    return rule


def without_streaming() -> Rule:
    """Gateways that pass nothing on in pieces."""
    said = {"detail": "Streaming is not supported for this model"}
    return lambda request: json_reply(said, 400) if _field(request, "stream") is True else None


def without_role(role: str) -> Rule:
    """OpenAI's o1-mini."""
    words = f"Unsupported value: 'messages[0].role' does not support '{role}' with this model."
    refusal = _error(words, "unsupported_value", "messages[0].role")
    return lambda request: refusal if role in [message.get("role") for message in _messages(request)] else None


def template_without_system() -> Rule:
    """The chat template of Gemma, as llama.cpp and vLLM pass its complaint on."""
    refusal = json_reply({"object": "error", "message": "System role not supported", "code": 400}, 400)
    roles = {"system", "developer"}
    return lambda request: refusal if roles & {message.get("role") for message in _messages(request)} else None


def strings_only(field: str) -> Rule:
    """DeepSeek and other servers in Rust: the content of a message is a text. `field` holds the messages."""
    words = f"Failed to deserialize the JSON body into the target type: {field}[1].content: invalid type: sequence, "
    refusal = _error(words + "expected a string at line 1 column 74", "invalid_request_error", None)

    def rule(request: Received) -> Reply | None:
        messages = _field(request, field)
        lists = isinstance(messages, list) and any(isinstance(message["content"], list) for message in messages)
        return refusal if lists else None

    return rule


def parts_only() -> Rule:
    """Servers on pydantic that know the content of a message as a list alone."""
    complaint = {"loc": ["body", "messages", 0, "content"], "msg": "Input should be a valid list", "type": "list_type"}

    def rule(request: Received) -> Reply | None:
        texts = any(isinstance(message.get("content"), str) for message in _messages(request))
        return json_reply({"detail": [complaint]}, 422) if texts else None

    return rule


def wants_file(name: str) -> Rule:
    """FastAPI, for a form whose pictures have another name."""
    complaint = {"loc": ["body", name], "msg": "Field required", "type": "missing"}

    def rule(request: Received) -> Reply | None:
        names = {part.name for part in request.files}
        return json_reply({"detail": [complaint]}, 422) if names and name not in names else None

    return rule


def _without(field: str, words: str, *, code: str | None = None, param: bool = True) -> Rule:
    refusal = _error(words, code, field if param else None)
    return lambda request: refusal if _has(request, field) else None


def _error(words: str, code: str | None, param: str | None) -> Reply:
    return error_reply(400, words, code=code, type_="invalid_request_error", param=param)


def _has(request: Received, field: str, *, above: float | None = None) -> bool:
    root, _, leaf = field.partition(".")
    found = _field(request, root)
    value = found.get(leaf) if leaf and isinstance(found, dict) else found
    return value is not None and (above is None or (isinstance(value, int | float) and value > above))


def _field(request: Received, name: str) -> Any:
    if "json" in request.headers.get("content-type", ""):
        return request.json.get(name)
    values = request.fields.get(name)
    return None if values is None else {"true": True, "false": False}.get(values[0], values[0])


def _messages(request: Received) -> Iterator[dict[str, Any]]:
    yield from _field(request, "messages") or []
