"""The interface's language: texts of the model, and a change while the program runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication

from app.model.engine_errors import MemoryShort
from app.model.errors import AccountLimit, ModelNotFound, RateLimited, TimedOut
from app.model.providers import BUILT_IN_ID, ModelReference
from app.model.server_errors import pause_sentence
from app.model.settings import Language
from app.ui.translation import (
    Translation,
    error_text,
    hint_text,
    language_of_texts,
    model_name,
    shown_model,
    shown_size,
    translated,
)


class Shouting(QTranslator):
    """A catalogue that has everything in capitals; fields keep their names."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        return re.sub(r"\{\w*\}|[^{}]+", lambda part: part[0] if part[0].startswith("{") else part[0].upper(), text)


class Listener(QObject):
    """Counts how often the application was told of a new language."""

    def __init__(self) -> None:
        super().__init__()
        self.changes = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.changes += event.type() is QEvent.Type.LanguageChange
        return False


@pytest.fixture
def shouting(qapp: QApplication) -> Iterator[None]:
    translator = Shouting()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


@pytest.fixture
def translation(qapp: QApplication) -> Iterator[Translation]:
    made = Translation()
    yield made
    made.use(Language.ENGLISH)
    QLocale.setDefault(QLocale.c())


@pytest.mark.usefixtures("qapp")
def test_fields_are_filled_after_translation() -> None:
    arguments = {"host": "localhost", "seconds": "8"}
    assert translated("Errors", TimedOut.explanation, arguments) == "localhost sent nothing for 8 seconds."


@pytest.mark.usefixtures("shouting")
def test_the_catalogue_in_force_is_used() -> None:
    arguments = {"host": "localhost", "seconds": "8"}
    assert translated("Errors", TimedOut.explanation, arguments) == "localhost SENT NOTHING FOR 8 SECONDS."


@pytest.mark.usefixtures("qapp")
def test_a_missing_fact_does_not_cost_the_sentence() -> None:
    assert translated("Errors", TimedOut.explanation) == TimedOut.explanation
    assert translated("Errors", "braces {0} here", {"other": "x"}) == "braces {0} here"
    assert translated("Errors", "") == ""


def test_numbers_and_dates_follow_the_language(translation: Translation) -> None:
    translation.use(Language.CHINESE)
    assert QLocale().language() is QLocale.Language.Chinese
    translation.use(Language.ENGLISH)
    assert QLocale().language() is QLocale.Language.English


def test_the_same_language_again_changes_nothing(qapp: QApplication, translation: Translation) -> None:
    translation.use(Language.CHINESE)
    QCoreApplication.sendPostedEvents()
    listener = Listener()
    qapp.installEventFilter(listener)
    translation.use(Language.CHINESE)
    QCoreApplication.sendPostedEvents()
    qapp.removeEventFilter(listener)
    assert listener.changes == 0


@pytest.mark.parametrize(
    ("system", "read"),
    [("zh_CN", "zh_CN"), ("zh_SG", "zh_CN"), ("zh_TW", "en"), ("en_GB", "en"), ("de_DE", "en"), ("C", "en")],
)
def test_people_of_every_country_get_a_catalogue(system: str, read: str) -> None:
    assert language_of_texts(QLocale(system)) == QLocale(read)


def test_sizes_are_written_as_the_language_writes_them(qapp: QApplication) -> None:
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("en_GB"))
        assert [shown_size(size) for size in (491_400_064, 1_234_000_000, 885_098)] == ["491 MB", "1.2 GB", "885 kB"]
        QLocale.setDefault(QLocale("de_DE"))
        assert shown_size(1_234_000_000) == "1,2 GB"
    finally:
        QLocale.setDefault(before)


def test_models_of_the_engine_are_called_by_their_names(translation: Translation) -> None:
    here, elsewhere = ModelReference(BUILT_IN_ID, "realesrgan-x4plus"), ModelReference("cloud", "realesrgan-x4plus")
    assert shown_model(here) == "Real-ESRGAN photos"
    assert shown_model(elsewhere) == "realesrgan-x4plus"
    assert shown_model(ModelReference(BUILT_IN_ID, "my-own-model")) == "my-own-model"
    translation.use(Language.CHINESE)
    assert shown_model(here) == "Real-ESRGAN 照片"


@pytest.mark.usefixtures("qapp")
def test_failures_of_the_engine_name_its_models() -> None:
    error = MemoryShort(model="smollm2-135m-instruct")
    assert error_text(error, error.explanation).startswith("“SmolLM2 135M” does not fit")
    elsewhere = ModelNotFound(model="smollm2-135m-instruct")
    assert "“smollm2-135m-instruct”" in error_text(elsewhere, elsewhere.explanation)


@pytest.mark.parametrize(
    ("pause_s", "words"),
    [
        (None, RateLimited.hint),
        (20.0, RateLimited.hint),
        (61.0, "Try again in about 2 minutes, as the server asks."),
        (3600.0, "Try again in about 60 minutes, as the server asks."),
        (86400.0, "Try again in about 24 hours, as the server asks."),
        (1e300, "Try again in about 999 days, as the server asks."),
    ],
)
def test_a_long_pause_is_told(qapp: QApplication, pause_s: float | None, words: str) -> None:
    Translation(qapp).use(Language.ENGLISH)
    error = RateLimited()
    error.pause_s = pause_s
    assert hint_text(error) == words
    assert pause_sentence(error) in ("", words)


def test_a_pause_is_no_hint_where_trying_again_does_not_help(qapp: QApplication) -> None:
    error = AccountLimit()
    error.pause_s = 86400.0
    assert hint_text(error) == AccountLimit.hint


def test_a_model_whose_name_turns_words_does_not(qapp: QApplication) -> None:
    assert "\u202e" not in shown_model(ModelReference("p", "\u202e4-tpg"))
    assert model_name("\u202e4-tpg\x1b[1m\n") == "\ufffd4-tpg\ufffd[1m\ufffd"
