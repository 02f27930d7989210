"""Transcripts as text for other programs: TXT, SRT, VTT and JSON, subtitles with lines people can read in time."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.model.audio import ExportFormat, Segment, Transcript, Word, is_wide, join_texts

LINE_COLUMNS = 42
"""What broadcasters allow in a line; Chinese and Japanese characters take two columns each."""
LONGEST_S = 7.0
SHORTEST_S = 1.0
PARAGRAPH_PAUSE_S = 2.0
_SENTENCE_ENDS = ".?!…。？！"
_CLAUSE_ENDS = ",;:，；：、—"


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle: at most two lines."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


def export(transcript: Transcript, form: ExportFormat) -> str:
    """The whole file, ending in a line break; an empty transcript gives a valid empty file."""
    match form:
        case ExportFormat.TXT:
            return plain_text(transcript.segments) + "\n"
        case ExportFormat.SRT:
            return srt(transcript.segments)
        case ExportFormat.VTT:
            return vtt(transcript.segments)
        case ExportFormat.JSON:
            return as_json(transcript)


def plain_text(segments: Iterable[Segment]) -> str:
    """Running text, a new paragraph where somebody paused."""
    paragraphs: list[list[str]] = []
    before_s = -PARAGRAPH_PAUSE_S
    for segment in segments:
        if segment.start_s - before_s >= PARAGRAPH_PAUSE_S or not paragraphs:
            paragraphs.append([])
        paragraphs[-1].append(segment.text)
        before_s = segment.end_s
    return "\n\n".join(text for paragraph in paragraphs if (text := join_texts(paragraph)))


def srt(segments: Sequence[Segment]) -> str:
    """SubRip: numbered, comma before the milliseconds."""
    blocks = []
    for number, cue in enumerate(cues(segments), 1):
        text = "\n".join(cue.lines).replace("-->", "→")
        blocks.append(f"{number}\n{_stamp(cue.start_s, ',')} --> {_stamp(cue.end_s, ',')}\n{text}\n")
    return "\n".join(blocks)


def vtt(segments: Sequence[Segment]) -> str:
    """WebVTT as the W3C specifies it: markup characters are escaped."""
    blocks = ["WEBVTT\n"]
    for cue in cues(segments):
        text = "\n".join(cue.lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_stamp(cue.start_s, '.')} --> {_stamp(cue.end_s, '.')}\n{text}\n")
    return "\n".join(blocks)


def as_json(transcript: Transcript) -> str:
    """Everything, with times in seconds; `words` only where the model told them."""
    segments = [
        {"start": round(one.start_s, 3), "end": round(one.end_s, 3), "text": one.text.strip()} | _words(one)
        for one in transcript.segments
    ]
    content = {
        "text": transcript.text,
        "language": transcript.language,
        "model": transcript.model.model_id,
        "translated": transcript.options.translate,
        "segments": segments,
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def cues(segments: Sequence[Segment]) -> list[Cue]:
    """Subtitles of at most two lines and seven seconds, in order and without overlap."""
    raw = sorted((cue for segment in segments for cue in _split(segment)), key=lambda cue: cue.start_s)
    shown: list[Cue] = []
    for number, cue in enumerate(raw):
        following_s = raw[number + 1].start_s if number + 1 < len(raw) else float("inf")
        wanted_s = min(max(cue.end_s, cue.start_s + SHORTEST_S), cue.start_s + LONGEST_S)
        end_s = max(min(wanted_s, following_s), cue.start_s + 0.001)
        shown.append(Cue(cue.start_s, end_s, cue.lines))
    return shown


def columns(text: str) -> int:
    """Width on the screen in columns of a Latin letter."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _words(segment: Segment) -> dict[str, object]:
    if not segment.words:
        return {}
    return {
        "words": [
            {"start": round(w.start_s, 3), "end": round(w.end_s, 3), "word": w.text.strip()} for w in segment.words
        ]
    }


def _split(segment: Segment) -> Iterator[Cue]:
    """One cue, or several where the segment is too long to be read at once."""
    waiting: list[Word] = []
    for piece in _timed_pieces(segment):
        if waiting and not _fits([*waiting, piece]):
            yield _cue(waiting)
            waiting = []
        waiting.append(piece)
        if _is_good_end(waiting):
            yield _cue(waiting)
            waiting = []
    if waiting:
        yield _cue(waiting)


def _timed_pieces(segment: Segment) -> list[Word]:
    """Words with the model's times, or with times in proportion to their length."""
    if segment.words and join_texts(word.text for word in segment.words) == join_texts([segment.text]):
        return list(segment.words)
    pieces = list(_pieces(segment.text))
    total = sum(columns(piece) for piece in pieces) or 1
    per_column_s = (segment.end_s - segment.start_s) / total
    timed, start_s = [], segment.start_s
    for piece in pieces:
        end_s = start_s + columns(piece) * per_column_s
        timed.append(Word(piece, start_s, end_s))
        start_s = end_s
    return timed


def _pieces(text: str) -> Iterator[str]:
    """Words, and single characters of scripts without spaces with the punctuation that follows them."""
    for word in text.split():
        piece = ""
        for character in word:
            begins_new = is_wide(character) and unicodedata.category(character)[0] != "P"
            if piece and (begins_new or (is_wide(piece[-1]) and character.isalnum())):
                yield piece
                piece = ""
            piece += character
        yield piece


def _fits(words: Sequence[Word]) -> bool:
    return words[-1].end_s - words[0].start_s <= LONGEST_S and len(_wrapped(words)) <= 2


def _is_good_end(words: Sequence[Word]) -> bool:
    """Whether a cue that is fairly full should end here, after a sentence or a clause."""
    width = columns(join_texts(word.text for word in words))
    last = words[-1].text.rstrip()[-1:]
    return (width >= LINE_COLUMNS and last in _SENTENCE_ENDS) or (width >= 1.6 * LINE_COLUMNS and last in _CLAUSE_ENDS)


def _wrapped(words: Sequence[Word]) -> list[str]:
    lines = [""]
    for word in words:
        longer = join_texts([lines[-1], word.text])
        if lines[-1] and columns(longer) > LINE_COLUMNS:
            lines.append(word.text.strip())
        else:
            lines[-1] = longer
    return lines


def _cue(words: Sequence[Word]) -> Cue:
    """Two lines of about the same length look better than a full one and a rest."""
    lines = _wrapped(words)
    if len(lines) == 2:
        pairs = [
            (join_texts(w.text for w in words[:cut]), join_texts(w.text for w in words[cut:]))
            for cut in range(1, len(words))
        ]
        fitting = [pair for pair in pairs if max(map(columns, pair)) <= LINE_COLUMNS]
        lines = list(min(fitting, key=lambda pair: abs(columns(pair[0]) - columns(pair[1])), default=lines))
    return Cue(words[0].start_s, words[-1].end_s, tuple(lines))


def _stamp(seconds: float, point: str) -> str:
    whole, milliseconds = divmod(round(max(0.0, seconds) * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{milliseconds:03}"
