"""ConversationPage: the middle of the Chat tab as it is painted first: a welcome and the composer; no messages."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.chat.composer import Composer
from app.ui.chat.welcome import Welcome

_NEARLY_ALL = 10_000


class ConversationPage(QWidget):
    """All that is needed to read the welcome and to write; what shows messages is put in once there may be some.

    `was_sent` says that Send was pressed before anybody listened, and nothing was written since.

    Signals:
        language_changed(): what is drawn of messages in the interface's language is to be drawn anew.
    """

    language_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = QStackedWidget(self)
        self.welcome = Welcome(self.pages)
        self._bottom = QWidget(self)
        self.composer = Composer(self._bottom)
        self.was_sent = False
        self._transcript: QWidget | None = None
        self._column = QVBoxLayout(self._bottom)
        self._build()

    def expect_messages(self) -> None:
        """Leave the place of the messages empty: a conversation is about to be shown there."""
        self.pages.setCurrentIndex(self.pages.addWidget(QWidget()))

    def add_message_widgets(self, transcript: QWidget, status_line: QWidget) -> None:
        """Put in what shows messages, and what says what an answer waits for; from now on somebody listens."""
        self._transcript = transcript
        self.pages.addWidget(transcript)
        self.setTabOrder(self.welcome.connect_button, transcript)
        self._column.insertWidget(0, status_line)
        self.composer.submitted.disconnect(self._on_composer_submitted)

    def show_transcript(self, is_shown: bool) -> None:
        """Show the transcript, or else the welcome."""
        self.pages.setCurrentWidget(self._transcript if is_shown and self._transcript is not None else self.welcome)

    def _build(self) -> None:
        self.setObjectName("conversation_page")
        self.pages.addWidget(self.welcome)
        self._bottom.setMaximumWidth(_column_px())
        self._column.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_L)
        self._column.setSpacing(theme.SPACE_XS)
        self._column.addWidget(self.composer)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(self._bottom, _NEARLY_ALL)  # the rest counts only when it has its full width
        centred.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addLayout(centred)
        self.composer.submitted.connect(self._on_composer_submitted)
        self.composer.changed.connect(self._on_composer_changed)
        self.welcome.example_chosen.connect(self._on_welcome_example_chosen)

    def _on_composer_submitted(self) -> None:
        self.was_sent = True

    def _on_composer_changed(self) -> None:
        self.was_sent = False

    def _on_welcome_example_chosen(self, text: str) -> None:
        self.composer.set_content(text, self.composer.strip.attachments())
        self.composer.changed.emit()
        self.composer.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that transcript and welcome page do not want: Escape as in the composer, text goes there."""
        if event.key() == Qt.Key.Key_Escape:
            self.composer.cancel()
        elif not self.composer.field.type_into(event):
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._bottom.setMaximumWidth(_column_px())
        elif event.type() is QEvent.Type.LanguageChange:
            self.language_changed.emit()


def _column_px() -> int:
    """As wide as the reading column and a little more, for the frame around what is written."""
    return theme.px(theme.READING_COLUMN_PX) + 4 * theme.SPACE_L
