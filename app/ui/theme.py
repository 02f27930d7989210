"""Colours, spacing, radii, text sizes and icons: the one place that decides the look; knows no widget of ours.

`apply` gives the application its style, palette, font and style sheet; widgets only name what they are with
`give_role`. Everything here is read when it is needed, so a change of theme or zoom reaches open windows at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QObject, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QImage,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QWidget

from app.model.settings import ThemeChoice
from app.paths import RESOURCES

GRID_PX = 4
SPACE_XS, SPACE_S, SPACE_M, SPACE_L, SPACE_XL = GRID_PX, 2 * GRID_PX, 3 * GRID_PX, 4 * GRID_PX, 6 * GRID_PX
RADIUS_PX = 6
READING_COLUMN_PX = 760
BODY_PX = 15
SMALL_PX = 13
ICON_PX = 18
LINE_HEIGHT_PERCENT = 145

_STYLE = "Fusion"
_STYLED_PROPERTY = "styled"
_FOLLOWER_PROPERTY = "schemeFollower"
_ZOOM_PROPERTY = "zoomPercent"
_ROLE_PROPERTY = "role"
_PIXELS = re.compile(r"\b(\d+)px")
_COLOR_NAME = re.compile(r"@(\w+)")


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of one scheme as #rrggbb; text on its background keeps WCAG AA contrast (4.5:1)."""

    base: str  # where people read and type
    surface: str  # side bars, cards, code
    raised: str  # buttons, menus, the user's bubble
    pressed: str  # a raised thing under the pointer or held down
    border: str  # quiet lines between areas
    outline: str  # around things to type in or to tick: 3:1 on base and surface
    text: str
    muted: str  # small print
    accent: str
    on_accent: str
    accent_strong: str  # the accent under the pointer
    selection: str
    danger: str
    danger_surface: str
    warning: str
    warning_surface: str
    success: str
    info_surface: str
    code_keyword: str
    code_string: str
    code_comment: str
    code_number: str
    code_name: str


LIGHT = Colors(
    base="#ffffff", surface="#f7f7f5", raised="#efeeeb", pressed="#e2e0dc", border="#dddbd6", outline="#8a8883",
    text="#1d1d1b", muted="#62605b",
    accent="#0b62a8", on_accent="#ffffff", accent_strong="#084d85", selection="#cfe3f5",
    danger="#a8201a", danger_surface="#fbebea", warning="#7a4f00", warning_surface="#fdf3dc",
    success="#17703a", info_surface="#eaf2fa",
    code_keyword="#8a2a8f", code_string="#1f6f3f", code_comment="#6b6963", code_number="#9a4a00", code_name="#0b5a9c",
)  # fmt: skip

DARK = Colors(
    base="#1c1c1e", surface="#232326", raised="#2e2e32", pressed="#3c3c41", border="#3a3a3f", outline="#7d7d85",
    text="#e9e8e6", muted="#a5a39e",
    accent="#7ab8f0", on_accent="#10202e", accent_strong="#a3cff6", selection="#2d4a66",
    danger="#ff9a92", danger_surface="#3b2322", warning="#f0c674", warning_surface="#38301d",
    success="#84d6a0", info_surface="#1e2d3b",
    code_keyword="#d7a1e0", code_string="#98d3a5", code_comment="#98958e", code_number="#e8b27d", code_name="#8cc4f4",
)  # fmt: skip


class Role(StrEnum):
    """What a widget is, for the style sheet; anything without a role is an ordinary control or label."""

    TITLE = "title"
    HEADING = "heading"
    SMALL = "small"  # small print in the muted colour
    CODE = "code"
    ERROR = "error"  # a sentence about something wrong, beside the field it is about
    WARNING = "warning"
    PRIMARY = "primary"  # the one button that does what the place is for
    FLAT = "flat"  # an icon or text button without a frame
    TOGGLE = "toggle"  # a flat button that shows or hides an area
    LINK = "link"  # a button that reads like a link
    BADGE = "badge"
    CARD = "card"
    FIELD = "field"  # the frame around a plain field and what belongs to it
    FIELD_FOCUSED = "field-focused"
    SIDE_BAR = "side-bar"
    TOOL_BAR = "tool-bar"
    POPUP = "popup"
    BUBBLE = "bubble"  # the user's message
    NOTICE_ERROR = "notice-error"
    NOTICE_WARNING = "notice-warning"
    NOTICE_INFO = "notice-info"
    DROP_TARGET = "drop-target"
    PLAIN = "plain"  # no frame, the background of what is behind it


