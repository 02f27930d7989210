"""Draws TeX formulas in a thread and keeps the drawings; where they stand in a text is not known here."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter

if TYPE_CHECKING:
    from types import ModuleType

_REFERENCE_PX = 20.0
_X_HEIGHT = 0.473  # of STIX Two Math, ziamath's font, in multiples of its size
_MAX_DRAWINGS = 2_000
_MAX_IMAGES = 300
_FIRST_CJK = "\u2e80"


@dataclass(frozen=True, slots=True)
class Equation:
    """What to draw: TeX, whether it stands alone, and the colour as #rrggbb."""

    tex: str
    display: bool
    color: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG picture; lengths are in multiples of the text size, `depth` is what hangs below the base line."""

    svg: bytes
    width: float
    height: float
    depth: float


@dataclass(frozen=True, slots=True)
class FormulaSize:
    """How large to make a picture: the text's x-height in px, the widest it may be, pixels per px."""

    x_height_px: float
    max_width_px: float
    pixel_ratio: float


class FormulaRenderer(QObject):
    """Turns TeX into pictures, without ever making the caller wait.

    Signals:
        drawn(): formulas asked for earlier are ready, or are known not to be drawable.

    The thread lives only while there is something to draw.
    """

    drawn = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._drawings: OrderedDict[Equation, Drawing | None] = OrderedDict()
        self._images: OrderedDict[tuple[Equation, FormulaSize], QImage] = OrderedDict()
        self._lock = threading.Lock()
        self._waiting: deque[Equation] = deque()
        self._asked: set[Equation] = set()
        self._working = False

    def is_known(self, equation: Equation) -> bool:
        """Whether `drawing` has its final answer; if not, drawing starts and `drawn` will follow."""
        with self._lock:
            if equation in self._drawings:
                return True
            if equation not in self._asked:
                self._asked.add(equation)
                self._waiting.append(equation)
                self._start()
            return False

    def drawing(self, equation: Equation) -> Drawing | None:
        """The picture; None while it is being drawn and for ever where that is not possible."""
        with self._lock:
            return self._drawings.get(equation)

    def image(self, equation: Equation, size: FormulaSize) -> QImage | None:
        """The picture at a size, padded so that Qt's `AlignMiddle` puts its base line on that of the text."""
        drawing = self.drawing(equation)
        if drawing is None:
            return None
        key = (equation, size)
        image = self._images.pop(key, None)
        if image is None:
            image = paint(drawing, size)
        self._images[key] = image
        if len(self._images) > _MAX_IMAGES:
            self._images.popitem(last=False)
        return image

    def close(self) -> None:
        """Forget what waits; a formula being drawn is finished and dropped."""
        with self._lock:
            self._waiting.clear()
            self._asked.clear()

    def _start(self) -> None:
        if not self._working:
            self._working = True
            threading.Thread(target=self._work, name="formulas", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._working = False
                    return
                equation = self._waiting.popleft()
            drawing = draw(equation)
            with self._lock:
                self._drawings[equation] = drawing
                if len(self._drawings) > _MAX_DRAWINGS:
                    self._drawings.popitem(last=False)
                wanted = equation in self._asked
                self._asked.discard(equation)
            if wanted:
                self._announce()

    def _announce(self) -> None:
        try:
            self.drawn.emit()
        except RuntimeError:  # the window was closed meanwhile: its half of this object is gone
            self.close()


def draw(equation: Equation) -> Drawing | None:
    """The picture of a formula, or None where it cannot be drawn. Slow: for a thread."""
    if any(character >= _FIRST_CJK for character in equation.tex):
        return None  # the mathematical font has no such signs and would draw empty boxes
    ziamath = _ziamath()
    try:
        formula = ziamath.Latex(
            equation.tex, size=_REFERENCE_PX, color=equation.color, inline=not equation.display, margin=1.0
        )
        svg = formula.svg()
        width, height = formula.getsize()
        depth = -formula.getyofst()
    except Exception:  # ziamath raises a dozen unrelated types for TeX it does not understand
        return None
    margin = 1.0
    return Drawing(
        svg.encode(),
        (width + 2 * margin) / _REFERENCE_PX,
        (height + 2 * margin) / _REFERENCE_PX,
        (depth + margin) / _REFERENCE_PX,
    )


def _ziamath() -> ModuleType:
    import ziamath
    from ziamath.config import config

    config.svg2 = False  # Qt draws SVG Tiny, which has no symbols
    return ziamath


def paint(drawing: Drawing, size: FormulaSize) -> QImage:
    """Rasterise; the image's device pixel ratio is set, its logical size is in px."""
    from PySide6.QtSvg import QSvgRenderer

    # The same x-height, not the same size, makes letters of two fonts look alike.
    scale = min(size.x_height_px / _X_HEIGHT, size.max_width_px / drawing.width)
    width, height, depth = drawing.width * scale, drawing.height * scale, drawing.depth * scale
    # Qt hangs an AlignMiddle image (height - x-height / 2) / 2 below the base line (qtextdocumentlayout.cpp).
    sitting = 2 * depth + size.x_height_px / 2
    top = max(0.0, sitting - height)
    full = max(sitting, 2 * (height - depth) - size.x_height_px / 2)
    ratio = size.pixel_ratio
    image = QImage(round(width * ratio), round(full * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing.svg)).render(painter, QRectF(0, top * ratio, width * ratio, height * ratio))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image
