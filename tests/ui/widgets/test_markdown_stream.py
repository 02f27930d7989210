"""A text that arrives in pieces ends in the same blocks as the text loaded whole."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.ui.widgets.markdown_blocks import Block, CodeBlock, TextBlock, split
from app.ui.widgets.markdown_stream import BlockStream

PARAGRAPHS = st.sampled_from(
    [
        "A plain paragraph, long enough to count: " + "word " * 60,
        "Short.\nTwo lines.",
        "## Heading",
        "Setext\n===",
        "- one\n- two\n  - deep",
        "1. one\n2. two",
        "- loose\n\n- list\n\n  with a paragraph",
        "> quote\n> more\n\n> second",
        "| a | b |\n|---|--:|\n| 1 | `x` |",
        "```python\nprint('x')\n\n\nprint(2)\n```",
        "~~~~\n```\nnested\n```\n~~~~",
        "  ```\n  indented fence\n  ```",
        "- item\n\n  ```js\n  in list\n  ```",
        "    indented code",
        "***",
        "$$\na\n- b\n= c\n$$",
        "\\[\nx^2\n\\]",
        "你好，**世界**。",
    ]
)
MARKDOWN = st.lists(PARAGRAPHS, min_size=1, max_size=12).map("\n\n".join)


def streamed(text: str, cuts: list[int]) -> BlockStream:
    stream = BlockStream()
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        stream.append(text[start:end])
    return stream


@settings(max_examples=150)
@given(MARKDOWN, st.lists(st.integers(0, 100_000), max_size=60))
def test_any_cut_gives_the_blocks_of_the_whole(text: str, cuts: list[int]) -> None:
    text += "\n"
    assert streamed(text, cuts).blocks == split(text)


@settings(max_examples=40)
@given(MARKDOWN)
def test_character_by_character(text: str) -> None:
    text += "\n"
    assert streamed(text, list(range(len(text)))).blocks == split(text)


@settings(max_examples=60)
@given(MARKDOWN, st.lists(st.integers(0, 100_000), max_size=60))
def test_settled_blocks_never_change(text: str, cuts: list[int]) -> None:
    stream = BlockStream()
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    settled: tuple[object, ...] = ()
    for start, end in pairwise(places):
        stream.append(text[start:end])
        assert stream.blocks[: len(settled)] == settled
        settled = stream.blocks[: stream.settled]


def test_a_half_typed_closing_fence_is_not_shown_as_code() -> None:
    stream = BlockStream()
    expected: tuple[Block, ...] = (TextBlock("Before."), CodeBlock("python", "x = 1", closed=False))
    stream.append("Before.\n\n```python\nx = 1\n")
    stream.append("``")
    assert stream.blocks == expected
    stream.append("`\nafter")
    expected = (TextBlock("Before."), CodeBlock("python", "x = 1", closed=True), TextBlock("after"))
    assert stream.blocks == expected


def test_backticks_that_do_not_close_are_code_after_all() -> None:
    stream = BlockStream()
    stream.append("```\na\n``")
    stream.append(" b\n")
    assert stream.blocks == (CodeBlock("", "a\n`` b", closed=False),)


def test_a_half_typed_language_is_an_open_block() -> None:
    stream = BlockStream()
    stream.append("text\n\n```pyt")
    assert stream.blocks[-1] == CodeBlock("pyt", "", closed=False)
    stream.append("hon\nx\n```\n")
    assert stream.blocks[-1] == CodeBlock("python", "x", closed=True)


def test_a_carriage_return_cut_from_its_newline() -> None:
    stream = BlockStream()
    stream.append("a\r")
    stream.append("\n\r\nb\r\n")
    assert stream.blocks == split("a\n\nb\n")


def test_a_long_answer_settles_as_it_comes() -> None:
    stream = BlockStream()
    for number in range(200):
        stream.append(f"Paragraph {number} " + "word " * 40 + "\n\n")
    assert stream.settled >= len(stream.blocks) - 2
