"""ImageWorker: makes, edits and enlarges pictures, each on disk before it is shown; browsing them is not its work."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.model.chat import EngineStarting, RequestAdjusted, RetryPending, Timing
from app.model.engine import LocalModel, ModelKind, ModelState
from app.model.errors import AppError, ModelMissing, StorageFailed, UnreadableFile
from app.model.images import (
    BuiltInPictures,
    FinishedImage,
    ImageEvent,
    ImageFile,
    ImageJob,
    ImageModelOptions,
    ImageProgress,
    ImageRequest,
    PartialImage,
    Picture,
    PictureNote,
    PictureOrigin,
    UnfinishedPicture,
    UpscaleRequest,
    WorkStarted,
)
from app.model.providers import BUILT_IN_ID, Endpoint, ModelReference
from app.model.requests import RequestKind, RequestOutcome
from app.model.server_errors import NoPicture
from app.paths import RESOURCES
from app.waiting import undisturbed

if TYPE_CHECKING:
    from app.services.api.client import ApiService
    from app.services.history.store import History
    from app.services.pictures import UnfinishedPictures

type ApiAccess = Callable[[], Awaitable[ApiService]]
type EndpointFor = Callable[[ModelReference], Awaitable[Endpoint]]
type LocalModels = Callable[[], Awaitable[Sequence[LocalModel]]]
type Answer = PartialImage | ImageProgress | FinishedImage | RetryPending | RequestAdjusted

AT_ONCE = 4
"""More pictures at once only meet the server's limits, and the engine makes one after the other anyway."""

_KINDS = {
    PictureOrigin.GENERATED: RequestKind.IMAGE,
    PictureOrigin.EDITED: RequestKind.EDIT,
    PictureOrigin.UPSCALED: RequestKind.UPSCALE,
}
_NOT_INSTALLED = "not_installed"
"""The engine's error code for a model that would have to be downloaded first."""


