"""The page for backups, export and import: what is there, what it holds, and bringing it back; with real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.model.backups import Backup, BackupKind
from app.model.transfer import TransferReport
from app.paths import Paths
from app.ui import ask as asking
from app.ui.settings.backup_row import BackupRow
from app.ui.settings.restore_page import RestorePage
from tests.services.history.examples import ask
from tests.services.transfer import chatgpt_export
from tests.ui.settings.conftest import Open, Opened, RunAsync


@pytest.fixture
def page(open_dialog: Open, run_async: RunAsync) -> tuple[Opened, RestorePage]:
    """The page over a history with two conversations and one backup of them."""
    opened = open_dialog("general")

    async def furnish() -> None:
        for question in ("Why do tides turn?", "灯塔为什么会闪烁"):
            await ask(opened.history, question, "Because.")

    run_async(furnish())
    opened.dialog.show_page("restore")
    page = opened.dialog.restore
    opened.until(page.backups.none_label.isVisible)
    opened.click(page.backups.make_button)
    opened.until(lambda: page.backups.rows and page.backups.rows[0].isVisible())
    return opened, page


def _titles(opened: Opened, run_async: RunAsync) -> list[str]:
    return sorted(conversation.title for conversation in run_async(opened.history.conversations.all()))


def _notice(opened: Opened, page: RestorePage, kind: str) -> str:
    """The text of the notice of this kind, once it is there."""
    opened.until(lambda: kind in [card.notice.kind.split()[0] for card in page.notices.cards])
    card = next(card for card in page.notices.cards if card.notice.kind.startswith(kind))
    return f"{card.title_label.text()} {card.text_label.text()}"


def test_a_backup_says_what_is_in_it(page: tuple[Opened, RestorePage]) -> None:
    _, shown = page
    (row,) = shown.backups.rows
    assert row.kind_label.text() == "daily"
    assert row.facts_label.text().startswith("2 conversation(s)  ·  4 message(s)  ·  ")
    assert "Why do tides turn?" in row.newest_label.text()
    assert row.accessibleName()
    assert row.remove_button.accessibleName().startswith("Delete the backup of ")
    assert not shown.backups.none_label.isVisible()


def test_a_conversation_is_found_and_restored(page: tuple[Opened, RestorePage], run_async: RunAsync) -> None:
    opened, shown = page
    conversations = run_async(opened.history.conversations.all())
    for conversation in conversations:
        run_async(opened.history.conversations.delete(conversation.id))
    run_async(opened.history.conversations.purge())
    opened.click(shown.backups.rows[0].look_button)
    contents = shown.contents
    opened.until(contents.isVisible)
    assert opened.dialog.focusWidget() is contents.search_field
    opened.type_into(contents.search_field, "TIDES", leave=False)
    assert contents.list_view.model().rowCount() == 1
    assert contents.list_view.currentIndex().data() == "Why do tides turn?"
    with opened.qtbot.waitSignal(opened.dialog.history_changed):
        opened.click(contents.restore_button)
    assert _titles(opened, run_async) == ["Why do tides turn?"]
    assert _notice(opened, shown, "restored").startswith("“Why do tides turn?” is back")
    with opened.qtbot.waitSignal(opened.dialog.conversation_requested):
        opened.click(shown.notices.cards[0].action_buttons[0])
    opened.click(contents.back_button)
    assert shown.backups.rows[0].isVisible()


def test_enter_in_the_list_restores_and_nothing_found_offers_nothing(
    page: tuple[Opened, RestorePage], run_async: RunAsync
) -> None:
    opened, shown = page
    opened.click(shown.backups.rows[0].look_button)
    opened.until(shown.contents.isVisible)
    opened.type_into(shown.contents.search_field, "no such title", leave=False)
    assert not shown.contents.restore_button.isEnabled()
    opened.type_into(shown.contents.search_field, "t", leave=False)
    with opened.qtbot.waitSignal(opened.dialog.history_changed):
        shown.contents.list_view.setFocus()
        QTest.keyClick(shown.contents.list_view, Qt.Key.Key_Return)
    assert len(_titles(opened, run_async)) == 3


@pytest.mark.parametrize("sure", [True, False])
def test_restoring_all_asks_first(page: tuple[Opened, RestorePage], paths: Paths, sure: bool) -> None:
    opened, shown = page
    asking.answers.append(sure)
    if sure:
        with opened.qtbot.waitSignal(opened.dialog.restart_requested):
            opened.click(shown.backups.rows[0].restore_button)
    else:
        opened.click(shown.backups.rows[0].restore_button)
        opened.until(lambda: not asking.answers)
    assert paths.staged_restore.exists() is sure


def test_a_damaged_backup_is_a_notice_and_nothing_happens(page: tuple[Opened, RestorePage], paths: Paths) -> None:
    opened, shown = page
    database = shown.backups.rows[0].backup.database
    data = database.read_bytes()
    database.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    asking.answers.append(True)
    opened.click(shown.backups.rows[0].restore_button)
    assert "Your present data is as it was." in _notice(opened, shown, "BackupUnreadable")
    assert not paths.staged_restore.exists()


@pytest.mark.parametrize("sure", [True, False])
def test_deleting_a_backup_asks_first(page: tuple[Opened, RestorePage], sure: bool) -> None:
    opened, shown = page
    asking.answers.append(sure)
    opened.click(shown.backups.rows[0].remove_button)
    opened.until(lambda: not asking.answers)
    if sure:
        opened.until(lambda: not shown.backups.rows)
        assert shown.backups.none_label.isVisible()
    assert len(shown.backups.rows) == (not sure)


def test_a_damaged_database_is_listed_and_not_offered_as_a_whole(
    page: tuple[Opened, RestorePage], paths: Paths
) -> None:
    opened, shown = page
    source = shown.backups.rows[0].backup.database
    readable = paths.data / "history.sqlite3.damaged-20261121-080000-000000"
    readable.write_bytes(source.read_bytes())
    (paths.data / "history.sqlite3.damaged-20261120-080000-000000").write_bytes(b"rubbish")
    opened.dialog.show_page("restore")
    opened.until(lambda: len(shown.backups.rows) == 3 and shown.backups.rows[2].isVisible())
    _, first, second = shown.backups.rows
    assert (first.kind_label.text(), second.kind_label.text()) == ("found damaged", "found damaged")
    assert first.look_button.isVisible()
    assert not first.restore_button.isVisible()
    assert second.facts_label.text().startswith("It cannot be read.")
    assert not second.look_button.isVisible()


def test_everything_is_exported_and_imported_again(
    page: tuple[Opened, RestorePage], tmp_path: Path, run_async: RunAsync
) -> None:
    opened, shown = page
    target = tmp_path / "all 全部.zip"
    asking.answers.append(target)
    opened.click(shown.transfer.export_button)
    assert not shown.transfer.import_button.isEnabled()
    assert _notice(opened, shown, "exported") == "Everything is exported 2 conversation(s) are in “all 全部.zip”."
    asking.answers.append([target])
    opened.until(shown.transfer.import_button.isEnabled)
    with opened.qtbot.waitSignal(opened.dialog.history_changed):
        opened.click(shown.transfer.import_button)
    assert "Here already and left alone: 2." in _notice(opened, shown, "imported")
    assert len(_titles(opened, run_async)) == 2


def test_it_is_told_which_conversations_went_on(page: tuple[Opened, RestorePage], tmp_path: Path) -> None:
    opened, shown = page
    shown.transfer.imported.emit(TransferReport(conversations=2, grown=1, beside=2, providers=1), tmp_path / "all.zip")
    told = _notice(opened, shown, "imported")
    assert "Here already and longer now: 1." in told
    assert "they are here twice now: 2." in told
    assert "New: 2 conversation(s), 1 provider(s)." in told


def test_it_is_told_how_many_conversations_were_left_out(page: tuple[Opened, RestorePage], tmp_path: Path) -> None:
    opened, shown = page
    odd = {"mapping": [], "title": "Odd"}
    asking.answers.append([chatgpt_export.write(tmp_path / "conversations.json", chatgpt_export.two_versions(), odd)])
    opened.click(shown.transfer.import_button)
    told = _notice(opened, shown, "imported")
    assert "New: 1 conversation(s). Left out, as they cannot be read: 1 conversation(s)." in told


def test_an_import_shows_how_far_it_is_and_can_be_cancelled(
    page: tuple[Opened, RestorePage], tmp_path: Path, run_async: RunAsync
) -> None:
    opened, shown = page
    many = [chatgpt_export.two_versions(create_time=1700000000 + number) for number in range(2000)]
    source = chatgpt_export.write(tmp_path / "conversations.json", *many)
    asking.answers.append([source])
    card = shown.transfer
    opened.click(card.import_button)
    opened.until(card.progress_bar.isVisible)
    assert card.progress_label.text() == "Checking the file"
    opened.until(lambda: card.progress_bar.maximum() == 2000 and card.progress_bar.value() > 3)
    assert card.progress_label.text().endswith(" of 2000")
    opened.click(card.cancel_button)
    opened.until(card.import_button.isEnabled)
    assert not card.progress_bar.isVisible()
    assert not shown.notices.cards
    assert len(_titles(opened, run_async)) == 2


def test_a_file_that_does_harm_is_a_notice(
    page: tuple[Opened, RestorePage], tmp_path: Path, run_async: RunAsync
) -> None:
    opened, shown = page
    source = tmp_path / "evil.json"
    source.write_text(json.dumps([{"mapping": {"a": {"parent": "a", "children": ["a"]}}}]))
    asking.answers.append([source])
    opened.click(shown.transfer.import_button)
    assert _notice(opened, shown, "ImportRefused") == (
        "The file cannot be imported “evil.json”: Something in it is not as it should be. Nothing was changed. "
        "Choose a file that Triptych or ChatGPT has exported, as it was exported."
    )
    assert len(_titles(opened, run_async)) == 2


def test_thinking_better_of_it_does_nothing(page: tuple[Opened, RestorePage]) -> None:
    opened, shown = page
    for button, answer in ((shown.transfer.export_button, None), (shown.transfer.import_button, [])):
        asking.answers.append(answer)
        opened.click(button)
        opened.until(lambda: not asking.answers)
        opened.until(button.isEnabled)
    assert not shown.notices.cards


@pytest.mark.parametrize(("name", "answer"), [("export", None), ("import", [])])
def test_export_and_import_can_be_begun_from_outside(open_dialog: Open, name: str, answer: list[Path] | None) -> None:
    opened = open_dialog("general")
    asking.answers.append(answer)
    opened.dialog.show_page(name)
    opened.until(lambda: not asking.answers)
    assert opened.dialog.restore.isVisible()


def test_the_language_changes_while_it_is_open(page: tuple[Opened, RestorePage]) -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    opened, shown = page
    opened.click(shown.backups.rows[0].look_button)
    opened.until(shown.contents.isVisible)
    for widget in (shown, shown.transfer, shown.backups.rows[0], shown.contents):
        QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.LanguageChange))
    assert shown.contents.list_view.model().rowCount() == 2


def test_closing_in_the_middle_leaves_nothing(
    page: tuple[Opened, RestorePage], tmp_path: Path, run_async: RunAsync
) -> None:
    opened, shown = page
    many = [chatgpt_export.two_versions(create_time=1700000000 + number) for number in range(2000)]
    asking.answers.append([chatgpt_export.write(tmp_path / "conversations.json", *many)])
    opened.click(shown.transfer.import_button)
    opened.until(lambda: shown.transfer.progress_bar.value() > 3)
    run_async(shown.aclose())
    assert len(_titles(opened, run_async)) == 2


def test_every_kind_of_backup_has_its_words(page: tuple[Opened, RestorePage]) -> None:
    _, shown = page
    made: Backup = shown.backups.rows[0].backup
    words = []
    for kind in BackupKind:
        row = BackupRow(Backup(made.database, kind, made.made_at, 1000, made.contents))
        words.append(row.kind_label.text())
        row.deleteLater()
    assert len(set(words)) == len(BackupKind)
