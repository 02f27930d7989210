"""Reads a growing answer to screen readers sentence by sentence; what is drawn is not its business."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

# Neither looks at a place twice, whatever signs an answer repeats a million times.
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+\s|[。！？]++[”’」』）]*+|\n")
_SIGNS = re.compile(r"[*_`#>|~]++|!?\[([^\[\]]*+)\]\([^()]*+\)")
_LONGEST_SENTENCE = 2_000
"""Characters after which what has no end is said all the same."""


class TranscriptAnnouncer(QObject):
    """Takes text in any pieces.

    Signals:
        announced(str): a sentence was complete, without the signs of Markdown.
    """

    announced = Signal(str)

    def __init__(self, speaker: QObject) -> None:
        super().__init__(speaker)
        self._speaker = speaker
        self._rest = ""
        self._in_code = False

    def add(self, text: str) -> None:
        self._rest += text
        said = 0
        for end in _SENTENCE_END.finditer(self._rest):
            self._say(self._rest[said : end.end()])
            said = end.end()
        self._rest = self._rest[said:]
        if len(self._rest) > _LONGEST_SENTENCE:
            self._say(self._rest)
            self._rest = ""

    def finish(self) -> None:
        """The text has ended, with or without a full stop."""
        self._say(self._rest)
        self._rest = ""
        self._in_code = False

    def _say(self, sentence: str) -> None:
        if sentence.lstrip().startswith(("```", "~~~")):
            self._in_code = not self._in_code
            if self._in_code:
                self._announce(self.tr("Code"))
            return
        words = _SIGNS.sub(lambda match: match[1] or "", sentence).strip()
        if words and not self._in_code:
            self._announce(words)

    def _announce(self, words: str) -> None:
        self.announced.emit(words)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._speaker, words))
