"""The gallery is an index that can be rebuilt from the files; deleting can be undone, and copies keep their notes."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.model.errors import StorageFailed, UnreadableFile
from app.model.images import ImageSettings, Picture, PictureNote, PictureOrigin
from app.paths import Paths
from app.services.pictures import embed, picture_size, read_embedded
from app.workers.gallery import PAGE, GalleryWorker
from tests.fakes.openai_server import FakeOpenAI, png
from tests.workers.drawing import MODEL, followed, job, studio

NOON = datetime(2026, 8, 22, 12, 0, 0, tzinfo=UTC)


def note(prompt: str, age: timedelta = timedelta(0)) -> PictureNote:
    return PictureNote(prompt, MODEL, NOON - age, settings=ImageSettings(size="64x64"))


def picture_file(folder: Path, prompt: str, age: timedelta = timedelta(0)) -> Path:
    path = folder / f"{prompt}.png"
    path.write_bytes(embed(png(), note(prompt, age)))
    return path


async def browsed(gallery: GalleryWorker) -> list[list[Picture]]:
    async with aclosing(gallery.browse()) as pages:
        return [page async for page in pages]


async def prompts(gallery: GalleryWorker) -> list[str]:
    return [picture.prompt for page in await browsed(gallery) for picture in page]


def test_a_lost_index_is_rebuilt_from_the_files(paths: Paths, server: FakeOpenAI) -> None:
    picture_file(paths.pictures, "older", timedelta(days=1))
    picture_file(paths.pictures, "newer")
    (paths.pictures / "holiday.png").write_bytes(png())  # not ours
    (paths.pictures / "notes.txt").write_text("no picture")

    async def story() -> None:
        async with studio(paths, server) as it:
            assert await prompts(it.gallery) == ["newer", "older"]
            (page,) = await browsed(it.gallery)
            assert page[0].settings == ImageSettings(size="64x64")
            assert (page[0].width_px, page[0].height_px) == (64, 64)
            assert page[0].created_at == NOON

    asyncio.run(story())


def test_what_a_killed_program_left_unfinished_goes_when_the_gallery_is_shown(paths: Paths, server: FakeOpenAI) -> None:
    paths.pictures.mkdir(parents=True, exist_ok=True)
    left, foreign = paths.pictures / ".2026-08-21 12.00.00 a fox.png.part", paths.pictures / ".somebody's.png.part"
    for path in (left, foreign):
        path.write_bytes(png()[:20])
        os.utime(path, (0, 0))

    async def story() -> None:
        async with studio(paths, server) as it:
            assert await prompts(it.gallery) == []

    asyncio.run(story())
    assert [left.exists(), foreign.exists()] == [False, True]


def test_files_are_looked_for_only_when_asked_once_there_is_an_index(paths: Paths, server: FakeOpenAI) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            await followed(it.worker.generate(job("first")))
            picture_file(paths.pictures, "copied here", timedelta(days=3650))
            assert await prompts(it.gallery) == ["first"]
            assert [picture.prompt for picture in await it.gallery.find_files()] == ["copied here"]
            assert await it.gallery.find_files() == []
            assert await prompts(it.gallery) == ["first", "copied here"]

    asyncio.run(story())


def test_many_pictures_come_in_pages(paths: Paths, server: FakeOpenAI) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            for number in range(PAGE + 3):
                row = note(f"{number}", timedelta(seconds=number)).as_picture(paths.pictures / f"{number}", (1, 1), 1)
                await it.history.pictures.add(row)
            pages = await browsed(it.gallery)
            assert [len(page) for page in pages] == [PAGE, 3]
            assert [p.prompt for page in pages for p in page] == [str(number) for number in range(PAGE + 3)]

    asyncio.run(story())


def test_deleting_can_be_undone_until_it_is_final(paths: Paths, server: FakeOpenAI) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            for prompt in ("one", "two", "three"):
                await followed(it.worker.generate(job(prompt)))
            three, two, one = (await browsed(it.gallery))[0]
            await it.gallery.delete([one, two])
            assert await it.history.pictures.all() == [three]
            assert one.path.exists()
            await it.gallery.restore([two])
            await it.gallery.purge([one, two])
            assert await it.history.pictures.all() == [three, two]
            assert (one.path.exists(), two.path.exists()) == (False, True)

    asyncio.run(story())


def test_what_was_deleted_before_the_program_was_killed_is_gone_at_the_next_start(
    paths: Paths, server: FakeOpenAI
) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            (picture,) = (await followed(it.worker.generate(job()))).pictures
            await it.gallery.delete([picture])
        async with studio(paths, server) as it:
            assert await browsed(it.gallery) == []
            assert not picture.path.exists()

    asyncio.run(story())


def test_copies_keep_their_notes_and_replace_nothing_unasked(paths: Paths, server: FakeOpenAI, tmp_path: Path) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            (picture,) = (await followed(it.worker.generate(job("a fox")))).pictures
            target = tmp_path / "fox.png"
            target.write_bytes(b"old")
            await it.gallery.save_copy(picture, target)
            copied = read_embedded(target)
            assert copied is not None
            assert copied.prompt == "a fox"
            folder = tmp_path / "export"
            saved = await it.gallery.save_copies([picture, picture], folder)
            assert [path.name for path in saved] == [picture.path.name, f"{picture.path.stem} (2).png"]
            with pytest.raises(StorageFailed):
                await it.gallery.save_copy(replace(picture, path=tmp_path / "gone.png"), target)
            with pytest.raises(StorageFailed):
                await it.gallery.save_copies([replace(picture, path=tmp_path / "gone.png")], folder)

    asyncio.run(story())


def test_a_pasted_picture_becomes_a_file_without_metadata(paths: Paths, server: FakeOpenAI) -> None:
    async def story() -> None:
        async with studio(paths, server) as it:
            path = await it.gallery.keep_pasted(embed(png(), note("secret")), NOON)
            assert picture_size(path) == (64, 64)
            assert read_embedded(path) is None
            assert paths.pictures not in path.parents
            with pytest.raises(UnreadableFile):
                await it.gallery.keep_pasted(b"no picture", NOON)

    asyncio.run(story())


def test_what_an_enlarged_picture_was_made_from_is_found_beside_it(paths: Paths, server: FakeOpenAI) -> None:
    source = picture_file(paths.pictures, "kitten")

    async def story() -> None:
        async with studio(paths, server) as it:
            (large,) = (await followed(it.worker.upscale(source))).pictures
            assert large.origin is PictureOrigin.UPSCALED
            assert it.gallery.source_of(large) == source
            source.unlink()
            assert it.gallery.source_of(large) is None

    asyncio.run(story())


def test_previews_and_notes_are_read_from_the_file(paths: Paths, server: FakeOpenAI) -> None:
    path = picture_file(paths.pictures, "fox")

    async def story() -> None:
        async with studio(paths, server) as it:
            assert picture_size(it.gallery.thumbnail(path, 16)) == (16, 16)
            assert picture_size(it.gallery.displayable(path)) == (64, 64)
            found = it.gallery.note_in(path)
            assert found is not None
            assert found.prompt == "fox"

    asyncio.run(story())
