"""Conversations of ChatGPT's own export: the tree of nodes in `conversations.json` as a tree of messages of ours.

The format is not documented. What is known of it: `mapping` holds nodes with `parent` and `children`; a node without a
message, or with one that is marked as hidden, only holds others together; one answer of a model that used tools is a
chain of nodes. `content_type` tells what a message is made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.model.chat import AttachmentKind, Role
from app.model.providers import ModelReference
from app.model.transfer import (
    EARLIEST,
    LATEST,
    Inconsistent,
    PortableAttachment,
    PortableConversation,
    PortableMessage,
)

PROVIDER_ID = "chatgpt"
"""Stands where the provider of an answer is named; nobody is asked under it."""
MEMBER = re.compile(r"(?:.*/)?conversations(?:-\d+)?\.json")
"""The lists of conversations in an export; large ones are split."""
_CITATION = re.compile("\ue200[^\ue201]*\ue201")
_FENCED = {"code", "execution_output", "tether_browsing_display"}
_UNSEEN = {"model_editable_context", "user_editable_context", "reasoning_recap"}
_SOUND = {"audio_asset_pointer", "real_time_user_audio_video_asset_pointer", "video_container_asset_pointer"}
_TEXT_FIELDS = ("text", "result", "content", "summary")

type FindPicture = Callable[[str], tuple[str, str] | None]
"""The name of the file with this id beside the list, and its media type."""


class Author(msgspec.Struct):
    role: str = ""
    name: str | None = None


class SourceMessage(msgspec.Struct):
    author: Author | None = None
    create_time: float | None = None
    content: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


class Node(msgspec.Struct):
    message: SourceMessage | None = None
    parent: str | None = None
    children: list[str] | None = None


class Source(msgspec.Struct):
    mapping: dict[str, Node]
    title: str | None = None
    create_time: float | None = None
    update_time: float | None = None
    current_node: str | None = None
    default_model_slug: str | None = None


_DECODER = msgspec.json.Decoder(Source)


@dataclass(slots=True)
class Piece:
    """A message of ours while it is put together of one or more nodes."""

    id: int
    parent: Piece | None
    role: Role
    made_at: datetime
    model_id: str
    texts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    thinking_s: float | None = None
    pictures: list[PortableAttachment] = field(default_factory=list)
    newest_child: Piece | None = None


def to_conversation(element: bytes, find_picture: FindPicture) -> PortableConversation | None:
    """One element of the list; None if there is nothing to be seen in it.

    Raises:
        Inconsistent: its nodes go in a circle.
        msgspec.MsgspecError, RecursionError: it is no conversation.
    """
    return _Conversion(_DECODER.decode(element), find_picture).result()


class _Conversion:
    def __init__(self, source: Source, find_picture: FindPicture) -> None:
        self._source = source
        self._find_picture = find_picture
        self._begun_at = _moment(source.create_time) or _moment(source.update_time) or EARLIEST
        self._children = _children(source.mapping)
        self._pieces: list[Piece] = []
        self._system: list[str] = []

    def result(self) -> PortableConversation | None:
        place = self._convert()
        if not self._pieces:
            return None
        shown = place.get(self._source.current_node) or self._pieces[-1]
        while shown.newest_child is not None:
            shown = shown.newest_child
        title = (self._source.title or "").strip()
        ended_at = _moment(self._source.update_time) or max(piece.made_at for piece in self._pieces)
        return PortableConversation(
            title=title,
            title_is_automatic=not title,
            created_at=self._begun_at,
            updated_at=ended_at,
            leaf_id=shown.id,
            system_prompt="\n\n".join(self._system),
            messages=tuple(self._finished(piece, piece is shown) for piece in self._pieces),
        )

    def _convert(self) -> dict[str | None, Piece | None]:
        """Every node with the message of ours that it is part of, or that is the last one above it."""
        place: dict[str | None, Piece | None] = {}
        alone: dict[str | None, bool] = {}  # whether nothing branches off between that message and this node
        mapping = self._source.mapping
        for node_id, parent_id in _from_top(self._children):
            above = place.get(parent_id)
            node = mapping[node_id]
            is_alone = len(self._children.get(parent_id, ())) == 1 and alone.get(parent_id, True)
            piece = self._piece(node.message, above, is_alone) if node.message is not None else None
            place[node_id] = piece or above
            alone[node_id] = piece is not None or is_alone
        if len(place) != len(mapping):
            raise Inconsistent("messages go in a circle")
        return place

    def _piece(self, message: SourceMessage, above: Piece | None, is_alone: bool) -> Piece | None:
        """What a node says, in a message of its own or at the end of the answer above it; None if it says nothing."""
        author = message.author or Author()
        content, metadata = message.content or {}, message.metadata or {}
        texts, thoughts, pictures = self._read(author, content, metadata)
        if metadata.get("is_visually_hidden_from_conversation") or not (texts or thoughts or pictures):
            return None
        if author.role == "system":
            self._system += texts
            return None
        role = Role.USER if author.role == "user" else Role.ASSISTANT
        if role is Role.ASSISTANT and above is not None and above.role is Role.ASSISTANT and is_alone:
            piece = above
        else:
            piece = self._new_piece(role, above, message)
        piece.texts += texts
        piece.thoughts += thoughts
        piece.pictures += pictures
        piece.model_id = _text(metadata.get("model_slug")) or piece.model_id
        lasted = metadata.get("finished_duration_sec")
        if isinstance(lasted, int | float) and 0 <= lasted < 10**6:
            piece.thinking_s = float(lasted)
        return piece

    def _new_piece(self, role: Role, above: Piece | None, message: SourceMessage) -> Piece:
        made_at = _moment(message.create_time) or (above.made_at if above else self._begun_at)
        if role is Role.ASSISTANT and above is None:  # every answer of ours has a question
            above = self._added(Role.USER, None, made_at)
        return self._added(role, above, made_at)

    def _added(self, role: Role, above: Piece | None, made_at: datetime) -> Piece:
        model_id = self._source.default_model_slug or PROVIDER_ID
        piece = Piece(len(self._pieces) + 1, above, role, made_at, model_id)
        self._pieces.append(piece)
        if above is not None:
            above.newest_child = piece
        return piece

    def _read(
        self, author: Author, content: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> tuple[list[str], list[str], list[PortableAttachment]]:
        """Texts, thoughts and pictures of a message."""
        kind = _text(content.get("content_type"))
        if kind in _UNSEEN:
            return [], [], []
        if kind == "thoughts":
            return [], list(_thoughts(content.get("thoughts"))), []
        pictures: list[PortableAttachment] = []
        texts = [text for part in _parts(kind, content) if (text := self._part(part, pictures))]
        texts += [f"- {name}" for name in _file_names(metadata)]
        if author.role == "tool" and texts:
            texts.insert(0, f"`{author.name or 'tool'}`")
        return texts, [], pictures

    def _part(self, part: object, pictures: list[PortableAttachment]) -> str:
        """The text of a part; a picture goes to `pictures` if its file is there."""
        if isinstance(part, str):
            return _CITATION.sub("", part).strip("\n")
        if not isinstance(part, Mapping):
            return ""
        kind = part.get("content_type")
        if kind in _SOUND:
            return ""  # its words come as a part of their own
        if kind != "image_asset_pointer":
            return _first_text(part)
        asset_id = _text(part.get("asset_pointer")).rpartition("/")[2]
        found = self._find_picture(asset_id) if asset_id else None
        if found is None:
            return f"[{asset_id or 'picture'}]"
        file, media_type = found
        width_px, height_px = (_pixels(part.get(name)) for name in ("width", "height"))
        name = file.rpartition("/")[2]
        pictures.append(PortableAttachment(AttachmentKind.IMAGE, name, media_type, file, width_px, height_px))
        return ""

    def _finished(self, piece: Piece, is_shown: bool) -> PortableMessage:
        is_answer = piece.role is Role.ASSISTANT
        return PortableMessage(
            id=piece.id,
            parent_id=piece.parent.id if piece.parent else None,
            role=piece.role,
            text="\n\n".join(piece.texts),
            created_at=piece.made_at,
            reasoning="\n\n".join(piece.thoughts),
            reasoning_s=piece.thinking_s if piece.thoughts else None,
            model=ModelReference(PROVIDER_ID, piece.model_id) if is_answer else None,
            last_use=len(self._pieces) + 1 if is_shown else piece.id,
            attachments=tuple(replace(picture) for picture in piece.pictures),
        )


def _children(mapping: Mapping[str, Node]) -> dict[str | None, list[str]]:
    """Which nodes follow which; `parent` decides, `children` gives the order. The first ones follow None."""
    parents = {node_id: node.parent if node.parent in mapping else None for node_id, node in mapping.items()}
    listed = [(node_id, child) for node_id, node in mapping.items() for child in node.children or ()]
    children: dict[str | None, list[str]] = {}
    seen: set[str] = set()
    for parent_id, child in [*listed, *((parents[node_id], node_id) for node_id in mapping)]:
        if child in mapping and parents[child] == parent_id and child not in seen:
            seen.add(child)
            children.setdefault(parent_id, []).append(child)
    return children


def _from_top(children: Mapping[str | None, list[str]]) -> Iterator[tuple[str, str | None]]:
    """Every node that can be reached with the one above it: parents before children, versions in their order."""
    waiting: list[tuple[str, str | None]] = [(node_id, None) for node_id in reversed(children.get(None, ()))]
    while waiting:
        node_id, parent_id = waiting.pop()
        yield node_id, parent_id
        waiting += [(child, node_id) for child in reversed(children.get(node_id, ()))]


def _parts(kind: str, content: Mapping[str, Any]) -> list[object]:
    """What a message is made of, code and the output of programs in fences."""
    parts = content.get("parts")
    if isinstance(parts, list):
        return parts
    text = _first_text(content)
    if not text:
        return []
    if kind == "tether_quote":
        source = " ".join(filter(None, (_text(content.get("title")), _text(content.get("url")))))
        quoted = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
        return [f"{source}\n\n{quoted}".strip()]
    if kind == "system_error":
        return [f"{_text(content.get('name'))}: {text}".removeprefix(": ")]
    if kind in _FENCED:
        language = _text(content.get("language"))
        return [_fenced(text, "" if language == "unknown" else language)]
    return [text]


def _fenced(text: str, language: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _thoughts(thoughts: object) -> Iterator[str]:
    for thought in thoughts if isinstance(thoughts, list) else ():
        if isinstance(thought, Mapping):
            yield from filter(None, (_text(thought.get("summary")), _text(thought.get("content"))))


def _file_names(metadata: Mapping[str, Any]) -> Iterator[str]:
    """Files that were sent with a message; pictures are among its parts."""
    attachments = metadata.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else ():
        if isinstance(attachment, Mapping) and not _text(attachment.get("mime_type")).startswith("image/"):
            name = _text(attachment.get("name"))
            if name:
                yield name


def _first_text(content: Mapping[str, Any]) -> str:
    return next((text for name in _TEXT_FIELDS if (text := _text(content.get(name)).strip("\n"))), "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _pixels(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 < value < 10**6 else 0


def _moment(seconds: float | None) -> datetime | None:
    """None where nothing could have happened."""
    if seconds is None or not EARLIEST.timestamp() < seconds < LATEST.timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC)
