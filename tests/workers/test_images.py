"""Pictures are made, edited, enlarged; whatever was finished is on disk and in the gallery, with its prompt inside."""

from __future__ import annotations

import asyncio
import base64
from contextlib import aclosing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.model.chat import EngineStarting, RetryPending
from app.model.engine import ModelState
from app.model.errors import (
    AnswerInterrupted,
    BrokenAnswer,
    DiskFull,
    KeyRejected,
    ModelMissing,
    RouteMissing,
    StorageFailed,
    UnreadableFile,
)
from app.model.images import ImageProgress, ImageSettings, PartialImage, PictureOrigin, WorkStarted
from app.model.lessons import Lesson
from app.model.providers import BUILT_IN_ID, ModelReference
from app.model.requests import RequestKind, RequestOutcome
from app.paths import Paths
from app.services.pictures import picture_size, read_embedded
from app.workers.images import AT_ONCE, options_for
from tests.fakes.openai_server import Action, FakeOpenAI, event, png
from tests.services.pictures.test_files import room_for
from tests.workers.drawing import MODEL, UPSCALER, Made, followed, job, studio


def test_previews_come_then_the_picture_with_its_prompt_inside(paths: Paths, server: FakeOpenAI) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            asked = job("a red fox, in the snow", settings=ImageSettings(size="512x256", quality="low"))
            made = await followed(it.worker.generate(asked))
            assert made.error is None
            assert isinstance(made.events[0], WorkStarted)
            assert [preview.index for preview in made.previews] == [0, 1]
            (picture,) = made.pictures
            assert picture.path.parent == paths.pictures
            assert picture.path.name.endswith(" a red fox in the snow.png")
            assert (picture.width_px, picture.height_px) == (512, 256) == picture_size(picture.path)
            assert picture.size_bytes == picture.path.stat().st_size
            note = read_embedded(picture.path)
            assert note is not None
            assert (note.prompt, note.model, note.settings) == (asked.prompt, MODEL, asked.settings)
            assert note.created_at == picture.created_at
            assert await it.history.pictures.all() == [picture]

    asyncio.run(story())
    (request,) = server.posts("/images/generations")
    assert request.json["prompt"] == "a red fox, in the snow"
    assert request.json["size"] == "512x256"
    assert request.json["stream"] is True


def test_several_pictures_of_one_job(paths: Paths, server: FakeOpenAI) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            made = await followed(it.worker.generate(job(count=3)))
            assert len({picture.path for picture in made.pictures}) == 3
            assert len(await it.history.pictures.all()) == 3

    asyncio.run(story())


def test_references_make_it_an_edit(paths: Paths, server: FakeOpenAI, tmp_path: Path) -> None:
    photo = tmp_path / "holiday.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    Image.radial_gradient("L").convert("RGB").resize((3000, 1000)).save(photo, exif=exif)

    async def story() -> None:
        async with studio(paths, server) as it:
            made = await followed(it.worker.generate(job(references=(photo, photo))))
            (picture,) = made.pictures
            assert picture.origin is PictureOrigin.EDITED
            assert picture.source_names == ("holiday.jpg", "holiday.jpg")

    asyncio.run(story())
    (request,) = server.posts("/images/edits")
    assert [part.name for part in request.parts if part.file_name] == ["image[]", "image[]"]
    sent = request.files[0]
    assert sent.file_name == "holiday.jpg"
    assert picture_size(sent.data) == (683, 2048)  # upright and scaled down
    assert b"Exif" not in sent.data


def test_a_reference_that_is_no_picture_stops_before_sending(paths: Paths, server: FakeOpenAI, tmp_path: Path) -> None:
    text = tmp_path / "notes.png"
    text.write_text("no picture")

    async def story() -> Made:
        async with studio(paths, server) as it:
            return await followed(it.worker.generate(job(references=(text,))))

    made = asyncio.run(story())
    assert isinstance(made.error, UnreadableFile)
    assert made.error.arguments["name"] == "notes.png"
    assert server.requests == []


