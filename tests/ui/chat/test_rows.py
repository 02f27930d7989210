"""The small print below an answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.model.chat import Message, MessageState, Role, Usage
from app.model.lessons import Lesson
from app.model.providers import BUILT_IN_ID, ModelReference
from app.ui.chat.rows import as_row


def answer(model: ModelReference, *lessons: Lesson) -> Message:
    return Message(
        1, 1, None, Role.ASSISTANT, "Yes.", datetime.now(UTC), MessageState.COMPLETE,
        model=model, usage=Usage(output_tokens=2), adjustments=lessons,
    )  # fmt: skip


@pytest.mark.usefixtures("qapp")
def test_a_model_of_the_engine_has_its_name() -> None:
    row = as_row(answer(ModelReference(BUILT_IN_ID, "smollm2-135m-instruct")))
    assert row.small_print.startswith("SmolLM2 135M · 2 token")
    assert row.model == "SmolLM2 135M"


@pytest.mark.usefixtures("qapp")
def test_one_of_a_server_has_its_id_and_what_was_left_out_comes_last() -> None:
    row = as_row(answer(ModelReference("cloud", "smollm2-135m-instruct"), Lesson("seed")))
    assert row.small_print.startswith("smollm2-135m-instruct · ")
    assert row.small_print.endswith(" · sent without seed")
