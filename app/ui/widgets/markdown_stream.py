"""Cuts a growing Markdown text into blocks, parsing only its end again; for text that is whole use `split`."""

from __future__ import annotations

import re

from app.ui.widgets.markdown_blocks import Block, CodeBlock, Outline, TextBlock, closing_fence, normalised, outline

_OPENING = re.compile(r"(?P<indent> {0,3})(?P<fence>`{3,}+|~{3,}+)[^\n]*+\n")


class BlockStream:
    """The blocks of a text to which pieces are appended.

    `blocks[:settled]` will not change any more, whatever comes; what stands after them is parsed again with every
    piece. A link that refers to a definition elsewhere, and a list that becomes loose, are only right in
    `split(text)` of the whole, which is what to show when the text has ended.
    """

    def __init__(self) -> None:
        self.settled = 0
        self._blocks: list[Block] = []
        self._tail = ""
        self._half_line_end = ""  # a carriage return whose newline may come with the next piece
        self._fence = ""  # while an open code block is all the tail consists of
        self._code_start = 0

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(self._blocks)

    def append(self, text: str) -> None:
        text = self._half_line_end + text
        self._half_line_end = "\r" if text.endswith("\r") else ""
        line_start = self._tail.rfind("\n") + 1
        self._tail += normalised(text.removesuffix("\r"))
        if not (self._fence and self._extend_code(line_start)):
            self._parse()

    def _extend_code(self, line_start: int) -> bool:
        """Add to the open code block without parsing; False when it may have been closed."""
        closing = closing_fence(self._fence)
        if any(closing.fullmatch(line) for line in self._tail[line_start:].split("\n")):
            return False
        language = self._blocks[-1].language if isinstance(self._blocks[-1], CodeBlock) else ""
        self._blocks[-1] = CodeBlock(language, self._open_code(), closed=False)
        return True

    def _open_code(self) -> str:
        """What can be shown of the open block: a last line that may become its closing fence is held back."""
        code = self._tail[self._code_start :]
        last_line = code[code.rfind("\n") + 1 :]
        if last_line.strip(" ") and set(last_line.strip(" ")) == {self._fence[0]}:
            code = code[: len(code) - len(last_line)]
        return code.removesuffix("\n")

    def _parse(self) -> None:
        self._fence = ""
        found = outline(self._tail)
        count = self._settled_count(found)
        del self._blocks[self.settled :]
        self._blocks.extend(piece.block for piece in found.pieces)
        self.settled += count
        if count:
            following = found.pieces[count].start if count < len(found.pieces) else found.pieces[-1].end
            self._tail = self._tail[following:]
        self._notice_open_code()

    def _settled_count(self, found: Outline) -> int:
        """How many pieces are beyond change.

        Lines are read once from the top, so what stands before the last block but one is certain: the last may still
        turn out to continue its neighbour. An opening fence, once its line is complete, continues nothing.
        """
        if not found.pieces:
            return 0
        certain = found.starts[-2] if len(found.starts) > 1 else 0
        last = found.pieces[-1]
        if isinstance(last.block, CodeBlock) and _OPENING.match(self._tail, last.start):
            closed_for_good = last.block.closed and self._tail[last.start : last.end].endswith("\n")
            certain = last.end if closed_for_good else last.start
        return sum(piece.end <= certain for piece in found.pieces)

    def _notice_open_code(self) -> None:
        """An open code block of the margin, the usual case, is extended from now on rather than parsed again."""
        if len(self._blocks) != self.settled + 1 or isinstance(self._blocks[-1], TextBlock):
            return
        opening = _OPENING.match(self._tail)
        if opening and not self._blocks[-1].closed and not opening["indent"]:
            self._fence, self._code_start = opening["fence"], opening.end()
            self._blocks[-1] = CodeBlock(self._blocks[-1].language, self._open_code(), closed=False)
