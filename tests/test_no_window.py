"""A start that opens no window: the reason is on standard error and in a box."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app import no_window
from app.paths import Paths
from app.single_instance import SingleInstance
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (no_window.FOLDER_UNUSABLE, {"folder": "/home/李", "reason": "Permission denied"}),
        (no_window.NOT_SAFE_WHILE_OPEN, {}),
        (no_window.NO_ANSWER, {}),
    ],
)
def test_it_is_said_in_a_box(
    qapp: QApplication, capsys: pytest.CaptureFixture[str], text: str, facts: dict[str, str]
) -> None:
    said: list[str] = []

    def read() -> None:
        for box in QApplication.topLevelWidgets():
            if isinstance(box, QMessageBox) and box.isVisible():
                said.append(box.informativeText())
                box.button(QMessageBox.StandardButton.Ok).click()

    looking = QTimer(interval=20)
    looking.timeout.connect(read)
    looking.start()
    assert no_window.refuse(qapp, text, **facts) == 1
    assert said == [text.format(**facts)]
    assert " ".join(said[0].split()) in capsys.readouterr().err


def _start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "app", "--data-dir", str(folder), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def _first_line(start: subprocess.Popen[str]) -> str:
    """Of standard error; the box that says it too is not waited for."""
    with start:
        assert start.stderr is not None
        line = start.stderr.readline()
        start.kill()
    return line


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    line = _first_line(_start(taken))
    assert line.startswith("Triptych cannot start: Its folder")
    assert str(taken) in line
    assert taken.is_file()


def test_safe_mode_beside_an_open_window_is_refused_and_the_window_comes_to_the_front(
    tmp_path: Path, qtbot: QtBot
) -> None:
    paths = Paths.under(tmp_path)
    paths.ensure()
    instance = SingleInstance(paths.state)
    assert instance.claim()
    instance.listen()
    with qtbot.waitSignal(instance.activated, timeout=60_000):
        start = _start(tmp_path, "--safe-mode")
    assert "Close its window first" in _first_line(start)
    instance.release()