class ImageWorker:
    """Runs jobs with pictures; every finished picture is saved with its prompt inside and listed in the gallery."""

    def __init__(
        self,
        api: ApiAccess,
        endpoint_for: EndpointFor,
        history: History,
        local_models: LocalModels,
        folder: Callable[[], Path],
        notes: Path | None = None,
    ) -> None:
        """`folder` tells where new pictures go at the moment; it is made when it is missing.

        In the folder `notes`, if there is one, is noted what is being made.
        """
        self._api = api
        self._endpoint_for = endpoint_for
        self._history = history
        self._local_models = local_models
        self._folder = folder
        self._free_places = asyncio.Semaphore(AT_ONCE)
        self._notes = notes
        self._unsaved: list[tuple[PictureNote, FinishedImage]] = []

    def options_for(self, model: ModelReference) -> ImageModelOptions:
        """What the form may offer for `model`; unknown models get what nearly every server takes."""
        return options_for(model)

    async def built_in(self) -> BuiltInPictures:
        """Which models for pictures the built-in engine has on this computer."""
        installed = [model for model in await self._local_models() if model.state is ModelState.INSTALLED]
        found = {model.kind: ModelReference(BUILT_IN_ID, model.id) for model in reversed(installed)}
        return BuiltInPictures(upscaler=found.get(ModelKind.UPSCALE), generator=found.get(ModelKind.IMAGE))

    async def generate(self, job: ImageJob) -> AsyncGenerator[ImageEvent]:
        """Previews, waiting times and, as `Picture`, each picture once it is saved; closing it cancels the request.

        Raises:
            UnreadableFile: a reference is no picture; nothing was sent.
            RouteMissing, ModelMissing: the server, or the engine here, cannot do this.
            AppError: whatever else the server or the disk answers; pictures that came before are kept.
        """
        references = await asyncio.to_thread(_reference_files, job.references)
        origin = PictureOrigin.EDITED if references else PictureOrigin.GENERATED
        names = tuple(path.name for path in job.references)
        note = PictureNote(job.prompt, job.model, datetime.now(UTC), origin, job.settings, names)
        streams = self.options_for(job.model).streams
        request = ImageRequest(job.model.model_id, job.prompt, job.count, job.settings, references, stream=streams)
        files = tuple(map(str, job.references))
        work = UnfinishedPicture(job.prompt, job.model, job.count, job.settings, files)
        async with self._noted(work), aclosing(self._run(note, request)) as events:
            async for event in events:
                yield event

    async def upscale(self, source: Path) -> AsyncGenerator[ImageEvent]:
        """Enlarge a picture file four times with the built-in engine: its progress, then the new `Picture`.

        Raises:
            UnreadableFile: `source` is no picture.
            ModelMissing: the model for it is not on this computer yet.
            AppError: the engine or the disk failed.
        """
        upscaler = (await self.built_in()).upscaler
        if upscaler is None:
            raise ModelMissing(model="Real-ESRGAN")
        image, note = await asyncio.to_thread(_upscale_source, source, upscaler)
        work = UnfinishedPicture("", upscaler, files=(str(source),), is_enlargement=True)
        async with self._noted(work), aclosing(self._run(note, UpscaleRequest(upscaler.model_id, image))) as events:
            async for event in events:
                yield event

    async def interrupted(self) -> list[UnfinishedPicture]:
        """What was being made when the program was killed, the oldest first; it is told once."""
        unfinished = self._unfinished
        return await asyncio.to_thread(unfinished.take) if unfinished is not None else []

    @property
    def unsaved_count(self) -> int:
        """How many finished pictures are only in memory, because the disk refused them."""
        return len(self._unsaved)

    async def save_unsaved(self, folder: Path | None = None) -> list[Picture]:
        """Save those where they belong and list them; or write them, notes inside, into `folder`, which lists none.

        Raises:
            DiskFull, StorageFailed: those that are left are kept.
        """
        saved = []
        while self._unsaved:
            note, image = self._unsaved.pop(0)
            if folder is None:
                saved.append(await undisturbed(self._keep(image, note)))
                continue
            try:
                saved.append(await asyncio.to_thread(_save, folder, image.data, _full(note, image)))
            except StorageFailed:
                self._unsaved.append((note, image))
                raise
        return saved

    async def _run(self, note: PictureNote, request: ImageRequest | UpscaleRequest) -> AsyncGenerator[ImageEvent]:
        unsaved = self._take_unsaved(note)
        if unsaved is not None:
            earlier, image = unsaved
            yield await undisturbed(self._keep(image, replace(note, adjustments=earlier.adjustments)))
            return
        async with self._free_places:
            if note.model.provider_id == BUILT_IN_ID:
                yield EngineStarting()
            endpoint = await self._endpoint_for(note.model)
            yield WorkStarted()
            async with self._logged(note), aclosing(await self._asked(endpoint, request)) as answers:
                async for answer in answers:
                    if isinstance(answer, RequestAdjusted):
                        note = replace(note, adjustments=answer.lessons)
                    elif isinstance(answer, FinishedImage):
                        # A Cancel at the wrong moment would otherwise leave a file that no gallery knows.
                        yield await undisturbed(self._keep(answer, note))
                    else:
                        yield answer

    async def _asked(self, endpoint: Endpoint, request: ImageRequest | UpscaleRequest) -> AsyncGenerator[Answer]:
        api = await self._api()
        if isinstance(request, UpscaleRequest):
            return api.upscale(endpoint, request)
        return api.images(endpoint, request)

    @cached_property
    def _unfinished(self) -> UnfinishedPictures | None:
        from app.services.pictures import UnfinishedPictures

        return UnfinishedPictures(self._notes) if self._notes is not None else None

    @asynccontextmanager
    async def _noted(self, work: UnfinishedPicture) -> AsyncGenerator[None]:
        """Leave a note of `work` on the disk as long as it lasts."""
        unfinished = self._unfinished
        if unfinished is None:
            yield
            return
        note = await asyncio.to_thread(unfinished.begin, work)
        try:
            yield
        finally:
            await undisturbed(asyncio.to_thread(unfinished.end, note))

    @asynccontextmanager
    async def _logged(self, note: PictureNote) -> AsyncGenerator[None]:
        """Note in the log of requests how the work inside ends, and say failures in words that fit pictures."""
        record = await self._history.requests.begin(_KINDS[note.origin], note.model)
        started = time.monotonic()
        record = replace(record, outcome=RequestOutcome.STOPPED)
        try:
            yield
            record = replace(record, outcome=RequestOutcome.COMPLETE)
        except AppError as error:
            words = error.server_words or error.title
            record = replace(
                record,
                outcome=RequestOutcome.FAILED,
                status=error.status,
                error=words,
                request_id=error.request_id,
            )
            raise _explained(error, note.model) from error
        finally:
            timing = Timing(total_s=time.monotonic() - started)
            await self._history.requests.finish(replace(record, timing=timing))

    async def _keep(self, image: FinishedImage, note: PictureNote) -> Picture:
        """Save a finished picture and list it; one the disk refuses is kept for another try, which asks no server."""
        try:
            saved = await asyncio.to_thread(_save, self._folder(), image.data, _full(note, image))
            return await self._history.pictures.add(saved)
        except StorageFailed:
            self._unsaved.append((note, image))
            raise

    def _take_unsaved(self, note: PictureNote) -> tuple[PictureNote, FinishedImage] | None:
        """A picture of an earlier try at the same work that only could not be saved."""
        for kept in self._unsaved:
            if replace(kept[0], created_at=note.created_at, adjustments=note.adjustments) == note:
                self._unsaved.remove(kept)
                return kept
        return None


