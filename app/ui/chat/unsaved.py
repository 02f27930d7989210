"""UnsavedWords: what of the conversations is only in memory, for whoever is about to quit; it asks nobody."""

from __future__ import annotations

import asyncio
import contextlib

from app.model.errors import StorageFailed
from app.ui.chat.answers import Answers
from app.ui.chat.current_conversation import CurrentConversation
from app.ui.chat.unstored import Unstored

STOP_WITHIN_S = 2.0


class UnsavedWords:
    """Drafts, and ends of answers, of the conversation on show and of those that the disk refused."""

    def __init__(self, current: CurrentConversation, unstored: Unstored, answers: Answers) -> None:
        self._current = current
        self._unstored = unstored
        self._answers = answers

    @property
    def may_be_lost(self) -> bool:
        return self._current.shown.has_unsaved or self._answers.working or self.is_refused

    @property
    def is_refused(self) -> bool:
        return self._unstored.holds_something

    def text(self) -> str:
        texts = [self._current.shown.draft or "", *self._unstored.texts()]
        return "\n\n".join(dict.fromkeys(text for text in texts if text.strip()))

    async def save(self) -> None:
        """Answers are stopped first: only then the disk tells whether it takes their ends."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN_S):
                await self._answers.aclose()
        with contextlib.suppress(StorageFailed):
            await self._current.save()
        with contextlib.suppress(StorageFailed):
            await self._unstored.store()
