"""Image generation, edits and enlarging: requests into JSON and forms, pictures out of whole answers and events."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.model.images import FinishedImage, ImageProgress, ImageRequest, PartialImage, UpscaleRequest
from app.model.lessons import Lesson
from app.model.providers import BUILT_IN_ID, Endpoint
from app.model.server_errors import NoPicture
from app.services.api.calls import Call, FormFile, merged
from app.services.api.shapes import list_of, number_of, object_of, text_of, whole_of

LARGEST_PICTURES = 512 << 20
"""Bytes of a whole answer: ten large pictures in base64 fit."""

_OPENAI_MODEL = re.compile(r"(.*/)?(gpt-image|chatgpt-image)")
_HOW_IT_COMES = (Lesson("partial_images"), Lesson("stream"))
_EXPENDABLE = (Lesson("output_compression"), Lesson("seed"))
"""Without them it is the picture that was described. Its size, its form and what it costs are not given up unasked."""
_DATA_PREFIX = re.compile(r"\s*data:[^,]*,")
_SVG_BEGINNING = re.compile(rb"\s*(?>(?:<\?xml[^>]*>\s*)?)(?>(?:<!--.*?-->\s*)*)<svg\b", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A finished picture as the server gave it: base64, or an address where it can be fetched."""

    encoded: str = field(default="", repr=False)
    url: str = ""
    revised_prompt: str = ""


@dataclass(frozen=True, slots=True)
class FoundPreview:
    """A preview in base64."""

    index: int
    encoded: str = field(repr=False)


type FoundItem = FoundPicture | FoundPreview | ImageProgress


def generation_call(endpoint: Endpoint, request: ImageRequest) -> Call:
    """POST /images/generations."""
    return Call(
        "/images/generations",
        request.model_id,
        _body(endpoint, request),
        optional=_optional(endpoint, request),
        expendable=_EXPENDABLE,
        largest_answer=LARGEST_PICTURES,
    )


def edit_call(endpoint: Endpoint, request: ImageRequest) -> Call:
    """POST /images/edits with the references as files."""
    name = "image" if len(request.references) == 1 else "image[]"
    files: tuple[FormFile, ...] = tuple((name, (r.name, r.data, r.media_type)) for r in request.references)
    return Call(
        "/images/edits",
        request.model_id,
        _body(endpoint, request),
        files,
        _optional(endpoint, request),
        _EXPENDABLE,
        largest_answer=LARGEST_PICTURES,
    )


def upscale_call(endpoint: Endpoint, request: UpscaleRequest) -> Call:
    """POST /images/upscale, which only the built-in engine has."""
    image = request.image
    body = merged({"model": request.model_id, "stream": True}, endpoint.extra_body)
    return Call("/images/upscale", request.model_id, body, (("image", (image.name, image.data, image.media_type)),))


class ImagesDecoder:
    """Finds pictures, previews and progress in the payloads of one answer; `count` pictures were asked for."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._finished = 0

    @property
    def complete(self) -> bool:
        return self._finished >= self._count

    @property
    def ended(self) -> bool:
        return self.complete

    @property
    def acceptable(self) -> bool:
        """Servers may make fewer pictures than they were asked for."""
        return self._finished > 0

    @property
    def is_empty(self) -> bool:
        return self._finished == 0

    def feed(self, name: str, payload: Mapping[str, Any]) -> Iterator[FoundItem]:
        kind = text_of(payload.get("type")) or name
        encoded = text_of(payload.get("b64_json"))
        if kind.endswith(".partial_image"):
            yield FoundPreview(whole_of(payload.get("partial_image_index")) or 0, encoded)
        elif kind.endswith(".progress"):
            yield ImageProgress(min(1.0, max(0.0, number_of(payload.get("fraction")) or 0.0)))
        elif kind.endswith(".completed"):
            yield from self._found(payload)
        else:
            for entry in list_of(payload.get("data")):
                yield from self._found(object_of(entry))

    def finish(self) -> Iterator[FoundItem]:
        yield from ()

    def _found(self, entry: Mapping[str, Any]) -> Iterator[FoundItem]:
        encoded, url = text_of(entry.get("b64_json")), text_of(entry.get("url"))
        if url.startswith("data:"):
            encoded, url = encoded or url, ""
        if encoded or url:
            self._finished += 1
            yield FoundPicture(encoded, url, text_of(entry.get("revised_prompt")))


def finished_image(data: bytes, revised_prompt: str = "") -> FinishedImage:
    """A picture with its true type. Raises NoPicture when the bytes are none."""
    media_type = media_type_of(data)
    if not media_type:
        raise NoPicture
    return FinishedImage(data, media_type, revised_prompt)


def partial_image(preview: FoundPreview) -> PartialImage | None:
    """A preview that can be shown; a broken one is no reason to lose the picture."""
    try:
        data = decoded(preview.encoded)
    except NoPicture:
        return None
    return PartialImage(preview.index, data) if media_type_of(data) else None


def decoded(encoded: str) -> bytes:
    """Base64 with a `data:` prefix, white space or missing padding, as servers send it. Raises NoPicture."""
    bare = "".join(_DATA_PREFIX.sub("", encoded, count=1).split()).translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoPicture from error


def media_type_of(data: bytes) -> str:
    """The type of a picture by its first bytes, "" if it is none. What servers say is often wrong."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return "image/svg+xml" if _SVG_BEGINNING.match(data[:1000]) else ""


def _knows_all(endpoint: Endpoint, request: ImageRequest) -> bool:
    """Whether the newest parameters are understood: at OpenAI, and where its models are served by others."""
    return endpoint.is_openai or bool(_OPENAI_MODEL.match(request.model_id))


def _body(endpoint: Endpoint, request: ImageRequest) -> dict[str, Any]:
    settings = request.settings
    values: dict[str, Any] = {
        "model": request.model_id,
        "prompt": request.prompt,
        "n": request.count if request.count > 1 else None,
        "size": settings.size or None,
        "quality": settings.quality or None,
    }
    if _knows_all(endpoint, request):
        values["background"] = settings.background or None
        values["output_format"] = settings.output_format or None
        values["output_compression"] = settings.output_compression
    else:
        # Without it LocalAI and others answer with addresses; OpenAI's own models refuse it.
        values["response_format"] = "b64_json"
        values["seed"] = settings.seed
        values["steps"] = settings.steps
    if request.stream and (_knows_all(endpoint, request) or endpoint.provider_id == BUILT_IN_ID):
        values["stream"] = True
        values["partial_images"] = settings.partial_images
    body = {name: value for name, value in values.items() if value is not None}
    return merged(body, endpoint.extra_body, settings.extra_body)


def _optional(endpoint: Endpoint, request: ImageRequest) -> tuple[Lesson, ...]:
    """What may be left out: the way in which the picture is sent changes nothing in the picture."""
    if _knows_all(endpoint, request):
        return _HOW_IT_COMES
    return (Lesson("response_format"), *_HOW_IT_COMES)
