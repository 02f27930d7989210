from typing import Any

import pytest

from app.engine.chat.grammar import grammar_for
from app.engine.openai_errors import ApiError


def schema(content: Any, name: str = "answer") -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name, "schema": content}}


@pytest.mark.parametrize("response_format", [None, {"type": "text"}])
def test_plain_text_needs_no_grammar(response_format: Any) -> None:
    assert grammar_for(response_format) is None


def test_json_mode_allows_only_objects() -> None:
    grammar = grammar_for({"type": "json_object"})
    assert grammar is not None
    assert "root ::=" in grammar


def test_the_properties_of_a_schema_are_in_the_grammar() -> None:
    grammar = grammar_for(schema({"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}))
    assert grammar is not None
    assert "age" in grammar


@pytest.mark.parametrize(
    "content",
    [
        {"type": "thing"},
        {"type": 5},
        {"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}},
        {"$ref": "https://example.org/schema"},
        {"type": "string", "pattern": "^(?=x)$"},
        {"type": "object", "properties": [1]},
        {"description": "x" * 100_000},
        [],
    ],
)
def test_a_schema_that_cannot_be_followed_is_refused_in_words(content: Any) -> None:
    with pytest.raises(ApiError, match="cannot be followed") as refused:
        grammar_for(schema(content))
    assert (refused.value.status, refused.value.code) == (400, "invalid_json_schema")


@pytest.mark.parametrize("name", ["", "with space", "x" * 65])
def test_a_schema_needs_a_proper_name(name: str) -> None:
    with pytest.raises(ApiError, match="name"):
        grammar_for(schema({"type": "object"}, name))
