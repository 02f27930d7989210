"""One request as it will be sent: bodies, forms and what may be left out."""

from __future__ import annotations

import json

import pytest

from app.model.errors import AppError, PermissionDenied, RequestRefused, ServerTrouble
from app.services.api.calls import Call, merged


def test_extra_fields_are_merged_into_objects() -> None:
    body = {"a": 1, "options": {"x": 1, "y": 2}}
    assert merged(body, {"options": {"y": 3}}, {"a": {"b": 1}}) == {"a": {"b": 1}, "options": {"x": 1, "y": 3}}
    assert body == {"a": 1, "options": {"x": 1, "y": 2}}


@pytest.mark.parametrize(
    ("optional", "error", "left"),
    [
        ("usage", RequestRefused("", status=400, parameter="usage"), {"a": {"b": 1, "c": 2}}),
        ("usage", RequestRefused("", status=422, parameter="usage.more"), {"a": {"b": 1, "c": 2}}),
        ("usage", RequestRefused("Unknown field usage", status=400), {"a": {"b": 1, "c": 2}}),
        ("a.b", PermissionDenied("", status=403, parameter="a.b"), {"usage": True, "a": {"c": 2}}),
        ("usage", RequestRefused("Unknown usages", status=400), None),
        ("usage", RequestRefused("usage", status=400, parameter="temperature"), None),
        ("usage", ServerTrouble("usage", status=500), None),
        ("missing", RequestRefused("missing", status=400), None),
    ],
)
def test_what_is_refused_is_left_out(optional: str, error: AppError, left: dict[str, object] | None) -> None:
    call = Call("/x", body={"usage": True, "a": {"b": 1, "c": 2}}, optional=(optional,))
    relieved = call.relieved(error)
    assert (relieved.body if relieved else None) == left
    assert relieved is None or relieved.relieved(error) is None


def test_an_object_that_becomes_empty_goes_too() -> None:
    call = Call("/x", body={"a": {"b": 1}}, optional=("a.b",))
    relieved = call.relieved(RequestRefused("", status=400, parameter="a"))
    assert relieved is not None
    assert relieved.body == {}


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
