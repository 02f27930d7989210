"""What is asked before the program ends, each question only if there is need; when to ask is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.ui import ask
from app.ui.tab import Tab, Unsaved, UnsavedFiles

TRY_AGAIN, RESCUE, QUIT = range(3)
"""The buttons of the questions about words, whose rescue is a copy, and about files, whose rescue is a folder."""
EXPORT, QUIT_ANYWAY = range(2)


async def about_work(host: QWidget, tabs: Sequence[Tab]) -> bool:
    """Whether work that would not go on later may end now; True if there is none."""
    sentences = [sentence for sentence in (tab.unfinished() for tab in tabs) if sentence]
    if not sentences:
        return True
    title = QCoreApplication.translate("Leaving", "Quit in the middle of work?")
    return await ask.confirm(host, title, "\n\n".join(sentences), QCoreApplication.translate("Leaving", "Quit"))


async def about_words(host: QWidget, tabs: Sequence[Tab]) -> bool:
    """Whether what was typed and answered is stored, or may be lost."""
    holders = [tab.unsaved for tab in tabs if tab.unsaved is not None]
    text = await _unsaved(holders)
    is_copied = False
    while text:
        match await _choice(host, _about_words(is_copied), QCoreApplication.translate("Leaving", "Copy the text")):
            case None:
                return False
            case number if number == RESCUE:
                QGuiApplication.clipboard().setText(text)
                is_copied = True
            case number if number == QUIT:
                return True
            case _:
                text = await _unsaved(holders)
    return True


async def about_files(host: QWidget, tabs: Sequence[Tab]) -> bool:
    """Whether the files that were made are stored, or may be lost."""
    holders = [tab.unsaved_files for tab in tabs if tab.unsaved_files is not None]
    while count := sum(holder.count for holder in holders):
        match await _choice(host, _about_files(count), QCoreApplication.translate("Leaving", "Save elsewhere…")):
            case None:
                return False
            case number if number == RESCUE:
                await _save_elsewhere(host, holders)
            case number if number == QUIT:
                return True
            case _:
                for holder in holders:
                    await holder.save()
    return True


async def about_session(host: QWidget, export: Callable[[], object]) -> bool:
    """Whether all that was added in this session may be lost; `export` begins to take it along, in its own time."""
    translate = QCoreApplication.translate
    title = translate("Leaving", "Quit although nothing of this session is kept?")
    text = translate(
        "Leaving",
        "The data of Triptych could not be written, so what was added since the start is only in memory. Export "
        "everything to keep it: an export can be imported later.",
    )
    labels = (translate("Leaving", "Export everything…"), translate("Leaving", "Quit anyway"))
    choice = await ask.choose(host, title, text, labels)
    if choice == EXPORT:
        export()
    return choice == QUIT_ANYWAY


async def _choice(host: QWidget, text: str, rescue: str) -> int | None:
    translate = QCoreApplication.translate
    title = translate("Leaving", "Quit although something could not be saved?")
    labels = (translate("Leaving", "Try again"), rescue, translate("Leaving", "Quit anyway"))
    return await ask.choose(host, title, text, labels)


def _about_words(is_copied: bool) -> str:
    if is_copied:
        return QCoreApplication.translate(
            "Leaving", "It is on the clipboard: paste it somewhere before you turn off the computer."
        )
    return QCoreApplication.translate(
        "Leaving",
        "The disk did not take what was written last. Free some space and try again, or copy it and keep it "
        "elsewhere. Otherwise it is lost.",
    )


def _about_files(count: int) -> str:
    return QCoreApplication.translate(
        "Leaving",
        "%n picture(s) could not be saved where pictures go. Save them in another folder, or they are lost.",
        "",
        count,
    )


async def _unsaved(holders: Sequence[Unsaved]) -> str:
    """The words that are left after another try."""
    left = []
    for holder in holders:
        await holder.save()
        left.append(holder.text())
    return "\n\n".join(filter(None, left))


async def _save_elsewhere(host: QWidget, holders: Sequence[UnsavedFiles]) -> None:
    folder = await ask.choose_folder(host, QCoreApplication.translate("Leaving", "Save the pictures in"))
    if folder is not None:
        for holder in holders:
            await holder.save_in(folder)
