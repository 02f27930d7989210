"""Why a file, or a link in an answer, is not taken or opened, where more can be said than that; it decides nothing.

AppError                    in errors.py
├── LinkNotOpened           it leads neither to a page nor to a mailbox
├── PastedTextTooLong       more than the field takes at once
UnreadableFile              in errors.py
├── NotAFile                a folder, a device, a pipe, a link that leads nowhere, or nothing
├── PictureDamaged          it begins like a picture, but cannot be decoded
├── TextTooLong             more text than fits beside a conversation
├── FilesUnusable           several at once, for whatever reasons
├── SoundTooLong            longer than anybody records, or with a header that says so
├── FolderTooFull           more files than can be attached at once
└── FolderEmpty             no files directly in it
"""

from __future__ import annotations

from app.model.errors import AppError, UnreadableFile
from app.model.text import QT_TRANSLATE_NOOP


class NotAFile(UnreadableFile):
    title = QT_TRANSLATE_NOOP("Errors", "This is not a file")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” is a folder, a device or a broken link, or it is gone.")
    hint = QT_TRANSLATE_NOOP("Errors", "Choose a file.")


class PictureDamaged(UnreadableFile):
    title = QT_TRANSLATE_NOOP("Errors", "The picture is damaged")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” begins like a picture, but the rest is missing or wrong.")
    hint = QT_TRANSLATE_NOOP("Errors", "Save or download it once more, then try again.")


class TextTooLong(UnreadableFile):
    title = QT_TRANSLATE_NOOP("Errors", "The text is too long")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” holds {size} of text; a message takes at most {most} at once.")
    hint = QT_TRANSLATE_NOOP("Errors", "Keep the part that matters in a file of its own and use that.")


class SoundTooLong(UnreadableFile):
    title = QT_TRANSLATE_NOOP("Errors", "The sound is too long")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” would last longer than {hours} hours, or its header is wrong.")
    hint = QT_TRANSLATE_NOOP("Errors", "Cut it into shorter files with another program.")


MOST_NAMES = 6
"""Of files that cannot be used; more would hide what is below."""


class FilesUnusable(UnreadableFile):
    title = QT_TRANSLATE_NOOP("Errors", "Some files cannot be used")
    explanation = QT_TRANSLATE_NOOP("Errors", "{count} files were left out: {names}.")
    hint = QT_TRANSLATE_NOOP("Errors", "Check that they are still there and open in another program.")


def together(failures: list[UnreadableFile]) -> UnreadableFile:
    """One error for all `failures`, of which there is at least one: a row of notices would hide what they are about."""
    if len(failures) == 1:
        return failures[0]
    names = [f"“{failure.arguments.get('name', '')}”" for failure in failures]
    more = [] if len(names) <= MOST_NAMES else ["…"]
    reasons = dict.fromkeys(failure.server_words for failure in failures if failure.server_words)
    shown = ", ".join([*names[:MOST_NAMES], *more])
    return FilesUnusable("\n".join(reasons), count=str(len(names)), names=shown)


class FolderTooFull(UnreadableFile):
    title = QT_TRANSLATE_NOOP("Errors", "There are too many files in this folder")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” holds more than {most} files, so none of them was attached.")
    hint = QT_TRANSLATE_NOOP("Errors", "Drop only the files that the message needs.")


class FolderEmpty(UnreadableFile):
    title = QT_TRANSLATE_NOOP("Errors", "There is nothing in this folder to attach")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{name}” holds no files; folders inside it are not looked into.")
    hint = QT_TRANSLATE_NOOP("Errors", "Choose a file.")


class LinkNotOpened(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "This link is not opened")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{address}” is the address of neither a web page nor a mailbox.")
    hint = QT_TRANSLATE_NOOP("Errors", "A link in an answer could open or run something on this computer.")


class PastedTextTooLong(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "The pasted text is too long")
    explanation = QT_TRANSLATE_NOOP("Errors", "It has {length} characters; a message takes at most {most}.")
    hint = QT_TRANSLATE_NOOP("Errors", "It is still on the clipboard. Paste only the part that matters.")


class NothingOpensIt(AppError):
    title = QT_TRANSLATE_NOOP("Errors", "Nothing on this computer opens it")
    explanation = QT_TRANSLATE_NOOP("Errors", "The desktop found no program for “{name}”.")
    hint = QT_TRANSLATE_NOOP("Errors", "Choose a program for such files in the settings of the desktop.")
