"""Workers that do what a test wrote down: pictures arrive, fail or wait as scripted, and the gallery is a list."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.model.errors import AppError, UnreadableFile
from app.model.images import (
    BuiltInPictures,
    ImageEvent,
    ImageJob,
    ImageModelOptions,
    ImageSettings,
    Picture,
    PictureNote,
    PictureOrigin,
    UnfinishedPicture,
)
from app.model.providers import BUILT_IN_ID, ModelReference
from app.ui.images.decoded import decoded
from app.workers.images import options_for
from tests.fakes.openai_pictures import png

REMOTE = ModelReference("openai", "gpt-image-2")
UPSCALER = ModelReference(BUILT_IN_ID, "realesrgan-anime")
GENERATOR = ModelReference(BUILT_IN_ID, "dreamshaper")
NOON = datetime(2026, 8, 22, 12, 0, 0, tzinfo=UTC)

type Step = ImageEvent | AppError | asyncio.Event
"""What a script does next: yield this, raise this, or wait for this."""


@dataclass
class ScriptedMaker:
    """Plays one script for each job; remembers what it was asked and which jobs were cancelled."""

    engine: BuiltInPictures = field(default_factory=lambda: BuiltInPictures(upscaler=UPSCALER))
    scripts: deque[list[Step]] = field(default_factory=deque)
    jobs: list[ImageJob] = field(default_factory=list)
    sources: list[Path] = field(default_factory=list)
    cancelled: int = 0
    left_out: list[tuple[ModelReference, str]] = field(default_factory=list)
    unsaved_count: int = 0
    unsaved_error: AppError | None = None
    folders: list[Path | None] = field(default_factory=list)
    left: list[UnfinishedPicture] = field(default_factory=list)
    """What an earlier program did not finish."""

    async def interrupted(self) -> list[UnfinishedPicture]:
        left, self.left = self.left, []
        return left

    async def save_unsaved(self, folder: Path | None = None) -> list[Picture]:
        self.folders.append(folder)
        if self.unsaved_error is not None:
            raise self.unsaved_error
        self.unsaved_count = 0
        return []

    async def leave_out(self, model: ModelReference, name: str) -> None:
        self.left_out.append((model, name))

    def options_for(self, model: ModelReference) -> ImageModelOptions:
        return options_for(model)

    async def built_in(self) -> BuiltInPictures:
        return self.engine

    def generate(self, job: ImageJob) -> AsyncGenerator[ImageEvent]:
        self.jobs.append(job)
        return self._play(self.scripts.popleft())

    def upscale(self, source: Path) -> AsyncGenerator[ImageEvent]:
        self.sources.append(source)
        return self._play(self.scripts.popleft())

    async def _play(self, script: list[Step]) -> AsyncGenerator[ImageEvent]:
        try:
            for step in script:
                if isinstance(step, AppError):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield step
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled += 1
            raise


@dataclass
class ShelfKeeper:
    """A gallery in memory over real files in `folder`; remembers what it was asked to do."""

    folder: Path
    pictures: list[Picture] = field(default_factory=list)
    found: list[Picture] = field(default_factory=list)
    notes: dict[Path, PictureNote] = field(default_factory=dict)
    deleted: list[int] = field(default_factory=list)
    purged: list[int] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)
    asked: list[Path] = field(default_factory=list)
    error: AppError | None = None

    def picture(self, prompt: str = "a fox", **changes: object) -> Picture:
        """A picture with a file, a minute older than the one before."""
        number = len(self.pictures) + 1
        path = self.folder / f"{number}.png"
        path.write_bytes(png(96, 64))
        made = Picture(
            id=number,
            path=path,
            origin=PictureOrigin.GENERATED,
            prompt=prompt,
            model=REMOTE,
            created_at=NOON - timedelta(minutes=number),
            width_px=96,
            height_px=64,
            size_bytes=path.stat().st_size,
            settings=ImageSettings(size="1024x1024", quality="high"),
        )
        made = replace(made, **changes)  # type: ignore[arg-type] # the fields of Picture
        self.pictures.append(made)
        return made

    async def browse(self) -> AsyncGenerator[list[Picture]]:
        if self.error is not None:
            raise self.error
        for start in range(0, len(self.pictures), 100):
            yield self.pictures[start : start + 100]

    async def find_files(self) -> list[Picture]:
        return self.found

    async def delete(self, pictures: Sequence[Picture]) -> None:
        self.deleted += [picture.id for picture in pictures]

    async def restore(self, pictures: Sequence[Picture]) -> None:
        self.deleted = [number for number in self.deleted if number not in {picture.id for picture in pictures}]

    async def purge(self, pictures: Sequence[Picture]) -> None:
        self.purged += [picture.id for picture in pictures if picture.id in self.deleted]

    async def save_copy(self, picture: Picture, target: Path) -> None:
        if self.error is not None:
            raise self.error
        self.copies.append(target)

    async def save_copies(self, pictures: Sequence[Picture], folder: Path) -> list[Path]:
        self.copies += [folder / picture.path.name for picture in pictures]
        return self.copies

    async def keep_pasted(self, data: bytes, moment: datetime) -> Path:
        path = self.folder / "pasted.png"
        path.write_bytes(data)
        return path

    def thumbnail(self, path: Path, size_px: int) -> bytes:
        self.asked.append(path)
        data = self.displayable(path)
        if decoded(data).isNull():
            raise UnreadableFile(name=path.name, expected="a picture")
        return data

    def displayable(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise UnreadableFile(name=path.name, expected="a picture") from error

    def note_in(self, path: Path) -> PictureNote | None:
        return self.notes.get(path)

    def source_of(self, picture: Picture) -> Path | None:
        return None
