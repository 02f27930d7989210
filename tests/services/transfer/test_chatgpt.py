"""ChatGPT's tree of nodes becomes ours: versions kept, what holds it together dropped, everything said kept as text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.chat import Role
from app.model.transfer import EARLIEST, Inconsistent, PortableConversation, check_conversation
from app.services.transfer.chatgpt import to_conversation
from tests.services.transfer.chatgpt_export import conversation, message, node, two_versions


def _converted(source: dict[str, Any], pictures: dict[str, tuple[str, str]] | None = None) -> PortableConversation:
    found = to_conversation(json.dumps(source).encode(), (pictures or {}).get)
    assert found is not None
    check_conversation(found)
    return found


def _chain(*messages: dict[str, Any] | None) -> dict[str, Any]:
    """One message after the other."""
    mapping = {
        f"n{number}": node(
            f"n{number - 1}" if number else None, said, *([f"n{number + 1}"] if number + 1 < len(messages) else [])
        )
        for number, said in enumerate(messages)
    }
    return conversation(mapping, f"n{len(messages) - 1}")


def _said(*contents: dict[str, Any]) -> str:
    """The text of an answer that consists of these contents."""
    source = _chain(message("user", "?"), *(message("assistant", content=content) for content in contents))
    return _converted(source).messages[-1].text


def test_versions_are_kept_and_the_one_on_show_is_shown() -> None:
    found = _converted(two_versions())
    assert found.title == "Lighthouses"
    assert found.created_at == datetime.fromtimestamp(1700000000.5, UTC)
    assert [(m.id, m.parent_id, m.role) for m in found.messages] == [
        (1, None, Role.USER),
        (2, 1, Role.ASSISTANT),
        (3, 1, Role.ASSISTANT),
    ]
    assert found.leaf_id == 2
    assert found.messages[1].last_use > found.messages[2].last_use
    assert found.messages[1].model is not None
    assert found.messages[1].model.model_id == "gpt-4o"


def test_edited_prompts_are_versions_of_each_other() -> None:
    mapping = {
        "root": node(None, None, "b", "a"),
        "a": node("root", message("user", "first")),
        "b": node("root", message("user", "second")),
    }
    found = _converted(conversation(mapping))
    assert [(m.text, m.parent_id) for m in found.messages] == [("second", None), ("first", None)]


def test_an_answer_with_tools_is_one_message() -> None:
    source = _chain(
        message("user", "What is 2**10?"),
        message(
            "assistant", content={"content_type": "thoughts", "thoughts": [{"summary": "Easy", "content": "Use it"}]}
        ),
        message("assistant", content={"content_type": "reasoning_recap", "content": "Thought for 3 seconds"}),
        message("assistant", content={"content_type": "code", "language": "python", "text": "print(2**10)"}),
        message("tool", name="python", content={"content_type": "execution_output", "text": "1024"}),
        message("assistant", "It is 1024.", metadata={"model_slug": "o3", "finished_duration_sec": 3}),
    )
    prompt, answer = _converted(source).messages
    assert prompt.text == "What is 2**10?"
    assert answer.text == "```python\nprint(2**10)\n```\n\n`python`\n\n```\n1024\n```\n\nIt is 1024."
    assert answer.reasoning == "Easy\n\nUse it"
    assert answer.reasoning_s == 3
    assert answer.model is not None
    assert answer.model.model_id == "o3"


def test_branches_inside_an_answer_stay_apart() -> None:
    mapping = {
        "ask": node(None, message("user", "?"), "a"),
        "a": node("ask", message("assistant", "begun"), "b", "c"),
        "b": node("a", message("assistant", "one way")),
        "c": node("a", message("assistant", "another")),
    }
    found = _converted(conversation(mapping, "b"))
    assert [(m.id, m.parent_id, m.text) for m in found.messages][1:] == [
        (2, 1, "begun"),
        (3, 2, "one way"),
        (4, 2, "another"),
    ]


def test_what_is_hidden_is_dropped_and_what_is_seen_of_the_system_is_its_prompt() -> None:
    hidden = {"is_visually_hidden_from_conversation": True}
    source = _chain(
        None,
        message("system", "secret plan", metadata=hidden),
        message("system", "Talk like a sailor."),
        message("user", content={"content_type": "user_editable_context", "user_profile": "I am"}),
        message("user", "Ahoy"),
        message("assistant", "hidden words", metadata=hidden),
        message("assistant", "Ahoy!"),
    )
    found = _converted(source)
    assert found.system_prompt == "Talk like a sailor."
    assert [m.text for m in found.messages] == ["Ahoy", "Ahoy!"]


KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "several parts": ({"content_type": "text", "parts": ["one", "", "two"]}, "one\n\ntwo"),
    "fence in code": ({"content_type": "code", "language": "unknown", "text": "a ``` b"}, "````\na ``` b\n````"),
    "quote": (
        {"content_type": "tether_quote", "title": "Title", "url": "https://e.org", "text": "a\n\nb"},
        "Title https://e.org\n\n> a\n>\n> b",
    ),
    "browsing": ({"content_type": "tether_browsing_display", "result": "found", "summary": None}, "```\nfound\n```"),
    "error": ({"content_type": "system_error", "name": "Timeout", "text": "too slow"}, "Timeout: too slow"),
    "speech": (
        {
            "content_type": "multimodal_text",
            "parts": [
                {"content_type": "audio_transcription", "text": "spoken words", "direction": "in"},
                {"content_type": "audio_asset_pointer", "asset_pointer": "sediment://file_1"},
            ],
        },
        "spoken words",
    ),
    "unknown": ({"content_type": "of tomorrow", "content": "still text"}, "still text"),
    "citations": ({"content_type": "text", "parts": ["It is so \ue200cite\ue202turn0search1\ue201."]}, "It is so ."),
    "odd parts": ({"content_type": "text", "parts": [None, 5, ["x"], {"text": 7}, "fine"]}, "fine"),
}


@pytest.mark.parametrize(("content", "text"), KINDS.values(), ids=KINDS)
def test_every_kind_of_content_is_text(content: dict[str, Any], text: str) -> None:
    assert _said(content) == text


def test_pictures_are_attachments_where_their_file_is_there() -> None:
    parts = [
        {
            "content_type": "image_asset_pointer",
            "asset_pointer": "file-service://file-abc",
            "width": 640,
            "height": 480,
        },
        {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_gone", "width": "x"},
        "What is this?",
    ]
    said = message(
        "user",
        content={"content_type": "multimodal_text", "parts": parts},
        metadata={"attachments": [{"name": "photo.png", "mime_type": "image/png"}, {"name": "notes.pdf"}, 5]},
    )
    found = _converted(_chain(said), {"file-abc": ("file-abc-photo.png", "image/png")})
    (prompt,) = found.messages
    assert prompt.text == "[file_gone]\n\nWhat is this?\n\n- notes.pdf"
    (picture,) = prompt.attachments
    assert (picture.file, picture.media_type, picture.width_px, picture.height_px) == (
        "file-abc-photo.png",
        "image/png",
        640,
        480,
    )


def test_an_answer_without_a_question_gets_an_empty_one() -> None:
    found = _converted(_chain(message("assistant", "Hello!")))
    assert [(m.role, m.text) for m in found.messages] == [(Role.USER, ""), (Role.ASSISTANT, "Hello!")]


@pytest.mark.parametrize("moment", [None, -5, 0, 1e300, 253402300800])
def test_times_that_cannot_be_are_those_around(moment: float | None) -> None:
    found = _converted(conversation({"a": node(None, message("user", "x", create_time=moment))}))
    assert found.messages[0].created_at == found.created_at
    nowhere = conversation(
        {"a": node(None, message("user", "x", create_time=moment))}, create_time=moment, update_time=None
    )
    assert _converted(nowhere).created_at == EARLIEST


@pytest.mark.parametrize("mapping", [{}, {"a": node(None)}, {"a": node(None, message("user", ""))}])
def test_nothing_to_be_seen_is_no_conversation(mapping: dict[str, Any]) -> None:
    assert to_conversation(json.dumps(conversation(mapping)).encode(), lambda _: None) is None


CIRCLES: dict[str, dict[str, Any]] = {
    "itself": {"a": node("a", message("user", "x"), "a")},
    "two": {"a": node("b", message("user", "x"), "b"), "b": node("a", message("user", "y"), "a")},
    "beside a root": {
        "root": node(None, message("user", "x"), "a"),
        "a": node("b", message("user", "x"), "b"),
        "b": node("a", message("user", "y"), "a"),
    },
}


@pytest.mark.parametrize("mapping", CIRCLES.values(), ids=CIRCLES)
def test_circles_are_refused(mapping: dict[str, Any]) -> None:
    with pytest.raises(Inconsistent):
        to_conversation(json.dumps(conversation(mapping)).encode(), lambda _: None)


@pytest.mark.parametrize(
    "wrong",
    [
        b"5",
        b"{}",
        b'{"mapping": 5}',
        b'{"mapping": {"a": 5}}',
        b'{"mapping": {"a": {"parent": 5}}}',
        b'{"mapping": {"a": {"message": {"author": "me"}}}}',
        b'{"mapping": {"a": {"message": {"content": []}}}}',
        b'{"mapping": {"a": {"message": {"create_time": "yesterday"}}}}',
        b'{"mapping": {"a": {"children": "b"}}}',
        b'{"mapping": {"a": {"message": {"content": {"x": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}}}}}",
        b'{"mapping": {',
    ],
)
def test_wrong_types_are_refused(wrong: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, RecursionError)):
        to_conversation(wrong, lambda _: None)


IDS = st.sampled_from(["", "a", "b", "c", "d", None])


@given(
    st.dictionaries(
        st.sampled_from(["", "a", "b", "c", "d"]),
        st.tuples(IDS, st.sampled_from(["user", "assistant", "tool", "system", "x"]), st.lists(IDS.filter(bool))),
    ),
    IDS,
)
def test_any_graph_ends(graph: dict[str, tuple[str | None, str, list[str]]], current: str | None) -> None:
    mapping = {
        name: node(parent, message(role, name or "x"), *children) for name, (parent, role, children) in graph.items()
    }
    try:
        found = to_conversation(json.dumps(conversation(mapping, current)).encode(), lambda _: None)
    except Inconsistent:
        return
    if found is not None:
        check_conversation(found)


def test_a_long_conversation_is_no_problem() -> None:
    said = [message("user" if number % 2 else "assistant", f"word {number}") for number in range(1, 20_001)]
    assert len(_converted(_chain(*said)).messages) == 20_000
