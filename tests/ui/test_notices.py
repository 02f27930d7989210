"""Notices: the words of a failure and the buttons that help."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.model.errors import (
    AppError,
    ConnectionFailed,
    DeviceFailed,
    DiskFull,
    KeyRejected,
    MicrophoneRefused,
    ModelMissing,
    NoLoudspeaker,
    NoMicrophone,
    RateLimited,
    RequestRefused,
    SoundSystemMissing,
    UnsupportedContent,
)
from app.ui.notices import MOST_NOTICES, Notice, NoticeBar, NoticeCard, SendWithout, Severity


class Page(QWidget):
    """A window with a field to type in and the bar above it."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = NoticeBar()
        self.field = QLineEdit()
        column = QVBoxLayout(self)
        column.addWidget(self.bar)
        column.addWidget(self.field)


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[Page]:
    made = Page()
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    made.activateWindow()
    made.field.setFocus()
    qtbot.waitUntil(made.field.hasFocus)
    yield made
    made.hide()


@pytest.fixture
def bar(page: Page) -> NoticeBar:
    return page.bar


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def labels(card: NoticeCard) -> list[str]:
    return [button.text() for button in card.action_buttons]


def test_a_failure_says_what_why_and_what_helps(bar: NoticeBar) -> None:
    bar.show_error(KeyRejected("Incorrect API key provided", host="api.openai.com", status=401, request_id="req_7"))
    card = bar.cards[0]
    assert bar.isVisible()
    assert card.title_label.text() == "The key was not accepted"
    assert card.text_label.text().startswith("api.openai.com does not accept the key")
    assert "Enter the key again" in card.text_label.text()
    assert card.words_label.text() == "Incorrect API key provided"
    assert card.accessibleName() == "The key was not accepted"


def test_details_hold_the_request_id(bar: NoticeBar) -> None:
    bar.show_error(KeyRejected("Incorrect API key", host="h", status=401, request_id="req_7"))
    click(bar.cards[0].copy_button)
    copied = QGuiApplication.clipboard().text()
    assert "Incorrect API key" in copied
    assert "request id: req_7" in copied
    assert "status: 401" in copied


def test_try_again_tries_once_and_closes_the_notice(bar: NoticeBar) -> None:
    tried: list[int] = []
    bar.show_error(ConnectionFailed(host="h"), lambda: tried.append(1))
    assert labels(bar.cards[0])[0] == "Try again"
    click(bar.cards[0].action_buttons[0])
    assert tried == [1]
    assert not bar.cards
    assert not bar.isVisible()


@pytest.mark.parametrize(
    ("error", "label", "page_name"),
    [
        (KeyRejected(host="h"), "Open provider settings", "providers"),
        (ModelMissing(model="Qwen"), "Open the Models page", "models"),
    ],
)
def test_the_button_leads_where_it_can_be_repaired(
    bar: NoticeBar, qtbot: QtBot, error: AppError, label: str, page_name: str
) -> None:
    bar.show_error(error)
    assert labels(bar.cards[0]) == [label]
    with qtbot.waitSignal(bar.action_requested) as requested:
        click(bar.cards[0].action_buttons[0])
    assert requested.args == [page_name]


def test_the_newest_of_a_kind_replaces_the_older_one(bar: NoticeBar) -> None:
    bar.show_error(RateLimited("first"))
    bar.show_error(ConnectionFailed("other", host="h"))
    bar.show_error(RateLimited("second"))
    assert [card.words_label.text() for card in bar.cards] == ["second", "other"]


def test_of_the_microphone_only_the_newest_is_told(bar: NoticeBar) -> None:
    errors = (DeviceFailed, NoMicrophone, NoLoudspeaker, MicrophoneRefused, SoundSystemMissing, NoMicrophone)
    for error in errors:
        bar.show_error(error())
    assert [card.notice.title for card in bar.cards] == [NoMicrophone.title, NoLoudspeaker.title]


def test_never_more_than_a_few(bar: NoticeBar) -> None:
    for number in range(MOST_NOTICES + 2):
        bar.show_notice(partial(Notice, f"kind {number}", f"Notice {number}"))
    assert len(bar.cards) == MOST_NOTICES
    assert bar.cards[0].notice.title == f"Notice {MOST_NOTICES + 1}"


def test_escape_and_the_cross_dismiss(bar: NoticeBar) -> None:
    for severity in Severity:
        bar.show_notice(partial(Notice, severity.value, severity.value, severity=severity))
    bar.cards[0].close_button.setFocus()
    QTest.keyClick(bar.cards[0], Qt.Key.Key_Escape)
    click(bar.cards[0].close_button)
    assert len(bar.cards) == 1
    bar.dismiss("nothing of this kind")
    assert len(bar.cards) == 1
    bar.dismiss()
    assert not bar.isVisible()


