"""What a chat model emits while it answers; plain values, without the libraries that compute them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenProbability:
    """The natural logarithm of a token's probability, before temperature and filters; `top` are the likeliest ones."""

    data: bytes
    logprob: float
    top: tuple[tuple[bytes, float], ...] = ()

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class PromptTaken:
    """The prompt fits and is being read; `cached_tokens` of it were known already."""

    tokens: int
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is certain, with the probabilities of its tokens when they were asked for."""

    text: str
    probabilities: tuple[TokenProbability, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """`reason` is "stop" or "length"."""

    reason: str
    tokens: int


type Item = PromptTaken | Piece | Finished
