"""Reasoning that stands in `<think>` tags at the beginning of an answer, taken apart while it streams."""

from __future__ import annotations

from enum import Enum

_OPENING = "<think>"
_CLOSING = "</think>"


class _State(Enum):
    BEGINNING = "nothing but white space so far"
    THINKING = "after the opening tag"
    ANSWERING = "after the closing tag, or there was none"


class ThinkingSplitter:
    """Feed it text in any pieces. Only a tag that opens the answer counts: elsewhere it is part of what is said."""

    def __init__(self) -> None:
        self._state = _State.BEGINNING
        self._held = ""
        self._skips_blank = False

    def feed(self, text: str) -> tuple[str, str]:
        """The answer's text and the reasoning that are certain now."""
        if self._state is _State.ANSWERING:
            return self._without_blank(text), ""
        self._held += text
        if self._state is _State.BEGINNING:
            beginning = self._held.lstrip()
            if _OPENING.startswith(beginning[: len(_OPENING)]) and len(beginning) < len(_OPENING):
                return "", ""
            if not beginning.startswith(_OPENING):
                return self.finish()
            self._state = _State.THINKING
            self._skips_blank = True
            self._held = beginning.removeprefix(_OPENING)
        return self._think()

    def finish(self) -> tuple[str, str]:
        """What was held back for a tag that never came."""
        held, self._held = self._held, ""
        if self._state is _State.THINKING:
            return "", held
        self._state = _State.ANSWERING
        return held, ""

    def _think(self) -> tuple[str, str]:
        self._held = self._without_blank(self._held)
        reasoning, tag, rest = self._held.partition(_CLOSING)
        if tag:
            self._held = ""
            self._state = _State.ANSWERING
            self._skips_blank = True
            return self._without_blank(rest), reasoning.rstrip("\n")
        # Line ends are held back too, because those before the closing tag belong to neither.
        certain = len(self._held[: len(self._held) - _length_of_partial_tag(self._held)].rstrip("\n"))
        reasoning, self._held = self._held[:certain], self._held[certain:]
        return "", reasoning

    def _without_blank(self, text: str) -> str:
        """`text` without the line ends that follow a tag."""
        if self._skips_blank:
            text = text.lstrip("\n")
            self._skips_blank = not text
        return text


def _length_of_partial_tag(text: str) -> int:
    """How many characters at the end of `text` may be the start of the closing tag."""
    return next((n for n in range(len(_CLOSING) - 1, 0, -1) if text.endswith(_CLOSING[:n])), 0)
