"""One request as it will be sent: bodies and forms."""

from __future__ import annotations

import json

import pytest

from app.model.errors import RequestRefused
from app.services.api.calls import Call, merged


def test_extra_fields_are_merged_into_objects() -> None:
    body = {"a": 1, "options": {"x": 1, "y": 2}}
    assert merged(body, {"options": {"y": 3}}, {"a": {"b": 1}}) == {"a": {"b": 1}, "options": {"x": 1, "y": 3}}
    assert body == {"a": 1, "options": {"x": 1, "y": 2}}


def test_forms_hold_text() -> None:
    body = {"stream": True, "n": 2, "temperature": 0.5, "list[]": ["a", 1], "object": {"a": None}}
    assert Call("/x", body=body).form_fields() == {
        "stream": "true",
        "n": "2",
        "temperature": "0.5",
        "list[]": ["a", "1"],
        "object": '{"a": null}',
    }


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_know_are_refused(number: float) -> None:
    with pytest.raises(RequestRefused):
        Call("/x", body={"temperature": number}).json_bytes()


def test_text_is_sent_as_utf_8() -> None:
    data = Call("/x", body={"text": "Grüße 世界"}).json_bytes()
    assert "世界".encode() in data
    assert json.loads(data) == {"text": "Grüße 世界"}


def test_large_bodies_are_noticed() -> None:
    assert not Call("/x", body={"messages": [{"content": "short"}] * 10}).is_large
    assert Call("/x", body={"messages": [{"content": [{"url": "x" * 600_000}]}] * 2}).is_large
