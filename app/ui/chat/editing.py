"""Editing: an earlier prompt stands in the composer to be sent as another version, and the draft waits meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from app.model.chat import Draft, Message
from app.ui.chat.composer import Composer


class Editing(QObject):
    """Lends the composer to a prompt and gives it back to the draft; what was changed waits until it is on show again.

    Signals:
        cancelled(list[Attachment]): what was attached meanwhile is not wanted after all.
    """

    cancelled = Signal(list)

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self._prompt: Message | None = None
        self._draft = Draft("")
        self._waiting: dict[int, Draft] = {}
        """Prompts that were being changed when another conversation was opened."""
        composer.edit_cancelled.connect(self.cancel)

    @property
    def message_id(self) -> int | None:
        """The prompt that is being edited."""
        return None if self._prompt is None else self._prompt.id

    def begin(self, prompt: Message) -> None:
        """Put `prompt` into the composer; the draft comes back in the end."""
        if self._prompt is None:
            self._draft = self._content()
        self._prompt = prompt
        self._composer.set_content(prompt.text, prompt.attachments)
        self._composer.set_editing(True)
        self._composer.setFocus()

    def end(self) -> None:
        """Put the draft back."""
        if self._prompt is not None:
            self._put_back(self._draft)

    def give_way(self, draft: Draft) -> None:
        """Put another draft into the composer, as when another conversation is opened."""
        if self._prompt is not None:
            self._waiting[self._prompt.id] = self._content()
        self._put_back(draft)

    def go_on(self, messages: Iterable[Message]) -> None:
        """Go on changing a prompt among `messages` where that was broken off."""
        for message in messages:
            changed = self._waiting.pop(message.id, None)
            if changed is not None:
                self.begin(message)
                self._composer.set_content(changed.text, changed.attachments)

    def cancel(self) -> None:
        """The user does not want to change the prompt after all."""
        if self._prompt is None:
            return
        attached = self._composer.strip.attachments()
        added = [attachment for attachment in attached if attachment not in self._prompt.attachments]
        self.end()
        self._composer.setFocus()
        self.cancelled.emit(added)

    def _content(self) -> Draft:
        return Draft(self._composer.text(), self._composer.strip.attachments())

    def _put_back(self, draft: Draft) -> None:
        self._prompt = None
        self._composer.set_editing(False)
        self._composer.set_content(draft.text, draft.attachments)
