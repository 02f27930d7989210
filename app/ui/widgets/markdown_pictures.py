"""The pictures inside one text: its formulas, and images that belong to the message; nothing else is ever loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QImage

from app.ui.widgets.formula import Equation, FormulaRenderer, FormulaSize
from app.ui.widgets.markdown_look import TextStyle
from app.ui.widgets.markdown_source import Formula, prepare


@dataclass(frozen=True, slots=True)
class TextContext:
    """What the texts of a message share: who draws formulas, and which pictures belong to it.

    `picture(address)` gives a picture of the message's own for an address in its text, else None.
    """

    formulas: FormulaRenderer
    picture: Callable[[str], QImage | None]


class MarkdownPictures:
    """Knows which pictures a text has, and which it still waits for."""

    def __init__(self, context: TextContext) -> None:
        self.formulas: dict[str, Formula] = {}
        self._context = context
        self._waiting: set[Equation] = set()
        self._color = ""

    def prepare(self, source: str, style: TextStyle) -> str:
        """`source` as Qt may read it: with the formulas that are drawn by now as images."""
        self._waiting.clear()
        self._color = style.text_color
        prepared = prepare(source, self._is_drawn, lambda address: self._context.picture(address) is not None)
        self.formulas = prepared.formulas
        return prepared.markdown

    def clear(self) -> None:
        self._waiting.clear()
        self.formulas = {}

    def have_arrived(self) -> bool:
        """Whether something the text waits for can be shown now."""
        return any(self._context.formulas.is_known(equation) for equation in self._waiting)

    def image(self, address: str, style: TextStyle, width: int, pixel_ratio: float) -> QImage:
        """The image for an address in the prepared text, at most `width` px wide; an empty one for any other."""
        formula = self.formulas.get(address)
        if formula is not None:
            x_height = QFontMetricsF(style.text_font()).xHeight()
            size = FormulaSize(x_height, width, pixel_ratio)
            image = self._context.formulas.image(self._equation(formula), size)
        else:
            image = self._context.picture(address)
        if image is None:
            return _nothing()
        if image.width() > width * image.devicePixelRatio():
            pixels = round(width * image.devicePixelRatio())
            image = image.scaledToWidth(pixels, Qt.TransformationMode.SmoothTransformation)
        return image

    def _is_drawn(self, formula: Formula) -> bool:
        equation = self._equation(formula)
        if not self._context.formulas.is_known(equation):
            self._waiting.add(equation)
            return False
        return self._context.formulas.drawing(equation) is not None

    def _equation(self, formula: Formula) -> Equation:
        return Equation(formula.tex, formula.display, self._color)


def _nothing() -> QImage:
    """Not a null image: for that Qt would look for a file of the name."""
    image = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image
