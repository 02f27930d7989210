"""TranscriptOutput: the transcript on show to the clipboard, to a file, to the chat."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal

from app.model.audio import ExportFormat
from app.model.subtitles import plain_text
from app.ui import ask
from app.ui.audio import words
from app.ui.audio.sound_pane import SoundPane
from app.ui.job import Job
from app.ui.tab import HandOver
from app.ui.widgets.markdown_copy import put_text

_FORBIDDEN = '<>:"/\\|?*'
"""What one of the systems does not take in the name of a file."""


class TranscriptOutput(QObject):
    """Always the text as it is on the screen, corrections included.

    Signals:
        handed_over(HandOver): for the chat.
    """

    handed_over = Signal(object)

    def __init__(self, pane: SoundPane) -> None:
        super().__init__(pane)
        self._pane = pane
        self._choosing = Job(self)
        pane.header.copy_clicked.connect(self.copy)
        pane.header.chat_clicked.connect(self.hand_to_chat)
        pane.header.export_wanted.connect(self.export)

    def copy(self) -> None:
        if text := self._text():
            put_text(text)
            self._pane.header.thank()

    def hand_to_chat(self) -> None:
        if text := self._text():
            self.handed_over.emit(HandOver("chat", text=text))

    def export(self, form: ExportFormat) -> None:
        """Ask where to, then write."""
        if self._text():
            self._choosing.start(self._export(form))

    async def aclose(self) -> None:
        await self._choosing.aclose()

    def _text(self) -> str:
        transcript = self._pane.current_transcript()
        return plain_text(transcript.segments) if transcript is not None else ""

    async def _export(self, form: ExportFormat) -> None:
        assert self._pane.recording is not None
        name = "".join("-" if sign in _FORBIDDEN else sign for sign in self._pane.recording.name).strip(" .")
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        suggested = Path(folder, f"{name}.{form}")
        filters = [f"{words.export_format(form)} (*.{form})"]
        path = await ask.choose_save_file(self._pane, self.tr("Export the transcript"), suggested, filters)
        if path is not None:
            self._pane.export(path, form)
