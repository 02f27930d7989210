"""Finds the text in bytes of unknown encoding; guesses as readers of Chinese and English files need it first."""

from __future__ import annotations

import codecs
import re
import unicodedata

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before that of UTF-16, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_WITH_LOW_ZERO = "\u3000\u4e00"
"""The wide space, and Chinese for "one"."""
_LOOKED_AT = 1 << 16
"""Bytes that a guess is made from."""
_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÍÑÓÔÕÖÙÚÛÜßàáâãäåæçèéêëíîïñóôõöøùúûüœŒ“”‘’„–—…•€£§°«»¿¡´·\xa0®©™½¼")
_MOST_ACCENTS = 0.6
"""Of the letters of a text in Latin script; Cyrillic and Greek are made of nothing else."""
_KOREAN_LEADS = range(0xB0, 0xC9)
"""First bytes of all syllables in EUC-KR (KS X 1001); Chinese characters in GB 2312 go on to 0xF7."""
_ENOUGH = 6
"""So many characters that none lies outside of a third of the table by chance."""
_MOSTLY = 0.8
"""Of the bytes beyond ASCII in Chinese text; the rest belongs to rare characters."""
_KANA_LEADS = (0xA4, 0xA5)
_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")


def decode_text(data: bytes) -> str | None:
    """The text in `data`, whatever its encoding; None if it is no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\0" in data:
        return _wide(data)
    for encoding in filter(None, ("utf-8", _legacy(data[:_LOOKED_AT]))):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _guessed(data)


def _wide(data: bytes) -> str | None:
    """Text of two or four bytes a character without a mark; None for everything else that holds zero bytes."""
    for encoding in _WIDE:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_speakable(text[:_LOOKED_AT]):
            return text
    return None


def _is_speakable(text: str) -> bool:
    """No control characters, nothing that Unicode does not know, and at least one sign of ASCII, such as a line's end.

    A zero in the place of a lower byte belongs to very few signs; in other files it stands anywhere.
    """
    kinds = {unicodedata.category(sign) for sign in text if sign not in "\t\n\r\f"}
    if kinds & {"Cc", "Cn", "Co", "Cs"} or not any(sign.isascii() for sign in text):
        return False
    return all(ord(sign) & 0xFF or sign in _WITH_LOW_ZERO for sign in text)


def _legacy(data: bytes) -> str:
    """The encoding of one or two bytes a character that `data` is in for certain enough; empty if there is none."""
    pairs = _PAIR.findall(data)
    high = sum(byte >= 0x80 for byte in data)
    if pairs and 2 * len(pairs) >= _MOSTLY * high:
        return _double(pairs)
    text = data.decode("cp1252", "replace")
    letters = [sign for sign in text if sign.isalpha()]
    accents = [sign for sign in letters if not sign.isascii()]
    is_western = all(sign.isascii() or sign in _WESTERN for sign in text)
    return "cp1252" if is_western and len(accents) <= _MOST_ACCENTS * len(letters) else ""


def _double(pairs: list[bytes]) -> str:
    """Which of the encodings that share the same two bytes."""
    kana = sum(pair[0] in _KANA_LEADS for pair in pairs)
    if 5 * kana > len(pairs):
        return "euc_jp"
    signs = [pair[0] for pair in pairs if pair[0] >= _KOREAN_LEADS.start]
    if len(signs) >= _ENOUGH and all(lead in _KOREAN_LEADS for lead in signs):
        return "euc_kr"
    return "gb18030"


def _guessed(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return None if best is None else str(best)
