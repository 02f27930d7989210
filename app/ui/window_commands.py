"""The commands that are the window's own, the menu that shows some of them, and what it says of safe mode."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from PySide6.QtCore import QCoreApplication, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.ui import theme
from app.ui.model_picker import ModelPicker
from app.ui.notices import Notice, Severity
from app.ui.tab import Command, native_keys
from app.ui.tab_host import TabHost, keys_of

ZOOM_STEP = 10
SAFE_MODE = "safe mode"
"""The kind of notice that says so."""
_MENU = ("palette", "settings", "providers", "models", "restore")
_HELP = ("shortcuts", "updates", "report", "restart", "about")


class Commanded(Protocol):
    """What the commands act on."""

    @property
    def tabs(self) -> TabHost: ...
    @property
    def picker(self) -> ModelPicker: ...
    @property
    def is_safe_mode(self) -> bool: ...
    @property
    def updates_itself(self) -> bool: ...
    @property
    def settings_requested(self) -> SignalInstance: ...
    @property
    def zoom_requested(self) -> SignalInstance: ...
    @property
    def restart_requested(self) -> SignalInstance: ...
    def open_palette(self) -> None: ...
    def show_shortcuts(self) -> None: ...
    def close(self) -> bool: ...


class MainMenu(QMenu):
    """The window's menu, with what helps in a menu of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.help_menu = QMenu(self)
        self.setObjectName("main_menu")
        self.help_menu.setObjectName("help_menu")

    def show_commands(self, commands: Iterable[Command]) -> None:
        """Show those of the window's `commands` that belong here, in the current language."""
        named = {command.id.removeprefix("window."): command for command in commands}
        self.clear()
        self.help_menu.clear()
        for name in (name for name in _HELP if name in named):
            self.help_menu.addAction(_entry(named[name], self.help_menu))
        for name in _MENU:
            self.addAction(_entry(named[name], self))
        self.help_menu.setTitle(self.tr("Help"))
        self.addMenu(self.help_menu)
        self.addAction(_entry(named["quit"], self))


def window_commands(host: Commanded) -> list[Command]:
    """All of them, in the current language."""

    def show(number: int) -> Callable[[], object]:
        return lambda: host.tabs.setCurrentIndex(number)

    tabs = [
        Command(f"window.tab{number}", title, keys_of(number), show(number))
        for number, title in enumerate(host.tabs.titles())
    ]
    return [*tabs, *_working_commands(host), *_leading_commands(host)]


def safe_mode_notice(restart: Callable[[], object]) -> Notice:
    translate = QCoreApplication.translate
    return Notice(
        SAFE_MODE,
        translate("MainWindow", "Triptych runs in safe mode"),
        translate(
            "MainWindow",
            "The built-in engine is off. The window's last state, the chosen models and your theme are not used and "
            "stay as they are. Conversations and providers are there as usual.",
        ),
        severity=Severity.WARNING,
        actions=((translate("MainWindow", "Restart normally"), restart),),
        lasts=True,
    )


def everywhere(commands: Iterable[Command]) -> list[Command]:
    """Those whose keys are not left to a part of the tab."""
    return [command for command in commands if not command.is_local]


def _working_commands(host: Commanded) -> list[Command]:
    """Those that do something at once."""
    translate, zoom = QCoreApplication.translate, theme.zoom_percent
    restart = (
        translate("MainWindow", "Restart normally")
        if host.is_safe_mode
        else translate("MainWindow", "Restart in safe mode")
    )
    larger, smaller = (
        lambda: host.zoom_requested.emit(zoom() + ZOOM_STEP),
        lambda: host.zoom_requested.emit(zoom() - ZOOM_STEP),
    )
    return [
        Command("window.model", translate("MainWindow", "Choose a model"), "Ctrl+M", host.picker.open),
        Command("window.palette", translate("MainWindow", "Command palette"), "Ctrl+K", host.open_palette),
        Command("window.larger", translate("MainWindow", "Zoom in"), "Ctrl++", larger),
        Command("window.smaller", translate("MainWindow", "Zoom out"), "Ctrl+-", smaller),
        Command(
            "window.normal", translate("MainWindow", "Reset zoom"), "Ctrl+0", lambda: host.zoom_requested.emit(100)
        ),
        Command("window.shortcuts", translate("MainWindow", "Keyboard shortcuts"), "F1", host.show_shortcuts),
        Command("window.restart", restart, "", lambda: host.restart_requested.emit(not host.is_safe_mode)),
        Command("window.quit", translate("MainWindow", "Quit"), "Ctrl+Q", host.close),
    ]


def _leading_commands(host: Commanded) -> list[Command]:
    """Those that open a page or a dialog."""
    translate = QCoreApplication.translate
    checks = (("updates", translate("MainWindow", "Check for updates…"), "check"),) if host.updates_itself else ()
    pages = (
        ("settings", translate("MainWindow", "Settings"), ""),
        ("providers", translate("MainWindow", "Providers"), "providers"),
        ("models", translate("MainWindow", "Models on this computer"), "models"),
        ("export", translate("MainWindow", "Export everything…"), "export"),
        ("import", translate("MainWindow", "Import…"), "import"),
        ("restore", translate("MainWindow", "Restore from a backup…"), "restore"),
        *checks,
        ("report", translate("MainWindow", "Report a problem…"), "report"),
        ("about", translate("MainWindow", "About Triptych"), "about"),
    )
    keys = {"settings": "Ctrl+,"}
    return [_leading(host, name, label, page, keys.get(name, "")) for name, label, page in pages]


def _leading(host: Commanded, name: str, label: str, page: str, keys: str) -> Command:
    return Command(f"window.{name}", label, keys, lambda: host.settings_requested.emit(page))


def _entry(command: Command, menu: QMenu) -> QAction:
    """The keys as text: a second shortcut on the action would make both ambiguous."""
    keys = native_keys(command.shortcut)
    action = QAction(f"{command.label}\t{keys}" if keys else command.label, menu)
    action.setObjectName(command.id)
    action.triggered.connect(command.run)
    return action
