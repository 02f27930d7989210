"""A database from elsewhere names files: those of the user are shown, and neither written nor deleted."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.model.audio import Recording, RecordingOrigin, RecordingState
from app.model.images import Picture, PictureOrigin
from app.paths import Paths
from app.services.history import snapshot
from app.services.history.ownership import own_files
from app.services.history.signs import search_signs
from app.services.history.store import History
from app.services.history.words import search_words
from tests.services.history.conftest import Within
from tests.services.history.examples import MODEL

THEN = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
NOBODY = threading.Event()


def _picture(path: Path) -> Picture:
    return Picture(0, path, PictureOrigin.GENERATED, "a fox", MODEL, THEN, 8, 8, 4)


def _recording(path: Path) -> Recording:
    return Recording(0, "Talk", path, RecordingOrigin.MICROPHONE, RecordingState.RECORDING, THEN, 1.0)


def _file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"mine")
    return path


def _restore(paths: Paths, *statements: str, pictures: Path | None = None) -> None:
    """Copy the database, change the copy, and put it in the place of the database."""
    copy, staged = paths.data / "copy.sqlite3", paths.data / "staged.sqlite3"
    snapshot.copy_database(paths.database_file, copy, NOBODY)
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.create_function("search_words", 1, search_words, deterministic=True)
        connection.create_function("search_signs", 1, search_signs, deterministic=True)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    snapshot.stage(copy, staged, own_files(paths.database_file, (pictures or paths.pictures,), paths.recordings))
    snapshot.put_in_place(staged, paths.database_file)
    staged.unlink()


async def _delete_everything(history: History) -> None:
    for picture in await history.pictures.all():
        await history.pictures.delete(picture.id)
    for recording in await history.recordings.all():
        await history.recordings.delete(recording.id)
    await history.tidy()


@pytest.mark.parametrize("path", ["{outside}", "../{name}", "pictures/../../{name}", "recordings/../../{name}"])
def test_a_changed_backup_deletes_no_file_of_the_users(paths: Paths, within: Within, path: str) -> None:
    precious = _file(paths.data.parent / "precious.doc")

    async def furnish(history: History) -> None:
        await history.pictures.add(_picture(_file(paths.pictures / "fox.png")))
        await history.recordings.add(_recording(_file(paths.recordings / "talk.wav")))

    async def shows_and_deletes(history: History) -> None:
        (picture,), (recording,) = await history.pictures.all(), await history.recordings.all()
        assert picture.path.resolve() == recording.path.resolve() == precious, "it is shown"
        assert await history.recordings.unfinished() == [], "nothing is to be repaired in it"
        await _delete_everything(history)
        assert await history.pictures.all() == []

    within(furnish)
    text = path.format(outside=precious, name=precious.name)
    _restore(paths, f"UPDATE pictures SET path = '{text}'", f"UPDATE recordings SET path = '{text}'")
    within(shows_and_deletes)
    assert precious.read_bytes() == b"mine"


def test_what_leads_to_no_file_is_left_out(paths: Paths, within: Within) -> None:
    async def furnish(history: History) -> None:
        await history.pictures.add(_picture(_file(paths.pictures / "fox.png")))

    async def is_empty(history: History) -> None:
        assert await history.pictures.all() == []

    within(furnish)
    _restore(paths, "UPDATE pictures SET path = 'file:pictures/a%00b'")
    within(is_empty)


@pytest.mark.parametrize("share", [r"\\host\share\fox.png", "//host/share/fox.png", "file:%5C%5Chost%5Cs%5Cfox.png"])
def test_no_other_computer_is_asked_for_a_file(paths: Paths, within: Within, share: str) -> None:
    async def furnish(history: History) -> None:
        await history.pictures.add(_picture(_file(paths.pictures / "fox.png")))
        await history.recordings.add(_recording(_file(paths.recordings / "talk.wav")))

    async def shows(history: History) -> None:
        (picture,), (recording,) = await history.pictures.all(), await history.recordings.all()
        assert picture.path == paths.pictures / "elsewhere" / "fox.png"
        assert recording.path == paths.recordings / "elsewhere" / "fox.png"
        await _delete_everything(history)

    within(furnish)
    _restore(paths, f"UPDATE pictures SET path = '{share}'", f"UPDATE recordings SET path = '{share}'")
    within(shows)


def test_another_computer_that_is_used_today_is_asked(paths: Paths, within: Within) -> None:
    places = [Path("//nas/pictures/fox.png"), Path("//nas/sounds/talk.wav")]

    async def furnish(history: History) -> None:
        await history.pictures.add(_picture(places[0]))
        mine = replace(_recording(places[1]), origin=RecordingOrigin.FILE, state=RecordingState.READY)
        await history.recordings.add(mine)

    async def shows(history: History) -> None:
        (picture,), (recording,) = await history.pictures.all(), await history.recordings.all()
        assert [picture.path, recording.path] == places

    within(furnish)
    _restore(paths)
    within(shows)


def test_an_honest_backup_leaves_files_ours(paths: Paths, within: Within) -> None:
    """Those in a folder that was chosen once, too, as the present database knows them."""
    ours = [_file(folder / "fox.png") for folder in (paths.pictures, paths.data.parent / "once chosen")]
    since = _file(paths.data.parent / "chosen now" / "since.png")
    sound = _file(paths.recordings / "talk.wav")

    async def furnish(history: History) -> None:
        for path in ours:
            await history.pictures.add(_picture(path))
        await history.recordings.add(_recording(sound))

    async def finds_and_deletes(history: History) -> None:
        assert [one.state for one in await history.recordings.unfinished()] == [RecordingState.RECORDING]
        await _delete_everything(history)

    within(furnish)
    _restore(
        paths,
        "INSERT INTO pictures (path, origin, provider_id, model_id, created_at, width_px, height_px, size_bytes)"
        f" VALUES ('{since}', 'generated', 'p', 'm', 0, 1, 1, 1)",
        pictures=since.parent,
    )
    within(finds_and_deletes)
    assert [path.exists() for path in (*ours, since, sound)] == [False] * 4


def test_a_sound_of_the_users_is_none_of_ours_because_the_database_knows_it(paths: Paths, within: Within) -> None:
    song = _file(paths.data.parent / "song.wav")

    async def furnish(history: History) -> None:
        added = replace(_recording(song), origin=RecordingOrigin.FILE, state=RecordingState.READY)
        await history.recordings.add(added)

    within(furnish)
    _restore(paths, "UPDATE recordings SET origin = 'microphone', state = 'recording'")
    within(_delete_everything)
    assert song.exists()


def test_without_a_present_database_only_our_folders_count(paths: Paths, within: Within) -> None:
    within(lambda history: history.tidy())
    for damage in (b"no database" * 999, None):
        paths.database_file.unlink()
        if damage:
            paths.database_file.write_bytes(damage)
        own = own_files(paths.database_file, (paths.pictures,), paths.recordings)
        assert own.holds("pictures", "pictures/fox.png")
        assert not own.holds("pictures", "pictures")
        assert not own.holds("recordings", "pictures/fox.png")
