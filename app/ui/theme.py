"""Colours, spacing, radii, text sizes and icons: the one place that decides the look; knows no widget."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

GRID_PX = 4
SPACE_XS, SPACE_S, SPACE_M, SPACE_L, SPACE_XL = GRID_PX, 2 * GRID_PX, 3 * GRID_PX, 4 * GRID_PX, 6 * GRID_PX
RADIUS_PX = 6
READING_COLUMN_PX = 760
BODY_PX = 15
SMALL_PX = 13
ICON_PX = 18
LINE_HEIGHT_PERCENT = 145


class Mode(StrEnum):
    """What the user chose; `SYSTEM` follows the desktop."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of one scheme as #rrggbb; text on its background keeps WCAG AA contrast (4.5:1)."""

    base: str  # where people read and type
    surface: str  # side bars, cards, code
    raised: str  # buttons, menus, the user's bubble
    border: str
    text: str
    muted: str  # small print
    accent: str
    on_accent: str
    selection: str
    danger: str
    danger_surface: str
    warning: str
    warning_surface: str
    success: str
    code_keyword: str
    code_string: str
    code_comment: str
    code_number: str
    code_name: str


LIGHT = Colors(
    base="#ffffff", surface="#f6f6f4", raised="#ecebe8", border="#d8d6d1", text="#1d1d1b", muted="#62605b",
    accent="#0b62a8", on_accent="#ffffff", selection="#cfe3f5", danger="#a8201a", danger_surface="#fbebea",
    warning="#7a4f00", warning_surface="#fdf3dc", success="#17703a",
    code_keyword="#8a2a8f", code_string="#1f6f3f", code_comment="#6b6963", code_number="#9a4a00", code_name="#0b5a9c",
)  # fmt: skip

DARK = Colors(
    base="#1c1c1e", surface="#232326", raised="#303034", border="#414147", text="#e9e8e6", muted="#a5a39e",
    accent="#7ab8f0", on_accent="#10202e", selection="#2d4a66", danger="#ff9a92", danger_surface="#3b2322",
    warning="#f0c674", warning_surface="#38301d", success="#84d6a0",
    code_keyword="#d7a1e0", code_string="#98d3a5", code_comment="#98958e", code_number="#e8b27d", code_name="#8cc4f4",
)  # fmt: skip


def colors() -> Colors:
    """The scheme in force, read from the application's palette."""
    app = QApplication.instance()
    palette = app.palette() if isinstance(app, QApplication) else QPalette()
    return DARK if palette.color(QPalette.ColorRole.Window).lightness() < QColor("#808080").lightness() else LIGHT
