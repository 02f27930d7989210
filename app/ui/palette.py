"""CommandPalette and ShortcutSheet: every action found by typing, and all keys on one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from app.model.settings import Settings
from app.ui import theme
from app.ui.tab import Command, native_keys
from app.ui.theme import Role
from app.ui.translation import translated
from app.ui.widgets.noted_item import NotedItemDelegate, set_note
from app.ui.widgets.plain_label import PlainLabel

SIZE = QSize(560, 400)
_NUMBER_ROLE = Qt.ItemDataRole.UserRole + 1


class CommandPalette(QFrame):
    """A popup over the window: type, Enter runs."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._owner = parent
        self.search_field = QLineEdit()
        self.list = QListView()
        self.list_model = QStandardItemModel(self)
        self._commands: Sequence[Command] = ()
        self._build()

    def open(self, commands: Sequence[Command]) -> None:
        """Show `commands` in the upper middle of the window this belongs to."""
        self._commands = commands
        self.search_field.clear()
        self._fill()
        owner = self._owner
        self.resize(theme.px(SIZE.width()), theme.px(SIZE.height()))
        top = owner.mapToGlobal(QPoint((owner.width() - self.width()) // 2, owner.height() // 8))
        self.move(top)
        self.show()
        self.search_field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys and Enter in the search field move in the list and run from it."""
        if watched is self.search_field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                row = self.list.currentIndex().row() + step
                if 0 <= row < self.list_model.rowCount():
                    self.list.setCurrentIndex(self.list_model.index(row, 0))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentIndex())
                return True
        return False

    def _build(self) -> None:
        self.setObjectName("command_palette")
        theme.give_role(self, Role.POPUP)
        self.search_field.setObjectName("palette_search")
        self.search_field.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search_field.installEventFilter(self)
        self.search_field.textChanged.connect(self._fill)
        self.list.setObjectName("palette_list")
        self.list.setModel(self.list_model)
        self.list.setItemDelegate(NotedItemDelegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.clicked.connect(self._run)
        theme.give_role(self.list, Role.PLAIN)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.search_field)
        column.addWidget(self.list, 1)
        self._retranslate()

    def _fill(self) -> None:
        words = self.search_field.text().lower().split()
        self.list_model.clear()
        for number, command in enumerate(self._commands):
            if all(word in command.label.lower() for word in words):
                item = QStandardItem(command.label)
                item.setData(number, _NUMBER_ROLE)
                set_note(item, native_keys(command.shortcut))
                self.list_model.appendRow(item)
        if not self.list_model.rowCount():
            nothing = QStandardItem(self.tr("No matching command"))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list_model.appendRow(nothing)
        self.list.setCurrentIndex(self.list_model.index(0, 0))

    def _run(self, index: QModelIndex) -> None:
        if index.data(_NUMBER_ROLE) is not None:
            command = self._commands[index.data(_NUMBER_ROLE)]
            self.close()
            command.run()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.search_field.setPlaceholderText(self.tr("Type what you want to do"))
        self.search_field.setAccessibleName(self.tr("Search commands"))
        self.list.setAccessibleName(self.tr("Commands"))


class ShortcutSheet(QDialog):
    """Every shortcut on one page, made anew each time it is opened."""

    def __init__(self, commands: Sequence[Command], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("shortcut_sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        grid.setHorizontalSpacing(theme.SPACE_XL)
        shown = [command for command in commands if command.shortcut]
        half = (len(shown) + 1) // 2
        for number, command in enumerate(shown):
            keys = PlainLabel(native_keys(command.shortcut))
            theme.give_role(keys, Role.BADGE)
            row, column = number % half, 2 * (number // half)
            grid.addWidget(keys, row, column, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(PlainLabel(command.label), row, column + 1)


def setting_commands(open_settings: Callable[[], object]) -> list[Command]:
    """A command for every option that the settings show, so that typing its name leads there."""
    commands = []
    for section in fields(Settings):
        options = getattr(Settings(), section.name)
        if "label" not in section.metadata or not is_dataclass(options):
            continue
        heading = translated("Settings", section.metadata["label"])
        for option in fields(options):
            if option.metadata.get("label") and not option.metadata.get("hidden"):
                name = translated("Settings", option.metadata["label"])
                label = QCoreApplication.translate("Settings", "{section}: {option}").format(
                    section=heading, option=name
                )
                commands.append(Command(f"settings.{section.name}.{option.name}", label, "", open_settings))
    return commands
