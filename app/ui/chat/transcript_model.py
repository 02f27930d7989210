"""What one row of the transcript shows, as plain data; neither Qt nor where it came from is known here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

type Role = Literal["user", "assistant", "system"]
type RowState = Literal["complete", "streaming", "stopped", "interrupted", "failed", "truncated"]
type AttachmentKind = Literal["image", "text", "file"]

CONTINUABLE: frozenset[RowState] = frozenset({"stopped", "interrupted", "truncated", "failed"})
"""States of an answer that can be gone on from or, where nothing has come so far, be tried again."""


@dataclass(frozen=True, slots=True)
class AttachmentItem:
    """A file shown with a message; `thumbnail_path` is a small picture of it, if there is one."""

    id: int
    name: str
    kind: AttachmentKind
    path: Path
    thumbnail_path: Path | None = None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message as the transcript draws it.

    `state_note` says in words why a failed message failed; `small_print` (model, tokens, speed) is shown as it is;
    `version` is (this one, how many), None where there is only one; `model` names the author of an answer;
    `finish_reason` is the server's word for why it ended.
    """

    id: int
    role: Role
    text: str
    reasoning: str = ""
    reasoning_s: float | None = None
    state: RowState = "complete"
    state_note: str = ""
    small_print: str = ""
    version: tuple[int, int] | None = None
    attachments: tuple[AttachmentItem, ...] = ()
    model: str = ""
    finish_reason: str = ""
