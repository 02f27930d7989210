"""Everything out into one file and back in again is the same; what others made to do harm changes nothing."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import sqlite3
import tracemalloc
import zipfile
from collections.abc import Awaitable, Callable
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.model.audio import Recording, RecordingOrigin, RecordingState, Segment, Stretch, Transcript, Word
from app.model.chat import AttachmentKind, ChatParameters, Draft, MessageState, NewAttachment
from app.model.data_errors import ImportRefused
from app.model.errors import DiskFull, KeyStoreFailed, StorageFailed
from app.model.images import ImageSettings, Picture, PictureOrigin
from app.model.lessons import Lesson
from app.model.providers import ModelReference, Provider
from app.model.settings import AppearanceSettings, ThemeChoice
from app.model.transfer import PortableConversation, TransferProgress, TransferReport
from app.paths import Paths
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.workers.library import LibraryWorker
from app.workers.transfer import TransferWorker
from tests.services.history.examples import MODEL, ask
from tests.services.transfer import chatgpt_export

KEY = "sk-proj-0123456789abcdef"
WHEN = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
PROVIDER = Provider(
    "work",
    "Work",
    "custom",
    "https://host.example.com/v1",
    extra_headers={"X-Key": KEY},
    proxy_url="http://a:pass-word@p:1",
)


def _png(color: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), color).save(file, "PNG")
    return file.getvalue()


PICTURE = NewAttachment(AttachmentKind.IMAGE, "灯塔 photo.png", "image/png", _png(), 8, 6)
NOTES = NewAttachment(AttachmentKind.TEXT, "notes.md", "text/markdown", b"# Notes\n")


@dataclass
class World:
    """A profile while the program runs."""

    paths: Paths
    history: History
    settings: SettingsStore
    keys: dict[str, str] | None
    free_bytes: int = 1 << 40

    @property
    def worker(self) -> TransferWorker:
        async def key_of(provider_id: str) -> str:
            if self.keys is None:
                raise KeyStoreFailed
            return self.keys.get(provider_id, "")

        return TransferWorker(
            self.history, self.settings, self.paths, lambda: self.paths.pictures, key_of, lambda _: self.free_bytes
        )

    async def export(self, target: Path) -> TransferReport:
        return await _report(self.worker.export(target))

    async def bring_in(self, source: Path, *, with_settings: bool = False) -> TransferReport:
        return await _report(self.worker.bring_in(source, with_settings=with_settings))

    async def everything(self) -> tuple[object, ...]:
        """All that a person made, comparable from one profile to another."""
        transfers = self.history.transfers
        found = [await transfers.conversation(one) for one in await transfers.conversations()]
        pictures = [(picture, path.read_bytes()) for picture, path in await transfers.pictures()]
        sounds = [await transfers.recording(one) for one in await transfers.recordings()]
        return (
            [_renumbered(one) for one in found if one],
            pictures,
            [(recording, path.read_bytes()) for recording, path in filter(None, sounds)],
            {path.name: path.read_bytes() for path in self.paths.attachments.iterdir()},
        )


type Story = Callable[[World], Awaitable[None]]
type Told = Callable[..., None]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Tell a story in a profile of this name."""

    async def tell(story: Story, paths: Paths, keys: dict[str, str] | None) -> None:
        settings = SettingsStore(paths.settings_file)
        settings.read()
        history = await History.open(paths)
        try:
            await history.tidy()
            await story(World(paths, history, settings, keys))
        finally:
            await history.aclose()

    def run(story: Story, profile: str = "one", keys: dict[str, str] | None = None) -> None:
        paths = Paths.under(tmp_path / profile)
        paths.ensure()
        asyncio.run(tell(story, paths, {} if keys is None else keys))

    return run


async def _report(events: Any) -> TransferReport:
    """The last event; progress before it only goes up."""
    reached = -1
    found: TransferReport | None = None
    async with aclosing(events):
        async for event in events:
            if isinstance(event, TransferProgress):
                assert reached <= event.done <= event.total
                reached = event.done
            else:
                found = event
    assert found is not None
    return found


def _renumbered(conversation: PortableConversation) -> PortableConversation:
    """With ids from 1, as those of two databases differ."""
    ids = {message.id: number for number, message in enumerate(conversation.messages, 1)}
    return replace(
        conversation,
        leaf_id=ids.get(conversation.leaf_id or 0),
        messages=tuple(
            replace(message, id=ids[message.id], parent_id=ids.get(message.parent_id or 0))
            for message in conversation.messages
        ),
    )


