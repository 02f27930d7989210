"""Formulas are drawn in a thread; what cannot be drawn is known as such."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pytestqt.qtbot import QtBot

from app.ui.widgets.formula import Equation, FormulaRenderer, FormulaSize, draw, paint

BLACK = "#000000"
SIZE = FormulaSize(x_height_px=8, max_width_px=700, pixel_ratio=1)


def test_a_formula_is_drawn_in_the_background(qtbot: QtBot) -> None:
    renderer = FormulaRenderer()
    equation = Equation(r"E = mc^2", display=False, color=BLACK)
    with qtbot.waitSignal(renderer.drawn):
        assert not renderer.is_known(equation)
    assert renderer.is_known(equation)
    image = renderer.image(equation, SIZE)
    assert image is not None
    assert image.width() > image.height() > 0


def test_each_formula_is_drawn_once(qtbot: QtBot) -> None:
    renderer = FormulaRenderer()
    equation = Equation("x", display=False, color=BLACK)
    with qtbot.waitSignal(renderer.drawn):
        for _time in range(5):
            renderer.is_known(equation)
    assert renderer.image(equation, SIZE) is renderer.image(equation, SIZE)


@pytest.mark.parametrize("tex", [r"a_{", r"\frac", r"\text{中文}"])
def test_what_cannot_be_drawn_is_none(tex: str) -> None:
    assert draw(Equation(tex, display=True, color=BLACK)) is None


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{a+b}{\sqrt{c^2+d^2}}",
        r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}",
        r"\left(\begin{matrix} a & b \\ c & d \end{matrix}\right)",
        r"\begin{cases} x & x>0 \\ -x & x\le 0\end{cases}",
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
        r"\mathbb{R}^n \to \mathcal{L}(V)",
        r"\text{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}",
    ],
)
def test_usual_formulas_are_drawn(tex: str) -> None:
    drawing = draw(Equation(tex, display=True, color=BLACK))
    assert drawing is not None
    assert 0 < drawing.depth < drawing.height


def test_pictures_have_the_colour_and_the_pixels_asked_for(qapp: object) -> None:
    drawing = draw(Equation("x", display=False, color="#ff0000"))
    assert drawing is not None
    image = paint(drawing, FormulaSize(x_height_px=40, max_width_px=700, pixel_ratio=2))
    assert image.devicePixelRatio() == 2
    colors = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colors == {"#ff0000"}


def test_a_wide_formula_is_made_to_fit(qapp: object) -> None:
    drawing = draw(Equation("a + b + c + d + e + f + g + h", display=True, color=BLACK))
    assert drawing is not None
    image = paint(drawing, FormulaSize(x_height_px=20, max_width_px=50, pixel_ratio=1))
    assert image.width() <= 50


def test_the_base_line_meets_that_of_the_text(qapp: object) -> None:
    """Qt hangs the picture (height - x-height / 2) / 2 below the base line; the ink of a flat letter ends on it."""
    drawing = draw(Equation("x", display=False, color=BLACK))
    assert drawing is not None
    image = paint(drawing, FormulaSize(x_height_px=40, max_width_px=700, pixel_ratio=1))
    base_line = image.height() - (image.height() - 40 / 2) / 2
    inked = [y for y in range(image.height()) if any(image.pixelColor(x, y).alpha() for x in range(image.width()))]
    assert max(inked) == pytest.approx(base_line, abs=2)


def test_nothing_heavy_is_imported_with_the_transcript() -> None:
    code = (
        "import sys, app.ui.chat.transcript; "
        "print([name for name in ('ziamath', 'markdown_it', 'pygments', 'PySide6.QtSvg') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
