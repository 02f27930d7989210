"""Joins Whisper's tokens to words with times; a token may hold a part of a word, or even of a character."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.engine.speech.transcript import Word

WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages written without spaces: every character counts as a word, as in OpenAI's own code."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text in UTF-8, possibly not ending at a character's end."""

    id: int
    data: bytes
    start_s: float
    end_s: float
    logprob: float


def join_words(tokens: Iterable[Token], language: str) -> list[Word]:
    """Words in order; `language` is ISO 639-1."""
    words: list[Word] = []
    held = b""
    held_from = 0.0
    for token in tokens:
        held_from = held_from if held else token.start_s
        held += token.data
        try:
            text = held.decode()
        except UnicodeDecodeError:
            continue  # the rest of the character is in the next token
        held = b""
        if words and not _begins_word(text, language):
            last = words[-1]
            words[-1] = Word(last.text + text, last.start_s, token.end_s)
        else:
            words.append(Word(text.lstrip(), held_from, token.end_s))
    return [Word(word.text.strip(), word.start_s, word.end_s) for word in words if word.text.strip()]


def _begins_word(text: str, language: str) -> bool:
    """Punctuation belongs to the word before it."""
    if language in WITHOUT_SPACES:
        return any(character.isalnum() for character in text)
    return text.startswith(" ")
