"""What a test wants the fake server to answer, queued in order; knows nothing of connections."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from tests.fakes.openai_answers import Answer
from tests.fakes.openai_http import Chunk, Received, Reply, error_reply, json_reply, stream_reply
from tests.fakes.openai_media import DEFAULT_TRANSCRIPT, Transcript


class Script:
    """Queues of answers, transcripts and replies."""

    def __init__(self) -> None:
        self._answers: deque[Answer] = deque()
        self._transcripts: deque[Transcript] = deque()
        self._replies: list[tuple[str, Reply]] = []

    def answer(self, text: str, **details: Any) -> None:
        """Queue a text answer; `details` are the fields of `Answer`."""
        self._answers.append(Answer(text, **details))

    def transcript(self, segments: Sequence[tuple[float, float, str]], **details: Any) -> None:
        """Queue a transcript; `details` are the fields of `Transcript`."""
        self._transcripts.append(Transcript(tuple(segments), **details))

    def reply(
        self, status: int, body: object = b"", headers: dict[str, str] | None = None, *, path: str = "", times: int = 1
    ) -> None:
        """Queue a reply; bytes and strings are sent as they are (HTML unless `headers` say more), the rest as JSON."""
        if isinstance(body, str | bytes):
            data = body.encode() if isinstance(body, str) else body
            self._queue(path, Reply(status, {"Content-Type": "text/html", **(headers or {})}, data), times)
        else:
            self._queue(path, json_reply(body, status, headers), times)

    def reply_error(
        self, status: int, code: str | None = None, type_: str = "server_error", message: str = "", **place: Any
    ) -> None:
        """Queue OpenAI's error body; `param`, `headers`, `path` and `times` by name."""
        words = message or f"scripted error {status}"
        reply = error_reply(status, words, code=code, type_=type_, param=place.get("param"))
        reply = Reply(status, {**reply.headers, **place.get("headers", {})}, reply.body)
        self._queue(place.get("path", ""), reply, place.get("times", 1))

    def reply_bytes(
        self, chunks: Sequence[Chunk], headers: dict[str, str] | None = None, *, path: str = "", times: int = 1
    ) -> None:
        """Queue an event stream of exactly these chunks; `headers` replace or add to its headers."""
        reply = stream_reply(chunks)
        self._queue(path, Reply(200, {**reply.headers, **(headers or {})}, None, chunks), times)

    def reply_raw(self, chunks: Sequence[Chunk], *, path: str = "", times: int = 1) -> None:
        """Queue an answer of exactly these bytes, status line and headers included; the connection ends after it."""
        self._queue(path, Reply(chunks=chunks, raw=True), times)

    def next_answer(self) -> Answer | None:
        return self._answers.popleft() if self._answers else None

    def next_transcript(self) -> Transcript:
        return self._transcripts.popleft() if self._transcripts else DEFAULT_TRANSCRIPT

    def next_reply(self, request: Received) -> Reply | None:
        """The first queued reply that is meant for this request."""
        for index, (path, reply) in enumerate(self._replies):
            if request.path.endswith(path) if path else request.method == "POST":
                del self._replies[index]
                return reply
        return None

    def _queue(self, path: str, reply: Reply, times: int) -> None:
        self._replies += [(path, reply)] * times
