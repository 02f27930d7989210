"""Pictures: what is asked of an image model, the pieces in which it arrives, and what the gallery keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.model.chat import EngineStarting, RetryPending
from app.model.lessons import Lesson
from app.model.providers import ModelReference
from app.model.text import QT_TRANSLATE_NOOP


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
    adjustments: tuple[Lesson, ...] = ()
    """What was sent otherwise than it was asked for."""


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
    adjustments: tuple[Lesson, ...] = ()

    def as_picture(self, path: Path, size_px: tuple[int, int], size_bytes: int) -> Picture:
        """A row of the gallery for the file at `path` that carries this note; not stored yet, so its id is 0."""
        return Picture(
            id=0,
            path=path,
            origin=self.origin,
            prompt=self.prompt,
            model=self.model,
            created_at=self.created_at,
            width_px=size_px[0],
            height_px=size_px[1],
            size_bytes=size_bytes,
            settings=self.settings,
            source_names=self.source_names,
            revised_prompt=self.revised_prompt,
            adjustments=self.adjustments,
        )


@dataclass(frozen=True, slots=True)
class ImageJob:
    """What the form asks for; with `references` (files of any readable kind) it is an edit of them."""

    model: ModelReference
    prompt: str
    count: int = 1
    settings: ImageSettings = field(default_factory=ImageSettings)
    references: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkStarted:
    """The request is on its way; before, it waited for others to finish. Elapsed time counts from here."""


type ImageEvent = EngineStarting | WorkStarted | RetryPending | PartialImage | ImageProgress | Picture


@dataclass(frozen=True, slots=True)
class SizeProblem:
    """Why a size is not accepted; `text` is an English source under the context "ImageSizes" with `{name}` fields."""

    text: str
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Which sizes a model draws besides its usual ones; 0 means no such limit. `max_ratio` is long by short edge."""

    multiple_of: int = 1
    shortest_edge_px: int = 64
    longest_edge_px: int = 4096
    max_ratio: float = 0.0
    min_pixels: int = 0
    max_pixels: int = 0

    def problem(self, width_px: int, height_px: int) -> SizeProblem | None:
        """The first thing that is wrong with a size, None if nothing is."""
        short, long = sorted((width_px, height_px))
        pixels = width_px * height_px
        wrong = [
            (short < self.shortest_edge_px, _TOO_SMALL, self.shortest_edge_px),
            (long > self.longest_edge_px, _TOO_LARGE, self.longest_edge_px),
            (bool(width_px % self.multiple_of or height_px % self.multiple_of), _NO_MULTIPLE, self.multiple_of),
            (bool(self.max_ratio) and long > short * self.max_ratio, _TOO_LONG, self.max_ratio),
            (bool(self.min_pixels) and pixels < self.min_pixels, _TOO_FEW, self.min_pixels),
            (bool(self.max_pixels) and pixels > self.max_pixels, _TOO_MANY, self.max_pixels),
        ]
        return next(
            (SizeProblem(text, {"limit": f"{limit:,.10g}"}) for is_wrong, text, limit in wrong if is_wrong), None
        )


_TOO_SMALL = QT_TRANSLATE_NOOP("ImageSizes", "Each edge must have at least {limit} pixels.")
_TOO_LARGE = QT_TRANSLATE_NOOP("ImageSizes", "Each edge may have at most {limit} pixels.")
_NO_MULTIPLE = QT_TRANSLATE_NOOP("ImageSizes", "Width and height must be multiples of {limit}.")
_TOO_LONG = QT_TRANSLATE_NOOP("ImageSizes", "The longer edge may be at most {limit} times the shorter one.")
_TOO_FEW = QT_TRANSLATE_NOOP("ImageSizes", "Width times height must be at least {limit} pixels.")
_TOO_MANY = QT_TRANSLATE_NOOP("ImageSizes", "Width times height may be at most {limit} pixels.")


@dataclass(frozen=True, slots=True)
class ImageModelOptions:
    """What a family of image models takes; an empty tuple means that the setting is not offered.

    The values are the protocol's own words. `size_rule` None means that only `sizes` are accepted.
    """

    sizes: tuple[str, ...] = ()
    size_rule: SizeRule | None = None
    qualities: tuple[str, ...] = ()
    backgrounds: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    max_references: int = 16
    max_count: int = 10
    streams: bool = False
    takes_seed: bool = False
    takes_steps: bool = False


@dataclass(frozen=True, slots=True)
class BuiltInPictures:
    """What the built-in engine can do with pictures on this computer now; None means the model is not there."""

    upscaler: ModelReference | None = None
    generator: ModelReference | None = None


@dataclass(frozen=True, slots=True)
class UnfinishedPicture:
    """Work that a killed program left: an `ImageJob`, or the enlargement of the one file in `files`."""

    prompt: str
    model: ModelReference
    count: int = 1
    settings: ImageSettings = field(default_factory=ImageSettings)
    files: tuple[str, ...] = ()
    is_enlargement: bool = False

    def as_job(self) -> ImageJob:
        return ImageJob(self.model, self.prompt, self.count, self.settings, tuple(map(Path, self.files)))
