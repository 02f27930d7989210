"""A speech model in memory: finds where somebody speaks and lets Whisper write down what; runs on its own thread."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.engine.configuration import ModelEntry
from app.engine.model_files import refused_file
from app.engine.native import Native, whisper
from app.engine.openai_errors import invalid
from app.engine.speech.request import SpeechRequest
from app.engine.speech.sound import SAMPLE_RATE, Samples, decode
from app.engine.speech.transcript import Heard, Item, Progress, Segment
from app.engine.speech.windows import LONGEST_S, Stretch, Window, pack
from app.engine.speech.words import Token, join_words
from app.engine.work import Work

TICKS_A_SECOND = 100
"""whisper.cpp counts in hundredths of a second."""
NOTHING = frozenset({"[BLANK_AUDIO]", "[silence]", "(silence)", "[ Silence ]"})
"""What Whisper writes when it hears nothing."""


class SpeechModel:
    """One ggml Whisper file, with Silero's voice detection where there is a file for it.

    Raises:
        ApiError: a file cannot be loaded.
    """

    def __init__(self, entry: ModelEntry, threads: int) -> None:
        self._native = whisper()
        self._threads = threads
        try:
            parameters = self._native.WhisperContextParams()
            parameters.use_gpu = False
            self._context = self._native.WhisperContext(str(entry.path), parameters)
            self._detector = self._load_detector(entry)
        except (OSError, ValueError, RuntimeError) as error:
            raise refused_file(entry, error) from error

    def transcribe(self, request: SpeechRequest, work: Work[Item]) -> None:
        """Emit progress and segments as they are heard, then `Heard`."""
        self._check_language(request)
        recording = decode(request.data, lambda: work.stopped)
        duration_s = len(recording) / SAMPLE_RATE
        work.emit(Progress(0.0, duration_s))
        work.interrupt_with(self._context.cancel)
        language, count = request.language, 0
        try:
            for window in self._windows(recording, duration_s):
                if work.stopped:
                    return
                self._hear(window.samples(recording), request, language)
                language = self._native.lang_str(self._context.full_lang_id())
                for segment in self._segments(window, request, language, count):
                    work.emit(segment)
                    count += 1
                work.emit(Progress(min(window.end_s, duration_s), duration_s))
        except InterruptedError:
            return
        work.emit(Heard(self._full_name(language), duration_s))

    def close(self) -> None:
        if self._detector is not None:
            self._detector.close()
        self._context.close()

    def _load_detector(self, entry: ModelEntry) -> Native:
        if entry.vad is None or not entry.vad.exists():
            return None
        parameters = self._native.WhisperVadContextParams()
        parameters.use_gpu = False
        parameters.n_threads = self._threads
        return self._native.WhisperVadContext(str(entry.vad), parameters)

    def _check_language(self, request: SpeechRequest) -> None:
        multilingual = bool(self._context.is_multilingual())
        if request.language and self._native.lang_id(request.language) < 0:
            raise invalid(f"The language '{request.language}' is not known.", "language", "invalid_language")
        if not multilingual and (request.translate or request.language not in ("", "en")):
            raise invalid("This speech model understands English only.", "language", "unsupported_value")

    def _windows(self, recording: Samples, duration_s: float) -> list[Window]:
        """Without voice detection Whisper gets the whole recording and finds its own way through it."""
        if self._detector is None:
            return [Window((Stretch(0.0, duration_s, 0.0),))]
        parameters = self._native.WhisperVadParams()
        parameters.max_speech_duration_s = LONGEST_S - 1.0
        found = self._detector.segments_from_samples(recording, parameters)
        try:
            speech = [(start / TICKS_A_SECOND, end / TICKS_A_SECOND) for start, end in _pairs(found)]
        finally:
            found.close()
        return pack(speech, duration_s)

    def _hear(self, sound: Samples, request: SpeechRequest, language: str) -> None:
        parameters = self._native.WhisperFullParams()
        parameters.n_threads = self._threads
        parameters.print_progress = False
        parameters.no_context = True
        parameters.translate = request.translate
        parameters.language = (language or "auto") if self._context.is_multilingual() else "en"
        parameters.token_timestamps = request.words
        parameters.temperature = request.temperature
        if request.prompt:
            parameters.initial_prompt = request.prompt
        self._context.full(np.ascontiguousarray(sound), parameters)

    def _segments(self, window: Window, request: SpeechRequest, language: str, count: int) -> Iterator[Segment]:
        for index in range(self._context.full_n_segments()):
            tokens = list(self._tokens(index, window))
            text = b"".join(token.data for token in tokens).decode("utf-8", "replace")
            if not text.strip() or text.strip() in NOTHING:
                continue
            words = join_words(tokens, "en" if request.translate else language) if request.words else []
            yield Segment(
                id=count,
                start_s=window.start_in_recording(self._context.full_get_segment_t0(index) / TICKS_A_SECOND),
                end_s=window.end_in_recording(self._context.full_get_segment_t1(index) / TICKS_A_SECOND),
                text=text,
                words=tuple(words),
                tokens=tuple(token.id for token in tokens),
                mean_logprob=float(np.mean([token.logprob for token in tokens])),
                no_speech_probability=float(self._context.full_get_segment_no_speech_prob(index)),
            )
            count += 1

    def _tokens(self, segment: int, window: Window) -> Iterator[Token]:
        """The tokens that are text; those from the end-of-text mark on are marks and times."""
        for index in range(self._context.full_n_tokens(segment)):
            identity = self._context.full_get_token_id(segment, index)
            if identity >= self._context.token_eot():
                continue
            found = self._context.full_get_token_data(segment, index)
            start_s = window.start_in_recording(found.t0 / TICKS_A_SECOND)
            end_s = window.end_in_recording(found.t1 / TICKS_A_SECOND)
            data = self._bytes_of(segment, index)
            yield Token(int(identity), data, start_s, max(start_s, end_s), float(found.plog))

    def _bytes_of(self, segment: int, index: int) -> bytes:
        """A token may be a part of a character; the error that cyllama then raises carries the bytes."""
        try:
            return str(self._context.full_get_token_text(segment, index)).encode()
        except UnicodeDecodeError as error:
            return bytes(error.object)

    def _full_name(self, language: str) -> str:
        return str(self._native.lang_str_full(self._native.lang_id(language))) if language else ""


def _pairs(segments: Native) -> Iterator[tuple[float, float]]:
    for index in range(len(segments)):
        yield segments[index]
