"""Cuts Markdown into pieces that are drawn one by one: stretches of text, and code; it draws nothing itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

TEXT_BLOCK_CHARACTERS = 1_200
"""A stretch of text ends at the first paragraph border after so many characters: what streaming draws again and again
stays small, and a very long message does not become one very long document."""

_CODE_TOKENS = frozenset({"fence", "code_block"})
_MATH_ENDS = {"$$": "$$", r"\[": r"\]"}


@dataclass(frozen=True, slots=True)
class TextBlock:
    """One or more neighbouring paragraphs, lists, tables, quotes... as Markdown source."""

    source: str


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A code block of the top level; `closed` is False while its end has not been written yet."""

    language: str
    code: str
    closed: bool


type Block = TextBlock | CodeBlock


@dataclass(frozen=True, slots=True)
class Piece:
    """A block and where its source starts and ends, counted in characters."""

    block: Block
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The pieces of a text, and where each of its top-level Markdown blocks starts (several may share a piece)."""

    pieces: tuple[Piece, ...]
    starts: tuple[int, ...]


@lru_cache(maxsize=64)
def split(text: str) -> tuple[Block, ...]:
    """The blocks of a whole message; link definitions are added to each text that may refer to them."""
    references: dict[str, str] = {}
    blocks = tuple(piece.block for piece in outline(text, references).pieces)
    if not references:
        return blocks
    appendix = "\n\n" + "\n".join(f"[{label}]: <{address}>" for label, address in references.items())
    return tuple(
        TextBlock(block.source + appendix) if isinstance(block, TextBlock) and "[" in block.source else block
        for block in blocks
    )


def split_plain(text: str) -> tuple[Block, ...]:
    """The blocks of a text that is shown as it was typed: only fenced code is taken out."""
    text = normalised(text)
    pieces = outline(text).pieces
    blocks: list[Block] = []
    start = 0
    for piece in pieces:
        if isinstance(piece.block, CodeBlock) and text[piece.start :].lstrip(" ").startswith(("```", "~~~")):
            _add_text(blocks, text[start : piece.start])
            blocks.append(piece.block)
            start = piece.end
    _add_text(blocks, text[start:])
    return tuple(blocks)


def _add_text(blocks: list[Block], source: str) -> None:
    if source.strip():
        blocks.append(TextBlock(source.strip("\n")))


def outline(text: str, references: dict[str, str] | None = None) -> Outline:
    """Find the pieces of `text`; `references`, if given, receives its link definitions."""
    text = normalised(text)
    environment: dict[str, dict[str, dict[str, str]]] = {}
    tokens = [token for token in _parser().parse(text, environment) if token.level == 0 and token.map]
    if references is not None:
        references.update({label: found["href"] for label, found in environment.get("references", {}).items()})
    offsets = _line_offsets(text)
    return Outline(_pieces(text, tokens, offsets), tuple(offsets[token.map[0]] for token in tokens if token.map))


def normalised(text: str) -> str:
    """Line ends as the parser wants them."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _line_offsets(text: str) -> list[int]:
    offsets = [0]
    offsets.extend(match.end() for match in re.finditer("\n", text))
    offsets.append(len(text))
    return offsets


def _pieces(text: str, tokens: list[Token], offsets: list[int]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    start: int | None = None

    def end_text(end: int) -> None:
        source = text[start:end].rstrip().lstrip("\n")
        if start is not None and source:
            pieces.append(Piece(TextBlock(source), start, end))

    for token in tokens:
        assert token.map is not None
        first, last = offsets[token.map[0]], offsets[token.map[1]]
        if token.type in _CODE_TOKENS:
            end_text(first)
            start = None
            pieces.append(Piece(_code_block(token, text[first:last]), first, last))
        elif start is None:
            start = first
        elif first - start >= TEXT_BLOCK_CHARACTERS:
            end_text(first)
            start = first
    end_text(len(text))
    return tuple(pieces)


def _code_block(token: Token, source: str) -> CodeBlock:
    language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
    closed = token.type == "code_block" or _is_closed(source, token.markup)
    return CodeBlock(language, token.content.removesuffix("\n"), closed)


def _is_closed(source: str, fence: str) -> bool:
    lines = source.rstrip("\n").split("\n")
    return len(lines) > 1 and closing_fence(fence).fullmatch(lines[-1]) is not None


def closing_fence(fence: str) -> re.Pattern[str]:
    """A line that closes a code block opened with `fence` (CommonMark 0.31, section 4.5)."""
    return re.compile(rf" {{0,3}}{re.escape(fence)}{re.escape(fence[0])}*[ \t]*")


@cache
def _parser() -> MarkdownIt:
    """Block structure only: what is inside a paragraph is Qt's business."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["inline", "text_join"])
    parser.block.ruler.before("fence", "display_math", _display_math)
    return parser


def _display_math(state: StateBlock, first_line: int, end_line: int, silent: bool) -> bool:
    r"""A block rule: `$$ ... $$` or `\[ ... \]` on lines of its own is one block, whatever its lines look like.

    As in TeX an empty line cannot be inside; a formula that is not closed is ordinary text.
    """
    start = state.bMarks[first_line] + state.tShift[first_line]
    end_mark = _MATH_ENDS.get(state.src[start : start + 2])
    if end_mark is None or state.is_code_block(first_line):
        return False
    for line in range(first_line, end_line):
        content = state.src[start + 2 if line == first_line else state.bMarks[line] : state.eMarks[line]].rstrip()
        if state.isEmpty(line):
            return False
        if content.endswith(end_mark):
            if not silent:
                state.line = line + 1
                token = state.push("display_math", "", 0)
                token.map = [first_line, line + 1]
            return True
    return False
