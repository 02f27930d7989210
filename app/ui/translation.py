"""The interface's language: loads the catalogues, and changes them while the program runs; translates model text."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from app.model.settings import Language
from app.paths import RESOURCES

FOLDER = RESOURCES / "translations"


class Translation(QObject):
    """Keeps the translators of the language in force; every widget gets a LanguageChange event when it changes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._installed: list[QTranslator] = []
        self.language: Language | None = None

    def use(self, language: Language) -> None:
        """Switch to `language`; the same one again does nothing."""
        if language is self.language:
            return
        self.language = language
        locale = QLocale.system() if language is Language.SYSTEM else QLocale(language.value)
        QLocale.setDefault(locale)
        for translator in self._installed:
            QCoreApplication.removeTranslator(translator)
        # Qt's own texts (file dialogs, context menus) first: the translator installed last is asked first.
        qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        self._installed = [
            translator
            for translator in (self._load(locale, "qtbase", qt_folder), self._load(locale, "triptych", str(FOLDER)))
            if translator is not None
        ]
        for translator in self._installed:
            QCoreApplication.installTranslator(translator)

    def _load(self, locale: QLocale, name: str, folder: str) -> QTranslator | None:
        translator = QTranslator(self)
        return translator if translator.load(locale, name, "_", folder) else None


def translated(context: str, text: str, arguments: dict[str, str] | None = None) -> str:
    """A text that was marked in the model, in the language in force, with `{name}` fields filled in."""
    words = QCoreApplication.translate(context, text) if text else ""
    try:
        return words.format(**(arguments or {}))
    except (KeyError, IndexError):
        return words  # a fact is missing: the sentence with its field still says more than nothing
