"""Pictures: what is asked of an image model, the pieces in which it arrives, and what the gallery keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.model.providers import ModelReference


class PictureOrigin(StrEnum):
    GENERATED = "generated"
    EDITED = "edited"
    UPSCALED = "upscaled"


@dataclass(frozen=True, slots=True)
class ImageFile:
    """Encoded image bytes with the name a multipart upload needs."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """What a form may set; empty and None mean "not sent"."""

    size: str = ""
    quality: str = ""
    background: str = ""
    output_format: str = ""
    output_compression: int | None = None
    seed: int | None = None
    steps: int | None = None
    partial_images: int = 2
    extra_body: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """Make `count` pictures from `prompt`; with `references` it is an edit of them (at most 16)."""

    model_id: str
    prompt: str
    count: int = 1
    settings: ImageSettings = field(default_factory=ImageSettings)
    references: tuple[ImageFile, ...] = ()
    stream: bool = True


@dataclass(frozen=True, slots=True)
class UpscaleRequest:
    """Enlarge one picture four times with the built-in engine."""

    model_id: str
    image: ImageFile


@dataclass(frozen=True, slots=True)
class PartialImage:
    """A preview while the server works; `index` counts from 0."""

    index: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ImageProgress:
    """How far the work is, 0.0 to 1.0."""

    fraction: float


@dataclass(frozen=True, slots=True)
class FinishedImage:
    """One finished picture; the media type comes from its first bytes, not from what the server said."""

    data: bytes = field(repr=False)
    media_type: str = "image/png"
    revised_prompt: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A row of the gallery; `path` is the ordinary image file, `settings` what it was asked with."""

    id: int
    path: Path
    origin: PictureOrigin
    prompt: str
    model: ModelReference
    created_at: datetime
    width_px: int
    height_px: int
    size_bytes: int
    settings: ImageSettings = field(default_factory=ImageSettings)
    source_names: tuple[str, ...] = ()
    revised_prompt: str = ""


@dataclass(frozen=True, slots=True)
class PictureNote:
    """What a picture file carries inside about how it was made, so that the gallery can be rebuilt from the files."""

    prompt: str
    model: ModelReference
    created_at: datetime
    origin: PictureOrigin = PictureOrigin.GENERATED
    settings: ImageSettings = field(default_factory=ImageSettings)
    source_names: tuple[str, ...] = ()
    revised_prompt: str = ""
