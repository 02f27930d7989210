"""The look: contrast, style sheet, icons, and changes of theme and zoom while widgets are open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.model.settings import ThemeChoice
from app.paths import RESOURCES
from app.ui import theme
from app.ui.theme import DARK, LIGHT, Colors, Role

ICONS = RESOURCES / "icons"
SOURCES = sorted((RESOURCES.parent / "app" / "ui").rglob("*.py"))
SCHEMES = pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
SURFACES = ("danger_surface", "warning_surface", "info_surface")
READABLE = (
    *(("text", ground) for ground in ("base", "surface", "raised", "pressed", "selection", *SURFACES)),
    *(("muted", ground) for ground in ("base", "surface", "raised", *SURFACES)),
    *(("accent", ground) for ground in ("base", "surface", *SURFACES)),
    *(("danger", ground) for ground in ("base", "surface", "raised", "danger_surface")),
    *(("warning", ground) for ground in ("base", "surface", "selection", "warning_surface")),
    *(("success", ground) for ground in ("base", "surface")),
    *((f"code_{part}", "surface") for part in ("keyword", "string", "comment", "number", "name")),
    ("on_accent", "accent"),
    ("on_accent", "accent_strong"),
)


@pytest.fixture
def apply(qapp: QApplication) -> Iterator[Callable[..., None]]:
    """Give the application a look; afterwards it is as it was."""
    sheet, palette, font = qapp.styleSheet(), qapp.palette(), qapp.font()
    yield lambda choice, zoom=100: theme.apply(qapp, choice, zoom)
    qapp.styleHints().unsetColorScheme()
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)
    qapp.setFont(font)
    qapp.setProperty("zoomPercent", None)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(name: str) -> float:
        parts = [
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in QColor(name).getRgbF()[:3]  # type: ignore[index] # typed as object by PySide
        ]
        return float(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def strongest_color(icon: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> str:
    """The colour of the icon's most opaque pixel."""
    image = icon.pixmap(QSize(64, 64), 1.0, mode).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    strongest = max(pixels, key=QColor.alpha)
    assert strongest.alpha() > 200, "nothing was drawn"
    return strongest.name()


@SCHEMES
@pytest.mark.parametrize(("text", "ground"), READABLE)
def test_text_can_be_read(scheme: Colors, text: str, ground: str) -> None:
    assert contrast(getattr(scheme, text), getattr(scheme, ground)) >= 4.5


@SCHEMES
@pytest.mark.parametrize("ground", ["base", "surface"])
def test_fields_and_boxes_can_be_seen(scheme: Colors, ground: str) -> None:
    assert contrast(scheme.outline, getattr(scheme, ground)) >= 3


@SCHEMES
@pytest.mark.parametrize("zoom", [60, 100, 130, 240])
def test_style_sheet_knows_every_name_and_finds_every_picture(qapp: QApplication, scheme: Colors, zoom: int) -> None:
    sheet = theme.style_sheet(scheme, zoom)
    assert "@" not in sheet
    pictures = re.findall(r'url\("([^"]+)"\)', sheet)
    assert pictures
    assert [picture for picture in pictures if not Path(picture).is_file()] == []


def test_every_role_has_a_look() -> None:
    template = (RESOURCES / "style.qss").read_text("utf-8")
    assert [role for role in Role if f'[role="{role.value}"]' not in template] == []


def test_lengths_grow_with_the_zoom_and_hairlines_do_not(qapp: QApplication) -> None:
    assert "border-radius: 12px" in theme.style_sheet(LIGHT, 200)
    assert "border: 1px solid" in theme.style_sheet(LIGHT, 200)


@SCHEMES
def test_pictures_of_controls_have_the_colours_of_the_theme(scheme: Colors) -> None:
    name = "dark" if scheme is DARK else "light"
    for picture, color in (
        ("chevron-down", scheme.muted),
        ("chevron-up", scheme.muted),
        ("check", scheme.on_accent),
        ("dot", scheme.on_accent),
    ):
        assert color in (RESOURCES / "controls" / f"{name}-{picture}.svg").read_text()


def drawn(icon: QIcon, side: int, ratio: float) -> QImage:
    """What `icon` looks like on a screen of that many pixels for each of its units."""
    image = QImage(QSize(side, side) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.white)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    icon.paint(painter, 0, 0, side, side)
    painter.end()
    image.setDevicePixelRatio(1.0)
    return image


def test_icons_have_the_colour_of_the_theme_in_force(apply: Callable[..., None]) -> None:
    apply(ThemeChoice.LIGHT)
    plain, tinted = theme.icon("copy"), theme.icon("copy", "danger")
    assert strongest_color(plain) == LIGHT.text
    assert strongest_color(tinted) == LIGHT.danger
    apply(ThemeChoice.DARK)
    assert strongest_color(plain) == DARK.text
    assert strongest_color(tinted) == DARK.danger


def test_disabled_icons_are_paler(apply: Callable[..., None]) -> None:
    apply(ThemeChoice.LIGHT)
    pale = strongest_color(theme.icon("send", "on_accent"), QIcon.Mode.Disabled)
    assert contrast(pale, LIGHT.base) < contrast(LIGHT.text, LIGHT.base)
    assert pale != LIGHT.on_accent


def test_icons_are_drawn_in_the_pixels_of_a_dense_screen(apply: Callable[..., None]) -> None:
    apply(ThemeChoice.LIGHT)
    dense = drawn(theme.icon("settings"), side=20, ratio=2.0)
    assert dense == drawn(theme.icon("settings"), side=40, ratio=1.0)


