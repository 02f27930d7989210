"""Says why no window opens: on standard error, and in a box for whoever started the program with a double click."""

from __future__ import annotations

import sys

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.identity import NAME
from app.model.settings import Language, ThemeChoice
from app.model.text import QT_TRANSLATE_NOOP
from app.ui import theme
from app.ui.translation import Translation

FOLDER_UNUSABLE = QT_TRANSLATE_NOOP(
    "NoWindow",
    "Its folder {folder} cannot be used: {reason}.\n\nMake it writable, or make room on its disk, and start again.",
)
NOT_SAFE_WHILE_OPEN = QT_TRANSLATE_NOOP(
    "NoWindow", "It runs already. Close its window first, then start it in safe mode."
)
NO_ANSWER = QT_TRANSLATE_NOOP(
    "NoWindow",
    "It runs already with this folder, but does not answer.\n\nEnd it in your system's list of programs, or log out "
    "and in, and start it again. What was saved is not lost.",
)


def refuse(application: QApplication, text: str, **facts: object) -> int:
    """Show one of the texts above, in the system's language and colours, and return 1 once it was read.

    The settings are not asked for them: another program may be at them, or they are what cannot be read.
    """
    from app import event_loop
    from app.ui import ask

    theme.apply(application, ThemeChoice.SYSTEM, 100)
    translation = Translation()
    translation.use(Language.SYSTEM)
    told = QCoreApplication.translate("NoWindow", text).format(**facts)
    title = QCoreApplication.translate("NoWindow", "{name} cannot start").format(name=NAME)
    print(f"{title}: {' '.join(told.split())}", file=sys.stderr)
    event_loop.run(application, ask.inform(title, told))
    return 1
