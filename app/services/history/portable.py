"""Rows as portable values and back, on a connection to any database of this form; files are not touched here."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from app.model.audio import (
    RecordingOrigin,
    RecordingState,
    Segment,
    Stretch,
    TranscriptionOptions,
    TranscriptState,
    join_texts,
)
from app.model.chat import AttachmentKind, ChatParameters, MessageState
from app.model.lessons import Lesson
from app.model.providers import ModelReference
from app.model.transfer import (
    PortableAttachment,
    PortableConversation,
    PortableMessage,
    PortablePicture,
    PortableRecording,
    PortableTranscript,
)
from app.services.history import columns, rows

_PARAMETERS, _OPTIONS = ChatParameters(), TranscriptionOptions()

type StoredFiles = Mapping[str, tuple[str, int]]
"""By the name of an attachment's file elsewhere: its name here and its bytes."""


def read_conversation(connection: sqlite3.Connection, conversation_id: int) -> PortableConversation | None:
    """Everything of a conversation; None if there is none or it is deleted.

    Raises:
        ValueError: something in it makes no sense.
    """
    query = "SELECT * FROM conversations WHERE id = ? AND deleted_at IS NULL"
    row = connection.execute(query, (conversation_id,)).fetchone()
    if row is None:
        return None
    attachments = _attachments(connection, conversation_id)
    messages = connection.execute("SELECT * FROM messages WHERE conversation_id = ? ORDER BY id", (conversation_id,))
    return PortableConversation(
        title=row["title"],
        created_at=rows.to_datetime(row["created_at"]),
        updated_at=rows.to_datetime(row["updated_at"]),
        title_is_automatic=bool(row["title_is_automatic"]),
        pinned=bool(row["pinned"]),
        leaf_id=row["leaf_id"],
        system_prompt=row["system_prompt"],
        parameters=rows.from_json(row["parameters"], _PARAMETERS, ChatParameters),
        model=rows.to_model(row),
        draft=row["draft"],
        draft_attachments=attachments[None],
        messages=tuple(_to_message(message, attachments[message["id"]]) for message in messages),
    )


def write_conversation(
    connection: sqlite3.Connection, conversation: PortableConversation, files: StoredFiles, deleted_at: int | None
) -> int:
    """Add a conversation with everything and return its id; attachments whose file is not among `files` are left out.

    With `deleted_at` it is not to be seen. The conversation has been checked.
    """
    new_id = rows.insert(connection, "conversations", {**_head(conversation), "deleted_at": deleted_at})
    ids: dict[int | None, int | None] = {None: None}
    for message in conversation.messages:
        ids[message.id] = rows.insert(
            connection, "messages", {**_values(message), "conversation_id": new_id, "parent_id": ids[message.parent_id]}
        )
        for attachment in message.attachments:
            _attach(connection, attachment, files, new_id, ids[message.id])
    for attachment in conversation.draft_attachments:
        _attach(connection, attachment, files, new_id, None)
    rows.update(connection, "conversations", new_id, {"leaf_id": ids.get(conversation.leaf_id)})
    return new_id


def read_picture(row: sqlite3.Row) -> PortablePicture:
    """A picture without the name of its file."""
    return PortablePicture(file="", created_at=rows.to_datetime(row["created_at"]), **columns.to_picture(row))


def write_picture(connection: sqlite3.Connection, picture: PortablePicture, path: str) -> int:
    """Add a picture whose file is at `path`, as paths are stored; its id."""
    values = {"path": path, "created_at": moment(picture.created_at), **columns.from_picture(picture)}
    return rows.insert(connection, "pictures", values)


def read_recording(connection: sqlite3.Connection, row: sqlite3.Row, path: Path) -> PortableRecording:
    """A sound with its transcripts, without the name of its file; `path` is where that is."""
    origin = RecordingOrigin(row["origin"])
    transcripts = connection.execute("SELECT * FROM transcripts WHERE recording_id = ? ORDER BY id", (row["id"],))
    return PortableRecording(
        name=row["name"],
        file="",
        path=str(path) if origin is RecordingOrigin.FILE else "",
        origin=origin,
        state=RecordingState(row["state"]),
        created_at=rows.to_datetime(row["created_at"]),
        duration_s=row["duration_s"],
        language=row["language"],
        transcripts=tuple(map(_to_transcript, transcripts)),
    )


def write_recording(connection: sqlite3.Connection, recording: PortableRecording, path: str) -> int:
    """Add a sound whose file is at `path`, as paths are stored, with its transcripts; its id."""
    values = {
        "name": recording.name,
        "path": path,
        "origin": recording.origin,
        "state": recording.state,
        "created_at": moment(recording.created_at),
        "duration_s": recording.duration_s,
        "language": recording.language,
    }
    new_id = rows.insert(connection, "recordings", values)
    for transcript in recording.transcripts:
        rows.insert(connection, "transcripts", {**_transcript_values(transcript), "recording_id": new_id})
    return new_id


