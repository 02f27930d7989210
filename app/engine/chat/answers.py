"""The JSON of both text endpoints: whole answers and stream chunks, shapes as in OpenAI's API reference."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.engine.chat.items import Finished, PromptTaken, TokenProbability


@dataclass(slots=True)
class Tally:
    """Tokens of one request, for `usage`."""

    prompt: PromptTaken = field(default_factory=lambda: PromptTaken(0, 0))
    finished: Finished = field(default_factory=lambda: Finished("stop", 0))

    @property
    def usage(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self.prompt.tokens,
            "completion_tokens": self.finished.tokens,
            "total_tokens": self.prompt.tokens + self.finished.tokens,
            "prompt_tokens_details": {"cached_tokens": self.prompt.cached_tokens},
        }


class ChatAnswer:
    """Shapes of `/v1/chat/completions`."""

    def __init__(self, model_id: str) -> None:
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())
        self._model_id = model_id

    def opening(self) -> list[dict[str, Any]]:
        """Chunks before the first text."""
        return [self._chunk({"role": "assistant", "content": "", "refusal": None})]

    def piece(self, text: str, probabilities: Sequence[TokenProbability]) -> dict[str, Any]:
        return self._chunk({"content": text}, _chat_logprobs(probabilities))

    def ending(self, reason: str) -> dict[str, Any]:
        return self._chunk({}, finish_reason=reason)

    def usage(self, tally: Tally) -> dict[str, Any]:
        """The chunk that `include_usage` asks for."""
        return self._frame("chat.completion.chunk", []) | {"usage": tally.usage}

    def whole(self, text: str, probabilities: Sequence[TokenProbability], tally: Tally) -> dict[str, Any]:
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text, "refusal": None},
            "logprobs": _chat_logprobs(probabilities),
            "finish_reason": tally.finished.reason,
        }
        return self._frame("chat.completion", [choice]) | {"usage": tally.usage}

    def _chunk(
        self, delta: dict[str, Any], logprobs: dict[str, Any] | None = None, finish_reason: str | None = None
    ) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason}
        return self._frame("chat.completion.chunk", [choice])

    def _frame(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": kind,
            "created": self._created,
            "model": self._model_id,
            "choices": choices,
        }


class CompletionAnswer:
    """Shapes of the legacy `/v1/completions`; `echo` is the prompt when the client wants it back."""

    def __init__(self, model_id: str, echo: str) -> None:
        self._id = f"cmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())
        self._model_id = model_id
        self._echo = echo
        self._offset = len(echo)

    def opening(self) -> list[dict[str, Any]]:
        """Chunks before the first text."""
        return [self._frame(self._echo, None, None)] if self._echo else []

    def piece(self, text: str, probabilities: Sequence[TokenProbability]) -> dict[str, Any]:
        return self._frame(text, self._logprobs(probabilities), None)

    def ending(self, reason: str) -> dict[str, Any]:
        return self._frame("", None, reason)

    def usage(self, tally: Tally) -> dict[str, Any]:
        """The chunk that `include_usage` asks for."""
        return self._frame("", None, None) | {"choices": [], "usage": tally.usage}

    def whole(self, text: str, probabilities: Sequence[TokenProbability], tally: Tally) -> dict[str, Any]:
        answer = self._frame(self._echo + text, self._logprobs(probabilities), tally.finished.reason)
        return answer | {"usage": tally.usage}

    def _logprobs(self, probabilities: Sequence[TokenProbability]) -> dict[str, Any] | None:
        if not probabilities:
            return None
        offsets = []
        for probability in probabilities:
            offsets.append(self._offset)
            self._offset += len(probability.text)
        return {
            "tokens": [probability.text for probability in probabilities],
            "token_logprobs": [probability.logprob for probability in probabilities],
            "top_logprobs": [
                {data.decode("utf-8", "replace"): logprob for data, logprob in probability.top}
                for probability in probabilities
            ],
            "text_offset": offsets,
        }

    def _frame(self, text: str, logprobs: dict[str, Any] | None, finish_reason: str | None) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": "text_completion",
            "created": self._created,
            "model": self._model_id,
            "choices": [{"index": 0, "text": text, "logprobs": logprobs, "finish_reason": finish_reason}],
        }


def _chat_logprobs(probabilities: Sequence[TokenProbability]) -> dict[str, Any] | None:
    if not probabilities:
        return None
    content = [
        _token(each.data, each.logprob) | {"top_logprobs": [_token(data, logprob) for data, logprob in each.top]}
        for each in probabilities
    ]
    return {"content": content, "refusal": None}


def _token(data: bytes, logprob: float) -> dict[str, Any]:
    return {"token": data.decode("utf-8", "replace"), "logprob": logprob, "bytes": list(data)}