def _full(note: PictureNote, image: FinishedImage) -> PictureNote:
    return replace(note, revised_prompt=image.revised_prompt)


def _explained(error: AppError, model: ModelReference) -> AppError:
    """The engine answers with a code when its model would have to be downloaded first; everything else is clear."""
    if error.code == _NOT_INSTALLED:
        return ModelMissing(error.server_words, status=error.status, model=model.model_id)
    return error


def _reference_files(paths: Sequence[Path]) -> tuple[ImageFile, ...]:
    from app.services import pictures

    files = []
    for path in paths:
        prepared = pictures.prepare_for_sending(path, original=False)
        name = path.with_suffix(pictures.suffix_for(prepared.media_type)).name
        files.append(ImageFile(name, prepared.media_type, prepared.data))
    return tuple(files)


def _upscale_source(path: Path, upscaler: ModelReference) -> tuple[ImageFile, PictureNote]:
    """The picture in its own size, and a note that keeps the prompt it was made with."""
    from app.services import pictures

    prepared = pictures.prepare_for_sending(path, original=True)
    before = pictures.read_embedded(path)
    prompt = before.prompt if before is not None else ""
    note = PictureNote(prompt, upscaler, datetime.now(UTC), PictureOrigin.UPSCALED, source_names=(path.name,))
    name = path.with_suffix(pictures.suffix_for(prepared.media_type)).name
    return ImageFile(name, prepared.media_type, prepared.data), note


def _save(folder: Path, data: bytes, note: PictureNote) -> Picture:
    """Write the file; the result lacks only its id.

    Raises:
        NoPicture: the server sent something that is no picture, or half of one.
        DiskFull, StorageFailed: nothing was written.
    """
    from app.services import pictures

    try:
        width, height = pictures.picture_size(data)
        pictures.require_whole(data)
        marked = pictures.embed(data, note)
    except UnreadableFile as error:
        raise NoPicture(host=note.model.model_id) from error
    words = note.prompt or (Path(note.source_names[0]).stem if note.source_names else "")
    stem = pictures.picture_file_name(words, note.created_at.astimezone())
    path = pictures.save_picture(folder, stem, pictures.suffix_for(pictures.media_type_of(data)), marked)
    return note.as_picture(path, (width, height), len(marked))


@dataclass(frozen=True)
class _Family:
    pattern: str
    options: ImageModelOptions


@dataclass(frozen=True)
class _Families:
    """resources/image_models.json."""

    families: tuple[_Family, ...]
    built_in: ImageModelOptions
    unknown: ImageModelOptions

    def options_for(self, model: ModelReference) -> ImageModelOptions:
        """The first family whose pattern is found in the model's id; the engine's own models are one family."""
        if model.provider_id == BUILT_IN_ID:
            return self.built_in
        fitting = (family.options for family in self.families if re.search(family.pattern, model.model_id, re.I))
        return next(fitting, self.unknown)


def options_for(model: ModelReference) -> ImageModelOptions:
    """What is known of the family of `model`; unknown models get what nearly every server takes."""
    return _families().options_for(model)


@cache
def _families() -> _Families:
    return msgspec.json.decode((RESOURCES / "image_models.json").read_bytes(), type=_Families)
