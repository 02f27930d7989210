"""Our own export: what is where in it, as JSON and ordinary files, with a page that explains it to people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from app.model.data_errors import TOO_NEW, ImportRefused
from app.model.transfer import (
    EXPORT_FORMAT,
    ExportManifest,
    PortableConversation,
    PortablePicture,
    PortableRecording,
    check_conversation,
    check_values,
)
from app.services.transfer.archive import Archive, ArchiveWriter

MANIFEST, SETTINGS, PICTURE_LIST, README = "triptych.json", "settings.json", "pictures.json", "README.md"
CONVERSATIONS, ATTACHMENTS, PICTURES, RECORDINGS, TRANSCRIPTS = (
    "conversations",
    "attachments",
    "pictures",
    "recordings",
    "transcripts",
)
SINGLE_FORMAT = "triptych-conversation-1"
_FORMAT_FAMILY = EXPORT_FORMAT.rstrip("0123456789")
_NAME_LENGTH = 60
_UNWANTED = re.compile(r"[^\w \-.,()]+")

README_TEXT = """\
# An export of Triptych

Everything in here is an ordinary file; no program is needed to read it. Texts are UTF-8, JSON is indented, times are
ISO 8601 in UTC, durations are seconds.

| File | What it is |
|---|---|
| `triptych.json` | the head: `format` ("{format}"), the version of the program, when it was made, how much there is |
| `conversations/*.json` | a conversation with every version of every message |
| `conversations/*.md` | the same as text to read: the versions on show |
| `attachments/*` | the files of messages; their names are in the conversations |
| `pictures.json`, `pictures/*` | the gallery: what each picture was made from, and the picture files |
| `transcripts/*.json`, `recordings/*` | sounds with their transcripts, and the files that were recorded with Triptych |
| `settings.json` | the options and providers |

In a conversation each message has an `id` and a `parent_id`. Messages with the same parent are versions of each other,
in the order of their ids. `leaf_id` is the last message of the branch on show; in every other branch the one with the
highest `last_use` was shown last. `role` is "user" or "assistant"; `state` tells how an answer ended. A field that is
missing has its usual value.

Not in here: keys, passwords and extra headers of providers; models; the log of requests; sound and video files of your
own, of which only the place is noted (`path`).

Triptych reads this file again: Settings, Backup and restore, Import. Nothing that is there already is imported twice.
"""


def write_head(writer: ArchiveWriter, manifest: ExportManifest, settings: bytes) -> None:
    """What tells about the rest."""
    writer.add(README, README_TEXT.format(format=EXPORT_FORMAT).encode())
    writer.add(MANIFEST, _as_json(manifest))
    writer.add(SETTINGS, settings)


def write_conversation(writer: ArchiveWriter, number: int, conversation: PortableConversation, markdown: str) -> None:
    """As JSON and as text; its attachments are written apart."""
    stem = f"{CONVERSATIONS}/{number:05} {readable_name(conversation.title)}".rstrip()
    writer.add(f"{stem}.json", _as_json(conversation))
    writer.add(f"{stem}.md", markdown.encode(errors="replace"))


def write_pictures(writer: ArchiveWriter, pictures: Sequence[PortablePicture]) -> None:
    """The list of all pictures."""
    writer.add(PICTURE_LIST, _as_json(list(pictures)))


def write_recording(writer: ArchiveWriter, number: int, recording: PortableRecording) -> None:
    """A sound's entry with its transcripts."""
    writer.add(f"{TRANSCRIPTS}/{number:05} {readable_name(recording.name)}.json", _as_json(recording))


def find_prefix(archive: Archive) -> str | None:
    """The folder inside the archive that is an export of ours, "" for its top; None if it is none."""
    found = [name for name in archive.names if name == MANIFEST or name.endswith(f"/{MANIFEST}")]
    return min(found, key=len).removesuffix(MANIFEST) if found else None


class OwnExport:
    """Reads an export of ours. What is wrong with it is raised as it comes; `incoming` makes it an `ImportRefused`."""

    def __init__(self, archive: Archive, prefix: str, name: str) -> None:
        self._archive = archive
        self._prefix = prefix
        manifest = msgspec.json.decode(archive.read(prefix + MANIFEST), type=ExportManifest)
        if manifest.format != EXPORT_FORMAT and manifest.format.startswith(_FORMAT_FAMILY):
            raise ImportRefused(manifest.format, name=name, reason=TOO_NEW)

    def conversations(self) -> list[str]:
        """The names of their files, in order."""
        return self._listed(CONVERSATIONS)

    def recordings(self) -> list[str]:
        """The names of their files, in order."""
        return self._listed(TRANSCRIPTS)

    def conversation(self, name: str) -> PortableConversation:
        """One of them, checked."""
        conversation = msgspec.json.decode(self._archive.read(name), type=PortableConversation)
        check_conversation(conversation)
        return conversation

    def pictures(self) -> list[PortablePicture]:
        """All of the gallery, checked."""
        name = self._prefix + PICTURE_LIST
        if not self._archive.size(name):
            return []
        pictures = msgspec.json.decode(self._archive.read(name), type=list[PortablePicture])
        check_values(tuple(pictures))
        return pictures

    def recording(self, name: str) -> PortableRecording:
        """A sound with its transcripts, checked."""
        recording = msgspec.json.decode(self._archive.read(name), type=PortableRecording)
        check_values(recording)
        return recording

    def settings(self) -> bytes | None:
        """The options as JSON; None if there are none."""
        name = self._prefix + SETTINGS
        return self._archive.read(name) if self._archive.size(name) else None

    def place(self, folder: str, file: str) -> str:
        """The name in the archive of a file in one of its folders; empty if it is not there."""
        name = f"{self._prefix}{folder}/{file}"
        return name if file and self._archive.size(name) else ""

    def _listed(self, folder: str) -> list[str]:
        start = f"{self._prefix}{folder}/"
        return sorted(name for name in self._archive.names if name.startswith(start) and name.endswith(".json"))


def single_conversation(data: bytes) -> PortableConversation | None:
    """A conversation that was exported alone, without its files; None if `data` is something else.

    Raises:
        msgspec.MsgspecError, Inconsistent: it is one, and wrong.
    """
    raw: Any = msgspec.json.decode(data)
    if not isinstance(raw, dict) or raw.get("format") != SINGLE_FORMAT:
        return None
    messages = raw.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            message.pop("attachments", None)  # only their names
    conversation = msgspec.convert(raw, PortableConversation)
    check_conversation(conversation)
    return conversation


def readable_name(title: str) -> str:
    """A part of a file name that every system takes."""
    return " ".join(_UNWANTED.sub(" ", title).split())[:_NAME_LENGTH].strip(" .")


def _as_json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)