async def furnish(world: World) -> None:
    """Something of everything."""
    history = world.history
    tree = await history.conversations.create(title="Versions: a/b? 版本", system_prompt="Be brief.", model=MODEL)
    await history.conversations.configure(
        replace(tree, parameters=ChatParameters(temperature=0.5, stop=("x",), extra_body={"a": {"b": [1]}}))
    )
    attached = tuple([await history.attachments.add(tree.id, file) for file in (PICTURE, NOTES)])
    prompt, answer = await history.messages.add_turn(tree.id, Draft("What is this? 😀", attached), MODEL)
    await history.messages.finish(
        replace(answer, text="A *lighthouse*.", state=MessageState.COMPLETE, reasoning="Hm.", reasoning_s=1.5)
    )
    second = await history.messages.add_answer(prompt.id, MODEL)
    await history.messages.finish(replace(second, text="", state=MessageState.FAILED, error="no route"))
    await history.messages.show(answer.id)
    await ask(history, "And now?", "Later.", tree)
    await history.attachments.add(tree.id, PICTURE)
    await history.conversations.set_draft(tree.id, "half a")
    await history.conversations.set_pinned(tree.id, True)
    await history.conversations.create(title="Nothing yet")
    gone = await history.conversations.create(title="Deleted")
    await history.conversations.delete(gone.id)
    await _furnish_pictures(world)
    await _furnish_sounds(world)
    settings = replace(
        world.settings.value, appearance=AppearanceSettings(theme=ThemeChoice.DARK), providers=(PROVIDER,)
    )
    world.settings.write(settings)


async def _furnish_pictures(world: World) -> None:
    for number, color in enumerate(("red", "green")):
        folder = world.paths.pictures / str(number)  # two files of one name
        folder.mkdir(exist_ok=True)
        path = folder / "a fox.png"
        path.write_bytes(_png(color))
        await world.history.pictures.add(
            Picture(
                0, path, PictureOrigin.EDITED, f"a {color} fox", MODEL, WHEN, 8, 6, path.stat().st_size,
                ImageSettings(size="8x6", seed=7), ("source.png",), "a fox, revised", (Lesson("quality"),),
            )
        )  # fmt: skip


async def _furnish_sounds(world: World) -> None:
    path = world.paths.recordings / "Interview.wav"
    path.write_bytes(b"RIFF and sound")
    recorded = await world.history.recordings.add(
        Recording(0, "Interview", path, RecordingOrigin.MICROPHONE, RecordingState.RECOVERED, WHEN, 12.5, "de")
    )
    segments = (
        Segment(0.0, 2.5, "Guten Tag.", (Word("Guten", 0.0, 1.0), Word("Tag.", 1.1, 2.5))),
        Segment(3, 4, "Ja."),
    )
    await world.history.transcripts.add(
        Transcript(
            0,
            recorded.id,
            segments,
            "de",
            ModelReference("p", "whisper-1"),
            WHEN,
            done=(Stretch(0, 4),),
            adjustments=(Lesson("prompt"),),
        )
    )
    mine = world.paths.data / "my talk.mp3"
    mine.write_bytes(b"my own file")
    await world.history.recordings.add(
        Recording(0, "Talk", mine, RecordingOrigin.FILE, RecordingState.READY, WHEN.replace(year=2025), 60.0)
    )


def test_everything_goes_out_and_comes_back_the_same(told: Told, tmp_path: Path) -> None:
    target = tmp_path / "All of it.zip"
    before: list[tuple[object, ...]] = []

    async def goes_out(world: World) -> None:
        await furnish(world)
        report = await world.export(target)
        assert report == TransferReport(2, 2, 2, 1, with_settings=True)
        before.append(await world.everything())

    async def comes_back(world: World) -> None:
        report = await world.bring_in(target, with_settings=True)
        assert report == TransferReport(2, 2, 2, 1, with_settings=True, providers=1)
        assert await world.everything() == before[0]
        assert world.settings.value.appearance.theme is ThemeChoice.DARK
        (provider,) = world.settings.value.providers
        assert provider == replace(PROVIDER, extra_headers={}, proxy_url="http://p:1")
        opened = await LibraryWorker(world.history).open((await world.history.conversations.all())[0].id)
        assert opened is not None
        assert [message.text for message in opened.messages] == [
            "What is this? 😀",
            "A *lighthouse*.",
            "And now?",
            "Later.",
        ]
        assert opened.messages[1].version == (1, 2)
        assert len(await world.history.search.find("lighthouse")) == 1

    async def comes_again(world: World) -> None:
        assert await world.bring_in(target) == TransferReport(known=6)
        assert await world.everything() == before[0]

    told(goes_out, "one")
    told(comes_back, "two")
    told(comes_again, "two")
    told(comes_again, "one")


def test_an_export_is_readable_without_the_program_and_holds_no_secret(told: Told, tmp_path: Path) -> None:
    target = tmp_path / "all.zip"

    async def story(world: World) -> None:
        await furnish(world)
        await world.export(target)

    told(story)
    with zipfile.ZipFile(target) as export:
        assert export.testzip() is None
        names = export.namelist()
        everything = b"".join(export.read(name) for name in names)
        assert "conversations/00001 Versions a b 版本.md" in names
        assert "# Versions: a/b? 版本" in export.read("conversations/00001 Versions a b 版本.md").decode()
        tree = json.loads(export.read("conversations/00001 Versions a b 版本.json"))
        assert [message["text"] for message in tree["messages"]][:2] == ["What is this? 😀", "A *lighthouse*."]
        assert export.read("pictures/a fox.png") == _png("red")
        assert export.read("pictures/a fox (2).png") == _png("green")
        assert json.loads(export.read("transcripts/00002 Interview.json"))["transcripts"][0]["segments"][0]["text"]
        assert "README.md" in names
    assert b"Work" in everything
    for secret in (KEY, "pass-word"):
        assert secret.encode() not in everything


