"""Attachments: files by content, rows by use, and what is cleaned up."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import replace

import pytest

from app.model.chat import AttachmentKind, Draft, NewAttachment
from app.model.errors import StorageFailed
from app.paths import Paths
from app.services.history.store import History
from tests.services.history.conftest import Within
from tests.services.history.examples import MODEL, PNG


def test_file_is_named_by_content_and_private(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        stored = await history.attachments.add(conversation.id, PNG)
        assert stored.path.name == hashlib.sha256(PNG.data).hexdigest() + ".png"
        assert stored.path.is_absolute()
        assert (stored.name, stored.kind, stored.media_type) == ("Holiday.PNG", AttachmentKind.IMAGE, "image/png")
        assert (stored.size_bytes, stored.width_px, stored.height_px) == (len(PNG.data), 640, 480)
        assert os.name == "nt" or stat.S_IMODE(stored.path.stat().st_mode) == 0o600

    within(story)


@pytest.mark.parametrize(
    "name", ["notes", "a.b/../c", "x.tar.gz", "shell.s h", "点.文", "." * 300, "a.toolongsuffix", ""]
)
def test_any_name_is_kept_and_none_leaves_the_folder(within: Within, paths: Paths, name: str) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        new = NewAttachment(AttachmentKind.TEXT, name, "text/plain", b"text")
        stored = await history.attachments.add(conversation.id, new)
        assert stored.name == name
        assert stored.path.parent == paths.attachments
        assert stored.path.read_bytes() == b"text"

    within(story)


def test_same_content_twice_is_one_file_until_the_last_use_goes(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        first = await history.attachments.add(conversation.id, PNG)
        second = await history.attachments.add(conversation.id, replace(PNG, name="again.png"))
        assert first.path == second.path
        await history.attachments.remove(first.id)
        await history.attachments.remove_orphans()
        assert second.path.exists()
        await history.attachments.remove(second.id)
        await history.attachments.remove_orphans()
        assert list(paths.attachments.iterdir()) == []

    within(story)


def test_a_file_that_was_cut_short_is_written_again(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        stored = await history.attachments.add(conversation.id, PNG)
        stored.path.write_bytes(PNG.data[:3])
        await history.attachments.add(conversation.id, PNG)
        assert stored.path.read_bytes() == PNG.data

    within(story)


def test_attachments_of_messages_cannot_be_removed(within: Within) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        stored = await history.attachments.add(conversation.id, PNG)
        prompt, _ = await history.messages.add_turn(conversation.id, Draft("look", (stored,)), MODEL)
        await history.attachments.remove(stored.id)
        assert (await history.messages.get(prompt.id)).attachments == (stored,)

    within(story)


def test_without_a_folder_nothing_is_stored_and_it_is_said(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        conversation = await history.conversations.create()
        paths.attachments.rmdir()
        paths.attachments.write_text("a file where the folder was")
        with pytest.raises(StorageFailed):
            await history.attachments.add(conversation.id, PNG)
        assert await history.conversations.draft(conversation.id) == Draft("")

    within(story)


def test_leftovers_of_a_killed_program_are_cleaned_up(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        (paths.attachments / ".new-abc").write_text("half")
        await history.attachments.remove_orphans()
        assert list(paths.attachments.iterdir()) == []

    within(story)
