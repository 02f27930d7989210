"""The Images tab as a user meets it: make, cancel, retry, enlarge, drop, restore, hand over."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.model.chat import EngineStarting, RetryPending
from app.model.errors import AppError, KeyRejected, ModelMissing, RequestRefused, StorageFailed
from app.model.images import (
    BuiltInPictures,
    ImageJob,
    ImageProgress,
    ImageSettings,
    PartialImage,
    PictureNote,
    PictureOrigin,
    WorkStarted,
)
from app.model.lessons import Lesson
from app.model.providers import Capability
from app.ui import ask
from app.ui.images.tab import ImagesTab
from app.ui.tab import HandOver
from tests.fakes.openai_pictures import png
from tests.ui.images.conftest import Open, RunAsync
from tests.ui.images.scripted import GENERATOR, NOON, REMOTE, UPSCALER, ScriptedMaker, ShelfKeeper

LEFT = Qt.MouseButton.LeftButton


def click(widget: QWidget) -> None:
    assert widget.isVisible()
    QTest.mouseClick(widget, LEFT)


def data_with(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(tab: ImagesTab, data: QMimeData) -> str:
    """Drag `data` over the tab and drop it there; returns what the overlay said."""
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPointF(300, 300), copy, data, LEFT, none)
    QApplication.sendEvent(tab, enter)
    said = tab.drop_overlay.label.text() if tab.drop_overlay.isVisible() else ""
    if enter.isAccepted():
        QApplication.sendEvent(tab, QDropEvent(QPointF(300, 300), copy, data, LEFT, none))
    return said


def picture_on_disk(tmp_path: Path, name: str = "photo.png") -> Path:
    path = tmp_path / name
    path.write_bytes(png(96, 64))
    return path


def test_a_picture_is_made_and_shown(qtbot: QtBot, open_tab: Open, maker: ScriptedMaker, keeper: ShelfKeeper) -> None:
    gate = asyncio.Event()
    made = keeper.picture("a red fox")
    keeper.pictures.clear()
    maker.scripts.append([WorkStarted(), PartialImage(0, png(8, 8)), gate, made])
    tab = open_tab()
    assert tab.capability is Capability.IMAGE
    assert tab.pane.gallery.empty_state.isVisible()
    assert not tab.maker.form.generate_button.isEnabled()

    QTest.keyClicks(tab.maker.form.prompt_box, "a red fox")
    with qtbot.waitSignal(tab.working_changed) as working:
        click(tab.maker.form.generate_button)
    assert working.args == [True]
    qtbot.waitUntil(lambda: bool(tab.jobs.tiles) and not tab.jobs.tiles[0].preview.pixmap.isNull())
    assert maker.jobs[0].prompt == "a red fox"
    assert maker.jobs[0].model == REMOTE

    with qtbot.waitSignal(tab.working_changed) as idle:
        gate.set()
    assert idle.args == [False]
    qtbot.waitUntil(lambda: tab.jobs.tiles == [])
    assert tab.pane.gallery.view.isVisible()
    assert tab.pane.gallery.view.selected() == [made]
    assert tab.maker.form.prompt_box.toPlainText() == "a red fox"


def test_several_pictures_are_several_tiles_with_seeds_counted_up(
    qtbot: QtBot, open_tab: Open, maker: ScriptedMaker
) -> None:
    never = asyncio.Event()
    maker.engine = BuiltInPictures(UPSCALER, GENERATOR)
    maker.scripts.extend([[WorkStarted(), never]] * 3)
    tab = open_tab(None)
    form = tab.maker.form
    qtbot.waitUntil(form.isVisible)
    form.prompt_box.setPlainText("a fox")
    form.fields.count_spin.setValue(3)
    form.fields.seed_edit.setText("41")
    form.fields.steps_spin.setValue(20)
    QTest.keyClick(form.prompt_box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(maker.jobs) == 3)
    assert sorted(job.settings.seed or 0 for job in maker.jobs) == [41, 42, 43]
    assert {job.settings.steps for job in maker.jobs} == {20}
    assert {job.model for job in maker.jobs} == {GENERATOR}

    click(tab.jobs.tiles[1].buttons.cancel_button)
    qtbot.waitUntil(lambda: len(tab.jobs.tiles) == 2)
    assert maker.cancelled == 1
    click(tab.jobs.cancel_button)
    qtbot.waitUntil(lambda: tab.jobs.tiles == [])
    assert maker.cancelled == 3
    assert not tab.jobs.isVisible()


def test_a_failure_explains_itself_and_is_tried_again(
    qtbot: QtBot, open_tab: Open, maker: ScriptedMaker, keeper: ShelfKeeper
) -> None:
    made = keeper.picture()
    keeper.pictures.clear()
    never = asyncio.Event()
    maker.scripts.append([WorkStarted(), KeyRejected("Incorrect API key provided", host="api.openai.com")])
    maker.scripts.append([WorkStarted(), never])
    tab = open_tab()
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.form.submit()
    tab.maker.form.submit()
    qtbot.waitUntil(lambda: any(tile.error is not None for tile in tab.jobs.tiles))
    tile = next(tile for tile in tab.jobs.tiles if tile.error is not None)
    assert tile.failure_title.text() == "The key was not accepted"
    assert "Incorrect API key provided" in tile.failure_text.toPlainText()
    assert "api.openai.com" in tile.failure_text.toPlainText()
    assert len(tab.jobs.tiles) == 2  # the other one goes on
    with qtbot.waitSignal(tab.settings_requested) as page:
        click(tile.buttons.settings_button)
    assert page.args == ["providers"]

    maker.scripts.append([WorkStarted(), made])
    click(tile.buttons.retry_button)
    qtbot.waitUntil(lambda: tab.pane.model.total == 1)
    qtbot.waitUntil(lambda: len(tab.jobs.tiles) == 1)
    assert tab.jobs.working


def test_what_only_the_user_can_give_up_is_offered_and_then_told_with_the_picture(
    qtbot: QtBot, open_tab: Open, maker: ScriptedMaker, keeper: ShelfKeeper
) -> None:
    made = replace(keeper.picture(), adjustments=(Lesson("output_format"),))
    keeper.pictures.clear()
    refused = RequestRefused("Unknown parameter: 'output_format'.", parameter="output_format")
    refused.removable = "output_format"
    maker.scripts += [[WorkStarted(), refused], [WorkStarted(), made]]
    tab = open_tab()
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.form.submit()
    qtbot.waitUntil(tab.jobs.tiles[0].buttons.without_button.isVisible)
    buttons = tab.jobs.tiles[0].buttons
    assert buttons.without_button.toolTip() == "Send without “output_format”"
    assert buttons.without_button.accessibleName() == "Send without “output_format”: a fox"
    assert buttons.without_button.text().startswith("Send without “")
    qtbot.waitUntil(lambda: buttons.without_button.sizeHint().width() <= buttons.without_button.width())
    assert buttons.geometry().right() < tab.jobs.tiles[0].width()
    assert not buttons.retry_button.isVisible()
    click(buttons.without_button)
    qtbot.waitUntil(lambda: tab.pane.model.total == 1)
    assert maker.left_out == [(REMOTE, "output_format")]
    assert maker.jobs[0] == maker.jobs[1]
    qtbot.waitUntil(lambda: tab.jobs.tiles == [])


def test_where_nothing_can_be_given_up_there_is_only_another_try(
    qtbot: QtBot, open_tab: Open, maker: ScriptedMaker, keeper: ShelfKeeper
) -> None:
    refused = RequestRefused("Unknown parameter: 'model'.")
    maker.scripts.append([WorkStarted(), refused])
    tab = open_tab()
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.form.submit()
    qtbot.waitUntil(tab.jobs.tiles[0].buttons.retry_button.isVisible)
    assert tab.jobs.tiles[0].buttons.retry_button.isVisible()
    assert not tab.jobs.tiles[0].buttons.without_button.isVisible()


def test_a_failed_tile_can_be_put_away(qtbot: QtBot, open_tab: Open, maker: ScriptedMaker) -> None:
    maker.scripts.append([ModelMissing(model="sd")])
    tab = open_tab()
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.form.submit()
    qtbot.waitUntil(lambda: bool(tab.jobs.tiles) and tab.jobs.tiles[0].error is not None)
    click(tab.jobs.tiles[0].dismiss_button)
    assert not tab.jobs.isVisible()
    assert tab.maker.form.prompt_box.toPlainText() == "a fox"


def test_dropped_pictures_become_references(qtbot: QtBot, open_tab: Open, maker: ScriptedMaker, tmp_path: Path) -> None:
    tab = open_tab()
    photos = [picture_on_disk(tmp_path, f"{number}.png") for number in range(2)]
    assert drop(tab, data_with(*photos, tmp_path / "text.txt")) == "Start from 2 picture(s)"
    qtbot.waitUntil(lambda: tab.maker.form.references.paths == tuple(photos))
    assert not tab.drop_overlay.isVisible()
    assert tab.maker.form.generate_button.text() == "Change pictures"
    maker.scripts.append([asyncio.Event()])
    tab.maker.form.prompt_box.setPlainText("in winter")
    click(tab.maker.form.references.tiles[0].remove_button)
    tab.maker.form.submit()
    qtbot.waitUntil(lambda: len(maker.jobs) == 1)
    assert maker.jobs[0].references == (photos[1],)


def test_what_is_no_picture_is_not_taken(open_tab: Open, tmp_path: Path) -> None:
    tab = open_tab()
    text = QMimeData()
    text.setText("hello")
    assert drop(tab, text) == ""
    assert drop(tab, data_with(tmp_path / "notes.txt")) == ""
    assert tab.maker.form.references.paths == ()


def test_what_only_looks_like_a_picture_is_told_and_stays_outside(qtbot: QtBot, open_tab: Open, tmp_path: Path) -> None:
    tab = open_tab()
    failures: list[AppError] = []
    tab.failed.connect(lambda error, _: failures.append(error))
    fake, photo = tmp_path / "fake.png", picture_on_disk(tmp_path)
    fake.write_text("not a picture")
    drop(tab, data_with(fake, photo))
    qtbot.waitUntil(lambda: bool(failures))
    assert failures[0].arguments["name"] == "fake.png"
    assert tab.maker.form.references.paths == (photo,)


def test_a_picture_of_ours_brings_its_prompt_and_settings_and_undo_takes_them_back(
    qtbot: QtBot, open_tab: Open, keeper: ShelfKeeper, tmp_path: Path
) -> None:
    tab = open_tab()
    tab.maker.form.prompt_box.setPlainText("half a thought")
    ours = picture_on_disk(tmp_path)
    keeper.notes[ours] = PictureNote("a red fox", REMOTE, NOON, settings=ImageSettings(size="1008x1008", quality="low"))
    drop(tab, data_with(ours))
    qtbot.waitUntil(lambda: tab.maker.form.prompt_box.toPlainText() == "a red fox")
    assert tab.maker.form.references.paths == (ours,)
    assert tab.maker.form.fields.settings() == keeper.notes[ours].settings
    assert tab.maker.form.fields.size_field.width_spin.isVisible()
    click(tab.pane.undo_bar.undo_button)
    assert tab.maker.form.prompt_box.toPlainText() == "half a thought"
    assert tab.maker.form.fields.settings() == ImageSettings()


def test_an_image_without_a_file_is_taken_from_drops_and_from_the_clipboard(
    qtbot: QtBot, open_tab: Open, keeper: ShelfKeeper
) -> None:
    tab = open_tab()
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(tab.maker.form.prompt_box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(tab.maker.form.references.paths) == 1)
    pasted = tab.maker.form.references.paths[0]
    assert QImage(str(pasted)).size() == image.size()
    tab.maker.form.references.clear()
    data = QMimeData()
    data.setImageData(image)
    assert drop(tab, data) == "Start from 1 picture(s)"
    qtbot.waitUntil(lambda: tab.maker.form.references.paths == (pasted,))


def test_pasted_text_stays_text(qtbot: QtBot, open_tab: Open) -> None:
    tab = open_tab()
    QGuiApplication.clipboard().setText("a fox")
    QTest.keyClick(tab.maker.form.prompt_box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert tab.maker.form.prompt_box.toPlainText() == "a fox"


def test_the_built_in_engine_enlarges_dropped_pictures(
    qtbot: QtBot, open_tab: Open, maker: ScriptedMaker, keeper: ShelfKeeper, tmp_path: Path
) -> None:
    large = keeper.picture("", origin=PictureOrigin.UPSCALED, source_names=("photo.png",))
    keeper.pictures.clear()
    tab = open_tab(None)
    panel = tab.maker.enlarge_panel
    qtbot.waitUntil(panel.enlarge_button.isVisible)
    assert not tab.maker.form.isVisible()
    assert panel.more_card.isVisible()
    assert not panel.enlarge_button.isEnabled()
    photo = picture_on_disk(tmp_path)
    assert drop(tab, data_with(photo)) == "Enlarge 1 picture(s) ×4"
    qtbot.waitUntil(panel.enlarge_button.isEnabled)

    gate = asyncio.Event()
    maker.scripts.append([EngineStarting(), WorkStarted(), ImageProgress(0.5), gate, large])
    click(panel.enlarge_button)
    assert panel.sources.paths == ()
    qtbot.waitUntil(lambda: bool(tab.jobs.tiles) and tab.jobs.tiles[0].progress_bar.isVisible())
    assert tab.jobs.tiles[0].progress_bar.value() == 500
    assert maker.sources == [photo]
    gate.set()
    qtbot.waitUntil(lambda: tab.pane.model.total == 1)

    tab.pane.gallery.view.picture_opened.emit(large)
    viewer = tab.pane.viewer
    qtbot.waitUntil(viewer.compare_button.isVisible)  # before and after
    click(viewer.compare_button)


def test_ctrl_enter_enlarges_where_that_is_all_there_is_or_where_the_focus_is(
    qtbot: QtBot, open_tab: Open, maker: ScriptedMaker, tmp_path: Path
) -> None:
    maker.scripts += [[WorkStarted(), asyncio.Event()] for _ in range(3)]
    tab = open_tab(None)
    panel = tab.maker.enlarge_panel
    qtbot.waitUntil(panel.enlarge_button.isVisible)
    (command,) = [command for command in tab.commands() if command.shortcut == "Ctrl+Return"]
    requested: list[list[Path]] = []
    tab.maker.enlarge_requested.connect(requested.append)
    command.run()
    assert requested == [], "there is nothing to enlarge yet"
    photo = picture_on_disk(tmp_path)
    tab.maker.take_files([photo])
    command.run()
    assert requested == [[photo]]

    maker.engine = BuiltInPictures(UPSCALER, GENERATOR)
    tab.activated()
    qtbot.waitUntil(tab.maker.form.isVisible)
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.take_files([photo])
    tab.maker.form.prompt_box.setFocus()
    with qtbot.waitSignal(tab.maker.jobs_submitted):
        command.run()
    panel.sources.add_button.setFocus()
    command.run()
    assert requested == [[photo], [photo]]


def test_without_models_the_panel_says_what_to_do(qtbot: QtBot, open_tab: Open, maker: ScriptedMaker) -> None:
    maker.engine = BuiltInPictures()
    tab = open_tab(None)
    panel = tab.maker.enlarge_panel
    assert not panel.enlarge_button.isVisible()
    for button, page in (
        (panel.download_button, "models"),
        (panel.models_button, "models"),
        (panel.providers_button, "providers"),
    ):
        with qtbot.waitSignal(tab.settings_requested) as asked:
            click(button)
        assert asked.args == [page]
    assert drop(tab, data_with(Path("/photo.png"))) == ""


def test_with_a_stable_diffusion_file_the_form_is_there_too(qtbot: QtBot, open_tab: Open, maker: ScriptedMaker) -> None:
    tab = open_tab(None)
    assert not tab.maker.form.isVisible()
    maker.engine = BuiltInPictures(UPSCALER, GENERATOR)
    tab.activated()  # as after a visit to the Models page
    qtbot.waitUntil(tab.maker.form.isVisible)
    assert tab.maker.enlarge_panel.isVisible()
    assert not tab.maker.enlarge_panel.more_card.isVisible()
    tab.set_model(REMOTE)
    assert not tab.maker.enlarge_panel.isVisible()


def test_the_servers_pause_is_counted_down(qtbot: QtBot, open_tab: Open, maker: ScriptedMaker) -> None:
    maker.scripts.append([WorkStarted(), RetryPending(17.0, 1, "429"), asyncio.Event()])
    tab = open_tab()
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.form.submit()
    qtbot.waitUntil(lambda: bool(tab.jobs.tiles) and "0:1" in tab.jobs.tiles[0].status_label.text())


def test_pictures_go_to_the_chat_and_back_into_the_form(qtbot: QtBot, open_tab: Open, keeper: ShelfKeeper) -> None:
    picture = keeper.picture("a red fox")
    tab = open_tab()
    actions = tab.pane.actions_on_pictures
    tab.pane.gallery.view.show_picture(picture.id)
    with qtbot.waitSignal(tab.handed_over) as given:
        actions.chat.trigger()
    assert given.args == [HandOver("chat", files=(picture.path,))]

    actions.same.trigger()
    assert tab.maker.form.prompt_box.toPlainText() == "a red fox"
    assert tab.maker.form.fields.settings().quality == "high"
    assert tab.maker.form.references.paths == ()
    actions.edit.trigger()
    qtbot.waitUntil(lambda: tab.maker.form.references.paths == (picture.path,))


def test_what_another_tab_hands_over_is_taken(qtbot: QtBot, open_tab: Open, tmp_path: Path) -> None:
    tab = open_tab()
    photo = picture_on_disk(tmp_path)
    tab.take(HandOver("images", files=(photo,), text="make it snow"))
    qtbot.waitUntil(lambda: tab.maker.form.references.paths == (photo,))
    assert tab.maker.form.prompt_box.toPlainText() == "make it snow"


def test_files_can_be_chosen(qtbot: QtBot, open_tab: Open, tmp_path: Path) -> None:
    tab = open_tab()
    photo = picture_on_disk(tmp_path)
    ask.answers.append([photo])
    click(tab.maker.form.references.add_button)
    qtbot.waitUntil(lambda: tab.maker.form.references.paths == (photo,))


def test_earlier_prompts_come_back_with_the_keys(qtbot: QtBot, open_tab: Open, keeper: ShelfKeeper) -> None:
    for prompt in ("newest", "older", "newest"):
        keeper.picture(prompt)
    tab = open_tab()
    box = tab.maker.form.prompt_box
    box.setPlainText("draft")
    control = Qt.KeyboardModifier.ControlModifier
    shown = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(box, key, control)
        shown.append(box.toPlainText())
    assert shown == ["newest", "older", "older", "newest", "draft"]


def test_a_gallery_that_cannot_be_read_is_told(
    qtbot: QtBot, loop: asyncio.AbstractEventLoop, run_async: RunAsync, maker: ScriptedMaker, keeper: ShelfKeeper
) -> None:
    keeper.error = StorageFailed(path="history.sqlite3")
    tab = ImagesTab(maker, keeper, maker.leave_out)
    qtbot.addWidget(tab)
    with qtbot.waitSignal(tab.failed) as failed:
        tab.show()
    assert failed.args is not None
    assert isinstance(failed.args[0], StorageFailed)
    run_async(tab.aclose())
    tab.hide()


def test_closing_in_the_middle_is_clean(
    qtbot: QtBot, open_tab: Open, maker: ScriptedMaker, keeper: ShelfKeeper
) -> None:
    for _ in range(30):
        keeper.picture()
    never = asyncio.Event()
    maker.scripts.extend([[WorkStarted(), never]] * 3)
    tab = open_tab()
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.form.fields.count_spin.setValue(3)
    tab.maker.form.submit()
    qtbot.waitUntil(lambda: len(maker.jobs) == 3)
    # The fixture closes the tab; the loop's fixture fails the test if a task is left.


def test_in_a_low_window_the_words_stay_whole(qtbot: QtBot, open_tab: Open, maker: ScriptedMaker) -> None:
    maker.engine = BuiltInPictures()
    tab = open_tab(None)
    tab.resize(720, 240)
    assert tab.height() == 240
    panel = tab.maker.enlarge_panel
    qtbot.waitUntil(lambda: panel.more_text.height() >= panel.more_text.heightForWidth(panel.more_text.width()))


def test_quitting_ends_pictures_in_the_making_for_good(qtbot: QtBot, open_tab: Open, maker: ScriptedMaker) -> None:
    maker.scripts.append([WorkStarted(), asyncio.Event()])
    tab = open_tab()
    assert tab.unfinished() == ""
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.form.submit()
    qtbot.waitUntil(lambda: len(maker.jobs) == 1)
    assert tab.unfinished() == "1 picture(s) are still being made and would be lost."


def test_pictures_that_the_disk_refused_can_be_saved_before_quitting(
    qtbot: QtBot, open_tab: Open, maker: ScriptedMaker, run_async: RunAsync, tmp_path: Path
) -> None:
    maker.scripts.append([WorkStarted(), StorageFailed(path="fox.png")])
    tab = open_tab()
    assert tab.unsaved_files is not None
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.form.submit()
    qtbot.waitUntil(lambda: [tile.error for tile in tab.jobs.tiles] != [None])
    maker.unsaved_count, maker.unsaved_error = 1, StorageFailed(path="fox.png")
    run_async(tab.unsaved_files.save())
    assert (tab.unsaved_files.count, len(tab.jobs.tiles)) == (1, 1)
    maker.unsaved_error = None
    run_async(tab.unsaved_files.save_in(tmp_path))
    assert maker.folders == [None, tmp_path]
    assert (tab.unsaved_files.count, tab.jobs.tiles) == (0, []), "to try again would make another picture"


def test_every_command_of_the_palette_runs(qtbot: QtBot, open_tab: Open, keeper: ShelfKeeper) -> None:
    keeper.picture()
    tab = open_tab()
    ask.answers.append([])
    keeper.found = [keeper.picture("found in the folder")]
    for command in tab.commands():
        assert command.label
        command.run()
    qtbot.waitUntil(lambda: tab.pane.model.total == 2)
    qtbot.waitUntil(lambda: not ask.answers)


def test_the_language_changes_without_a_restart(qapp: QApplication, open_tab: Open, keeper: ShelfKeeper) -> None:
    keeper.picture()
    tab = open_tab()
    before = tab.maker.form.prompt_box.toPlainText()
    for widget in (tab, *tab.findChildren(QWidget)):
        QApplication.sendEvent(widget, QEvent(QEvent.Type.LanguageChange))
    assert tab.maker.form.prompt_box.toPlainText() == before
    assert tab.maker.form.generate_button.text() == "Generate"


def test_everything_that_takes_the_focus_has_a_name(open_tab: Open, keeper: ShelfKeeper, maker: ScriptedMaker) -> None:
    keeper.picture()
    maker.scripts.append([KeyRejected("no", host="x")])
    tab = open_tab()
    tab.maker.form.fields.more_button.setChecked(True)
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.form.submit()
    nameless = [
        widget.objectName() or type(widget).__name__
        for widget in tab.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert nameless == []


@pytest.mark.parametrize("zoom", [60, 100, 240])
def test_the_zoom_reaches_tiles_and_gallery(
    qtbot: QtBot, open_tab: Open, zoom: int, qapp: QApplication, maker: ScriptedMaker
) -> None:
    maker.scripts.append([WorkStarted(), asyncio.Event()])
    from app.model.settings import ThemeChoice
    from app.ui import theme
    from app.ui.images.job_tile import WIDTH_PX

    tab = open_tab()
    theme.apply(qapp, ThemeChoice.LIGHT, zoom)
    try:
        tile = tab.jobs.add("a fox", lambda: maker.generate(ImageJob(REMOTE, "a fox")))
        assert tile.width() == theme.px(WIDTH_PX)
    finally:
        theme.apply(qapp, ThemeChoice.LIGHT, 100)


def test_pictures_in_the_making_are_never_cut_off(qtbot: QtBot, open_tab: Open, maker: ScriptedMaker) -> None:
    tab = open_tab()
    tab.resize(720, 480)
    maker.scripts.append([KeyRejected("Incorrect API key provided")])
    tab.maker.form.prompt_box.setPlainText("a fox")
    tab.maker.form.submit()
    qtbot.waitUntil(lambda: bool(tab.jobs.tiles) and tab.jobs.tiles[0].error is not None)
    button = tab.jobs.tiles[0].buttons.retry_button
    qtbot.waitUntil(lambda: button.visibleRegion().boundingRect() == button.rect())