def test_a_conversation_from_the_future_does_not_date_every_later_one(told: Told, tmp_path: Path) -> None:
    """The clock of the computer that it comes from was wrong."""

    async def goes_out(world: World) -> None:
        await world.history.conversations.create(title="From the future")
        with closing(sqlite3.connect(world.paths.database_file)) as connection:
            connection.execute("UPDATE conversations SET updated_at = updated_at + 100000000000000")
            connection.commit()
        await world.export(tmp_path / "all.zip")

    async def comes_back(world: World) -> None:
        await world.bring_in(tmp_path / "all.zip")
        new = await world.history.conversations.create(title="Now")
        await world.history.messages.add_turn(new.id, Draft("Hello"), MODEL)
        first, second = await world.history.conversations.all()
        assert (first.title, second.title) == ("Now", "From the future")
        assert first.updated_at - datetime.now(UTC) < timedelta(minutes=1)

    told(goes_out)
    told(comes_back, "two")


def test_attachments_of_any_size_together_come_back(told: Told, tmp_path: Path) -> None:
    """One conversation of an export may hold years of pictures; the memory holds one of them."""
    one_mb, number = 1 << 20, 40
    files = [NewAttachment(AttachmentKind.TEXT, f"{n}.txt", "text/plain", bytes([n]) * one_mb) for n in range(number)]

    async def goes_out(world: World) -> None:
        conversation = await world.history.conversations.create(title="Many")
        added = [await world.history.attachments.add(conversation.id, file) for file in files]
        await world.history.messages.add_turn(conversation.id, Draft("see", tuple(added)), MODEL)
        await world.export(tmp_path / "all.zip")

    async def comes_back(world: World) -> None:
        tracemalloc.start()
        try:
            assert await world.bring_in(tmp_path / "all.zip") == TransferReport(conversations=1)
            assert tracemalloc.get_traced_memory()[1] < number // 2 * one_mb
        finally:
            tracemalloc.stop()
        stored = sorted(path.read_bytes() for path in world.paths.attachments.iterdir())
        assert stored == [file.data for file in files]

    told(goes_out)
    told(comes_back, "two")


def test_a_damaged_attachment_is_refused_and_changes_nothing(told: Told, tmp_path: Path) -> None:
    """It is found while its conversation comes in, after the files before it are there."""

    async def story(world: World) -> None:
        await furnish(world)
        await world.export(tmp_path / "all.zip")
        data = (tmp_path / "all.zip").read_bytes()
        assert data.count(NOTES.data) == 1
        (tmp_path / "all.zip").write_bytes(data.replace(NOTES.data, NOTES.data.upper()))
        shutil.copytree(tmp_path / "one", tmp_path / "two")

    async def comes_in(world: World) -> None:
        for conversation in await world.history.conversations.all():
            await world.history.conversations.delete(conversation.id)
        await world.history.conversations.purge()
        before = await world.everything()
        assert before[3] == {}
        with pytest.raises(ImportRefused):
            await world.bring_in(tmp_path / "all.zip")
        assert await world.everything() == before

    told(story)
    told(comes_in, "two")


