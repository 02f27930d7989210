from hypothesis import given
from hypothesis import strategies as st

from app.engine.chat.stop_strings import StopStrings

TEXT = st.text(alphabet="ab\n#", max_size=40)
STOPS = st.lists(st.text(alphabet="ab\n#", min_size=1, max_size=5), max_size=4)


def feed(pieces: list[str], stops: list[str]) -> tuple[str, bool]:
    matcher = StopStrings(stops)
    certain = "".join(matcher.add(piece) for piece in pieces)
    return certain + matcher.flush(), matcher.found


def cut(text: str, stops: list[str]) -> str:
    """What the text is before the stop string that is complete first, and of those the one that began first."""
    for end in range(len(text) + 1):
        starts = [end - len(stop) for stop in stops if text[:end].endswith(stop)]
        if starts:
            return text[: min(starts)]
    return text


@given(TEXT, STOPS)
def test_letter_by_letter_the_text_ends_before_the_first_stop_string(text: str, stops: list[str]) -> None:
    expected = cut(text, stops)
    assert feed(list(text), stops) == (expected, expected != text)


@given(st.lists(TEXT, max_size=8), STOPS)
def test_no_piece_of_a_stop_string_gets_through(pieces: list[str], stops: list[str]) -> None:
    seen, found = feed(pieces, stops)
    assert "".join(pieces).startswith(seen)
    assert not any(stop in seen for stop in stops)
    assert found == any(stop in "".join(pieces) for stop in stops)


def test_text_that_cannot_begin_a_stop_string_is_not_held_back() -> None:
    matcher = StopStrings(["\nUser:"])
    assert matcher.add("Hello\nUs") == "Hello"
    assert matcher.add("ually") == "\nUsually"


def test_nothing_comes_after_a_stop_string() -> None:
    matcher = StopStrings(["5"])
    assert matcher.add("4, 5, 6") == "4, "
    assert matcher.add("7") == ""
    assert matcher.flush() == ""