def moment(time: datetime) -> int:
    """As the database keeps it; a time without a zone, as other programs write it, is in UTC."""
    return rows.to_microseconds(time if time.tzinfo is not None else time.replace(tzinfo=UTC))


def _attachments(
    connection: sqlite3.Connection, conversation_id: int
) -> defaultdict[int | None, tuple[PortableAttachment, ...]]:
    """By message, None for the draft."""
    found: defaultdict[int | None, tuple[PortableAttachment, ...]] = defaultdict(tuple)
    query = "SELECT * FROM attachments WHERE conversation_id = ? ORDER BY id"
    for row in connection.execute(query, (conversation_id,)):
        found[row["message_id"]] += (
            PortableAttachment(
                kind=AttachmentKind(row["kind"]),
                name=row["name"],
                media_type=row["media_type"],
                file=row["file"],
                width_px=row["width_px"],
                height_px=row["height_px"],
            ),
        )
    return found


def _attach(
    connection: sqlite3.Connection,
    attachment: PortableAttachment,
    files: StoredFiles,
    conversation_id: int,
    message_id: int | None,
) -> None:
    if attachment.file not in files:
        return
    name, size_bytes = files[attachment.file]
    values: dict[str, object] = {
        "conversation_id": conversation_id,
        "message_id": message_id,
        "kind": attachment.kind,
        "name": attachment.name,
        "media_type": attachment.media_type,
        "file": name,
        "size_bytes": size_bytes,
        "width_px": attachment.width_px,
        "height_px": attachment.height_px,
    }
    rows.insert(connection, "attachments", values)


def _head(conversation: PortableConversation) -> dict[str, object]:
    provider_id, model_id = rows.from_model(conversation.model)
    return {
        "title": conversation.title,
        "title_is_automatic": conversation.title_is_automatic,
        "pinned": conversation.pinned,
        "created_at": moment(conversation.created_at),
        # A moment that is still to come, of a computer whose clock was wrong, would date everything from then on.
        "updated_at": min(moment(conversation.updated_at), rows.now()),
        "system_prompt": conversation.system_prompt,
        "parameters": rows.to_json(conversation.parameters, _PARAMETERS),
        "provider_id": provider_id,
        "model_id": model_id,
        "draft": conversation.draft,
    }


def _values(message: PortableMessage) -> dict[str, object]:
    # What still arrived when it was copied will not arrive here.
    state = MessageState.INTERRUPTED if message.state is MessageState.STREAMING else message.state
    return {
        **columns.from_message(message),
        "role": message.role,
        "state": state,
        "created_at": moment(message.created_at),
        "last_use": message.last_use,
    }


def _to_message(row: sqlite3.Row, attachments: tuple[PortableAttachment, ...]) -> PortableMessage:
    return PortableMessage(
        id=row["id"],
        parent_id=row["parent_id"],
        created_at=rows.to_datetime(row["created_at"]),
        last_use=row["last_use"],
        attachments=attachments,
        **columns.to_message(row),
    )


def _transcript_values(transcript: PortableTranscript) -> dict[str, object]:
    state = TranscriptState.STOPPED if transcript.state is TranscriptState.RUNNING else transcript.state
    return {
        "state": state,
        "text": join_texts(segment.text for segment in transcript.segments),
        "language": transcript.language,
        "provider_id": transcript.model.provider_id,
        "model_id": transcript.model.model_id,
        "created_at": moment(transcript.created_at),
        "options": rows.to_json(transcript.options, _OPTIONS),
        "error": transcript.error,
        "segments": rows.to_json(transcript.segments, ()),
        "done": rows.to_json(transcript.done, ()),
        "adjustments": rows.to_json(transcript.adjustments, ()),
    }


def _to_transcript(row: sqlite3.Row) -> PortableTranscript:
    return PortableTranscript(
        language=row["language"],
        model=ModelReference(row["provider_id"], row["model_id"]),
        created_at=rows.to_datetime(row["created_at"]),
        segments=rows.from_json(row["segments"], (), tuple[Segment, ...]),
        state=TranscriptState(row["state"]),
        options=rows.from_json(row["options"], _OPTIONS, TranscriptionOptions),
        error=row["error"],
        done=rows.from_json(row["done"], (), tuple[Stretch, ...]),
        adjustments=rows.from_json(row["adjustments"], (), tuple[Lesson, ...]),
    )
