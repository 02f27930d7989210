"""The tab as a whole: keyboard only, language, theme, titles, links, what others hand over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton, QWidget

from app.model.file_errors import NothingOpensIt
from app.model.providers import BUILT_IN_ID, ModelReference
from app.model.settings import ThemeChoice
from app.ui import ask, theme
from app.ui.tab import HandOver
from app.ui.widgets.syntax_text import CodeText
from tests.fakes.openai_server import FakeOpenAI
from tests.ui.chat.program import OTHER_MODEL, Program


class Quoted(QTranslator):
    """A language that exists only here: everything said is put between quotation marks."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, number: int = -1) -> str:
        return f"«{source}»"

    def isEmpty(self) -> bool:
        return False


@pytest.fixture
def other_theme(chat: Program) -> Iterator[None]:
    """The tab was opened without a theme; the one that is set is taken away again."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    yield
    theme.apply(application, ThemeChoice.LIGHT, 100)
    application.setStyleSheet("")


def test_tab_leads_through_everything_and_back(chat: Program) -> None:
    chat.ask("Hello")
    chat.composer.field.setFocus()
    seen = _walk(chat)
    wanted = {
        "search_field",
        "new_conversation",
        "conversation_list",
        "sidebar_button",
        "parameters_button",
        "composer_attach_button",
        "composer_field",
    }
    assert wanted <= set(seen), f"not reached by Tab: {wanted - set(seen)}"
    order = [name for name in seen if name in wanted]
    start = order.index("search_field")
    assert (order[start:] + order[:start])[:3] == ["search_field", "new_conversation", "conversation_list"]


def test_every_control_has_a_name_for_screen_readers(chat: Program, tmp_path: Path) -> None:
    chat.ask("Hello")
    file = tmp_path / "notes.txt"
    file.write_text("hello")
    chat.tab.talk.attach([file])
    chat.wait(lambda: chat.composer.strip.chips)
    chat.tab.columns.parameters_button.click()
    controls = [one for one in chat.tab.findChildren(QWidget) if one.isVisible() and _takes_focus(one)]
    assert len(controls) > 15
    nameless = [one for one in controls if not (one.accessibleName() or getattr(one, "text", str)())]
    assert nameless == []


def test_everything_speaks_the_other_language_at_once(chat: Program) -> None:
    chat.ask("Hello")
    chat.tab.columns.parameters_button.click()
    translator = Quoted()
    QCoreApplication.installTranslator(translator)
    try:
        chat.wait(lambda: chat.composer.field.placeholderText() == "«Write a message»")
        assert chat.composer.send_button.accessibleName() == "«Send»"
        assert chat.tab.sidebar.search_field.placeholderText() == "«Search»"
        assert chat.tab.parameters.labels["seed"].text() == "«Seed»"
        assert chat.tab.parameters.choices["verbosity"].currentText() == "«not sent»"
        rows = [chat.view.transcript.stage.view(index) for index in range(2)]
        assert "token(s)»" in rows[1].footer.small_print.text(), "small print too"
        assert chat.shown() == ["Hello", "You said: Hello"], "what was said stays as it is"
    finally:
        QCoreApplication.removeTranslator(translator)
    chat.wait(lambda: chat.composer.field.placeholderText() == "Write a message")


def test_code_keeps_its_font_when_the_theme_changes(chat: Program, server: FakeOpenAI, other_theme: None) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    server.answer("```python\nprint(1)\n```")
    chat.ask("Code")
    code = chat.view.transcript.findChild(CodeText, "code")
    for choice in (ThemeChoice.DARK, ThemeChoice.LIGHT, ThemeChoice.DARK):
        theme.apply(application, choice, 100)
        application.sendPostedEvents()
        assert code.font().family() == theme.code_font().family()


def test_everything_has_room_when_the_zoom_changes(chat: Program, server: FakeOpenAI, other_theme: None) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, ThemeChoice.LIGHT, 100)
    server.key = "sk-another"
    chat.ask("This fails")
    chat.wait(lambda: chat.failures)
    theme.apply(application, ThemeChoice.LIGHT, 160)
    chat.tab.set_zoom(160)
    answer = chat.view.transcript.stage.view(1)
    parts = (answer.header, answer.note.continue_button, answer.footer.small_print)
    chat.wait(lambda: all(part.height() >= part.sizeHint().height() for part in parts))
    assert answer.note.label.height() >= answer.note.label.heightForWidth(answer.note.label.width())


def test_the_title_stands_above_the_conversation_also_while_searching(chat: Program) -> None:
    label = chat.tab.columns.title_label
    assert label.text() == ""
    chat.ask("Apples and pears")
    chat.wait(lambda: label.text() == "Apples and pears")
    chat.tab.sidebar.search_field.insert("said")
    chat.wait(lambda: not chat.listing.entry(chat.tab.conversation_id))
    assert label.text() == "Apples and pears"
    chat.open_conversation(None)
    assert label.text() == ""


@pytest.mark.parametrize("wanted", [True, False])
def test_a_link_asks_before_anything_leaves_the_program(chat: Program, opened_outside: list[str], wanted: bool) -> None:
    ask.answers.append(wanted)
    chat.view.transcript.link_activated.emit("https://example.org/")
    chat.wait(lambda: not ask.answers)
    chat.run_async(chat.tab.desktop.aclose())
    assert opened_outside == ["https://example.org/"] * wanted


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "ftp://example.org"])
def test_other_links_lead_nowhere(chat: Program, opened_outside: list[str], address: str) -> None:
    ask.answers.append(True)
    chat.view.transcript.link_activated.emit(address)
    assert ask.answers, "nothing was asked"
    ask.answers.clear()
    assert not opened_outside


def test_an_attachment_opens_in_its_program(chat: Program, opened_outside: list[str], tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("hello")
    chat.tab.talk.attach([file])
    chat.wait(lambda: chat.composer.strip.chips)
    chip = chat.composer.strip.chips[0]
    chat.click(chip.picture_button)
    chat.ask("Read this")
    chat.view.transcript.attachment_activated.emit(chat.ids()[0], chip.attachment.id)
    assert [Path(QUrl(address).toLocalFile()) for address in opened_outside] == [chip.attachment.path] * 2


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_where_no_program_opens_an_attachment_it_is_said(chat: Program, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("Some notes")
    chat.tab.take(HandOver("chat", (tmp_path / "notes.md",)))
    chat.wait(chat.composer.strip.attachments)
    chat.composer.attachment_activated.emit(chat.composer.strip.attachments()[0])
    assert [type(error) for error in chat.failures] == [NothingOpensIt]


def test_what_another_tab_hands_over_is_added_to_the_draft(chat: Program, tmp_path: Path) -> None:
    file = tmp_path / "talk.txt"
    file.write_text("hello")
    chat.write("Summarise: ")
    chat.tab.take(HandOver("chat", (file,), "the transcript"))
    chat.wait(lambda: chat.composer.strip.chips)
    assert chat.composer.text() == "Summarise: the transcript"
    assert chat.composer.field.hasFocus()


def test_connecting_a_provider_is_offered_only_with_the_engine_inside(chat: Program) -> None:
    pages: list[str] = []
    chat.tab.settings_requested.connect(pages.append)
    welcome = chat.view.welcome
    assert not welcome.connect_button.isVisible()
    chat.tab.set_model(None)
    chat.click(welcome.connect_button)
    assert pages == ["providers"]


def test_the_welcome_promises_an_engine_only_if_it_will_answer(chat: Program) -> None:
    words = chat.view.welcome.text_label
    promise = "The built-in engine answers on this computer; nothing leaves it."
    chat.tab.set_model(ModelReference(BUILT_IN_ID, "qwen"))
    assert words.text() == promise
    chat.tab.set_model(None)
    assert words.text() != promise
    chat.tab.set_model(ModelReference("o", "gpt"))
    assert words.text() != promise


def _walk(chat: Program) -> list[str]:
    """The names of what Tab reaches, until it comes back."""
    seen: list[str] = []
    first = QApplication.focusWidget()
    for _ in range(60):
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(focused.objectName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is first:
            return seen
    raise AssertionError(f"Tab does not come back: {seen}")


def _takes_focus(widget: QWidget) -> bool:
    by_tab = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
    is_button = isinstance(widget, QToolButton) and not isinstance(widget.parent(), QLineEdit)
    return (by_tab or is_button) and widget.focusProxy() is None


def test_what_failed_is_of_no_interest_once_it_goes_on(chat: Program, server: FakeOpenAI) -> None:
    server.reply_error(401, "invalid_api_key", "invalid_request_error", "Incorrect API key provided")
    chat.ask("Hello")
    assert len(chat.failures) == 1
    with chat.qtbot.waitSignal(chat.tab.recovered):
        chat.ask("Once more")
    with chat.qtbot.waitSignal(chat.tab.recovered):
        chat.tab.set_model(OTHER_MODEL)
    with chat.qtbot.assertNotEmitted(chat.tab.recovered):
        chat.tab.set_model(OTHER_MODEL)


def test_the_welcome_is_above_the_middle_of_the_composer(chat: Program) -> None:
    title = chat.view.welcome.title_label
    middle = title.mapTo(chat.tab, title.rect().center()).x()
    assert abs(middle - chat.composer.mapTo(chat.tab, chat.composer.rect().center()).x()) < 3
