"""What a model or a server wrote does nothing to a terminal, however it is cut into pieces; files get all of it."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.terminal import Printer, ProgressLine, harmless

ATTACKS = {
    "colour": "safe \x1b[31mred\x1b[0m",
    "title": "safe \x1b]0;owned\x07red",
    "link": "safe \x1b]8;;https://evil.example\x1b\\red\x1b]8;;\x1b\\",
    "clipboard": "safe \x1b]52;c;cm0gLXJmIC8=\x07red",
    "answer": "safe \x1b[6n\x1b[c\x1b[>qred",
    "eight bits": "safe \x9b31mred\x9d0;owned\x9c",
    "reset": "safe \x1bcred\x1b(0",
    "device": 'safe \x1bP$q"p\x1b\\red',
    "overwriting": "safe \r\x08\x0bred",
    "paste": "safe \x1b[201~red",
    "turned": "safe \u202ered\u202c",
}


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _printed(*pieces: str, terminal: bool = True) -> str:
    stream = Terminal() if terminal else io.StringIO()
    printer = Printer(stream)
    for piece in pieces:
        printer.write(piece)
    printer.finish()
    return stream.getvalue()


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_terminal_gets_the_words_and_no_commands(attack: str) -> None:
    assert _printed(attack) == "safe red\n"


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_command_cut_into_pieces_is_one_all_the_same(attack: str) -> None:
    assert _printed(*attack) == "safe red\n"


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_file_gets_it_as_it_is(attack: str) -> None:
    assert _printed(attack, terminal=False) == attack + "\n"


def test_a_string_that_never_ends_takes_no_more_than_its_line() -> None:
    assert _printed("one \x1b]0;", "title without", " end\ntwo") == "one \ntwo\n"


@pytest.mark.parametrize("sign", ["\x9d", "\x1b]", "\x9b", "\x1b[", "\x1b", "\x1b ", "\x9d]0;"])
def test_a_million_beginnings_are_looked_at_once(sign: str) -> None:
    shown = _printed(sign * (1_000_000 // len(sign)) + "\x1bx", "\n\n")
    assert not set(shown) & {"\x1b", "\x9b", "\x9d"}


def test_ordinary_text_of_all_scripts_stays() -> None:
    text = "Tab\tand lines\n中文，العربية, עברית, ไทย, 👩‍👩‍👧, é, [31m, \\x1b"
    assert _printed(text) == text + "\n"


@given(st.lists(st.text(st.sampled_from("a\x1b[]0;m\x07\x9b\x9d\\\n\u202eé文P~ \x00\r"))))
def test_nothing_that_a_terminal_obeys_is_left(pieces: list[str]) -> None:
    text = _printed(*pieces)
    assert not set(text) & {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), 0x202E)}
    assert harmless(text) == text


def test_what_the_stream_cannot_encode_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    Printer().print("café \ud800 文")
    assert raw.getvalue() == b"caf? ? ?\n"


def test_progress_overwrites_itself_and_goes_away() -> None:
    stream = Terminal()
    with ProgressLine(stream) as progress:
        progress.show("会议.wav: 3 of 7 s read")
        progress.show("done\x1b[31m")
    columns = len("会议.wav: 3 of 7 s read") + 2
    assert stream.getvalue() == f"会议.wav: 3 of 7 s read\r{' ' * columns}\rdone\r{' ' * 4}\r"


def test_progress_never_reaches_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    stream = Terminal()
    ProgressLine(stream).show("一二三四五六七八")
    assert stream.getvalue() == "一二三四"


def test_a_log_file_is_not_filled_with_progress() -> None:
    stream = io.StringIO()
    with ProgressLine(stream) as progress:
        for second in range(100):
            progress.show(f"{second} of 100 s")
    assert stream.getvalue() == ""