def new_application[Kind: QApplication](program: str, kind: type[Kind]) -> Kind:
    """The application with our style from the start: a style that is set later takes milliseconds of the start-up."""
    application = kind([program, "-style", _STYLE])
    application.setProperty(_STYLED_PROPERTY, True)
    return application


def apply(application: QApplication, choice: ThemeChoice, zoom_percent: int) -> None:
    """Give the whole application its look; called again whenever the theme or the zoom is changed."""
    application.setProperty(_ZOOM_PROPERTY, zoom_percent)
    hints = application.styleHints()
    follower = application.property(_FOLLOWER_PROPERTY)  # `findChild` would load all about QStyle to look at them all
    if not isinstance(follower, _SchemeFollower):
        if not application.property(_STYLED_PROPERTY):
            application.setStyle(_STYLE)
        follower = _SchemeFollower(application)
        application.setProperty(_FOLLOWER_PROPERTY, follower)
        hints.colorSchemeChanged.connect(follower.follow)
    follower.choice = choice
    hints.setColorScheme(_QT_SCHEMES[choice])
    follower.follow(hints.colorScheme())


def colors() -> Colors:
    """The scheme in force, read from the application's palette."""
    palette = QGuiApplication.palette()
    return DARK if palette.color(QPalette.ColorRole.Window).lightness() < QColor("#808080").lightness() else LIGHT


def zoom_percent() -> int:
    """The zoom in force; 100 until `apply` was called."""
    application = QGuiApplication.instance()
    zoom = application.property(_ZOOM_PROPERTY) if application is not None else None
    return zoom if isinstance(zoom, int) else 100


def px(length: int) -> int:
    """`length` pixels at the zoom in force."""
    return round(length * zoom_percent() / 100)


def text_font(size_px: int = BODY_PX) -> QFont:
    """The system's font at `size_px` times the zoom."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(px(size_px))
    return font


def code_font(size_px: int = SMALL_PX) -> QFont:
    """The system's fixed-pitch font at `size_px` times the zoom."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(px(size_px))
    return font


def give_role(widget: QWidget, role: Role) -> None:
    """Say what `widget` is; may be called again when that changes."""
    if widget.property(_ROLE_PROPERTY) == role.value:
        return
    widget.setProperty(_ROLE_PROPERTY, role.value)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # otherwise that comes when it is shown
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def icon(name: str, tint: str = "") -> QIcon:
    """The Lucide icon `name` from resources/icons, always in the colours of the theme in force.

    `tint` names a field of `Colors` ("muted", "accent", "on_accent", "danger" …); without it the icon has the colour
    of text, dimmed when disabled.

    Raises:
        FileNotFoundError: there is no such icon.
    """
    _drawing(name)
    return QIcon(_IconEngine(name, tint))


def motion_wanted() -> bool:
    """False where the system asks programs not to move things without need."""
    hints = QGuiApplication.styleHints()  # kept in a name: PySide drops the inner object together with its owner
    return hints.accessibility().motionPreference() is not Qt.MotionPreference.ReducedMotion


