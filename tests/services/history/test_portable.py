"""The portable form knows every column: one that is added must come back from an export, or be left out on purpose."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

from app.services.history import columns, portable
from app.services.history.opening import open_in_memory

SOURCE = "".join(Path(str(module.__file__)).read_text("utf-8") for module in (portable, columns))
LEFT_OUT = {"id", "deleted_at", "message_id", "conversation_id", "recording_id"}
"""What means something in one database only; the tree tells the rest."""


@pytest.mark.parametrize("table", ["conversations", "messages", "attachments", "pictures", "recordings", "transcripts"])
def test_every_column_goes_out_and_comes_in(table: str) -> None:
    with contextlib.closing(open_in_memory()) as connection:
        columns = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
    shared = {
        *("provider_id", "model_id"),  # rows.to_model, rows.from_model
        *("input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens", "first_token_s", "total_s"),
    }
    written = set(re.findall(r'"(\w+)": ', SOURCE))
    read = set(re.findall(r'row\["(\w+)"\]', SOURCE))
    derived = {"attachments": {"size_bytes"}, "recordings": {"path"}, "pictures": {"path"}, "transcripts": {"text"}}
    assert columns - written - shared - LEFT_OUT == set()
    assert columns - read - shared - LEFT_OUT - derived.get(table, set()) == set()
