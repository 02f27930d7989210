"""Text of a message as a widget: its look, and what it must never load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QTextFormat
from PySide6.QtNetwork import QHostAddress, QTcpServer
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.widgets.formula import FormulaRenderer
from app.ui.widgets.markdown_look import TextStyle
from app.ui.widgets.markdown_pictures import TextContext
from app.ui.widgets.markdown_style import blocks
from app.ui.widgets.markdown_view import MarkdownView

LIGHT = TextStyle(theme.LIGHT)
MAGENTA = "#ff00ff"
type Show = Callable[[str], MarkdownView]


@pytest.fixture
def views(qtbot: QtBot) -> Iterator[list[MarkdownView]]:
    made: list[MarkdownView] = []
    yield made
    for view in made:
        view.close()


@pytest.fixture
def show(qtbot: QtBot, views: list[MarkdownView], tmp_path: Path) -> Show:
    picture = QImage(40, 40, QImage.Format.Format_RGB32)
    picture.fill(QColor(MAGENTA))
    own = {"attachment:1": picture}

    def shown(source: str) -> MarkdownView:
        view = MarkdownView(TextContext(FormulaRenderer(), own.get))
        qtbot.addWidget(view)
        views.append(view)
        view.show_text(source, LIGHT)
        view.resize(600, view.height_for(600))
        view.show()
        return view

    return shown


def has_color(view: MarkdownView, name: str) -> bool:
    image = view.grab().toImage()
    return any(
        image.pixelColor(x, y).name() == name for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)
    )


@pytest.mark.parametrize(
    "form", ["![x]({path})", "![x](file://{path})", "![x][r]\n\n[r]: {path}", '<img src="{path}">']
)
def test_no_file_is_shown(show: Show, tmp_path: Path, form: str) -> None:
    secret = QImage(100, 100, QImage.Format.Format_RGB32)
    secret.fill(QColor(MAGENTA))
    path = tmp_path / "secret.png"
    assert secret.save(str(path))
    view = show("before\n\n" + form.format(path=path) + "\n\nafter")
    assert not has_color(view, MAGENTA)


def test_a_name_that_qt_might_open_gives_nothing(show: Show, tmp_path: Path) -> None:
    path = tmp_path / "secret.png"
    secret = QImage(100, 100, QImage.Format.Format_RGB32)
    secret.fill(QColor(MAGENTA))
    assert secret.save(str(path))
    view = show("text")
    view.document().setHtml(f'<img src="{path}"><img src="file://{path}">')
    assert not has_color(view, MAGENTA)


def test_no_address_is_asked_and_the_picture_is_a_link(show: Show, qtbot: QtBot) -> None:
    server = QTcpServer()
    assert server.listen(QHostAddress.SpecialAddress.LocalHost)
    address = f"http://127.0.0.1:{server.serverPort()}/cat.png"
    view = show(f"![a cat]({address})")
    view.grab()
    qtbot.wait(50)
    assert not server.hasPendingConnections()
    server.close()
    assert view.toPlainText() == "a cat"
    assert hrefs(view) == [address]


def test_the_messages_own_picture_is_shown(show: Show) -> None:
    assert has_color(show("![mine](attachment:1)"), MAGENTA)
    assert not has_color(show("![other](attachment:2)"), MAGENTA)


def hrefs(view: MarkdownView) -> list[str]:
    return [
        text_range.format.anchorHref()
        for block in blocks(view.document())
        for text_range in block.textFormats()
        if text_range.format.isAnchor()
    ]


def test_links_lead_to_the_web_only(show: Show) -> None:
    view = show(
        "[a](https://example.org) [b](file:///etc/passwd) [c](javascript:alert) [d](mailto:a@example.org) [e](x)"
    )
    assert hrefs(view) == ["https://example.org", "mailto:a@example.org"]
    assert view.toPlainText() == "a b c d e"


def test_html_is_text(show: Show) -> None:
    assert show("<b>x</b> <script>y</script>").toPlainText() == "<b>x</b> <script>y</script>"


def test_clicking_a_link_tells_its_address_and_opens_nothing(show: Show, qtbot: QtBot) -> None:
    view = show("[docs](https://example.org/a?b=c)")
    with qtbot.waitSignal(view.link_activated) as signal:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert signal.args == ["https://example.org/a?b=c"]
    assert view.toPlainText() == "docs"


def test_a_link_can_be_chosen_with_the_keyboard(show: Show, qtbot: QtBot) -> None:
    view = show("a [docs](https://example.org/) b")
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Tab)
    with qtbot.waitSignal(view.link_activated):
        QTest.keyClick(view, Qt.Key.Key_Return)


def test_text_without_links_is_no_stop_for_tab(show: Show) -> None:
    assert show("plain").focusPolicy() is Qt.FocusPolicy.ClickFocus
    assert show("[l](http://example.org)").focusPolicy() is Qt.FocusPolicy.StrongFocus


def test_each_paragraph_has_its_own_direction(show: Show) -> None:
    directions = [block.textDirection() for block in blocks(show("English\n\nمرحبا بالعالم\n\n你好").document())]
    assert directions == [
        Qt.LayoutDirection.LeftToRight,
        Qt.LayoutDirection.RightToLeft,
        Qt.LayoutDirection.LeftToRight,
    ]


def test_headings_are_larger(show: Show) -> None:
    sizes = [
        text_range.format.intProperty(QTextFormat.Property.FontPixelSize)
        for block in blocks(show("# One\n\n## Two\n\ntext").document())
        for text_range in block.textFormats()
    ]
    assert sizes[0] > sizes[1] > theme.BODY_PX


def test_a_table_after_a_quote_has_no_empty_line(show: Show) -> None:
    view = show("> q\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nafter")
    assert [block.text() for block in blocks(view.document())] == ["q", "a", "b", "1", "2", "", "after"]


def test_a_drawn_formula_replaces_its_source(show: Show, qtbot: QtBot) -> None:
    view = show("The area is $a^2$ here.")
    assert view.toPlainText() == "The area is $a^2$ here."
    with qtbot.waitSignal(view.height_changed):
        pass
    assert view.toPlainText() == "The area is \ufffc here."
    view.selectAll()
    assert view.selected_text() == "The area is $a^2$ here."
    assert view.selected_markdown() == "The area is $a^2$ here."


def test_a_failed_formula_keeps_its_source(show: Show, qtbot: QtBot) -> None:
    view = show("See $a_{$ there.")
    with qtbot.waitSignal(view.height_changed):
        pass
    assert view.toPlainText() == "See $a_{$ there."


def test_a_part_of_the_text_as_markdown(show: Show) -> None:
    view = show("First **bold** word.\n\n- one\n- two")
    cursor = view.textCursor()
    cursor.setPosition(6)
    cursor.setPosition(10, cursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    assert view.selected_text() == "bold"
    assert view.selected_markdown() == "**bold**"


def test_plain_text_is_shown_as_it_was_typed(show: Show) -> None:
    view = show("")
    view.show_text("# no *heading*\n$x$ [l](http://example.org)", LIGHT, plain=True)
    assert view.toPlainText() == "# no *heading*\n$x$ [l](http://example.org)"
    assert hrefs(view) == []


def test_narrower_is_higher(show: Show) -> None:
    view = show("many words " * 60)
    assert view.height_for(200) > view.height_for(600)


def test_nothing_turns_the_words_after_it_also_where_text_is_shown_as_it_was_written(show: Show) -> None:
    view = show("[\u202emoc.elgoog](https://evil.example) and &#x202E;more")
    assert "\u202e" not in view.toPlainText()
    view.show_text("\u202etyped", LIGHT, plain=True)
    assert view.toPlainText() == "typed"