def test_cancelling_closes_the_connection_and_leaves_nothing(paths: Paths, server: FakeOpenAI) -> None:
    server.hold()

    async def story() -> None:
        async with studio(paths, server) as it:
            async with aclosing(it.worker.generate(job())) as events:
                async for event_ in events:
                    if isinstance(event_, PartialImage):
                        break
            assert list(paths.pictures.iterdir()) == []
            assert await it.history.pictures.all() == []
            (record,) = await it.history.requests.recent()
            assert record.outcome is RequestOutcome.STOPPED

    asyncio.run(story())
    server.wait_for_departures(1)


def test_cancelled_while_it_is_saved_the_picture_is_whole_and_listed(paths: Paths, server: FakeOpenAI) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            work = asyncio.gather(followed(it.worker.generate(job())))
            await it.saving.wait()
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
            (picture,) = await it.history.pictures.all()
            assert read_embedded(picture.path) is not None

    asyncio.run(story())


def test_a_failure_keeps_the_pictures_that_came_before_it(paths: Paths, server: FakeOpenAI) -> None:
    done = {"type": "image_generation.completed", "b64_json": base64.b64encode(png()).decode()}
    server.reply_bytes([event(done, "image_generation.completed"), Action.CUT])

    async def story() -> None:
        async with studio(paths, server) as it:
            made = await followed(it.worker.generate(job(count=2)))
            assert isinstance(made.error, AnswerInterrupted)
            assert len(made.pictures) == 1
            assert await it.history.pictures.all() == made.pictures
            (record,) = await it.history.requests.recent()
            assert (record.kind, record.outcome) == (RequestKind.IMAGE, RequestOutcome.FAILED)

    asyncio.run(story())


def test_a_picture_a_full_disk_refuses_is_saved_by_another_try_without_asking_again(
    paths: Paths, server: FakeOpenAI
) -> None:
    output = BytesIO()
    Image.effect_noise((1600, 1600), 90).save(output, "PNG")
    answer = {"data": [{"b64_json": base64.b64encode(output.getvalue()).decode()}]}
    server.reply(200, answer)

    async def story() -> None:
        async with studio(paths, server) as it:
            with room_for(1 << 20):  # enough for the history, not for the picture
                made = await followed(it.worker.generate(job()))
            assert isinstance(made.error, DiskFull)
            assert list(paths.pictures.iterdir()) == []
            assert await it.history.pictures.all() == []
            assert len((await followed(it.worker.generate(job()))).pictures) == 1
            assert len(server.requests) == 1

    asyncio.run(story())


def test_refused_pictures_are_saved_elsewhere_or_where_they_belong(
    paths: Paths, server: FakeOpenAI, tmp_path: Path
) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            paths.pictures.rmdir()
            paths.pictures.write_text("no folder")
            for prompt in ("a fox", "an owl"):
                made = await followed(it.worker.generate(replace(job(), prompt=prompt)))
                assert isinstance(made.error, StorageFailed)
            assert it.worker.unsaved_count == 2
            with pytest.raises(StorageFailed):
                await it.worker.save_unsaved()
            assert it.worker.unsaved_count == 2, "none is lost by trying"
            files = [picture.path for picture in await it.worker.save_unsaved(tmp_path / "rescued")]
            assert it.worker.unsaved_count == 0
            notes = [read_embedded(file) for file in files]
            assert sorted(note.prompt for note in notes if note is not None) == ["a fox", "an owl"]
            assert await it.history.pictures.all() == []
            await followed(it.worker.generate(job()))
            paths.pictures.unlink()
            (saved,) = await it.worker.save_unsaved()
            assert await it.history.pictures.all() == [saved]

    asyncio.run(story())


@pytest.mark.parametrize("kept", [30, 200])
def test_what_is_no_whole_picture_is_a_broken_answer(paths: Paths, server: FakeOpenAI, kept: int) -> None:
    cut = png(64, 64)[:kept]
    assert kept < len(png(64, 64))
    server.reply(200, {"data": [{"b64_json": base64.b64encode(cut).decode()}]})

    async def story() -> Made:
        async with studio(paths, server) as it:
            return await followed(it.worker.generate(job()))

    assert isinstance(asyncio.run(story()).error, BrokenAnswer)
    assert list(paths.pictures.iterdir()) == []