class Shouting(QTranslator):
    """A catalogue that has everything in capitals, but for the names of fields."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        return text if "{" in text else text.upper()


def test_an_open_notice_follows_the_language(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_error(KeyRejected("Incorrect API key", host="h"), lambda: None)
    translator = Shouting()
    QCoreApplication.installTranslator(translator)
    try:
        card = bar.cards[0]
        qtbot.waitUntil(lambda: card.title_label.text() == "THE KEY WAS NOT ACCEPTED")
        assert labels(card) == ["TRY AGAIN", "OPEN PROVIDER SETTINGS"]
        assert card.words_label.text() == "Incorrect API key", "the server's words are the server's"
        assert card.accessibleName() == "THE KEY WAS NOT ACCEPTED"
        click(card.copy_button)
        assert "THE KEY WAS NOT ACCEPTED" in QGuiApplication.clipboard().text()
    finally:
        QCoreApplication.removeTranslator(translator)


def test_what_works_again_closes_its_failures_and_no_others(bar: NoticeBar) -> None:
    bar.show_error(KeyRejected(host="h"), source="chat")
    bar.show_error(ConnectionFailed(host="h"), source="images")
    bar.show_error(DiskFull(path="/"), source="chat")
    bar.dismiss_from("chat")
    kinds = [card.notice.kind for card in bar.cards]
    assert kinds == ["DiskFull", "ConnectionFailed"], "what is not stored stays said until the user has read it"


def test_a_picture_for_a_blind_model_offers_other_models_and_providers(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_error(UnsupportedContent())
    assert labels(bar.cards[0]) == ["Choose a model", "Open provider settings"]
    with qtbot.waitSignal(bar.action_requested) as requested:
        click(bar.cards[0].action_buttons[0])
    assert requested.args == ["picker"]


def test_a_notice_does_not_take_the_focus(page: Page) -> None:
    page.bar.show_error(RateLimited())
    QTest.keyClicks(page.field, "still typing")
    assert page.field.hasFocus()
    assert page.field.text() == "still typing"


def test_very_long_words_are_shortened_on_the_bar_only(bar: NoticeBar) -> None:
    words = "all of it " * 500
    bar.show_error(RateLimited(words))
    assert bar.cards[0].words_label.text().endswith("…")
    assert words in bar.cards[0].notice.details


def test_words_are_shown_as_they_are_not_as_html(bar: NoticeBar) -> None:
    bar.show_error(RateLimited("<b>bold</b>"))
    assert bar.cards[0].words_label.textFormat() is Qt.TextFormat.PlainText


def test_where_there_is_no_room_for_all_they_scroll_and_are_not_squeezed(
    bar: NoticeBar, page: Page, qtbot: QtBot
) -> None:
    page.resize(600, 260)
    for error in (RateLimited(), KeyRejected(host="a"), ConnectionFailed(host="b")):
        bar.show_error(error, lambda: None)
    newest = bar.cards[0]
    qtbot.waitUntil(lambda: bar.verticalScrollBar().maximum() > 0)
    qtbot.waitUntil(lambda: newest.height() >= newest.heightForWidth(newest.width()))
    assert bar.height() < page.height()
    assert bar.verticalScrollBar().value() == 0
    page.resize(600, 900)
    qtbot.waitUntil(lambda: bar.verticalScrollBar().maximum() == 0)
    assert bar.height() < 600


def test_another_try_says_what_it_leaves_out(bar: NoticeBar) -> None:
    tries: list[str] = []
    bar.show_error(RequestRefused(), SendWithout("response_format", lambda: tries.append("again")))
    card = bar.cards[0]
    assert labels(card) == ["Send without “response_format”"]
    click(card.action_buttons[0])
    assert (tries, bar.cards) == (["again"], [])


@pytest.mark.parametrize("width", [720, 1280])
def test_a_word_without_end_leaves_the_close_button_in_sight(page: Page, width: int) -> None:
    page.resize(width, 500)
    page.bar.show_error(RequestRefused("QUJD" * 200, host="x" * 200, status=400))
    QCoreApplication.sendPostedEvents()
    QTest.qWaitForWindowExposed(page)
    card = page.bar.cards[0]
    QCoreApplication.processEvents()
    assert card.width() <= page.bar.viewport().width()
    corner = card.close_button.mapTo(page, card.close_button.rect().topRight())
    assert page.rect().contains(corner)
    click(card.close_button)
    assert page.bar.cards == []
