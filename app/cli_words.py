"""What the command line says on stderr: failures in words, and what is being waited for; it prints no answers."""

from __future__ import annotations

import sys

from app.model.chat import RequestAdjusted, RetryPending
from app.model.errors import AppError, ModelNotFound, NoModelChosen
from app.model.lessons import lesson_words
from app.model.server_errors import pause_sentence
from app.model.visible import one_line
from app.terminal import Printer

_HINTS: dict[type[AppError], str] = {
    ModelNotFound: "“triptych models” lists those there are.",
    NoModelChosen: "“triptych models” lists those there are, “triptych models fetch” downloads some; name one with "
    "--model, and whose it is with --provider.",
}
"""Where the window's own would lead to what a terminal does not have."""


class WrongArgument(Exception):
    """What was asked for is not there; the text says what is."""


def tell(text: str) -> None:
    """Say something that is no answer."""
    Printer(sys.stderr).print(text)


def explain(error: AppError) -> str:
    """A failure in words: what, why in the server's words, and what helps."""
    lines = [_filled(text, error) for text in (error.title, error.explanation)]
    lines += [error.server_words, pause_sentence(error) or _HINTS.get(type(error)) or _filled(error.hint, error)]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _filled(text: str, error: AppError) -> str:
    """A text with the error's facts in it; a fact that is missing leaves the text as it is."""
    try:
        return text.format(**{name: one_line(fact) for name, fact in error.arguments.items()})
    except (KeyError, IndexError):
        return text


def tell_waiting(event: object) -> None:
    """Say why nothing comes just now; other events say nothing."""
    if isinstance(event, RetryPending):
        tell(f"{event.reason or 'The server asks for a pause'}: trying again in {event.wait_s:.0f} s")
    elif isinstance(event, RequestAdjusted):
        tell(", ".join(lesson_words(event.lessons)))
