"""Questions and file dialogs as awaitables: nothing here blocks the loop, and tests can set the answers beforehand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QWidget

type Answer = list[Path] | Path | bool | int | None

answers: deque[Answer] = deque()
"""While it holds something, the next question takes its answer from here and opens no dialog."""


async def choose_open_files(parent: QWidget, title: str, filters: list[str], *, many: bool) -> list[Path]:
    """Existing files of the user's choice, empty if none; `filters` are Qt's ("Pictures (*.png *.jpg)")."""
    if answers:
        answer = answers.popleft()
        return answer if isinstance(answer, list) else []
    dialog = _file_dialog(parent, title, filters)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles if many else QFileDialog.FileMode.ExistingFile)
    return await _chosen(dialog)


async def choose_save_file(parent: QWidget, title: str, suggested: Path, filters: list[str]) -> Path | None:
    """Where to save; the dialog has asked already before an existing file is named. None if the user thought better."""
    if answers:
        answer = answers.popleft()
        return answer if isinstance(answer, Path) else None
    dialog = _file_dialog(parent, title, filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suggested.suffix.lstrip("."))
    if suggested.parent.is_dir():
        dialog.setDirectory(str(suggested.parent))
    dialog.selectFile(suggested.name)
    return next(iter(await _chosen(dialog)), None)


async def choose_folder(parent: QWidget, title: str, current: Path | None = None) -> Path | None:
    """An existing folder, None if the user thought better."""
    if answers:
        answer = answers.popleft()
        return answer if isinstance(answer, Path) else None
    dialog = _file_dialog(parent, title, [])
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    if current is not None and current.is_dir():
        dialog.setDirectory(str(current))
    return next(iter(await _chosen(dialog)), None)


async def confirm(parent: QWidget, title: str, text: str, yes_label: str) -> bool:
    """True only if the user pressed the button that says `yes_label`; Cancel is the default. `text` is plain."""
    if answers:
        return answers.popleft() is True
    box = QMessageBox(QMessageBox.Icon.Question, title, text, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)  # a stranger's words may be in it
    box.setObjectName("confirm")
    yes = box.addButton(yes_label, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    await _finished(box)
    return box.clickedButton() is yes


def tell(title: str, text: str, copy_label: str, copied: str) -> None:
    """Say something and wait for nobody; one of the two buttons copies `copied`. `text` is plain."""
    box = _box_of(title, text, QApplication.activeWindow())
    box.finished.connect(lambda _: box.deleteLater())  # and holds it until then, where no window does
    copy = box.addButton(copy_label, QMessageBox.ButtonRole.AcceptRole)
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(copied))
    box.setEscapeButton(box.addButton(QMessageBox.StandardButton.Close))
    box.open()


async def inform(title: str, text: str) -> None:
    """Say something where no window can show a notice; over when it was read. `text` is plain."""
    if answers:
        answers.popleft()
        return
    box = _box_of(title, text)
    box.addButton(QMessageBox.StandardButton.Ok)
    await _finished(box)


async def choose(parent: QWidget, title: str, text: str, labels: Sequence[str]) -> int | None:
    """The number of the button that was pressed, the first is the default; None for Cancel. `text` is plain."""
    if answers:
        answer = answers.popleft()
        return answer if isinstance(answer, int) and not isinstance(answer, bool) else None
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)  # a stranger's words may be in it
    box.setObjectName("choose")
    buttons = [box.addButton(label, QMessageBox.ButtonRole.AcceptRole) for label in labels]
    box.setDefaultButton(buttons[0])
    box.addButton(QMessageBox.StandardButton.Cancel)
    await _finished(box)
    return next((number for number, button in enumerate(buttons) if box.clickedButton() is button), None)


def _box_of(title: str, text: str, parent: QWidget | None = None) -> QMessageBox:
    box = QMessageBox(QMessageBox.Icon.Warning, title, title, parent=parent)
    box.setObjectName("inform")
    box.setTextFormat(Qt.TextFormat.PlainText)  # a path may be in it
    box.setInformativeText(text)
    return box


def _file_dialog(parent: QWidget, title: str, filters: list[str]) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setObjectName("file_dialog")
    if filters:
        dialog.setNameFilters(filters)
    return dialog


async def _chosen(dialog: QFileDialog) -> list[Path]:
    if await _finished(dialog) != QDialog.DialogCode.Accepted:
        return []
    return [Path(name) for name in dialog.selectedFiles()]


async def _finished(dialog: QDialog) -> int:
    """Open `dialog` without a loop of its own and wait for its end; a cancelled wait closes it."""
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    dialog.finished.connect(lambda code: None if done.done() else done.set_result(code))
    dialog.open()
    try:
        return await done
    finally:
        dialog.hide()
        dialog.deleteLater()
