"""Text of every encoding that people's files are in, and what is no text."""

from __future__ import annotations

import codecs
import os

import pytest

from app.services.text_encoding import decode_text

CHINESE = "这是一段中文，用来测试编码。\n第二行也在这里：一二三。\n"
GERMAN = "Grüße aus Köln, été à la plage, señor. Straße und Übermut.\n"


@pytest.mark.parametrize("text", [CHINESE, GERMAN, "English only, with CRLF\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_unicode_with_and_without_its_mark(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding)) == text


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE])
def test_the_mark_tells_the_order_of_bytes(mark: bytes) -> None:
    encoding = "utf-16-be" if len(mark) == 2 else "utf-32-be"
    assert decode_text(mark + CHINESE.encode(encoding)) == CHINESE


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", CHINESE),
        ("gb18030", "短句：你好，世界"),
        ("gb18030", "你好"),
        ("gb18030", "朱镕基的镕字不在老字表里"),
        ("big5", "這是繁體中文的一段文字，用來測試編碼。"),
        ("shift_jis", "これは日本語のテキストです。"),
        ("euc_jp", "これは日本語のテキストです。"),
        ("euc_kr", "이것은 한국어 텍스트입니다."),
        ("latin-1", GERMAN),
        ("latin-1", "café"),
        ("cp1252", "“Quotes” – été, €5"),
        ("cp1252", "« Été » à Noël…"),
        ("cp1251", "Это русский текст, чтобы проверить кодировку."),
    ],
)
def test_the_encodings_of_before(encoding: str, text: str) -> None:
    assert decode_text(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "data",
    [
        b"zero\0byte",
        b"ab\0cd" * 100,
        bytes(range(256)) * 20,
        bytes(4096),
        b"\x7fELF\x02\x01\x01" + bytes(57),
        os.urandom(4096),
    ],
    ids=["odd", "even", "all", "zeros", "program", "random"],
)
def test_what_is_no_text(data: bytes) -> None:
    assert decode_text(data) is None


def test_half_a_character_at_the_end_loses_nothing_before_it() -> None:
    assert decode_text(codecs.BOM_UTF16_LE + "abc".encode("utf-16-le") + b"\x41") == "abc\ufffd"