def test_unknown_icon_is_noticed_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        theme.icon("no-such-icon")


def test_icons_that_are_named_are_there() -> None:
    text = "\n".join(source.read_text("utf-8") for source in SOURCES)
    named = set(re.findall(r'theme\.icon\(\s*"([\w-]+)"', text))
    assert len(named) > 20
    assert named <= {path.stem for path in ICONS.glob("*.svg")}


def test_every_icon_is_used() -> None:
    sources = (RESOURCES.parent / "app").rglob("*.py")
    named = {name for source in sources for name in re.findall(r'"([\w-]+)"', source.read_text("utf-8"))}
    assert {path.stem for path in ICONS.glob("*.svg")} - named == set()


def test_follows_the_desktop_unless_a_theme_was_chosen(qapp: QApplication, apply: Callable[..., None]) -> None:
    desktop = qapp.styleHints().colorSchemeChanged  # what Qt emits when the desktop changes
    apply(ThemeChoice.SYSTEM)
    desktop.emit(Qt.ColorScheme.Dark)
    assert theme.colors() is DARK
    desktop.emit(Qt.ColorScheme.Light)
    assert theme.colors() is LIGHT
    apply(ThemeChoice.DARK)
    desktop.emit(Qt.ColorScheme.Light)
    assert theme.colors() is DARK


def test_zoom_reaches_text_and_lengths(qapp: QApplication, apply: Callable[..., None]) -> None:
    apply(ThemeChoice.LIGHT, 150)
    assert theme.zoom_percent() == 150
    assert theme.px(20) == 30
    assert qapp.font().pixelSize() == round(theme.BODY_PX * 1.5)
    assert theme.code_font(20).pixelSize() == 30


def test_open_widgets_follow_a_new_zoom(qtbot: QtBot, apply: Callable[..., None]) -> None:
    apply(ThemeChoice.LIGHT)
    button = QPushButton("Send")
    qtbot.addWidget(button)
    button.show()
    before = button.sizeHint()
    apply(ThemeChoice.LIGHT, 200)
    assert button.sizeHint().height() > 1.6 * before.height()


def test_a_role_may_change_while_the_widget_is_shown(qtbot: QtBot, apply: Callable[..., None]) -> None:
    apply(ThemeChoice.LIGHT)
    page = QWidget()
    label = QLabel("Saved", page)
    qtbot.addWidget(page)
    page.show()
    theme.give_role(label, Role.ERROR)
    assert label.palette().color(label.foregroundRole()).name() == LIGHT.danger
    theme.give_role(label, Role.WARNING)
    assert label.palette().color(label.foregroundRole()).name() == LIGHT.warning


def test_the_role_of_a_widget_that_is_hidden_for_a_while_can_change(qtbot: QtBot, apply: Callable[..., None]) -> None:
    apply(ThemeChoice.LIGHT)
    page = QWidget()
    label = QLabel("Saved", page)
    qtbot.addWidget(page)
    theme.give_role(label, Role.ERROR)
    page.show()
    label.hide()
    theme.give_role(label, Role.WARNING)
    label.show()
    assert label.palette().color(label.foregroundRole()).name() == LIGHT.warning


def test_motion_is_wanted_unless_the_system_says_otherwise(qapp: QApplication) -> None:
    hints = qapp.styleHints()
    reduced = hints.accessibility().motionPreference() is Qt.MotionPreference.ReducedMotion
    assert theme.motion_wanted() is not reduced


def test_an_icon_without_room_is_nothing(qapp: QApplication) -> None:
    assert theme.icon("x").pixmap(QSize(18, -9)).isNull()


@pytest.mark.parametrize("zoom", [100, 150])
@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_list_of_choices_opens_as_high_as_its_choices(qtbot: QtBot, apply: Callable[..., None], zoom: int) -> None:
    apply(ThemeChoice.LIGHT, zoom)
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["Like the system", "Light", "Dark"])
    box.show()
    box.showPopup()
    view = box.view()
    qtbot.waitUntil(view.isVisible)
    last = view.visualRect(view.model().index(2, 0))
    assert view.viewport().rect().contains(last)
    box.hidePopup()


def test_an_icon_keeps_its_distance_from_the_text_beside_it(qtbot: QtBot, apply: Callable[..., None]) -> None:
    apply(ThemeChoice.LIGHT)
    beside, alone = QToolButton(), QToolButton()
    beside.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    for button in (beside, alone):
        qtbot.addWidget(button)
        button.setIcon(theme.icon("copy"))
        button.show()
    assert beside.iconSize().width() - beside.iconSize().height() >= theme.GRID_PX
    assert alone.iconSize().width() == alone.iconSize().height()


def test_without_its_files_the_program_shows_no_icons_and_goes_on(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever removes the package while the program runs still reads what it says."""
    monkeypatch.setattr(theme, "RESOURCES", tmp_path)
    theme._drawing.cache_clear()
    theme._picture.cache_clear()
    assert not _colors_of(theme.icon("search").pixmap(QSize(16, 16)).toImage())
    (tmp_path / "icons").mkdir()
    with pytest.raises(FileNotFoundError):
        theme._drawing("a wrong name")
    theme._drawing.cache_clear()
    theme._picture.cache_clear()


def _colors_of(picture: QImage) -> set[int]:
    pixels = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    return {picture.pixelColor(x, y).rgba() for x, y in pixels if picture.pixelColor(x, y).alpha()}
