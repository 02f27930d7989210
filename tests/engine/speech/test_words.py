from app.engine.speech.transcript import Word
from app.engine.speech.words import Token, join_words


def tokens(*pieces: bytes) -> list[Token]:
    return [Token(index, piece, index, index + 0.5, -0.1) for index, piece in enumerate(pieces)]


def test_tokens_become_words_at_spaces() -> None:
    words = join_words(tokens(b" Dash", b"wood", b".", b" He", b"'s"), "en")
    assert words == [Word("Dashwood.", 0, 2.5), Word("He's", 3, 4.5)]


def test_a_character_in_two_tokens_is_whole() -> None:
    first, second = "é".encode()[:1], "é".encode()[1:]
    assert join_words(tokens(b" bl", first, second), "fr") == [Word("blé", 0, 2.5)]


def test_chinese_characters_are_words_and_punctuation_belongs_to_them() -> None:
    data = "璀".encode()
    words = join_words(tokens("你".encode(), "好".encode(), "，".encode(), data[:1], data[1:]), "zh")
    assert [word.text for word in words] == ["你", "好，", "璀"]
    assert (words[-1].start_s, words[-1].end_s) == (3, 4.5)


def test_bytes_that_never_become_a_character_are_dropped() -> None:
    assert join_words(tokens(b" ok", b"\xe7"), "en") == [Word("ok", 0, 0.5)]


def test_nothing_gives_no_words() -> None:
    assert join_words([], "en") == []
    assert join_words(tokens(b" ", b"  "), "en") == []
