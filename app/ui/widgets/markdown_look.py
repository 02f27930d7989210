"""How the text of a message looks, as a value; applying it to a document is the business of `markdown_style`."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QFont

from app.ui import theme

CODE_SCALE = 0.92
"""The size of code beside that of text: fixed-pitch fonts look larger than they are."""


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How text looks: colours, zoom in percent, and whether it stands back."""

    colors: theme.Colors
    zoom_percent: int = 100
    muted: bool = False

    def px(self, length: float) -> int:
        return round(length * self.zoom_percent / 100)

    def text_font(self, size_px: int = theme.BODY_PX) -> QFont:
        font = theme.text_font()
        font.setPixelSize(self.px(size_px))
        return font

    def code_font(self) -> QFont:
        font = theme.code_font()
        font.setPixelSize(self.px(theme.BODY_PX * CODE_SCALE))
        return font

    @property
    def text_color(self) -> str:
        return self.colors.muted if self.muted else self.colors.text
