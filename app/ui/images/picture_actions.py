"""PictureActions: what can be done with the chosen pictures, as actions for menus, buttons and keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QWidget

from app.model.images import Picture
from app.ui import ask, outside, theme
from app.ui.images.gallery_model import mime_data
from app.ui.job import Errands, Job

Keys = QKeySequence.StandardKey


class Exporter(Protocol):
    """Who writes copies of pictures."""

    async def save_copy(self, picture: Picture, target: Path) -> None: ...

    async def save_copies(self, pictures: Sequence[Picture], folder: Path) -> list[Path]: ...


class PictureActions(QObject):
    """Acts on the pictures given to `set_pictures`; copying, saving and opening it does itself.

    Signals, all with the chosen pictures or one of them:
        chat_requested(list[Picture]): ask about them in Chat.
        edit_requested(list[Picture]): start the next picture from them.
        settings_requested(Picture): put its prompt and settings into the form.
        enlarge_requested(list[Picture]), delete_requested(list[Picture])
        failed(AppError): a copy could not be written.
    """

    chat_requested = Signal(list)
    edit_requested = Signal(list)
    settings_requested = Signal(object)
    enlarge_requested = Signal(list)
    delete_requested = Signal(list)
    failed = Signal(object)

    def __init__(
        self, exporter: Exporter, parent: QWidget, open_path: Callable[[Path], None] = outside.open_path
    ) -> None:
        super().__init__(parent)
        self._exporter = exporter
        self._owner = parent
        self._open_path = open_path
        self._question = Job(self)
        self._copying = Errands(self)
        self._copying.failed.connect(self.failed)
        self._pictures: list[Picture] = []
        self.copy = self._action("copy", "copy", self._copy, Keys.Copy)
        self.save = self._action("save_as", "save", self._save, Keys.Save)
        self.open_folder = self._action("open_folder", "folder-open", self._open_folder)
        self.chat = self._action("use_in_chat", "message-square", self._chat)
        self.edit = self._action("edit_again", "pencil", self._edit, "Ctrl+E")
        self.same = self._action("same_settings", "rotate-ccw", self._same, "Ctrl+Shift+E")
        self.enlarge = self._action("enlarge_picture", "image-upscale", self._enlarge)
        self.delete = self._action("delete_picture", "trash-2", self._delete, Keys.Delete)
        self.set_pictures([])
        self.retranslate()

    @property
    def all(self) -> list[QAction]:
        """In the order of menus and bars."""
        return [
            self.copy, self.save, self.chat, self.edit, self.same, self.enlarge, self.open_folder, self.delete,
        ]  # fmt: skip

    def set_pictures(self, pictures: Sequence[Picture]) -> None:
        """What the actions are about from now on."""
        self._pictures = list(pictures)
        for action in self.all:
            action.setEnabled(bool(pictures))
        self.same.setEnabled(len(pictures) == 1)

    async def aclose(self) -> None:
        await asyncio.gather(self._question.aclose(), self._copying.aclose())

    def retranslate(self) -> None:
        """Set the texts in the language in force."""
        for action, text, tip in (
            (self.copy, self.tr("Copy"), self.tr("Copy the picture")),
            (self.save, self.tr("Save as…"), self.tr("Save a copy of the picture")),
            (self.chat, self.tr("Use in Chat"), self.tr("Ask about the picture in Chat")),
            (self.edit, self.tr("Edit again"), self.tr("Start the next picture from this one")),
            (self.same, self.tr("Same settings"), self.tr("Put its prompt and settings into the form")),
            (self.enlarge, self.tr("Enlarge ×4"), self.tr("Make it four times as wide and high on this computer")),
            (self.open_folder, self.tr("Open folder"), self.tr("Show the folder with the file")),
            (self.delete, self.tr("Delete"), self.tr("Delete the picture")),
        ):
            action.setText(text)
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{tip} ({keys})" if keys else tip)

    def _action(self, name: str, icon: str, run: Callable[[], object], keys: Keys | str = "") -> QAction:
        action = QAction(theme.icon(icon), "", self)
        action.setObjectName(name)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _checked: run())
        return action

    def _copy(self) -> None:
        QGuiApplication.clipboard().setMimeData(mime_data(self._pictures))

    def _save(self) -> None:
        self._question.start(self._ask_and_save(self._pictures))

    def _open_folder(self) -> None:
        self._open_path(self._pictures[0].path.parent)

    def _chat(self) -> None:
        self.chat_requested.emit(self._pictures)

    def _edit(self) -> None:
        self.edit_requested.emit(self._pictures)

    def _same(self) -> None:
        self.settings_requested.emit(self._pictures[0])

    def _enlarge(self) -> None:
        self.enlarge_requested.emit(self._pictures)

    def _delete(self) -> None:
        self.delete_requested.emit(self._pictures)

    async def _ask_and_save(self, pictures: list[Picture]) -> None:
        if len(pictures) == 1:
            picture = pictures[0]
            filters = [self.tr("Pictures (*{suffix})").format(suffix=picture.path.suffix)]
            suggested = Path.home() / picture.path.name
            target = await ask.choose_save_file(self._owner, self.tr("Save picture as"), suggested, filters)
            if target is not None:
                self._copying.add(lambda: self._exporter.save_copy(picture, target))
            return
        folder = await ask.choose_folder(self._owner, self.tr("Save pictures in"))
        if folder is not None:
            self._copying.add(lambda: self._exporter.save_copies(pictures, folder))
