"""Reasoning in tags: taken apart the same way wherever the network cuts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.api.thinking import ThinkingSplitter

CASES = {
    "<think>why</think>so": ("so", "why"),
    "\n<think>\nwhy\n</think>\n\nso": ("so", "why"),
    "<think></think>so": ("so", ""),
    "plain": ("plain", ""),
    "  leading space": ("  leading space", ""),
    "<thinking>": ("<thinking>", ""),
    "<th": ("<th", ""),
    "<": ("<", ""),
    "": ("", ""),
    "use <think>x</think> like this": ("use <think>x</think> like this", ""),
    "<think>never closed": ("", "never closed"),
    "<think>a </b> </thin </think>z": ("z", "a </b> </thin "),
}


def split(pieces: list[str]) -> tuple[str, str]:
    splitter = ThinkingSplitter()
    parts = [*(splitter.feed(piece) for piece in pieces), splitter.finish()]
    return "".join(text for text, _ in parts), "".join(reasoning for _, reasoning in parts)


@pytest.mark.parametrize("answer", CASES)
def test_whole(answer: str) -> None:
    assert split([answer]) == CASES[answer]


@pytest.mark.parametrize("answer", CASES)
def test_letter_by_letter(answer: str) -> None:
    assert split(list(answer)) == CASES[answer]


@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "th", "ink>", "\n", "a", " ", "</"]), max_size=12))
def test_nothing_is_lost_but_tags_and_blank_lines(pieces: list[str]) -> None:
    text, reasoning = split(pieces)
    assert (text, reasoning) == split(["".join(pieces)])
    kept = "".join(pieces).replace("<think>", "", 1).replace("</think>", "", 1).replace("\n", "")
    if reasoning:
        assert (reasoning + text).replace("\n", "").strip() == kept.strip()


def test_reasoning_flows_before_the_tag_closes() -> None:
    splitter = ThinkingSplitter()
    assert splitter.feed("<think>first ") == ("", "first ")
    assert splitter.feed("second") == ("", "second")
