"""Questions as awaitables: answered beforehand, by the user, or taken back with the work that asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.ui import ask

type RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def parent(qtbot: QtBot) -> Iterator[QWidget]:
    page = QWidget()
    qtbot.addWidget(page)
    page.show()
    yield page
    ask.answers.clear()


def shown[D: QDialog](kind: type[D]) -> D | None:
    found = [top for top in QApplication.topLevelWidgets() if isinstance(top, kind) and top.isVisible()]
    return found[0] if found else None


async def dialog_of[D: QDialog](kind: type[D]) -> D:
    """The dialog that the question opens."""
    await asyncio.sleep(0)  # the question's first step opens it
    found = shown(kind)
    assert found is not None
    return found


def test_answers_given_beforehand_open_no_dialog(parent: QWidget, run_async: RunAsync) -> None:
    ask.answers.extend([[Path("/a.png")], Path("/b.txt"), None, True, False])

    async def story() -> None:
        assert await ask.choose_open_files(parent, "Open", [], many=True) == [Path("/a.png")]
        assert await ask.choose_save_file(parent, "Save", Path("x.txt"), []) == Path("/b.txt")
        assert await ask.choose_folder(parent, "Folder") is None
        assert await ask.confirm(parent, "Sure?", "Really?", "Yes")
        assert not await ask.confirm(parent, "Sure?", "Really?", "Yes")
        assert shown(QDialog) is None

    run_async(story())


@pytest.mark.parametrize(("press", "agreed"), [("Delete", True), ("Cancel", False)])
def test_only_the_named_button_agrees(parent: QWidget, run_async: RunAsync, press: str, agreed: bool) -> None:
    async def story() -> bool:
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(ask.confirm(parent, "Delete?", "It is gone then.", "Delete"))
            box = await dialog_of(QMessageBox)
            button = next(b for b in box.findChildren(QPushButton) if b.text().replace("&", "") == press)
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        return asking.result()

    assert run_async(story()) is agreed


def test_escape_is_no(parent: QWidget, run_async: RunAsync) -> None:
    async def story() -> bool:
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(ask.confirm(parent, "Delete?", "It is gone then.", "Delete"))
            QTest.keyClick(await dialog_of(QMessageBox), Qt.Key.Key_Escape)
        return asking.result()

    assert run_async(story()) is False


def test_chosen_files_come_back(parent: QWidget, run_async: RunAsync, tmp_path: Path) -> None:
    wanted = tmp_path / "photo one.png"
    wanted.write_bytes(b"x")

    async def story() -> list[Path]:
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(ask.choose_open_files(parent, "Open", ["Pictures (*.png)"], many=True))
            dialog = await dialog_of(QFileDialog)
            assert dialog.fileMode() is QFileDialog.FileMode.ExistingFiles
            dialog.setDirectory(str(tmp_path))
            dialog.selectFile(str(wanted))
            dialog.done(QDialog.DialogCode.Accepted)
        return asking.result()

    assert run_async(story()) == [wanted]


def test_suggested_name_and_ending_for_saving(parent: QWidget, run_async: RunAsync, tmp_path: Path) -> None:
    async def story() -> Path | None:
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(ask.choose_save_file(parent, "Save", tmp_path / "talk.srt", ["SRT (*.srt)"]))
            dialog = await dialog_of(QFileDialog)
            assert dialog.defaultSuffix() == "srt"
            dialog.done(QDialog.DialogCode.Accepted)
        return asking.result()

    assert run_async(story()) == tmp_path / "talk.srt"


def test_nothing_chosen_is_nothing(parent: QWidget, run_async: RunAsync, tmp_path: Path) -> None:
    async def story() -> Path | None:
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(ask.choose_folder(parent, "Folder", tmp_path))
            dialog = await dialog_of(QFileDialog)
            assert Path(dialog.directory().absolutePath()) == tmp_path
            dialog.reject()
        return asking.result()

    assert run_async(story()) is None


def test_work_that_is_stopped_takes_its_question_along(parent: QWidget, run_async: RunAsync) -> None:
    async def story() -> None:
        asking = asyncio.ensure_future(ask.confirm(parent, "Delete?", "It is gone then.", "Delete"))
        await dialog_of(QMessageBox)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert shown(QMessageBox) is None

    run_async(story())
