"""Odd files, pasted masses and answers that mean harm: a sentence for each, nothing lost, nothing run or loaded."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

from app.model.file_errors import (
    FolderEmpty,
    FolderTooFull,
    LinkNotOpened,
    NotAFile,
    PastedTextTooLong,
    PictureDamaged,
    TextTooLong,
)
from app.ui import ask
from app.ui.chat.prompt_edit import MOST_PASTED_CHARACTERS
from app.ui.widgets.code_card import CodeCard
from app.ui.widgets.drop_area import files_in
from app.workers.attachments import MOST_FILES
from tests.fakes.openai_server import FakeOpenAI
from tests.ui.chat.program import Program

MEGABYTE = 1_000_000


def _dropped(*names: bytes) -> list[Path]:
    """What the tab makes of a drop from a file manager, which names files byte by byte."""
    data = QMimeData()
    data.setUrls([QUrl.fromEncoded(f"file://{quote(name)}".encode()) for name in names])
    return files_in(data)


def _attached(chat: Program) -> list[str]:
    return [chip.attachment.name for chip in chat.composer.strip.chips]


def test_of_many_bad_files_each_is_told_and_the_good_ones_are_taken(chat: Program, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("fine")
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "long.txt").write_bytes(b"word " * 500_000)
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    for number in range(MOST_FILES + 1):
        (tmp_path / "full" / f"{number}.txt").touch()
    os.mkfifo(tmp_path / "pipe.png")
    names = ("torn.png", "pipe.png", "empty", "full", "long.txt", "good.txt")
    chat.tab.talk.attach(_dropped(*(os.fsencode(tmp_path / name) for name in names)))
    chat.wait(lambda: _attached(chat) == ["good.txt"])
    assert [type(error) for error in chat.failures] == [
        PictureDamaged,
        NotAFile,
        FolderEmpty,
        FolderTooFull,
        TextTooLong,
    ]
    assert [error.arguments["name"] for error in chat.failures] == list(names[:-1])


def test_a_name_that_is_no_text_is_found_by_its_bytes(chat: Program, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\xfe \xe4\nold%41.txt"
    with open(name, "w", encoding="utf-8") as file:
        file.write("from an old disk")
    chat.tab.talk.attach(_dropped(name))
    chat.wait(lambda: _attached(chat))
    assert _attached(chat) == ["\ufffd\ufffd \ufffd\ufffdold%41.txt"]
    assert chat.failures == []


def test_a_folder_stands_for_its_files(chat: Program, tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden"):
        (tmp_path / name).write_text(name)
    (tmp_path / "inside").mkdir()
    (tmp_path / "itself").symlink_to("itself")
    chat.tab.talk.attach([tmp_path])
    chat.wait(lambda: _attached(chat) == ["a.txt", "b.txt"])


@pytest.mark.parametrize("text", ["x" * 300_000, "word " * 60_000, "文字" * 60_000], ids=["base64", "words", "chinese"])
def test_a_mass_of_pasted_text_is_taken_at_once(chat: Program, text: str) -> None:
    _paste(chat, text)
    assert chat.composer.text() == text


def test_more_than_that_is_told_and_what_was_written_stays(chat: Program) -> None:
    chat.write("Before")
    _paste(chat, "y" * (MOST_PASTED_CHARACTERS + 1))
    assert [type(error) for error in chat.failures] == [PastedTextTooLong]
    assert chat.failures[0].arguments == {"length": "1,000,001", "most": "1,000,000"}
    assert chat.composer.text() == "Before"


def test_of_pasted_binary_data_the_text_is_taken(chat: Program, server: FakeOpenAI) -> None:
    _paste(chat, "PK\x03\x04\0\0 data \x1b[31m\x07 end")
    chat.composer.submit()
    chat.wait(lambda: server.requests)
    chat.wait_idle()
    assert server.requests[-1].json["messages"][-1]["content"] == "PK data [31m end"


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "javascript:alert(1)", "data:text/html,<b>hi", "ftp://example.org/", "ssh://-oProxyCommand=x",
     "https://", "relative/path", "//host/share"],
)  # fmt: skip
def test_only_pages_and_mailboxes_are_opened(chat: Program, opened_outside: list[str], address: str) -> None:
    chat.view.transcript.link_activated.emit(address)
    assert [type(error) for error in chat.failures] == [LinkNotOpened]
    assert not chat.tab.findChildren(QMessageBox)
    assert opened_outside == []


@pytest.mark.parametrize(
    ("address", "host", "shown"),
    [
        ("https://example.org/a?b=c", "example.org", "https://example.org/a?b=c"),
        ("https://bank.example@evil.example/", "evil.example", "https://bank.example@evil.example/"),
        ("https://\u0430pple.com/", "xn--pple-43d.com", "https://xn--pple-43d.com/"),
        ("https://example.org/\u202egpj.exe", "example.org", "https://example.org/%E2%80%AEgpj.exe"),
        ("https://example.org/<b>x</b>", "example.org", "https://example.org/%3Cb%3Ex%3C/b%3E"),
        (f"https://example.org/{'a' * MEGABYTE}", "example.org", "…"),
    ],
)
def test_a_link_says_in_full_where_it_leads(
    chat: Program, opened_outside: list[str], address: str, host: str, shown: str
) -> None:
    chat.view.transcript.link_activated.emit(address)
    chat.wait(lambda: chat.tab.findChildren(QMessageBox))
    (box,) = chat.tab.findChildren(QMessageBox)
    assert f"leads to {host}." in box.text()
    assert shown in box.text()
    assert len(box.text()) < 600
    assert opened_outside == []
    box.reject()
    chat.run_async(chat.tab.desktop.aclose())
    assert opened_outside == []


def test_a_file_that_could_run_is_opened_only_when_asked(
    chat: Program, opened_outside: list[str], tmp_path: Path
) -> None:
    for name in ("page.html", "notes.txt"):
        (tmp_path / name).write_text("<script>alert(1)</script>")
    chat.tab.talk.attach([tmp_path / "page.html", tmp_path / "notes.txt"])
    chat.wait(lambda: len(_attached(chat)) == 2)
    ask.answers.append(False)
    page, notes = chat.composer.strip.chips
    chat.click(page.picture_button)
    chat.wait(lambda: not ask.answers)
    chat.click(notes.picture_button)
    assert [Path(address).suffix for address in opened_outside] == [".txt"]


HOSTILE = (
    "![a](https://evil.example/a.png) ![b](file:///etc/passwd) <img src='https://evil.example/c.png'>\n\n"
    "<script>alert(1)</script> [click](javascript:alert(1)) [here](file:///etc/passwd)\n\n"
    "<iframe src='https://evil.example'></iframe> \x1b]0;owned\x07 \u202egnp.exe\u202c\n\n"
    '```python\nif access != "user\u202e \u2066# admin\u2069 \u2066":\n    pass  \x1b[201~rm -rf\n```\n'
)


def test_nothing_in_an_answer_is_loaded_or_run(chat: Program, server: FakeOpenAI, opened_outside: list[str]) -> None:
    server.answer(HOSTILE)
    chat.ask("Go on")
    assert chat.stored()[-1].text == HOSTILE
    chat.tab.grab()
    assert opened_outside == []
    assert len(server.requests) == 1


def test_copied_code_does_nothing_to_a_terminal_and_reads_as_it_runs(chat: Program, server: FakeOpenAI) -> None:
    server.answer(HOSTILE)
    chat.ask("Go on")
    (card,) = chat.tab.findChildren(CodeCard)
    assert "⟨U+202E⟩" in card.text.toPlainText()
    chat.click(card.copy_button)
    assert QGuiApplication.clipboard().text() == 'if access != "user # admin ":\n    pass  [201~rm -rf'
    view = chat.view.transcript.stage.view(1)
    view.clipboard.copy_markdown()
    assert not set(QGuiApplication.clipboard().text()) & {"\x1b", "\x07", "\0"}


@pytest.mark.parametrize("line", ["x" * MEGABYTE, "*a" * 300_000, "`" * 300_000, "[" * 300_000, "word " * 20_000])
def test_an_answer_of_one_endless_line_is_shown(chat: Program, server: FakeOpenAI, line: str) -> None:
    server.answer(line)
    chat.ask("Go on")
    assert chat.stored()[-1].text == line
    assert len(chat.shown()[-1]) >= len(line.strip()) - 1


def _paste(chat: Program, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    chat.composer.field.insertFromMimeData(data)


HOSTILE_NAME = '<b>bold<img src="x.png">.txt'


def test_names_of_files_are_no_html(chat: Program, tmp_path: Path) -> None:
    (tmp_path / HOSTILE_NAME).write_text("hello")
    chat.tab.talk.attach([tmp_path / HOSTILE_NAME])
    chat.wait(lambda: _attached(chat))
    chip = chat.composer.strip.chips[0]
    assert chip.toolTip().startswith("<qt>&lt;b&gt;bold&lt;img src=")
    chat.ask("Read it")
    shown = [widget for widget in chat.tab.findChildren(QWidget) if "<img" in widget.toolTip()]
    labels = [label for label in chat.tab.findChildren(QLabel) if "<" in label.text()]
    assert shown == []
    assert not [label for label in labels if label.textFormat() is not Qt.TextFormat.PlainText]
