"""Words of the Audio tab that several of its parts use: times, languages, and how far a transcript came."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cmp_to_key
from itertools import chain, count

from PySide6.QtCore import QCollator, QCoreApplication, QDateTime, QLocale

from app.model.audio import SPOKEN_LANGUAGES, ExportFormat, Headway, RecordingState, TranscriptState
from app.model.text import QT_TRANSLATE_NOOP

_STATES = {
    TranscriptState.RUNNING: QT_TRANSLATE_NOOP("AudioWords", "Being transcribed"),
    TranscriptState.COMPLETE: QT_TRANSLATE_NOOP("AudioWords", "Transcribed"),
    TranscriptState.STOPPED: QT_TRANSLATE_NOOP("AudioWords", "Stopped in the middle"),
    TranscriptState.FAILED: QT_TRANSLATE_NOOP("AudioWords", "Failed"),
}
_NO_SPEECH = QT_TRANSLATE_NOOP("AudioWords", "No speech found")
_RECORDING_STATES = {
    RecordingState.RECORDING: QT_TRANSLATE_NOOP("AudioWords", "Recording"),
    RecordingState.RECOVERED: QT_TRANSLATE_NOOP("AudioWords", "Recovered after a crash"),
}
_FORMATS = {
    ExportFormat.TXT: QT_TRANSLATE_NOOP("AudioWords", "Text (TXT)"),
    ExportFormat.SRT: QT_TRANSLATE_NOOP("AudioWords", "Subtitles (SRT)"),
    ExportFormat.VTT: QT_TRANSLATE_NOOP("AudioWords", "Web subtitles (VTT)"),
    ExportFormat.JSON: QT_TRANSLATE_NOOP("AudioWords", "Data with times (JSON)"),
}


def clock(seconds: float) -> str:
    """ "0:07", "12:34" or "1:02:03", as players show it."""
    whole = int(max(0.0, seconds))
    minutes, rest = whole // 60, whole % 60
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def moment(when: datetime) -> str:
    """Date and time as the user's country writes them."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(when.timestamp())), QLocale.FormatType.ShortFormat)


def distinct(name: str, taken: Collection[str]) -> str:
    """`name`, or with the first number behind it that makes it another than all that are `taken`."""
    numbered = (f"{name} ({number})" for number in count(2))
    return next(one for one in chain((name,), numbered) if one not in taken)


def state(recording: RecordingState, headway: Headway | None) -> str:
    """How far a recording and its transcript came; empty where there is nothing to say."""
    if headway is None or recording is RecordingState.RECORDING:
        source = _RECORDING_STATES.get(recording, "")
    elif headway == Headway(TranscriptState.COMPLETE, has_text=False):
        source = _NO_SPEECH
    else:
        source = _STATES[headway.state]
    return QCoreApplication.translate("AudioWords", source) if source else ""


def export_format(form: ExportFormat) -> str:
    return QCoreApplication.translate("AudioWords", _FORMATS[form])


def language(code: str) -> str:
    """The name of a language, from its code or from the English name that some servers answer."""
    name = SPOKEN_LANGUAGES.get(code.lower(), code)
    return QCoreApplication.translate("Languages", name[:1].upper() + name[1:])


def languages() -> list[tuple[str, str]]:
    """Names and codes of the languages speech models know, in the order of the names."""
    collator = QCollator()

    def compare(one: tuple[str, str], other: tuple[str, str]) -> int:
        return collator.compare(one[0], other[0])

    return sorted(((language(code), code) for code in SPOKEN_LANGUAGES), key=cmp_to_key(compare))
