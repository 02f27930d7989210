"""The interface's language: loads the catalogues, and changes them while the program runs; translates model text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, QLibraryInfo, QLocale, QObject, QTranslator

from app.model.errors import AppError, EngineFailed
from app.model.providers import BUILT_IN_ID, ModelReference
from app.model.settings import Language
from app.paths import RESOURCES

if TYPE_CHECKING:
    from app.model.lessons import Lesson

MOST_FACT_CHARACTERS = 300
FOLDER = RESOURCES / "translations"


class Translation(QObject):
    """Keeps the translators of the language in force; every widget gets a LanguageChange event when it changes."""

    def __init__(self, parent: QObject | None = None, folder: Path = FOLDER) -> None:
        """`folder` holds the compiled catalogues."""
        super().__init__(parent)
        self._folder = folder
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
        written = language_of_texts(locale)
        # Qt's own texts (file dialogs, context menus) first: the translator installed last is asked first.
        qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        self._installed = [
            translator
            for translator in (self._load(written, "qtbase", qt_folder), self._load(written, "triptych", self._folder))
            if translator is not None
        ]
        for translator in self._installed:
            QCoreApplication.installTranslator(translator)

    def _load(self, locale: QLocale, name: str, folder: Path | str) -> QTranslator | None:
        translator = QTranslator(self)
        return translator if translator.load(locale, name, "_", str(folder)) else None


def language_of_texts(locale: QLocale) -> QLocale:
    """The language whose catalogue people with `locale` read: their own, in the script that they read, or English.

    English has a catalogue as well, because only that knows the plural forms.
    """
    written = [QLocale(language.value) for language in Language if language is not Language.SYSTEM]
    own = [one for one in written if (one.language(), one.script()) == (locale.language(), locale.script())]
    return own[0] if own else QLocale(Language.ENGLISH.value)


def translated(context: str, text: str, arguments: dict[str, str] | None = None) -> str:
    """A text that was marked in the model, in the language in force, with `{name}` fields filled in."""
    words = QCoreApplication.translate(context, text) if text else ""
    try:
        return words.format(**(arguments or {}))
    except (KeyError, IndexError):
        return words  # a fact is missing: the sentence with its field still says more than nothing


def model_name(name: str) -> str:
    """The name of a model as people read it; most are the same in every language, and servers may call theirs
    anything; how much of it fits is for those to say who show it.
    """
    from app.model.visible import one_line

    shown = QCoreApplication.translate("Models", name)
    return one_line(shown, most=len(shown))


def shown_model(model: ModelReference) -> str:
    """What people read for a model: the name of one of the built-in engine's, else the id that its server knows."""
    from app.model.visible import one_line

    return _built_in_name(model.model_id) if model.provider_id == BUILT_IN_ID else one_line(model.model_id)


def _built_in_name(model_id: str) -> str:
    return model_name(_built_in_names().get(model_id, model_id))


@cache
def _built_in_names() -> dict[str, str]:
    """Of the catalogue's models; those that the user added are called like their files."""
    catalogue = json.loads((RESOURCES / "models.json").read_bytes())
    return {model["id"]: model["name"] for model in catalogue["models"]}


def error_text(error: AppError, text: str) -> str:
    """`text`, its title, explanation or hint, with the facts; facts in our own words are translated as well."""
    from app.model.visible import one_line

    facts = {
        name: one_line(QCoreApplication.translate("Errors", fact), MOST_FACT_CHARACTERS)
        for name, fact in error.arguments.items()
        if fact
    }
    if isinstance(error, EngineFailed) and "model" in facts:
        facts["model"] = _built_in_name(facts["model"])
    return translated("Errors", text, {**error.arguments, **facts})


def hint_text(error: AppError) -> str:
    """What helps; where its server wants to be left alone for long, that it is no use before."""
    from app.model.server_errors import pause_to_say

    count, unit = pause_to_say(error)
    return {
        "minutes": lambda: QCoreApplication.translate(
            "Errors", "Try again in about %n minute(s), as the server asks.", "", count
        ),
        "hours": lambda: QCoreApplication.translate(
            "Errors", "Try again in about %n hour(s), as the server asks.", "", count
        ),
        "days": lambda: QCoreApplication.translate(
            "Errors", "Try again in about %n day(s), as the server asks.", "", count
        ),
    }.get(unit, lambda: error_text(error, error.hint))()


def lesson_words(lessons: Iterable[Lesson]) -> list[str]:
    """As in the model, in the language in force."""
    from app.model.lessons import lesson_words as words_of

    return words_of(lessons, lambda text: QCoreApplication.translate("Lessons", text), in_a_row)


def shown_size(size_bytes: int) -> str:
    """A size as people read it, in the interface's language: 491 MB."""
    form = QLocale.DataSizeFormat.DataSizeSIFormat
    return QLocale().formattedDataSize(size_bytes, 0 if size_bytes < 10**9 else 1, form)


def shown_moment(when: datetime) -> str:
    """Date and time as the user's country writes them."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(when.timestamp())), QLocale.FormatType.ShortFormat)


def in_a_row(words: Iterable[str]) -> str:
    """The words that are not empty, with the comma that the language puts between them."""
    return QCoreApplication.translate("Words", ", ").join(filter(None, words))