def style_sheet(scheme: Colors, zoom: int) -> str:
    """resources/style.qss with its `@names` replaced by colours and every length above two pixels zoomed."""

    def color(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "controls":
            return f"{(RESOURCES / 'controls').as_posix()}/{'dark' if scheme is DARK else 'light'}"
        if name == "code_font":
            return f'"{QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()}"'
        return str(getattr(scheme, name))

    def length(match: re.Match[str]) -> str:
        pixels = int(match.group(1))
        # Rounded down: a corner radius above half of a height would not be drawn at all.
        return f"{pixels if pixels <= 2 else pixels * zoom // 100}px"

    return _COLOR_NAME.sub(color, _PIXELS.sub(length, _style_template()))


_QT_SCHEMES = {
    ThemeChoice.SYSTEM: Qt.ColorScheme.Unknown,
    ThemeChoice.LIGHT: Qt.ColorScheme.Light,
    ThemeChoice.DARK: Qt.ColorScheme.Dark,
}


class _SchemeFollower(QObject):
    """Keeps the look in step with the desktop while the choice is to follow it; lives with the application."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self.choice = ThemeChoice.SYSTEM

    def follow(self, desktop: Qt.ColorScheme) -> None:
        """Show what was chosen; where that is to be like the desktop, what the desktop has now."""
        wanted = desktop if self.choice is ThemeChoice.SYSTEM else _QT_SCHEMES[self.choice]
        scheme = DARK if wanted is Qt.ColorScheme.Dark else LIGHT
        self._application.setPalette(_palette(scheme))
        self._application.setFont(text_font())
        sheet = style_sheet(scheme, zoom_percent())
        if sheet != self._application.styleSheet():
            self._application.setStyleSheet(sheet)


def _palette(scheme: Colors) -> QPalette:
    roles = QPalette.ColorRole
    pairs = {
        roles.Window: scheme.base, roles.WindowText: scheme.text, roles.Base: scheme.base,
        roles.AlternateBase: scheme.surface, roles.Text: scheme.text, roles.PlaceholderText: scheme.muted,
        roles.Button: scheme.raised, roles.ButtonText: scheme.text, roles.BrightText: scheme.danger,
        roles.Highlight: scheme.selection, roles.HighlightedText: scheme.text, roles.Accent: scheme.accent,
        roles.Link: scheme.accent, roles.LinkVisited: scheme.accent,
        roles.ToolTipBase: scheme.raised, roles.ToolTipText: scheme.text,
        roles.Light: scheme.base, roles.Midlight: scheme.raised, roles.Mid: scheme.border, roles.Dark: scheme.outline,
        roles.Shadow: scheme.border,
    }  # fmt: skip
    palette = QPalette()
    for role, color in pairs.items():
        palette.setColor(role, QColor(color))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, _between(scheme.text, scheme.base))
    return palette


def _between(one: str, other: str) -> QColor:
    """The colour of disabled text: half way to the background, still to be recognised."""
    first, second = QColor(one), QColor(other)
    return QColor(
        (first.red() + second.red()) // 2, (first.green() + second.green()) // 2, (first.blue() + second.blue()) // 2
    )


class _IconEngine(QIconEngine):
    """Draws one SVG in a colour of the theme at the moment of drawing."""

    def __init__(self, name: str, tint: str) -> None:
        super().__init__()
        self._name = name
        self._tint = tint

    def clone(self) -> QIconEngine:
        return _IconEngine(self._name, self._tint)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        if size.isEmpty():  # a button that is squeezed while its row is being laid out
            return QPixmap()
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        target = QRect(rect.x() + (rect.width() - side) // 2, rect.y() + (rect.height() - side) // 2, side, side)
        # Not asked of `painter.device()`: PySide makes the classes of every paint device there is for its answer.
        side_px = round(side * painter.deviceTransform().m11())
        painter.drawImage(target, _picture(self._name, self._color(mode), side_px))

    def _color(self, mode: QIcon.Mode) -> str:
        if mode is QIcon.Mode.Disabled:
            palette = QGuiApplication.palette()
            return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText).name()
        return str(getattr(colors(), self._tint or "text"))


@cache
def _drawing(name: str) -> bytes:
    """Empty if the program was removed while it runs: what can be said without icons still is."""
    folder = RESOURCES / "icons"
    return (folder / f"{name}.svg").read_bytes() if folder.is_dir() else b""


@lru_cache(maxsize=256)
def _picture(name: str, color: str, side_px: int) -> QImage:
    """An icon as it is drawn; reading SVG takes longer than all else in a frame, so the result is kept."""
    from PySide6.QtSvg import QSvgRenderer

    drawing = _drawing(name).replace(b"currentColor", color.encode())
    picture = QImage(side_px, side_px, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(drawing)).render(painter)
    painter.end()
    return picture


@cache
def _style_template() -> str:
    return (RESOURCES / "style.qss").read_text(encoding="utf-8")
