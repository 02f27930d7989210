"""What a client asks of a chat model: reads and checks the bodies of both text endpoints; computes nothing.

Parameters and ranges as in OpenAI's API reference (chat completions and legacy completions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from app.engine.chat.grammar import grammar_for
from app.engine.openai_errors import invalid

ROLES = ("system", "developer", "user", "assistant", "tool")
MOST_STOPS = 4
MOST_TOP_LOGPROBS = 20
MOST_COMPLETION_LOGPROBS = 5
COMPLETION_MAX_TOKENS = 16
DEFAULT_TEMPERATURE = 0.7
"""Small models wander at OpenAI's default of 1."""
DEFAULT_TOP_P = 0.95
UNSUPPORTED = ("tools", "functions", "logit_bias", "audio", "web_search_options")
UNSUPPORTED_IN_COMPLETIONS = ("suffix", "logit_bias")
CANNOT_SEE = (
    "This local model reads text only, it cannot see pictures. Choose a model with vision at a provider, "
    "or remove the picture."
)

type Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class GenerationOptions:
    """How to continue a text: `max_tokens` None means until the context is full, `top_logprobs` None no logprobs."""

    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    temperature: float = DEFAULT_TEMPERATURE
    top_p: float = DEFAULT_TOP_P
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    seed: int | None = None
    grammar: str | None = None
    top_logprobs: int | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    messages: tuple[Message, ...]
    options: GenerationOptions
    stream: bool = False
    include_usage: bool = False


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    prompt: str
    options: GenerationOptions
    echo: bool = False
    stream: bool = False
    include_usage: bool = False


def parse_chat(body: dict[str, Any]) -> ChatRequest:
    """Check the body of `/v1/chat/completions`.

    Raises:
        ApiError: with the name of the parameter that is wrong.
    """
    _refuse_unsupported(body, UNSUPPORTED)
    limit = _number(body, "max_completion_tokens", int, 1) or _number(body, "max_tokens", int, 1)
    top = _number(body, "top_logprobs", int, 0, MOST_TOP_LOGPROBS)
    if top is not None and not body.get("logprobs"):
        raise invalid("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs")
    options = _options(body, limit, (top or 0) if body.get("logprobs") else None)
    return ChatRequest(_messages(body.get("messages")), options, bool(body.get("stream")), _include_usage(body))


def parse_completion(body: dict[str, Any]) -> CompletionRequest:
    """Check the body of `/v1/completions`: one prompt as a string.

    Raises:
        ApiError: with the name of the parameter that is wrong.
    """
    _refuse_unsupported(body, UNSUPPORTED_IN_COMPLETIONS)
    if body.get("best_of") not in (None, 1):
        raise invalid("This engine makes one answer at a time: 'best_of' must be 1.", "best_of", "unsupported_value")
    prompt = body.get("prompt")
    if isinstance(prompt, list) and len(prompt) == 1:
        prompt = prompt[0]
    if not isinstance(prompt, str) or not prompt:
        raise invalid("'prompt' must be a string that is not empty.", "prompt")
    limit = _number(body, "max_tokens", int, 1)
    top = _number(body, "logprobs", int, 0, MOST_COMPLETION_LOGPROBS)
    options = _options(body, limit or COMPLETION_MAX_TOKENS, top)
    return CompletionRequest(prompt, options, bool(body.get("echo")), bool(body.get("stream")), _include_usage(body))


def _options(body: dict[str, Any], max_tokens: int | None, top_logprobs: int | None) -> GenerationOptions:
    if body.get("n") not in (None, 1):
        raise invalid("This engine makes one answer at a time: 'n' must be 1.", "n", "unsupported_value")
    temperature = _number(body, "temperature", float, 0, 2)
    top_p = _number(body, "top_p", float, 0, 1)
    return GenerationOptions(
        max_tokens=max_tokens,
        stop=_stop(body.get("stop")),
        temperature=DEFAULT_TEMPERATURE if temperature is None else temperature,
        top_p=DEFAULT_TOP_P if top_p is None else top_p,
        presence_penalty=_number(body, "presence_penalty", float, -2, 2) or 0.0,
        frequency_penalty=_number(body, "frequency_penalty", float, -2, 2) or 0.0,
        seed=_number(body, "seed", int),
        grammar=grammar_for(body.get("response_format")),
        top_logprobs=top_logprobs,
    )


def _refuse_unsupported(body: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if body.get(name):
            raise invalid(f"The built-in engine does not support '{name}'.", name, "unsupported_parameter")


def _number[N: (int, float)](
    body: dict[str, Any], name: str, kind: type[N], least: float | None = None, most: float | None = None
) -> N | None:
    """A number or nothing; booleans are numbers in Python but not in JSON."""
    value = body.get(name)
    if value is None:
        return None
    fits = isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
    if not fits:
        raise invalid(f"'{name}' must be {'an integer' if kind is int else 'a number'}.", name, "invalid_type")
    if (least is not None and value < least) or (most is not None and value > most):
        raise invalid(
            f"'{name}' must be between {least} and {most}." if most else f"'{name}' must be at least {least}.", name
        )
    return kind(value)


def _stop(value: object) -> tuple[str, ...]:
    stops = [value] if isinstance(value, str) else value or []
    if not isinstance(stops, list) or not all(isinstance(stop, str) for stop in stops):
        raise invalid("'stop' must be a string or a list of strings.", "stop", "invalid_type")
    if len(stops) > MOST_STOPS:
        raise invalid(f"'stop' may hold at most {MOST_STOPS} strings.", "stop")
    return tuple(stop for stop in stops if stop)


def _include_usage(body: dict[str, Any]) -> bool:
    options = body.get("stream_options") or {}
    if not isinstance(options, dict):
        raise invalid("'stream_options' must be an object.", "stream_options", "invalid_type")
    return bool(options.get("include_usage"))


def _messages(value: object) -> tuple[Message, ...]:
    if not isinstance(value, list) or not value:
        raise invalid("'messages' must be a list that is not empty.", "messages")
    return tuple(_message(message, f"messages[{index}]") for index, message in enumerate(value))


def _message(message: object, where: str) -> Message:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise invalid(f"'{where}' needs a role: {', '.join(ROLES)}.", f"{where}.role", "invalid_value")
    role: Literal["system"] | str = "system" if message["role"] == "developer" else str(message["role"])
    return {"role": role, "content": _text(message.get("content"), f"{where}.content")}


def _text(content: object, where: str) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list):
        raise invalid(f"'{where}' must be a string or a list of parts.", where, "invalid_type")
    return "".join(_part(part, f"{where}[{index}]") for index, part in enumerate(content))


def _part(part: object, where: str) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    if isinstance(part, dict) and kind in ("text", "input_text") and isinstance(part.get("text"), str):
        return str(part["text"])
    if kind in ("image_url", "input_image"):
        raise invalid(CANNOT_SEE, where, "unsupported_content")
    if kind in ("input_audio", "file", "input_file"):
        raise invalid(f"This local model reads text only, not '{kind}'.", where, "unsupported_content")
    raise invalid(f"'{where}' is not a part of a message that is known here.", where, "invalid_value")
