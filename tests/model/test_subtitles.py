"""Exports: golden texts for each format, and rules every subtitle keeps whatever the transcript."""

import itertools
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.audio import ExportFormat, Segment, Transcript, Word, join_texts
from app.model.providers import ModelReference
from app.model.subtitles import LINE_COLUMNS, LONGEST_S, columns, cues, export, plain_text

SEGMENTS = (
    Segment(0.0, 2.4, " Good morning, everyone."),
    Segment(2.5, 3.0, "Tea?"),
    Segment(65.25, 70.0, "The <second> part & the arrow --> are next."),
    Segment(3671.0, 3674.5, "最后一句话。"),
)


def _transcript(segments: tuple[Segment, ...] = SEGMENTS) -> Transcript:
    made = datetime(2030, 1, 2, tzinfo=UTC)
    return Transcript(1, 1, segments, "en", ModelReference("built-in", "whisper-base"), made)


def test_plain_text_has_paragraphs_where_somebody_paused() -> None:
    assert export(_transcript(), ExportFormat.TXT) == (
        "Good morning, everyone. Tea?\n\nThe <second> part & the arrow --> are next.\n\n最后一句话。\n"
    )


def test_srt() -> None:
    assert export(_transcript(), ExportFormat.SRT) == (
        "1\n00:00:00,000 --> 00:00:02,400\nGood morning, everyone.\n\n"
        "2\n00:00:02,500 --> 00:00:03,500\nTea?\n\n"
        "3\n00:01:05,250 --> 00:01:10,000\nThe <second> part &\nthe arrow → are next.\n\n"
        "4\n01:01:11,000 --> 01:01:14,500\n最后一句话。\n"
    )


def test_vtt() -> None:
    assert export(_transcript(), ExportFormat.VTT) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:02.400\nGood morning, everyone.\n\n"
        "00:00:02.500 --> 00:00:03.500\nTea?\n\n"
        "00:01:05.250 --> 00:01:10.000\nThe &lt;second&gt; part &amp;\nthe arrow --&gt; are next.\n\n"
        "01:01:11.000 --> 01:01:14.500\n最后一句话。\n"
    )


def test_json_holds_words_only_where_there_are_any() -> None:
    words = (Word(" Tea", 2.5, 2.75), Word("?", 2.75, 3.0))
    content = json.loads(export(_transcript((SEGMENTS[0], Segment(2.5, 3.0, "Tea?", words))), ExportFormat.JSON))
    assert content == {
        "text": "Good morning, everyone. Tea?",
        "language": "en",
        "model": "whisper-base",
        "translated": False,
        "segments": [
            {"start": 0.0, "end": 2.4, "text": "Good morning, everyone."},
            {
                "start": 2.5,
                "end": 3.0,
                "text": "Tea?",
                "words": [{"start": 2.5, "end": 2.75, "word": "Tea"}, {"start": 2.75, "end": 3.0, "word": "?"}],
            },
        ],
    }


@pytest.mark.parametrize(
    ("form", "expected"),
    [(ExportFormat.TXT, "\n"), (ExportFormat.SRT, ""), (ExportFormat.VTT, "WEBVTT\n")],
)
def test_an_empty_transcript_is_an_empty_file(form: ExportFormat, expected: str) -> None:
    assert export(_transcript(()), form) == expected


def test_a_long_segment_becomes_several_cues_that_end_with_sentences() -> None:
    text = (
        "It was the best of times, it was the worst of times. It was the age of wisdom. It was the age of foolishness."
    )
    shown = cues([Segment(0, 12, text)])
    assert [" ".join(cue.lines) for cue in shown] == [
        "It was the best of times, it was the worst of times.",
        "It was the age of wisdom. It was the age of foolishness.",
    ]
    assert shown[0].lines == ("It was the best of times,", "it was the worst of times.")
    assert shown[0].end_s == shown[1].start_s == pytest.approx(5.6, abs=0.3)


def test_words_decide_where_a_cue_begins() -> None:
    texts = [f"word{number:02}" for number in range(20)]
    words = tuple(Word(text, number * 0.5, number * 0.5 + 0.4) for number, text in enumerate(texts))
    second = cues([Segment(0, 10, " ".join(texts), words)])[1]
    assert second.start_s * 2 == float(second.lines[0][4:6])


def test_edited_text_is_not_replaced_by_the_words_heard() -> None:
    shown = cues([Segment(0, 2, "Hello there", (Word("Yellow", 0, 1), Word("there", 1, 2)))])
    assert shown[0].lines == ("Hello there",)


def test_chinese_has_half_the_characters_in_a_line_and_no_spaces() -> None:
    shown = cues(
        [Segment(0, 9, "我们今天来谈谈如何把很长的中文句子分成几行，这样观众才能在有限的时间内读完屏幕上的每一个字。")]
    )
    assert len(shown) >= 2
    for cue in shown:
        for line in cue.lines:
            assert columns(line) <= LINE_COLUMNS
            assert " " not in line
            assert line[0] not in "，。"


_TEXT = st.lists(st.sampled_from(["word", "a", "sentence.", "clause,", "字", "漢字。", "mixed字", "é"]), max_size=60)
_SEGMENTS = st.lists(
    st.builds(
        lambda start, length, words: Segment(start, start + length, " ".join(words)),
        st.floats(0, 1000), st.floats(0, 60), _TEXT,
    ),
    max_size=6,
)  # fmt: skip


@given(segments=_SEGMENTS)
def test_no_subtitle_is_too_wide_too_long_or_over_another_and_no_word_is_lost(segments: list[Segment]) -> None:
    shown = cues(segments)
    for cue in shown:
        assert len(cue.lines) <= 2
        assert all(columns(line) <= LINE_COLUMNS for line in cue.lines)
        assert 0 < cue.end_s - cue.start_s <= LONGEST_S + 0.01
    for one, other in itertools.pairwise(shown):
        assert one.start_s <= other.start_s
        assert one.end_s <= max(other.start_s, one.start_s + 0.01)
    everything = "".join(line for cue in shown for line in cue.lines).replace(" ", "")
    assert sorted(everything) == sorted("".join(segment.text for segment in segments).replace(" ", ""))


@given(segments=_SEGMENTS)
def test_plain_text_loses_nothing(segments: list[Segment]) -> None:
    letters = "".join(plain_text(segments).split())
    assert letters == "".join("".join(segment.text.split()) for segment in segments)


def test_texts_are_joined_as_their_script_wants_it() -> None:
    assert join_texts([" one ", "two", "", "三", "四", "five"]) == "one two 三四 five"
