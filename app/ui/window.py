"""MainWindow: hosts the tabs it is given, with picker, notices, menu and palette; routes what a tab hands over."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QMoveEvent, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMainWindow, QSplitter, QToolButton, QWidget

from app.identity import NAME
from app.model.providers import ModelReference
from app.model.settings import WindowState
from app.ui import theme
from app.ui.leaving import Leaving
from app.ui.model_picker import ModelPicker
from app.ui.notices import NoticeBar
from app.ui.tab import Command, HandOver, Tab, native_keys
from app.ui.tab_host import TabHost, TabPlace
from app.ui.theme import Role
from app.ui.widgets.first_size import resize_on_screen
from app.ui.window_commands import MainMenu, everywhere, safe_mode_notice, window_commands

if TYPE_CHECKING:
    from app.ui.palette import CommandPalette

_SOUND = "wav mp3 m4a ogg oga opus flac aac wma aiff aif webm mp4 mkv mov avi mpeg mpga"
_PICTURES = "png jpg jpeg webp gif heic heif avif tif tiff bmp"
SMALLEST_PX, USUAL_PX = (720, 480), (1180, 780)
_ALSO = {"Ctrl++": ("Ctrl+=",)}
"""Other keys for the same: on many keyboards + is = with Shift."""


class MainWindow(QMainWindow):
    """The one window.

    Signals:
        painted(): the first time it is on the screen and usable.
        rearranged(): what `state` tells is another now.
        close_requested(): hidden already; whoever runs the program ends the rest.
        settings_requested(str): open the settings on a page, or where they were if none is named.
        zoom_requested(int): this many percent.
        restart_requested(bool): end and begin anew, in safe mode or as usual.
        tab_made(Tab): a tab was built.
    """

    painted = Signal()
    rearranged = Signal()
    close_requested = Signal()
    settings_requested = Signal(str)
    zoom_requested = Signal(int)
    restart_requested = Signal(bool)
    tab_made = Signal(object)

    def __init__(self, places: list[TabPlace]) -> None:
        super().__init__()
        self.tabs = TabHost(places)
        self.picker = ModelPicker()
        self.settings_button = QToolButton()
        self.menu_button = QToolButton()
        self.menu = MainMenu(self)
        self.notices = NoticeBar()
        self.leaving = Leaving(self, self.tabs.built)
        self.actions_of_window: list[Command] = []
        self.is_safe_mode = self.updates_itself = False
        self._shortcuts: list[QShortcut] = []
        self._splitters: dict[str, str] = {}
        self._was_painted = False
        self._build()

    @cached_property
    def palette_popup(self) -> CommandPalette:
        """Made when it is first opened."""
        from app.ui.palette import CommandPalette

        return CommandPalette(self)

    def restore(self, state: WindowState, splitters: Iterable[QSplitter] = ()) -> None:
        """Place and tab of the last time, and `splitters` that are there already; those of tabs when they are made."""
        if state.geometry:
            self.restoreGeometry(_decoded(state.geometry))
        self._splitters = dict(state.splitters)
        _restore(splitters, self._splitters)
        self.tabs.turn_to(state.tab)

    def state(self, before: WindowState) -> WindowState:
        """What `restore` needs next time; what belongs to tabs that were not used stays as it was `before`."""
        splitters = dict(before.splitters)
        for splitter in self.findChildren(QSplitter):
            if splitter.objectName():
                splitters[splitter.objectName()] = _encoded(splitter.saveState())
        return replace(before, geometry=_encoded(self.saveGeometry()), splitters=splitters, tab=self.tabs.current_id())

    def open_files(self, files: Sequence[Path]) -> None:
        """Files from the command line or another start, each to the tab that takes its kind."""
        groups: dict[str, list[Path]] = {}
        for path in files:
            groups.setdefault(_target_for(path, self.tabs.current_id()), []).append(path)
        for target, group in groups.items():
            self._on_tab_handed_over(HandOver(target, tuple(group)))

    def bring_to_front(self) -> None:
        """Show the window above others, also when it was minimised."""
        self.setWindowState(self.windowState() & ~self.windowState().WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def commands(self) -> list[Command]:
        """What can be done now: the tab's first, then the window's."""
        # Not `current()`: asking for commands must not build a tab before the window is put together.
        in_front = [tab for tab in self.tabs.built() if tab.id == self.tabs.current_id()]
        return [*(command for tab in in_front for command in tab.commands()), *self.actions_of_window]

    def set_model(self, model: ModelReference | None) -> None:
        """The model of the tab on show."""
        tab = self.tabs.current()
        tab.set_model(model)
        self.picker.set_choice(tab.capability, model)

    def show_safe_mode(self) -> None:
        """Say that this is safe mode, for as long as it lasts, and how it is left."""
        self.is_safe_mode = True
        self._retranslate()
        self.notices.show_notice(lambda: safe_mode_notice(lambda: self.restart_requested.emit(False)))

    def open_palette(self) -> None:
        """Every command and every setting, found by typing."""
        from app.ui.palette import setting_commands

        settings = setting_commands(lambda: self.settings_requested.emit("general"))
        self.palette_popup.open([*everywhere(self.commands()), *settings])

    def show_shortcuts(self) -> None:
        from app.ui.palette import ShortcutSheet

        ShortcutSheet(self.commands(), self).show()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.rearranged.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rearranged.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Never closes by itself: running work is ended first, out of sight; before that, nothing is lost unasked."""
        event.ignore()
        if not self.leaving.begin():
            return
        for dialog in self.findChildren(QDialog):
            dialog.close()
        self.hide()
        self.close_requested.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("main_window")
        self.leaving.allowed.connect(self.close)
        self.setMinimumSize(*SMALLEST_PX)
        resize_on_screen(self, *USUAL_PX)
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, theme.SPACE_S, 0)
        row.setSpacing(theme.SPACE_XS)
        for button, name, icon in (
            (self.settings_button, "settings_button", "settings"),
            (self.menu_button, "menu_button", "ellipsis"),
        ):
            button.setObjectName(name)
            button.setIcon(theme.icon(icon))
            theme.give_role(button, Role.FLAT)
        for widget in (self.picker, self.settings_button, self.menu_button):
            row.addWidget(widget)
        self.menu_button.setMenu(self.menu)
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.tabs.setCornerWidget(corner)
        self.tabs.put_above(self.notices)
        self.setCentralWidget(self.tabs)
        self.settings_button.clicked.connect(lambda: self.settings_requested.emit(""))
        self.notices.action_requested.connect(self._on_notices_action_requested)
        self.tabs.made.connect(self._on_tab_made)
        self.tabs.shown.connect(lambda _: self._retranslate())
        self.tabs.currentChanged.connect(self.rearranged)
        self._retranslate()

    def _on_tab_made(self, tab: Tab) -> None:
        tab.failed.connect(partial(self.notices.show_error, source=tab.id))
        tab.recovered.connect(partial(self.notices.dismiss_from, tab.id))
        tab.handed_over.connect(self._on_tab_handed_over)
        tab.settings_requested.connect(self.settings_requested)
        splitters = tab.findChildren(QSplitter)
        _restore(splitters, self._splitters)
        for splitter in splitters:
            splitter.splitterMoved.connect(self.rearranged)
        tab.set_zoom(theme.zoom_percent())
        self.tab_made.emit(tab)

    def _on_notices_action_requested(self, action: str) -> None:
        if action == "picker":
            self.picker.open()
        else:
            self.settings_requested.emit(action)

    def _on_tab_handed_over(self, hand_over: HandOver) -> None:
        self.tabs.show_tab(hand_over.target).take(hand_over)

    def _retranslate(self) -> None:
        """Names, menu and shortcuts follow the language and the tab on show."""
        self.setWindowTitle(self.tr("{name} (safe mode)").format(name=NAME) if self.is_safe_mode else NAME)
        self.actions_of_window = window_commands(self)
        self.settings_button.setToolTip(self.tr("Settings ({keys})").format(keys=native_keys("Ctrl+,")))
        self.settings_button.setAccessibleName(self.tr("Settings"))
        self.menu_button.setToolTip(self.tr("More"))
        self.menu_button.setAccessibleName(self.tr("More"))
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)  # at once: until it is deleted it would make the new one ambiguous
            shortcut.deleteLater()
        self._shortcuts = []
        for command in everywhere(self.commands()):
            for keys in (command.shortcut, *_ALSO.get(command.shortcut, ())) if command.shortcut else ():
                shortcut = QShortcut(QKeySequence(keys), self)
                shortcut.activated.connect(command.run)
                self._shortcuts.append(shortcut)
        self.menu.show_commands(self.actions_of_window)


def _target_for(path: Path, current_id: str) -> str:
    """The tab that takes such a file while `current_id` is in front."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix in _SOUND.split():
        return "audio"
    return "images" if suffix in _PICTURES.split() and current_id != "chat" else "chat"


def _restore(splitters: Iterable[QSplitter], states: dict[str, str]) -> None:
    """Put them where they were, and forget their `states`: from now on they are as the user wants them."""
    for splitter in splitters:
        state = states.pop(splitter.objectName(), "")
        if state:
            splitter.restoreState(_decoded(state))


def _decoded(text: str) -> QByteArray:
    """What `_encoded` wrote; empty, and so without effect, if the settings were damaged by hand."""
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except ValueError:
        return QByteArray()


def _encoded(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode("ascii")
