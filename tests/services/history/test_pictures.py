"""Pictures: stored, paged, searched, deleted with Undo, purged with their files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.model.images import ImageSettings, Picture, PictureOrigin
from app.model.lessons import Lesson, LessonKind
from app.paths import Paths
from app.services.history.store import History
from tests.services.history.conftest import Within
from tests.services.history.examples import MODEL


def _picture(path: Path, prompt: str, age: int = 0) -> Picture:
    path.write_bytes(b"pixels")
    return Picture(
        id=0,
        path=path,
        origin=PictureOrigin.EDITED,
        prompt=prompt,
        model=MODEL,
        created_at=datetime.now(UTC) - timedelta(days=age),
        width_px=1536,
        height_px=1024,
        size_bytes=6,
        settings=ImageSettings(size="1536x1024", quality="high", seed=3, extra_body={"style": "vivid"}),
        source_names=("Küche.png", "猫.jpg"),
        revised_prompt="A longer prompt",
        adjustments=(Lesson("quality"), Lesson("image[]", LessonKind.RENAMED, "image")),
    )


def test_a_picture_comes_back_as_it_was_stored(within: Within, paths: Paths) -> None:
    picture = _picture(paths.pictures / "猫.png", "a cat")

    async def store(history: History) -> Picture:
        stored = await history.pictures.add(picture)
        assert stored == replace(picture, id=stored.id)
        return stored

    stored = within(store)

    async def read(history: History) -> None:
        assert await history.pictures.get(stored.id) == stored
        assert await history.pictures.all() == [stored]

    within(read)


def test_newest_first_in_pages(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        for age in (2, 0, 1):
            await history.pictures.add(_picture(paths.pictures / f"{age}.png", str(age), age))
        assert [picture.prompt for picture in await history.pictures.all()] == ["0", "1", "2"]
        assert [picture.prompt for picture in await history.pictures.all(1, 1)] == ["1"]

    within(story)


def test_search_by_prompt(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        for prompt in ("a red balloon", "红色的气球", "a balloon animal"):
            await history.pictures.add(_picture(paths.pictures / "x.png", prompt))
        assert [p.prompt for p in await history.pictures.search("ball")] == ["a balloon animal", "a red balloon"]
        assert [p.prompt for p in await history.pictures.search("气球")] == ["红色的气球"]

    within(story)


def test_deleted_can_be_restored_until_purged_with_its_file(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        kept = await history.pictures.add(_picture(paths.pictures / "kept.png", "kept"))
        gone = await history.pictures.add(_picture(paths.pictures / "gone.png", "gone"))
        await history.pictures.delete(gone.id)
        assert await history.pictures.all() == [kept]
        assert await history.pictures.get(gone.id) is None
        assert await history.pictures.search("gone") == []
        await history.pictures.restore(gone.id)
        assert await history.pictures.get(gone.id) == gone
        await history.pictures.purge()
        assert gone.path.exists()
        await history.pictures.delete(gone.id)
        await history.pictures.purge(gone.id)
        await history.pictures.restore(gone.id)
        assert await history.pictures.all() == [kept]
        assert not gone.path.exists()
        assert kept.path.exists()

    within(story)


def test_a_file_that_is_gone_already_does_not_hinder(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        picture = await history.pictures.add(_picture(paths.pictures / "x.png", "x"))
        picture.path.unlink()
        await history.pictures.delete(picture.id)
        await history.pictures.purge()
        await history.pictures.restore(picture.id)
        assert await history.pictures.all() == []

    within(story)


def test_a_moved_profile_still_finds_its_pictures(within: Within, paths: Paths, tmp_path: Path) -> None:
    elsewhere = tmp_path / "my own folder"
    elsewhere.mkdir()

    async def store(history: History) -> None:
        await history.pictures.add(_picture(paths.pictures / "inside.png", "inside"))
        await history.pictures.add(_picture(elsewhere / "outside.png", "outside"))

    within(store)
    moved = Paths.under(tmp_path / "moved")
    paths.data.parent.rename(moved.data.parent)

    async def read() -> None:
        history = await History.open(moved)
        found = {picture.prompt: picture.path for picture in await history.pictures.all()}
        assert found == {"inside": moved.pictures / "inside.png", "outside": elsewhere / "outside.png"}
        assert all(path.exists() for path in found.values())
        await history.aclose()

    import asyncio

    asyncio.run(read())
