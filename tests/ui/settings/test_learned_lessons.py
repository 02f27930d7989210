"""What servers refused, in the profile: shown for each model, in the language in force, and forgotten by Reset."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.model.lessons import Lesson, LessonKind
from app.model.settings import Language
from app.ui.settings.learned_lessons import LearnedLessons
from app.ui.translation import Translation
from tests.ui.settings.conftest import Open, Opened, RunAsync, profile

LESSONS = {
    "gpt-6-luna": (
        Lesson("temperature"),
        Lesson("max_tokens", LessonKind.RENAMED, "max_completion_tokens"),
        Lesson("seed"),
    ),
    "gemma": (Lesson("stream"), Lesson("system", LessonKind.REPLACED, "user")),
}


def shown(lessons: LearnedLessons) -> list[tuple[str, str]]:
    return [(model.text(), words.text()) for model, words in lessons.lines]


def test_each_model_has_its_line_in_both_languages(qtbot: QtBot, qapp: QApplication) -> None:
    lessons = LearnedLessons()
    qtbot.addWidget(lessons)
    lessons.show_lessons(LESSONS)
    assert shown(lessons) == [
        ("gpt-6-luna", "sent without temperature, seed\nmax_tokens sent as max_completion_tokens"),
        ("gemma", "not streamed\nsystem prompt sent with the first message"),
    ]
    Translation(qapp).use(Language.CHINESE)
    qtbot.waitUntil(lambda: lessons.reset_button.text() == "重置")
    assert shown(lessons)[0][1] == "发送时未带 temperature、seed\nmax_tokens 以 max_completion_tokens 发送"
    lessons.show_lessons({})
    assert (shown(lessons), lessons.isHidden()) == ([], True)


def opened_with_lessons(open_dialog: Open, run_async: RunAsync) -> Opened:
    """The page of a provider that taught something, and of one that did not."""
    providers = [profile("Mine", "http://localhost:1/v1"), profile("Other", "http://localhost:2/v1")]
    opened = open_dialog("general", *providers)
    book = opened.providing.worker.lessons

    async def learn() -> None:
        for model_id, lessons in LESSONS.items():
            await book.learn(providers[0], model_id, lessons)

    run_async(learn())
    opened.dialog.show_page("providers")
    opened.dialog.providers.list.choose("mine")
    return opened


def test_reset_forgets_all_by_mouse(open_dialog: Open, run_async: RunAsync) -> None:
    opened = opened_with_lessons(open_dialog, run_async)
    form = opened.dialog.providers.form
    assert [model for model, _ in shown(form.lessons)] == list(LESSONS)
    form.ensureWidgetVisible(form.lessons.reset_button)
    opened.click(form.lessons.reset_button)
    opened.until(form.lessons.isHidden)
    assert opened.providing.worker.lessons.all_of(opened.stored[0]) == {}


def test_reset_works_by_keyboard(open_dialog: Open, run_async: RunAsync) -> None:
    opened = opened_with_lessons(open_dialog, run_async)
    form = opened.dialog.providers.form
    form.lessons.reset_button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(form.lessons.reset_button, Qt.Key.Key_Space)
    opened.until(form.lessons.isHidden)


def test_another_provider_and_another_address_have_none(open_dialog: Open, run_async: RunAsync) -> None:
    opened = opened_with_lessons(open_dialog, run_async)
    page = opened.dialog.providers
    page.list.choose("other")
    assert page.form.lessons.isHidden()
    page.list.choose("mine")
    assert not page.form.lessons.isHidden()
    opened.type_into(page.form.address_field, "http://localhost:3/v1")
    opened.until(page.form.lessons.isHidden)


def test_a_reset_that_comes_late_does_not_touch_another_form(open_dialog: Open, run_async: RunAsync) -> None:
    opened = opened_with_lessons(open_dialog, run_async)
    page = opened.dialog.providers
    book = opened.providing.worker.lessons
    run_async(book.learn(opened.stored[1], "m", (Lesson("seed"),)))
    opened.click(page.form.lessons.reset_button)
    page.list.choose("other")
    opened.until(lambda: not book.all_of(opened.stored[0]))
    run_async(asyncio.sleep(0))
    assert shown(page.form.lessons) == [("m", "sent without seed")]