def test_what_was_left_out_stays_with_the_picture_and_in_its_file(paths: Paths, server: FakeOpenAI) -> None:
    words = "Unknown parameter: 'output_compression'."
    server.reply_error(400, "unknown_parameter", "invalid_request_error", words, param="output_compression")

    async def story() -> Made:
        async with studio(paths, server) as it:
            made = await followed(it.worker.generate(job(settings=ImageSettings(output_compression=80))))
            assert await it.history.pictures.all() == made.pictures
            note = it.gallery.note_in(made.pictures[0].path)
            assert note is not None
            assert note.adjustments == (Lesson("output_compression"),)
            return made

    made = asyncio.run(story())
    assert made.pictures[0].adjustments == (Lesson("output_compression"),)


def test_what_only_the_user_can_give_up_is_told_and_not_sent_again(paths: Paths, server: FakeOpenAI) -> None:
    words = "Unknown parameter: 'quality'."
    server.reply_error(400, "unknown_parameter", "invalid_request_error", words, param="quality")

    async def story() -> Made:
        async with studio(paths, server) as it:
            return await followed(it.worker.generate(job(settings=ImageSettings(quality="high"))))

    made = asyncio.run(story())
    assert made.error is not None
    assert (made.error.removable, made.pictures, len(server.requests)) == ("quality", [], 1)


def test_waiting_for_the_server_is_told(paths: Paths, server: FakeOpenAI) -> None:
    server.reply_error(429, "rate_limit_exceeded", headers={"retry-after-ms": "1"})

    async def story() -> Made:
        async with studio(paths, server) as it:
            return await followed(it.worker.generate(job()))

    made = asyncio.run(story())
    assert [type(event) for event in made.events[:2]] == [WorkStarted, RetryPending]
    assert len(made.pictures) == 1


def test_refusals_come_in_the_servers_words_and_are_logged(paths: Paths, server: FakeOpenAI) -> None:
    server.key = "sk-right"

    async def story() -> None:
        async with studio(paths, server) as it:
            made = await followed(it.worker.generate(job()))
            assert isinstance(made.error, KeyRejected)
            assert "Incorrect API key" in made.error.server_words
            (record,) = await it.history.requests.recent()
            assert (record.outcome, record.status) == (RequestOutcome.FAILED, 401)
            assert "sk-test-0123456789" not in record.error

    asyncio.run(story())


def test_a_server_without_pictures_says_so(paths: Paths, server: FakeOpenAI) -> None:
    server.reply(404, {"detail": "Not Found"})

    async def story() -> Made:
        async with studio(paths, server) as it:
            return await followed(it.worker.generate(job()))

    assert isinstance(asyncio.run(story()).error, RouteMissing)


def test_at_most_four_at_once_the_others_wait(paths: Paths, server: FakeOpenAI) -> None:
    server.hold()

    async def story() -> None:
        async with studio(paths, server) as it:
            works = asyncio.gather(*(followed(it.worker.generate(job(f"fox {number}"))) for number in range(6)))
            await asyncio.to_thread(server.wait_for_requests, AT_ONCE, "/images/generations")
            assert len(server.posts("/images/generations")) == AT_ONCE
            server.release()
            made = await works
            assert [len(one.pictures) for one in made] == [1] * 6
            assert len({one.pictures[0].path for one in made}) == 6

    asyncio.run(story())
    assert len(server.posts("/images/generations")) == 6


def small_picture(folder: Path) -> Path:
    path = folder / "kitten.png"
    path.write_bytes(png(70, 46))
    return path


