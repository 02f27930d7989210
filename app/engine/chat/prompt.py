"""The prompt a chat model expects: its own Jinja template, rendered in a sandbox; it came with a downloaded file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from app.engine.chat.request import Message
from app.engine.openai_errors import ApiError, invalid


class ChatTemplate:
    """Turns messages into the text that the model was trained on."""

    def __init__(self, source: str, bos: str, eos: str) -> None:
        from cyllama._vendor.jinja2 import TemplateError, ext
        from cyllama._vendor.jinja2.sandbox import ImmutableSandboxedEnvironment

        self._error: type[Exception] = TemplateError
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[ext.loopcontrols])
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = _now
        try:
            self._template = environment.from_string(source)
        except TemplateError as error:
            raise _broken(error) from error
        self._tokens = {"bos_token": bos, "eos_token": eos}

    def render(self, messages: Sequence[Message]) -> str:
        """The whole prompt, up to where the assistant's answer begins, or goes on if its beginning comes last.

        Raises:
            ApiError: the template refuses these messages, or is broken.
        """
        begun = ""
        if len(messages) > 1 and messages[-1]["role"] == "assistant":
            *messages, last = messages
            begun = last["content"]
        try:
            text = self._template.render(messages=list(messages), add_generation_prompt=True, **self._tokens)
        except (self._error, TypeError, OverflowError) as error:
            raise _broken(error) from error
        return f"{text}{begun}"


def _to_json(value: object, indent: int | None = None, **_: object) -> str:
    """Unlike Jinja's own: no HTML escapes, which a model has never seen."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> None:
    raise invalid(f"This model cannot take these messages: {message}", "messages")


def _now(pattern: str) -> str:
    return datetime.now().astimezone().strftime(pattern)


def _broken(error: Exception) -> ApiError:
    message = f"The chat template inside this model's file is broken ({error})."
    return ApiError(500, message, code="chat_template_broken", param="model")
