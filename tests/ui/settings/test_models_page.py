"""The models page: fetch, cancel, add, remove, and how the engine is; with real files from a server on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.model.engine import ModelState
from app.paths import Paths
from app.ui import ask
from app.ui.settings.model_row import ModelRow
from tests.fakes.model_sources import FileServer
from tests.ui.settings.conftest import Open, Opened, RunAsync
from tests.workers.modelling import Modelling


def _opened(open_dialog: Open) -> Opened:
    opened = open_dialog("models")
    rows = opened.dialog.models.rows
    opened.until(lambda: len(rows) == 3 and all(row.isVisible() for row in rows.values()))
    return opened


def _row(opened: Opened, model_id: str) -> ModelRow:
    return opened.dialog.models.rows[model_id]


def test_what_is_here_and_what_can_be_had(open_dialog: Open, modelling: Modelling) -> None:
    modelling.install("small-chat")
    opened = _opened(open_dialog)
    here, there = _row(opened, "small-chat"), _row(opened, "large-chat")
    assert here.remove_button.isVisible()
    assert not here.download_button.isVisible()
    assert there.download_button.isVisible()
    assert not there.remove_button.isVisible()
    assert here.facts_label.text() == "MIT  ·  3 MB on disk  ·  about 6 MB of memory while in use"
    assert there.facts_label.text().startswith("MIT  ·  4 MB to download")
    assert there.kind_label.text() == "Chat"
    assert there.text_label.text() == "Large Chat in English"


def test_the_default_set_is_fetched_one_after_the_other(open_dialog: Open, files: FileServer) -> None:
    opened = _opened(open_dialog)
    page = opened.dialog.models
    assert page.default_button.text() == "Download the default set (5 MB)"
    opened.click(page.default_button)
    assert not page.default_button.isVisible()
    assert _row(opened, "small-ears").progress_label.text() == "Waiting for its turn"
    opened.until(_row(opened, "small-ears").remove_button.isVisible)
    assert _row(opened, "small-chat").remove_button.isVisible()
    assert [path for path, _ in files.requests] == ["/small-chat", "/small-ears"]
    assert not page.default_button.isVisible()


def test_a_download_that_breaks_off_is_told_and_goes_on_from_there(open_dialog: Open, files: FileServer) -> None:
    files.break_after = 2_500_000
    opened = _opened(open_dialog)
    row = _row(opened, "large-chat")
    opened.click(row.download_button)
    notices = opened.dialog.models.notices
    opened.until(lambda: notices.cards)
    opened.until(lambda: row.download_button.text() == "Resume")
    opened.click(notices.cards[0].action_buttons[0])
    opened.until(lambda: row.model.state is ModelState.INSTALLED)
    assert not notices.cards
    assert files.requests[-1] == ("/large-chat", "bytes=2500000-")


def test_what_never_got_a_byte_can_be_downloaded_not_resumed(open_dialog: Open, files: FileServer) -> None:
    del files.files["/large-chat"]
    opened = _opened(open_dialog)
    row = _row(opened, "large-chat")
    opened.click(row.download_button)
    notices = opened.dialog.models.notices
    opened.until(lambda: notices.cards)
    opened.until(row.download_button.isVisible)
    assert row.download_button.text() == "Download"
    assert not row.remove_button.isVisible()
    assert "does not have it" in notices.cards[0].text_label.text()
    assert not notices.cards[0].words_label.isVisible()
    assert "404" in notices.cards[0].notice.details


def test_one_that_waits_or_runs_can_be_cancelled(open_dialog: Open, files: FileServer) -> None:
    files.flows.clear()
    opened = _opened(open_dialog)
    first, second = _row(opened, "small-chat"), _row(opened, "large-chat")
    opened.click(first.download_button)
    opened.until(lambda: first.progress_label.text() == "2 MB of 3 MB" or first.progress_label.text() == "1 MB of 3 MB")
    assert first.progress_bar.isVisible()
    opened.click(second.download_button)
    opened.click(second.cancel_button)
    assert second.download_button.isVisible()
    opened.click(first.cancel_button)
    opened.until(first.download_button.isVisible)
    assert not opened.dialog.models.notices.cards
    opened.until(lambda: not opened.dialog.models.downloads.current)
    files.flows.set()
    assert "/large-chat" not in [path for path, _ in files.requests]


def test_a_full_disk_is_a_notice_and_the_page_goes_on(open_dialog: Open, modelling: Modelling) -> None:
    modelling.free_bytes = 1000
    opened = _opened(open_dialog)
    row = _row(opened, "large-chat")
    opened.click(row.download_button)
    notices = opened.dialog.models.notices
    opened.until(lambda: [card.notice.kind for card in notices.cards] == ["NoSpaceForModel"])
    opened.until(row.download_button.isVisible)
    modelling.free_bytes = 1 << 40
    opened.click(row.download_button)
    opened.until(row.remove_button.isVisible)


@pytest.mark.parametrize("sure", [True, False])
def test_removing_asks_first(open_dialog: Open, modelling: Modelling, sure: bool) -> None:
    modelling.install("small-chat")
    opened = _opened(open_dialog)
    row = _row(opened, "small-chat")
    ask.answers.append(sure)
    opened.click(row.remove_button)
    opened.until(lambda: not ask.answers)
    if sure:
        opened.until(row.download_button.isVisible)
    assert (modelling.folder / "small-chat.gguf").exists() is not sure


def test_a_file_of_the_users_is_added_and_removed_without_being_touched(open_dialog: Open, tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF and so on")
    opened = _opened(open_dialog)
    ask.answers.append([mine])
    opened.click(opened.dialog.models.add_button)
    opened.until(lambda: "mine" in opened.dialog.models.rows)
    row = _row(opened, "mine")
    assert row.text_label.text() == str(mine)
    ask.answers.append(True)
    opened.click(row.remove_button)
    opened.until(lambda: "mine" not in opened.dialog.models.rows)
    assert mine.exists()


def test_a_file_that_is_no_model_is_a_notice(open_dialog: Open, tmp_path: Path) -> None:
    letter = tmp_path / "letter.gguf"
    letter.write_text("Dear reader")
    opened = _opened(open_dialog)
    ask.answers.append([letter])
    opened.click(opened.dialog.models.add_button)
    notices = opened.dialog.models.notices
    opened.until(lambda: [card.notice.kind for card in notices.cards] == ["UnreadableFile letter.gguf"])
    assert "letter.gguf" in notices.cards[0].text_label.text()


def test_thinking_better_of_adding_does_nothing(open_dialog: Open) -> None:
    opened = _opened(open_dialog)
    ask.answers.append([])
    opened.click(opened.dialog.models.add_button)
    opened.until(lambda: not ask.answers)
    assert len(opened.dialog.models.rows) == 3


def test_the_engine_says_how_it_is(open_dialog: Open, modelling: Modelling, run_async: RunAsync) -> None:
    modelling.install("small-chat")
    opened = _opened(open_dialog)
    card = opened.dialog.models.engine_card
    assert card.title_label.text() == "The engine is not running"
    run_async(modelling.worker.endpoint())
    opened.dialog.show_page("models")
    opened.until(lambda: card.title_label.text() == "The engine is running")
    assert not card.words_label.isVisible()


def test_an_engine_that_died_shows_its_last_words(
    open_dialog: Open, modelling: Modelling, paths: Paths, files: FileServer, run_async: RunAsync
) -> None:
    from app.model.errors import EngineFailed

    dying = Modelling(paths, files, behaviour="dies")
    modelling.engine, modelling.worker = dying.engine, dying.worker
    modelling.install("small-chat")
    with pytest.raises(EngineFailed):
        run_async(dying.worker.endpoint())
    opened = _opened(open_dialog)
    card = opened.dialog.models.engine_card
    opened.until(lambda: card.title_label.text() == "The engine stopped unexpectedly")
    assert card.words_label.text() == "could not load: the file is broken"


def test_downloads_go_on_while_the_dialog_is_closed(open_dialog: Open, modelling: Modelling) -> None:
    opened = _opened(open_dialog)
    opened.click(_row(opened, "large-chat").download_button)
    with opened.qtbot.waitSignal(opened.dialog.models.downloads.installed):
        opened.dialog.close()
    assert (modelling.folder / "large-chat.gguf").exists()
