"""Grammars that hold a model to JSON: from a request's `response_format` to llama.cpp's GBNF."""

from __future__ import annotations

import json
import re

from app.engine.openai_errors import ApiError, invalid

LARGEST_SCHEMA = 64 * 1024
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
ANY_OBJECT: dict[str, object] = {"type": "object"}


def grammar_for(response_format: object) -> str | None:
    """The grammar for a `response_format`, or None for plain text.

    Raises:
        ApiError: the format is unknown or its schema cannot be followed.
    """
    if response_format is None:
        return None
    kind = response_format.get("type") if isinstance(response_format, dict) else None
    if kind == "text":
        return None
    if kind == "json_object":
        return grammar_of_schema(ANY_OBJECT)
    if kind == "json_schema" and isinstance(response_format, dict):
        return grammar_of_schema(_schema(response_format.get("json_schema")))
    raise invalid("'response_format' must be text, json_object or json_schema.", "response_format", "invalid_value")


def _schema(value: object) -> dict[str, object]:
    if not isinstance(value, dict) or not NAME.fullmatch(str(value.get("name", ""))):
        raise invalid("'json_schema' needs a name of letters, digits, _ and -.", "response_format.json_schema.name")
    schema = value.get("schema", ANY_OBJECT)
    if not isinstance(schema, dict):
        raise _refused("a schema is an object")
    return schema


def grammar_of_schema(schema: dict[str, object]) -> str:
    """Write the grammar of everything that fits a JSON schema.

    Raises:
        ApiError: the schema is wrong, too large, or uses something that a grammar cannot express.
    """
    from cyllama.utils.json_schema_to_grammar import json_schema_to_grammar

    if len(json.dumps(schema)) > LARGEST_SCHEMA:
        raise _refused("it is too large")
    try:
        return str(json_schema_to_grammar(schema))
    except (AssertionError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        # The converter asserts its way through the schema; all of these mean that the schema is at fault.
        raise _refused(str(error) or type(error).__name__) from error


def _refused(reason: str) -> ApiError:
    message = f"This JSON schema cannot be followed: {reason}."
    return invalid(message, "response_format.json_schema.schema", "invalid_json_schema")
