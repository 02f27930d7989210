"""Pieces of text that came together become one piece: whoever stores and shows them has less to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import cast

from app.model.chat import TextDelta

MOST_TEXT = 3_000_000
"""Characters of an answer and its reasoning: far more than half a million tokens, several times what the largest models
write at once. Whoever sends more does not stop at all, and the window would soon be busy with nothing else."""


def length_of(items: Sequence[object]) -> int:
    """How many characters of text there are in `items`."""
    deltas = (item for item in items if isinstance(item, TextDelta))
    return sum(len(delta.text) + len(delta.reasoning) + len(delta.refusal) for delta in deltas)


def joined[Item](items: Sequence[Item]) -> Iterator[Item]:
    """`items` in their order, each run of deltas that hold nothing but text as one delta."""
    for is_text, run in groupby(items, _is_text):
        if is_text:
            yield cast(Item, _one([item for item in run if isinstance(item, TextDelta)]))
        else:
            yield from run


def _is_text(item: object) -> bool:
    return isinstance(item, TextDelta) and not (item.finish_reason or item.usage or item.function_calls)


def _one(deltas: Sequence[TextDelta]) -> TextDelta:
    if len(deltas) == 1:
        return deltas[0]
    return TextDelta(
        text="".join(delta.text for delta in deltas),
        reasoning="".join(delta.reasoning for delta in deltas),
        refusal="".join(delta.refusal for delta in deltas),
    )
