"""Which parts of a program text are keywords, strings, comments...; it knows neither colours nor widgets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

type SyntaxRole = Literal["keyword", "string", "comment", "number", "name"]

ROLES: tuple[SyntaxRole, ...] = ("keyword", "string", "comment", "number", "name")

MAX_CHARACTERS = 200_000
"""Longer texts stay plain: colouring them would hold up the window for more than a second."""


@dataclass(frozen=True, slots=True)
class Span:
    """`length` characters from `start` play one role."""

    start: int
    length: int
    role: SyntaxRole


@lru_cache(maxsize=128)
def spans(code: str, language: str) -> tuple[Span, ...]:
    """The coloured parts of `code`; none where nobody knows the language."""
    lexer = _lexer(language.lower())
    if lexer is None or len(code) > MAX_CHARACTERS:
        return ()
    return tuple(_spans(code, lexer))


def _spans(code: str, lexer: Lexer) -> Iterator[Span]:
    for start, token, text in lexer.get_tokens_unprocessed(code):
        role = _role(token)
        if role is not None and text:
            yield Span(start, len(text), role)


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    if not language:
        return None
    try:
        return get_lexer_by_name(language)
    except ClassNotFound:  # half-typed and invented languages are common
        return None


@lru_cache(maxsize=512)
def _role(token: _TokenType) -> SyntaxRole | None:
    from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String

    roles: tuple[tuple[_TokenType, SyntaxRole], ...] = (
        (Comment, "comment"),
        (Keyword, "keyword"),
        (Operator.Word, "keyword"),
        (Name.Tag, "keyword"),
        (Generic.Deleted, "number"),
        (Generic.Inserted, "string"),
        (Generic.Heading, "name"),
        (Generic.Subheading, "name"),
        (Number, "number"),
        (String, "string"),
        (Literal, "string"),
        (Name.Function, "name"),
        (Name.Class, "name"),
        (Name.Decorator, "name"),
        (Name.Builtin, "name"),
        (Name.Attribute, "name"),
        (Name.Namespace, "name"),
    )
    kinds = token.split()  # the token's own kind and every wider one
    return next((role for kind, role in roles if kind in kinds), None)