def test_files_that_are_gone_are_told(told: Told, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await furnish(world)
        for path in (world.paths.recordings / "Interview.wav", world.paths.pictures / "0" / "a fox.png"):
            path.unlink()
        assert (await world.export(tmp_path / "all.zip")).missing == 2

    async def second(world: World) -> None:
        report = await world.bring_in(tmp_path / "all.zip")
        assert report == TransferReport(2, 1, 2, 1, missing=2)
        (interview,) = [one for one in await world.history.recordings.all() if one.name == "Interview"]
        (transcript,) = await world.history.transcripts.of(interview.id)
        assert transcript.segments[0].text == "Guten Tag.", "work that needs no sound"
        assert not interview.path.exists()
        await world.export(tmp_path / "again.zip")

    async def third(world: World) -> None:
        assert (await world.bring_in(tmp_path / "again.zip")).transcripts == 1

    told(story)
    told(second, "two")
    told(third, "three")


def test_an_export_can_be_stopped_and_leaves_nothing(told: Told, tmp_path: Path) -> None:
    target = tmp_path / "out" / "all.zip"
    target.parent.mkdir()
    target.write_bytes(b"an older one")

    async def story(world: World) -> None:
        await furnish(world)
        async with aclosing(world.worker.export(target)) as events:
            async for _ in events:
                break
        assert target.read_bytes() == b"an older one"
        assert [path.name for path in target.parent.iterdir()] == ["all.zip"]
        with pytest.raises(StorageFailed):
            await world.export(tmp_path / "no folder" / "all.zip")

    told(story)


def test_an_import_can_be_stopped_at_any_point_and_leaves_nothing(told: Told, tmp_path: Path) -> None:
    target = tmp_path / "all.zip"

    async def goes_out(world: World) -> None:
        await furnish(world)
        await world.export(target)

    async def stops(world: World) -> None:
        untouched = await world.everything()
        for steps in range(1, 7):
            async with aclosing(world.worker.bring_in(target)) as events:
                for _ in range(steps):
                    await anext(events)
            assert await world.everything() == untouched
            assert not list(world.paths.recordings.iterdir())
            assert not list(world.paths.pictures.iterdir())

    told(goes_out)
    told(stops, "two")


def test_an_import_that_is_stopped_while_all_of_it_becomes_visible_keeps_its_files(told: Told, tmp_path: Path) -> None:
    """What the database was given to write is written, whoever has stopped waiting for it."""
    target = tmp_path / "all.zip"
    before: list[tuple[object, ...]] = []

    async def goes_out(world: World) -> None:
        await furnish(world)
        await world.export(target)
        before.append(await world.everything())

    async def stops(world: World) -> None:
        events = world.worker.bring_in(target)
        while (event := await anext(events)) != TransferProgress(6, 6):
            assert isinstance(event, TransferProgress)
        last = asyncio.ensure_future(anext(events))
        asyncio.get_running_loop().call_soon(last.cancel)
        with pytest.raises(asyncio.CancelledError):
            await last
        await events.aclose()
        assert await world.everything() == before[0]

    told(goes_out)
    told(stops, "two")


def test_an_import_that_is_stopped_while_a_conversation_comes_in_removes_it(told: Told, tmp_path: Path) -> None:
    source = chatgpt_export.write(tmp_path / "conversations.json", *_many(1))

    async def stops(world: World) -> None:
        events = world.worker.bring_in(source)
        assert await anext(events) == TransferProgress(0, 0)
        with closing(sqlite3.connect(world.paths.database_file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # nothing else is written meanwhile
            first = asyncio.ensure_future(anext(events))
            await asyncio.wait([first], timeout=0.3)
            first.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await first
        await events.aclose()
        assert _messages(world.paths.database_file) == 0

    told(stops)


def test_killed_in_the_middle_the_next_start_removes_what_came(told: Told, tmp_path: Path) -> None:
    source = chatgpt_export.write(tmp_path / "conversations.json", *_many(20))

    async def dies(world: World) -> None:
        async with aclosing(world.worker.bring_in(source)) as events:
            async for event in events:
                if isinstance(event, TransferProgress) and event.done == 10:
                    assert await world.history.conversations.all() == []
                    # What a killed program would leave on the disk.
                    shutil.copytree(tmp_path / "one", tmp_path / "two")
                    break

    async def starts_again(world: World) -> None:
        assert await world.history.conversations.all() == []
        assert _messages(world.paths.database_file) == 0

    told(dies)
    assert _messages(tmp_path / "two" / "data" / "history.sqlite3") == 30
    told(starts_again, "two")


def _messages(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM messages").fetchone()[0])


def test_chatgpts_zip_comes_in_with_its_pictures_and_only_once(told: Told, tmp_path: Path) -> None:
    source = tmp_path / "export.zip"
    parts = [
        {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-abc", "width": 8, "height": 6},
        {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-fake", "width": 8, "height": 6},
        "What is this?",
    ]
    said = chatgpt_export.message("user", content={"content_type": "multimodal_text", "parts": parts})
    with zipfile.ZipFile(source, "w") as made:
        made.writestr("top/conversations-000.json", json.dumps([chatgpt_export.two_versions()]))
        pictured = chatgpt_export.conversation({"a": chatgpt_export.node(None, said)}, "a", title="Picture")
        made.writestr("top/conversations-001.json", json.dumps([pictured, chatgpt_export.two_versions()]))
        made.writestr("top/file-abc-photo.png", _png())
        made.writestr("top/file-fake-photo.png", b"<html>")
        made.writestr("top/chat.html", "<html>")

    async def story(world: World) -> None:
        assert await world.bring_in(source) == TransferReport(conversations=2, known=1)
        assert await world.bring_in(source) == TransferReport(known=3)
        first, second = sorted(await world.history.conversations.all(), key=lambda one: one.title)
        assert (first.title, second.title) == ("Lighthouses", "Picture")
        _, answer = await world.history.messages.path(first.id)
        assert (answer.text, answer.version) == ("So that ships see them.", (1, 2))
        (prompt,) = await world.history.messages.path(second.id)
        assert prompt.text == "[file-fake]\n\nWhat is this?"
        assert prompt.attachments[0].path.read_bytes() == _png()
        assert prompt.attachments[0].media_type == "image/png"

    told(story)


def test_what_holds_nothing_is_passed_over(told: Told, tmp_path: Path) -> None:
    source = chatgpt_export.write(tmp_path / "c.json", *[{"mapping": {}}] * 3000, chatgpt_export.two_versions())

    async def story(world: World) -> None:
        assert await world.bring_in(source) == TransferReport(conversations=1)

    told(story)


def test_a_conversation_that_has_grown_since_goes_on_where_it_is(told: Told, tmp_path: Path) -> None:
    grown = chatgpt_export.two_versions()
    grown["mapping"]["first"]["children"] = ["more"]
    grown["mapping"]["more"] = chatgpt_export.node("first", chatgpt_export.message("user", "Thank you"))
    grown["current_node"] = "more"
    old = chatgpt_export.write(tmp_path / "old.json", chatgpt_export.two_versions())
    new = chatgpt_export.write(tmp_path / "new.json", grown)

    async def story(world: World) -> None:
        await world.bring_in(old)
        (before,) = await world.history.conversations.all()
        await world.history.conversations.rename(before.id, "Mine")
        was = await world.history.messages.all(before.id)
        assert await world.bring_in(new) == TransferReport(grown=1)
        (after,) = await world.history.conversations.all()
        assert (after.id, after.title) == (before.id, "Mine")
        assert [one.text for one in await world.history.messages.path(before.id)][-1] == "Thank you"
        assert [one.id for one in await world.history.messages.all(before.id)][: len(was)] == [one.id for one in was]
        assert [hit.conversation_id for hit in await world.history.search.find("Thank")] == [before.id]
        assert (await world.bring_in(old)).known == (await world.bring_in(new)).known == 1

    told(story)


def test_grown_twice_in_one_list(told: Told, tmp_path: Path) -> None:
    versions = [chatgpt_export.two_versions() for _ in range(3)]
    for grown, words in zip(versions[1:], (["Thank you"], ["Thank you", "Bye"]), strict=True):
        above = "first"
        for number, text in enumerate(words):
            grown["mapping"][above]["children"] = [f"more-{number}"]
            said = chatgpt_export.message("user", text)
            grown["mapping"][f"more-{number}"] = chatgpt_export.node(above, said)
            grown["current_node"] = above = f"more-{number}"
    old = chatgpt_export.write(tmp_path / "old.json", versions[0])
    new = chatgpt_export.write(tmp_path / "new.json", *versions[1:])

    async def story(world: World) -> None:
        await world.bring_in(old)
        assert await world.bring_in(new) == TransferReport(grown=2)
        (one,) = await world.history.conversations.all()
        assert [message.text for message in await world.history.messages.path(one.id)][-2:] == ["Thank you", "Bye"]
        assert len(await world.history.messages.all(one.id)) == 5

    told(story)


def test_a_conversation_that_went_on_here_and_there_is_there_twice(told: Told, tmp_path: Path) -> None:
    grown = chatgpt_export.two_versions()
    grown["mapping"]["first"]["children"] = ["more"]
    grown["mapping"]["more"] = chatgpt_export.node("first", chatgpt_export.message("user", "Thank you"))
    old = chatgpt_export.write(tmp_path / "old.json", chatgpt_export.two_versions())
    new = chatgpt_export.write(tmp_path / "new.json", grown)

    async def story(world: World) -> None:
        await world.bring_in(old)
        (first,) = await world.history.conversations.all()
        await world.history.messages.add_turn(first.id, Draft("And here?"), MODEL)
        was = await world.history.messages.all(first.id)
        assert await world.bring_in(new) == TransferReport(conversations=1, beside=1)
        assert await world.history.messages.all(first.id) == was
        assert len(await world.history.conversations.all()) == 2
        assert (await world.bring_in(new)).known == 1

    told(story)


def test_an_own_conversation_that_has_grown_elsewhere_goes_on_here_with_its_files(told: Told, tmp_path: Path) -> None:
    early, late = tmp_path / "early.zip", tmp_path / "late.zip"

    async def there(world: World) -> None:
        conversation = await world.history.conversations.create()
        prompt, answer = await world.history.messages.add_turn(conversation.id, Draft("One"), MODEL)
        await world.history.messages.finish(replace(answer, text="1", state=MessageState.COMPLETE))
        await world.export(early)
        attached = await world.history.attachments.add(conversation.id, PICTURE)
        _, second = await world.history.messages.add_turn(conversation.id, Draft("Two", (attached,)), MODEL)
        await world.history.messages.finish(replace(second, text="2", state=MessageState.COMPLETE))
        again = await world.history.messages.add_answer(prompt.id, MODEL)
        await world.history.messages.finish(replace(again, text="one", state=MessageState.COMPLETE))
        await world.export(late)

    async def here(world: World) -> None:
        await world.bring_in(early)
        (one,) = await world.history.conversations.all()
        assert await world.bring_in(late) == TransferReport(grown=1)
        assert [message.text for message in await world.history.messages.path(one.id)] == ["One", "one"]
        everything = await world.history.messages.all(one.id)
        assert {message.text for message in everything} == {"One", "1", "one", "Two", "2"}
        (two,) = [message for message in everything if message.text == "Two"]
        assert [attachment.path.read_bytes() for attachment in two.attachments] == [PICTURE.data]
        assert [message.text for message in await world.history.messages.show(two.id)] == ["One", "1", "Two", "2"]
        await world.history.tidy()
        assert two.attachments[0].path.exists()

    told(there, "there")
    told(here, "here")


def test_a_conversation_exported_alone_comes_back(told: Told, tmp_path: Path) -> None:
    target = tmp_path / "one.json"

    async def goes_out(world: World) -> None:
        await furnish(world)
        library = LibraryWorker(world.history)
        (first, *_) = await library.conversations()
        await library.export(first.id, target)

    async def comes_back(world: World) -> None:
        assert (await world.bring_in(target)).conversations == 1
        (back,) = await world.history.conversations.all()
        assert back.title == "Versions: a/b? 版本"
        assert back.parameters.temperature == 0.5
        assert [m.text for m in await world.history.messages.path(back.id)][-1] == "Later."

    told(goes_out)
    told(comes_back, "two")


def test_other_work_goes_on_beside_a_long_import(told: Told, tmp_path: Path) -> None:
    source = chatgpt_export.write(tmp_path / "conversations.json", *_many(60))

    async def story(world: World) -> None:
        mine = await world.history.conversations.create(title="Mine")
        importing = asyncio.ensure_future(world.bring_in(source))
        written = 0
        while not importing.done():
            await ask(world.history, f"question {written}", "answer", mine)
            written += 1
        assert (await importing).conversations == 60
        assert written > 5
        assert len(await world.history.messages.path(mine.id)) == 2 * written

    told(story)


def test_a_full_disk_is_noticed_before_it_is_full(told: Told, tmp_path: Path) -> None:
    async def goes_out(world: World) -> None:
        await furnish(world)
        await world.export(tmp_path / "all.zip")

    async def comes_in(world: World) -> None:
        world.free_bytes = 1000
        with pytest.raises(DiskFull):
            await world.bring_in(tmp_path / "all.zip")
        assert await world.history.conversations.all() == []

    told(goes_out)
    told(comes_in, "two")


def test_options_that_the_disk_refuses_do_not_hide_what_came_in(told: Told, tmp_path: Path) -> None:
    async def goes_out(world: World) -> None:
        await furnish(world)
        await world.export(tmp_path / "all.zip")

    async def comes_in(world: World) -> None:
        world.paths.settings_file.mkdir()
        events = world.worker.bring_in(tmp_path / "all.zip", with_settings=True)
        while not isinstance(event := await anext(events), TransferReport):
            pass
        assert event == TransferReport(2, 2, 2, 1, with_settings=True, providers=1)
        with pytest.raises(StorageFailed):
            await anext(events)
        assert world.settings.value.appearance.theme is ThemeChoice.DARK, "for the session"

    told(goes_out)
    told(comes_in, "two")


@pytest.mark.parametrize("keys", [{"work": KEY}, None], ids=["a key", "a locked store"])
def test_a_provider_from_a_file_gets_no_key_of_ours(told: Told, tmp_path: Path, keys: dict[str, str] | None) -> None:
    async def goes_out(world: World) -> None:
        await furnish(world)
        await world.export(tmp_path / "all.zip")

    async def comes_in(world: World) -> None:
        if keys is None:
            world.keys = None
        report = await world.bring_in(tmp_path / "all.zip", with_settings=True)
        assert report.switched_off == ("Work",)
        assert not world.settings.value.providers[0].enabled

    told(goes_out)
    told(comes_in, "two", keys)


def _many(number: int) -> list[dict[str, Any]]:
    return [
        chatgpt_export.two_versions() | {"title": f"Number {one}", "create_time": 1700000000.5 + one}
        for one in range(number)
    ]


# What an attacker may put into an export of ours: each changes one file of a good one, or adds one.

GOOD: Any = {
    "title": "x", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "leaf_id": 1,
    "messages": [{"id": 1, "parent_id": None, "role": "user", "text": "t", "created_at": "2026-01-01T00:00:00Z"}],
}  # fmt: skip
MESSAGE: Any = GOOD["messages"][0]
CONVERSATION = "conversations/00009 evil.json"


def _with(*messages: dict[str, Any], **more: Any) -> str:
    return json.dumps({**GOOD, "messages": [{**MESSAGE, **one} for one in messages], **more})


HOSTILE: dict[str, tuple[str, str | bytes]] = {
    "no json": (CONVERSATION, "conversation"),
    "a list": (CONVERSATION, "[]"),
    "nesting": (CONVERSATION, b"[" * 1_000_000),
    "nesting where anything may be": (
        CONVERSATION,
        json.dumps(GOOD)[:-1] + ', "parameters": {"extra_body": {"a": ' + "[" * 1_000_000 + "]" * 1_000_000 + "}}}",
    ),
    "a number for a text": (CONVERSATION, json.dumps({**GOOD, "title": 5})),
    "a text for a number": (CONVERSATION, _with({"id": "1"})),
    "an unknown role": (CONVERSATION, _with({"role": "wizard"})),
    "an unknown state": (CONVERSATION, _with({"state": "flying"})),
    "an id twice": (CONVERSATION, _with({}, {"id": 1})),
    "a circle": (CONVERSATION, _with({"parent_id": 2}, {"id": 2, "parent_id": 1})),
    "its own parent": (CONVERSATION, _with({"parent_id": 1})),
    "a parent that is not there": (CONVERSATION, _with({"parent_id": 77})),
    "nothing to show": (CONVERSATION, _with({}, leaf_id=99)),
    "an answer to nothing": (CONVERSATION, _with({"role": "assistant", "model": {"provider_id": "", "model_id": ""}})),
    "a number too large": (CONVERSATION, _with({"usage": {"input_tokens": 10**30}})),
    "a time too large": (CONVERSATION, _with({"created_at": "9999-12-31T23:59:59-12:00"})),
    "a time too small": (CONVERSATION, _with({"created_at": "0001-01-01T00:00:00+14:00"})),
    "a bomb": ("attachments/zeros", bytes(70 << 20)),
    "a path": ("../../evil.json", "{}"),
    "an absolute path": ("/tmp/evil.json", "{}"),
    "pictures": ("pictures.json", '[{"file": 5}]'),
    "a sound": ("transcripts/1.json", '{"name": "x"}'),
    "broken options": ("settings.json", "{"),
    "options of a later version": ("settings.json", '{"schema": 99}'),
    "a later version": ("triptych.json", "later"),
}  # fmt: skip


def _tampered(export: Path, target: Path, name: str, content: str | bytes) -> None:
    with zipfile.ZipFile(export) as good, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bad:
        for one in good.namelist():
            if one != name:
                bad.writestr(one, good.read(one))
        if content == "later":
            content = good.read(name).replace(b"triptych-export-1", b"triptych-export-2")
        bad.writestr(name, content)


@pytest.mark.parametrize(("name", "content"), HOSTILE.values(), ids=HOSTILE)
def test_what_an_attacker_made_is_refused_and_changes_nothing(
    told: Told, tmp_path: Path, name: str, content: str | bytes
) -> None:
    export, evil = tmp_path / "good.zip", tmp_path / "evil.zip"

    async def goes_out(world: World) -> None:
        await furnish(world)
        await world.export(export)

    async def comes_in(world: World) -> None:
        _tampered(export, evil, name, content)
        before, settings = await world.everything(), world.settings.value
        with pytest.raises(ImportRefused) as refused:
            await world.bring_in(evil, with_settings=True)
        assert refused.value.arguments["name"] == "evil.zip"
        assert refused.value.arguments["reason"]
        assert (await world.everything(), world.settings.value) == (before, settings)
        assert not list(world.paths.pictures.iterdir())
        assert not list(world.paths.recordings.iterdir())

    told(goes_out)
    told(comes_in, "two")
    assert not list(tmp_path.glob("evil.json"))


def test_names_of_files_inside_lead_nowhere(told: Told, tmp_path: Path) -> None:
    """Such an export is well made, but its lists name files of the computer it is read on."""
    secret = tmp_path / "secret.txt"
    secret.write_text("private")
    export, evil = tmp_path / "good.zip", tmp_path / "evil.zip"
    attachment = {"kind": "text", "name": "x.txt", "media_type": "text/plain", "file": "../../secret.txt"}

    async def goes_out(world: World) -> None:
        await furnish(world)
        await world.export(export)

    async def comes_in(world: World) -> None:
        with zipfile.ZipFile(export) as good:
            pictures = json.loads(good.read("pictures.json"))
            sound = json.loads(good.read("transcripts/00002 Interview.json"))
        with zipfile.ZipFile(export, "a") as bad:
            bad.writestr(
                "conversations/00009 evil.json",
                _with({"attachments": [attachment, {**attachment, "file": str(secret)}]}),
            )
            remote = {
                **sound,
                "origin": "file",
                "path": "//evil.example.com/share/x.wav",
                "created_at": "2026-01-02T00:00:00Z",
            }
            bad.writestr("transcripts/00008.json", json.dumps(remote))
            bad.writestr(
                "transcripts/00009.json",
                json.dumps({**sound, "file": "../../../x.wav", "created_at": "2026-01-01T00:00:00Z"}),
            )
        _tampered(export, evil, "pictures.json", json.dumps([{**pictures[0], "file": "../triptych.json"}]))
        report = await world.bring_in(evil)
        assert (report.conversations, report.pictures, report.recordings, report.missing) == (3, 0, 4, 4)
        assert secret.read_text() == "private"
        folders = (world.paths.attachments, world.paths.recordings, world.paths.pictures)
        assert not any(b"private" in path.read_bytes() for folder in folders for path in folder.iterdir())
        own = [one for one in await world.history.recordings.all() if one.origin is RecordingOrigin.FILE]
        assert sorted(one.path.name for one in own) == ["my talk.mp3", "x.wav"]
        assert all("evil.example.com" not in str(one.path) for one in own)

    told(goes_out)
    told(comes_in, "two")


@pytest.mark.parametrize("origin", ["file", "microphone"])
def test_what_was_still_recorded_elsewhere_is_not_repaired_here(told: Told, tmp_path: Path, origin: str) -> None:
    """The repair writes into the file, and this one may be any sound of the user's."""
    mine = tmp_path / "my song.wav"
    mine.write_bytes(b"RIFF and a song")
    sound = {"name": "x", "file": "Interview.wav", "path": str(mine), "origin": origin, "state": "recording"}

    async def goes_out(world: World) -> None:
        await furnish(world)
        await world.export(tmp_path / "good.zip")

    async def comes_in(world: World) -> None:
        said = json.dumps({**sound, "created_at": "2026-01-02T00:00:00Z"})
        _tampered(tmp_path / "good.zip", tmp_path / "evil.zip", "transcripts/00009.json", said)
        assert (await world.bring_in(tmp_path / "evil.zip")).recordings == 3
        states = {one.state for one in await world.history.recordings.all()}
        assert states == {RecordingState.READY, RecordingState.RECOVERED}
        assert await world.history.recordings.unfinished() == []

    told(goes_out)
    told(comes_in, "two")


@pytest.mark.parametrize(
    "path",
    ["/home/someone/Interview.wav", "C:\\Sounds\\Interview.wav", "//server/share/Interview.wav", "Interview.wav", ".."],
)
def test_a_file_of_another_computer_is_not_taken_for_one_of_this(told: Told, tmp_path: Path, path: str) -> None:
    sound = {"name": "Theirs", "file": "", "path": path, "origin": "file", "state": "ready"}

    async def story(world: World) -> None:
        await furnish(world)
        await world.export(tmp_path / "good.zip")
        said = json.dumps({**sound, "created_at": "2026-01-02T00:00:00Z"})
        _tampered(tmp_path / "good.zip", tmp_path / "theirs.zip", "transcripts/00009.json", said)
        await world.bring_in(tmp_path / "theirs.zip")
        theirs = next(one for one in await world.history.recordings.all() if one.name == "Theirs")
        assert not theirs.path.exists()
        assert theirs.path.is_relative_to(world.paths.recordings)

    told(story)


OTHERS: dict[str, bytes] = {
    "nothing": b"",
    "a letter": b"Dear reader",
    "a picture": _png(),
    "half a zip": b"PK\x03\x04 and then nothing",
    "an empty zip": b"PK\x05\x06" + bytes(18),
    "half a list": b'[{"mapping": {}}, {"map',
    "endless nesting": b"[" * 1_000_000,
    "an object": b'{"hello": "world"}',
    "numbers": b"[1, 2, 3]",
    "wrong types": b'[{"mapping": []}]',
    "a circle": b'[{"mapping": {"a": {"parent": "b"}, "b": {"parent": "a"}}}]',
    "latin-1": '[{"mapping": {}, "title": "Grüße"}]'.encode("latin-1"),
}


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
def test_other_files_are_refused(told: Told, tmp_path: Path, data: bytes) -> None:
    source = tmp_path / "file.json"
    source.write_bytes(data)

    async def story(world: World) -> None:
        await furnish(world)
        before = await world.everything()
        with pytest.raises(ImportRefused):
            await world.bring_in(source)
        assert await world.everything() == before

    told(story)


@pytest.mark.parametrize("other", [b'{"mapping": []}', b'{"mapping": {"a": {"message": {"create_time": "noon"}}}}'])
def test_conversations_of_chatgpts_that_cannot_be_read_are_left_out_and_counted(
    told: Told, tmp_path: Path, other: bytes
) -> None:
    """Nobody describes that form: one conversation that differs must not keep the thousand others out."""
    circle = chatgpt_export.conversation({"a": chatgpt_export.node("a", chatgpt_export.message("user", "x"), "a")})
    source = chatgpt_export.write(tmp_path / "conversations.json", circle, *_many(5), json.loads(other))

    async def story(world: World) -> None:
        report = await world.bring_in(source)
        assert (report.conversations, report.unreadable) == (5, 2)
        assert len(await world.history.conversations.all()) == 5

    told(story)


def test_what_comes_before_the_damage_in_a_list_is_not_imported_either(told: Told, tmp_path: Path) -> None:
    source = chatgpt_export.write(tmp_path / "conversations.json", *_many(5))
    source.write_bytes(source.read_bytes()[:-20])

    async def story(world: World) -> None:
        with pytest.raises(ImportRefused):
            await world.bring_in(source)
        assert await world.history.conversations.all() == []

    told(story)


def test_a_file_that_is_gone_is_a_clear_failure(told: Told, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        with pytest.raises(StorageFailed):
            await world.bring_in(tmp_path / "gone.zip")

    told(story)
