"""Drives the real program as a person would: finds widgets by name, types, clicks, drops, waits and takes pictures.

Used by the demo, the screenshots and the whole-program tests; needs nothing but the runtime packages.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app import event_loop
from app.main import Program
from app.paths import Paths
from app.single_instance import SingleInstance
from app.ui.window import MainWindow

LOOK_EVERY_S = 0.02


class Driver:
    """Hands and eyes of a person before the window. `pictures` is where screenshots go."""

    def __init__(self, program: Program, pictures: Path | None = None) -> None:
        self.program = program
        self._pictures = pictures

    @property
    def window(self) -> MainWindow:
        return self.program.window

    async def until(self, condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
        """Wait until `condition` holds.

        Raises:
            TimeoutError: `what` did not happen.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {seconds:.0f} s for: {what}")
            await asyncio.sleep(LOOK_EVERY_S)

    def find[W: QWidget](self, kind: type[W], name: str) -> W:
        """The widget of that class and object name, wherever it is."""
        for top in QApplication.topLevelWidgets():
            for widget in (top, *top.findChildren(kind, name)):
                if isinstance(widget, kind) and widget.objectName() == name:
                    return widget
        raise LookupError(f"no {kind.__name__} called {name}")

    def click(self, widget: QWidget) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def type_into(self, widget: QWidget, text: str) -> None:
        widget.setFocus()
        QTest.keyClicks(widget, text)

    def press(self, widget: QWidget, key: Qt.Key) -> None:
        QTest.keyClick(widget, key)

    def drop(self, widget: QWidget, *files: Path) -> None:
        """Drop files from the desktop onto `widget`."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        centre = QPointF(widget.rect().center())
        arguments = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(widget, QDragEnterEvent(centre.toPoint(), *arguments))
        QCoreApplication.sendEvent(widget, QDropEvent(centre, *arguments, QEvent.Type.Drop))

    async def shot(self, name: str, widget: QWidget | None = None) -> None:
        """Save a picture of the window (or of `widget`) once everything that is due was painted."""
        await asyncio.sleep(0.2)
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            (widget or self.window).grab().save(str(self._pictures / f"{name}.png"))


def run_story(
    profile: Path,
    story: Callable[[Driver], Awaitable[None]],
    pictures: Path | None = None,
    files: tuple[Path, ...] = (),
) -> None:
    """Start the program on `profile`, let `story` happen, close the window and wait until everything has ended.

    Raises:
        ExceptionGroup: what went wrong in the story.
    """
    paths = Paths.under(profile)
    paths.ensure()
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    instance = SingleInstance(paths.state)
    assert instance.claim(), "another window has this profile"
    program = Program(application, paths, instance)

    async def whole() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(program.run(list(files)))
            driver = Driver(program, pictures)
            try:
                await driver.until(lambda: program.is_shown, "the window is there")
                await story(driver)
            finally:
                program.window.close()

    try:
        event_loop.run(application, whole())
    finally:
        instance.release()
