"""Conversations as Markdown and JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.model.chat import Attachment, AttachmentKind, ChatParameters, Conversation, Message, MessageState, Role, Usage
from app.model.conversation_text import to_json, to_markdown
from app.model.providers import ModelReference

MOMENT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONVERSATION = Conversation(
    1,
    "Plans",
    MOMENT,
    MOMENT,
    leaf_id=3,
    system_prompt="Be brief.\n\nBe kind.",
    parameters=ChatParameters(temperature=0.0),
)
PICTURE = Attachment(1, AttachmentKind.IMAGE, "cat.png", "image/png", Path("/data/attachments/ab.png"), 3)
PROMPT = Message(2, 1, None, Role.USER, "Look:\n\n- 猫\n", MOMENT, attachments=(PICTURE,))
ANSWER = Message(
    3,
    1,
    2,
    Role.ASSISTANT,
    "Nice.",
    MOMENT,
    MessageState.STOPPED,
    reasoning="Hm.",
    model=ModelReference("p", "gpt-test"),
    usage=Usage(1, 2),
)


def test_markdown_is_what_one_reads() -> None:
    assert to_markdown(CONVERSATION, [PROMPT, ANSWER], "Ich") == (
        "# Plans\n\n> Be brief.\n>\n> Be kind.\n\n## Ich\n\n- cat.png\n\nLook:\n\n- 猫\n\n## gpt-test\n\nNice.\n"
    )


def test_markdown_of_little_is_little() -> None:
    bare = replace(CONVERSATION, title="", system_prompt="")
    assert to_markdown(bare, [replace(ANSWER, model=None, text="")]) == "## Assistant\n"
    assert to_markdown(bare, []) == "\n"


def test_json_tells_everything_but_the_files() -> None:
    told = json.loads(to_json(CONVERSATION, [PROMPT, ANSWER]))
    assert told["format"] == "triptych-conversation-1"
    assert (told["title"], told["leaf_id"], told["parameters"]) == ("Plans", 3, {"temperature": 0.0})
    prompt, answer = told["messages"]
    assert (prompt["parent_id"], prompt["text"], prompt["attachments"]) == (None, "Look:\n\n- 猫\n", ["cat.png"])
    assert (answer["parent_id"], answer["state"], answer["reasoning"]) == (2, "stopped", "Hm.")
    assert answer["model"] == {"provider_id": "p", "model_id": "gpt-test"}
    assert answer["usage"]["output_tokens"] == 2
    assert "attachments/ab.png" not in to_json(CONVERSATION, [PROMPT, ANSWER])
