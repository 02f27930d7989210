"""TranscriptView: a transcript to read, hear and correct: times on the left, text on the right."""

from __future__ import annotations

from bisect import bisect_right

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.model.audio import Segment, Transcript, TranscriptState
from app.ui import theme
from app.ui.audio.time_gutter import TimeGutter
from app.ui.audio.transcript_edit import TranscriptEdit

_LONG_SEGMENT_S = 15.0
"""In a longer segment a click means a place in it, not its beginning."""


class TranscriptView(QWidget):
    """The column is at most as wide as is good to read; while a transcript grows it cannot be edited.

    Signals:
        edited(): the user changed the text.
        play_requested(float): play from this second.
        place_clicked(float): the text of this second was clicked.
    """

    edited = Signal()
    play_requested = Signal(float)
    place_clicked = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._starts: list[float] = []
        self._segments: tuple[Segment, ...] = ()
        self._current = -1
        self.edit = TranscriptEdit(self)
        self.gutter = TimeGutter(self.edit, self._start_of, self)
        self._build()

    def show_transcript(self, transcript: Transcript) -> None:
        """Another transcript, or more of the same."""
        self._segments = transcript.segments
        self._starts = [segment.start_s for segment in transcript.segments]
        self.edit.set_segments(transcript.segments)
        self.edit.setReadOnly(transcript.state is TranscriptState.RUNNING)
        self._lay_out()
        self.gutter.update()

    def segments(self) -> tuple[Segment, ...]:
        """The segments as the user corrected them."""
        return self.edit.segments()

    def set_position(self, seconds: float) -> None:
        """Mark the segment of this second; the view follows unless the user looks elsewhere."""
        number = bisect_right(self._starts, seconds) - 1
        if number == self._current:
            return
        was_in_view = self._is_in_view(self._current)
        self._current = number
        self.edit.highlight(number)
        self.gutter.set_playing(number)
        if number >= 0 and was_in_view:
            self.edit.show_segment(number)

    def clear_position(self) -> None:
        """Nothing plays any more."""
        self._current = -1
        self.edit.highlight(-1)
        self.gutter.set_playing(-1)

    def play_current(self) -> None:
        """Play from the segment with the text cursor."""
        self._on_play_requested(self.edit.textCursor().blockNumber())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.edit.apply_zoom()
            self._lay_out()

    def _build(self) -> None:
        self.setObjectName("transcript_view")
        self.edit.apply_zoom()
        self.edit.edited.connect(self.edited)
        self.edit.play_requested.connect(self._on_play_requested)
        self.edit.segment_clicked.connect(self._on_segment_clicked)
        self.gutter.clicked.connect(self._on_play_requested)
        self.edit.verticalScrollBar().valueChanged.connect(self.gutter.update)
        self.edit.document().documentLayout().documentSizeChanged.connect(self.gutter.update)
        self.setFocusProxy(self.edit)
        self._retranslate()

    def _lay_out(self) -> None:
        gutter = self.gutter.wanted_width()
        width = min(self.width() - gutter, theme.px(theme.READING_COLUMN_PX) + self.edit.verticalScrollBar().width())
        self.gutter.setGeometry(0, 0, gutter, self.height())
        self.edit.setGeometry(gutter, 0, max(0, width), self.height())

    def _is_in_view(self, number: int) -> bool:
        if number < 0:
            return True
        top, bottom = self.edit.span_of(self.edit.document().findBlockByNumber(number))
        return bottom > 0 and top < self.edit.viewport().height()

    def _start_of(self, number: int) -> float:
        return self._starts[number] if 0 <= number < len(self._starts) else 0.0

    def _on_play_requested(self, number: int) -> None:
        if 0 <= number < len(self._segments):
            self.play_requested.emit(self._start_of(number))

    def _on_segment_clicked(self, number: int, fraction: float) -> None:
        if 0 <= number < len(self._segments):
            segment = self._segments[number]
            length_s = segment.end_s - segment.start_s
            self.place_clicked.emit(segment.start_s + (fraction * length_s if length_s > _LONG_SEGMENT_S else 0.0))

    def _retranslate(self) -> None:
        self.edit.setAccessibleName(self.tr("Transcript"))
        self.edit.setAccessibleDescription(self.tr("Ctrl+Enter plays from the paragraph with the cursor"))
