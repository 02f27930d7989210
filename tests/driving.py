"""Drives the real program as a person would: types, clicks, drops, waits and takes pictures; it judges nothing.

Used by the demo, the screenshots and the whole-program tests; needs nothing but the runtime packages.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QEnterEvent, QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from app import event_loop
from app.main import Program
from app.model.chat import Message, MessageState, Role
from app.paths import Paths
from app.single_instance import SingleInstance
from app.ui.chat.tab import ChatTab
from app.ui.crash_box import CrashBox
from app.ui.job import Job, JobState
from app.ui.tab import Tab
from app.ui.window import MainWindow

LOOK_EVERY_S = 0.02
type Story = Callable[[Driver], Awaitable[None]]


class Driver:
    """Hands and eyes of a person before the window. `pictures` is where screenshots go."""

    def __init__(self, program: Program, pictures: Path | None = None) -> None:
        self.program = program
        self._pictures = pictures

    @property
    def window(self) -> MainWindow:
        return self.program.window

    def tab[T: Tab](self, kind: type[T]) -> T:
        """Bring the tab of this class to the front."""
        tab = self.window.tabs.show_tab(kind.id)
        assert isinstance(tab, kind)
        QCoreApplication.sendPostedEvents(tab)  # a tab that was just built is shown by a posted event
        return tab

    def find[W: QWidget](self, kind: type[W], name: str) -> W:
        """The widget of this class and object name, wherever in the window or its dialogs it is.

        Raises:
            LookupError: there is none.
        """
        found = self.window.findChild(kind, name)
        if found is None:
            raise LookupError(f"no {kind.__name__} called {name}")
        return found

    def notices(self) -> list[str]:
        """The titles of the notices on show, the newest first."""
        return [card.title_label.text() for card in self.window.notices.cards]

    async def until(self, condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
        """Wait until `condition` holds.

        Raises:
            TimeoutError: `what` did not happen.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {seconds:.0f} s for: {what}; notices on show: {self.notices()}")
            await asyncio.sleep(LOOK_EVERY_S)

    async def until_notice(self, title: str, seconds: float = 30.0) -> None:
        """Wait for the notice with this title."""
        await self.until(lambda: title in self.notices(), f"the notice “{title}”", seconds)

    def hover(self, widget: QWidget) -> None:
        """Put the pointer on `widget`."""
        centre = QPointF(widget.rect().center())
        QCoreApplication.sendEvent(widget, QEnterEvent(centre, centre, QPointF(widget.mapToGlobal(centre.toPoint()))))

    def click(self, widget: QWidget) -> None:
        """Press and release the left button on `widget`.

        Raises:
            AssertionError: a person could not do that.
        """
        assert widget.isVisible(), f"{widget.objectName()} is not to be seen"
        assert widget.isEnabled(), f"{widget.objectName()} is disabled"
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def type_into(self, widget: QWidget, text: str) -> None:
        """Type as on a keyboard; what no key makes, as Chinese, comes as from an input method."""
        widget.setFocus()
        if text.isascii():
            QTest.keyClicks(widget, text)
            return
        composed = QInputMethodEvent()
        composed.setCommitString(text)
        QCoreApplication.sendEvent(widget, composed)

    def press(
        self, widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        QTest.keyClick(widget, key, modifier)

    def drop(self, widget: QWidget, *files: Path) -> None:
        """Drop files from the desktop onto `widget`."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        centre = QPointF(widget.rect().center())
        arguments = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(widget, QDragEnterEvent(centre, *arguments))
        QCoreApplication.sendEvent(widget, QDropEvent(centre, *arguments, QEvent.Type.Drop))

    async def picture(self, widget: QWidget | None = None) -> QImage:
        """What the window (or `widget`) looks like once everything that is due was painted."""
        await asyncio.sleep(0.2)
        return (widget or self.window).grab().toImage()

    async def shot(self, name: str, widget: QWidget | None = None) -> None:
        """Save a picture of the window (or of `widget`) among the story's pictures, if it is to have any."""
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            (await self.picture(widget)).save(str(self._pictures / f"{name}.png"))


async def ask(driver: Driver, question: str) -> None:
    """Type a question into the chat's composer and press Enter."""
    chat = driver.tab(ChatTab)
    await driver.until(lambda: chat.talk.current.model is not None, "a model is chosen")
    driver.type_into(chat.view.composer.field, question)
    driver.press(chat.view.composer.field, Qt.Key.Key_Return)


async def answered(driver: Driver, seconds: float = 30.0) -> Message:
    """Wait until the last message is an answer that came to its end, whichever; it is the result."""
    chat = driver.tab(ChatTab)

    def last() -> Message | None:
        is_idle = chat.talk.answers.state(chat.talk.current.id) is JobState.IDLE
        message = next(reversed(chat.view.messages.values()), None)
        is_ended = (
            message is not None and message.role is Role.ASSISTANT and message.state is not MessageState.STREAMING
        )
        return message if is_idle and is_ended else None

    await driver.until(last, "the answer has ended", seconds)
    answer = last()
    assert answer is not None
    return answer


def run_story(
    profile: Path,
    story: Story,
    *,
    pictures: Path | None = None,
    files: Sequence[Path] = (),
    program_class: type[Program] = Program,
) -> float:
    """Start the program on `profile`, let `story` happen, close the window and wait until everything has ended.

    Returns:
        The seconds from closing the window to the end of the program.

    Raises:
        ExceptionGroup: what went wrong in the story, or a bug that would have opened the crash box.
    """
    paths = Paths.under(profile)
    paths.ensure()
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    instance = SingleInstance(paths.state)
    assert instance.claim(), "another window has this profile"
    program = program_class(application, paths, instance)
    program.paint()
    try:
        closed_at = event_loop.run(application, _run(program, story, pictures, list(files)))
        return time.monotonic() - closed_at
    finally:
        instance.release()
        Job.crashed = None  # as in a fresh process
        program.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def _run(program: Program, story: Story, pictures: Path | None, files: list[Path]) -> float:
    """The moment at which the window was closed, by `time.monotonic`."""
    async with asyncio.TaskGroup() as group:
        running = group.create_task(program.run(files))
        driver = Driver(program, pictures)
        await driver.until(lambda: program.is_ready or running.done(), "the window is there")
        try:
            await story(driver)
            crashes = program.window.findChildren(CrashBox)
            assert not crashes, crashes[0].report.toPlainText()
        finally:
            closed_at = time.monotonic()
            program.window.close()
            await _ended(program, running)
    return closed_at


async def _ended(program: Program, running: asyncio.Task[int]) -> None:
    """Wait for the program's end; what it asks then, and the story did not answer, is a failure and no endless wait."""
    asked = []
    while not running.done():
        await asyncio.wait([running], timeout=LOOK_EVERY_S)
        for box in program.window.findChildren(QMessageBox):
            if box.isVisible():
                asked.append(f"{box.text()}: {box.informativeText()}")
                last = [button for button in box.buttons() if box.buttonRole(button) is box.ButtonRole.AcceptRole][-1]
                last.click()  # what quits all the same
    await running
    assert not asked, f"quitting asked what the story does not answer: {asked}"