def test_enlarging_shows_progress_and_keeps_the_prompt(paths: Paths, server: FakeOpenAI) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            (first,) = (await followed(it.worker.generate(job("a kitten")))).pictures
            made = await followed(it.worker.upscale(first.path))
            assert isinstance(made.events[0], EngineStarting)
            assert made.fractions == [0.25, 0.5, 1.0]
            (picture,) = made.pictures
            assert picture.origin is PictureOrigin.UPSCALED
            assert picture.prompt == "a kitten"
            assert picture.model == ModelReference(BUILT_IN_ID, UPSCALER.id)
            assert picture.source_names == (first.path.name,)
            assert (picture.width_px, picture.height_px) == (280, 184)
            note = read_embedded(picture.path)
            assert note is not None
            assert note.origin is PictureOrigin.UPSCALED

    asyncio.run(story())
    (request,) = server.posts("/images/upscale")
    assert request.fields["model"] == [UPSCALER.id]


def test_an_enlarged_file_is_named_after_it(paths: Paths, server: FakeOpenAI, tmp_path: Path) -> None:
    async def story() -> Made:
        async with studio(paths, server) as it:
            return await followed(it.worker.upscale(small_picture(tmp_path)))

    (picture,) = asyncio.run(story()).pictures
    assert picture.path.name.endswith(" kitten.png")
    assert picture.prompt == ""


def test_enlarging_is_cancelled_for_real(paths: Paths, server: FakeOpenAI, tmp_path: Path) -> None:
    server.hold()

    async def story() -> None:
        async with studio(paths, server) as it, aclosing(it.worker.upscale(small_picture(tmp_path))) as events:
            async for event_ in events:
                if isinstance(event_, ImageProgress):
                    break

    asyncio.run(story())
    server.wait_for_departures(1)
    assert list(paths.pictures.iterdir()) == []


def test_without_its_model_the_engine_is_not_asked(paths: Paths, server: FakeOpenAI, tmp_path: Path) -> None:
    async def story() -> Made:
        async with studio(paths, server) as it:
            it.models = [replace(UPSCALER, state=ModelState.PARTIAL)]
            assert (await it.worker.built_in()).upscaler is None
            return await followed(it.worker.upscale(small_picture(tmp_path)))

    assert isinstance(asyncio.run(story()).error, ModelMissing)
    assert server.requests == []


def test_an_engine_without_the_model_says_so(paths: Paths, server: FakeOpenAI) -> None:
    server.reply_error(501, "not_installed", message="No image model is installed.")

    async def story() -> Made:
        async with studio(paths, server) as it:
            return await followed(it.worker.generate(replace(job(), model=ModelReference(BUILT_IN_ID, "sd"))))

    error = asyncio.run(story()).error
    assert isinstance(error, ModelMissing)
    assert error.action == "models"


@pytest.mark.parametrize(
    ("model", "largest", "qualities", "takes_seed", "streams"),
    [
        ("gpt-image-2", 3840, ("low", "medium", "high"), False, True),
        ("gpt-image-2-2026-04-21", 3840, ("low", "medium", "high"), False, True),
        ("gpt-image-2.5-flare", 3840, ("low", "medium", "high", "xhigh", "max"), False, True),
        ("openai/gpt-image-1.5", None, ("low", "medium", "high"), False, True),
        ("dall-e-3", None, ("standard", "hd"), False, False),
        ("stable-diffusion-xl", 4096, (), True, False),
        ("FLUX.1-schnell", 4096, (), True, False),
        ("something-else", 4096, (), False, False),
    ],
)
def test_each_family_of_models_is_offered_what_it_takes(
    model: str, largest: int | None, qualities: tuple[str, ...], takes_seed: bool, streams: bool
) -> None:
    options = options_for(ModelReference("any", model))
    assert (options.size_rule.longest_edge_px if options.size_rule else None) == largest
    assert (options.qualities, options.takes_seed, options.streams) == (qualities, takes_seed, streams)


def test_every_preset_size_keeps_the_rule_of_its_family() -> None:
    for model in ("gpt-image-2", "gpt-image-2.6-flare", "sdxl", "unknown"):
        options = options_for(ModelReference("any", model))
        assert options.size_rule is not None
        for size in options.sizes:
            width, height = map(int, size.split("x"))
            assert options.size_rule.problem(width, height) is None
    built_in = options_for(ModelReference(BUILT_IN_ID, "anything"))
    assert built_in.max_references == 0
    assert built_in.takes_steps
