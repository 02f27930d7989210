"""Browsing what was made: search, open, step, copy, save, delete and take back; and ten thousand pictures."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyledItemDelegate, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.model.errors import DiskFull, UnreadableFile
from app.model.images import Picture
from app.ui import ask
from app.ui.images.gallery_model import PICTURE_ROLE, GalleryModel
from app.ui.images.picture_actions import PictureActions
from app.ui.images.pictures_pane import PicturesPane
from tests.fakes.openai_pictures import png
from tests.ui.images.conftest import Open, RunAsync
from tests.ui.images.scripted import ShelfKeeper

"""To fill the list and to scroll through all of it; it takes a tenth of that on a slow machine."""


def select(pane: PicturesPane, *pictures: Picture) -> None:
    pane.gallery.view.setFocus()
    selection = pane.gallery.view.selectionModel()
    selection.clear()
    for picture in pictures:
        index = pane.model.index(pane.model.row_of(picture.id))
        selection.select(index, QItemSelectionModel.SelectionFlag.Select)
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)


def shown(pane: PicturesPane) -> list[str]:
    return [picture.prompt for picture in pane.model.pictures()]


def test_the_search_finds_prompts_models_dates_and_chinese(open_tab: Open, keeper: ShelfKeeper) -> None:
    keeper.picture("A red fox in the snow")
    keeper.picture("雪地里的狐狸")
    keeper.picture("A lighthouse")
    pane = open_tab().pane
    for text, expected in (
        ("FOX snow", ["A red fox in the snow"]),
        ("狐", ["雪地里的狐狸"]),
        ("image-2 light", ["A lighthouse"]),
        ("2026-08-22 red", ["A red fox in the snow"]),
        ("nothing like it", []),
        ("", ["A red fox in the snow", "雪地里的狐狸", "A lighthouse"]),
    ):
        pane.gallery.search_edit.setText(text)
        assert shown(pane) == expected
    pane.gallery.search_edit.setText("nothing like it")
    assert pane.gallery.nothing_found.isVisible()
    QTest.mouseClick(pane.gallery.nothing_found.action_button, Qt.MouseButton.LeftButton)
    assert len(shown(pane)) == 3


def test_control_f_leads_to_the_search(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    keeper.picture()
    tab = open_tab()
    for start in (tab.pane.gallery.view, tab.maker.form.prompt_box, tab.pane.viewer.canvas):
        if start is tab.pane.viewer.canvas:
            tab.pane.gallery.view.picture_opened.emit(keeper.pictures[0])
        start.setFocus()
        QTest.keyClick(start, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(tab.pane.gallery.search_edit.hasFocus)


def test_a_new_picture_does_not_disturb_who_is_choosing(open_tab: Open, keeper: ShelfKeeper) -> None:
    one, two, new = (keeper.picture(prompt) for prompt in ("one", "two", "new"))
    del keeper.pictures[2:]
    pane = open_tab().pane
    select(pane, one, two)
    pane.add(new)
    assert pane.gallery.view.selected() == [one, two]


def test_enter_opens_arrows_step_and_escape_goes_back(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    for prompt in ("one", "two", "three"):
        keeper.picture(prompt)
    pane = open_tab().pane
    select(pane, keeper.pictures[0])
    QTest.keyClick(pane.gallery.view, Qt.Key.Key_Return)
    viewer = pane.viewer
    qtbot.waitUntil(viewer.isVisible)
    assert viewer.title_label.text() == "one"
    assert viewer.details.prompt_label.text() == "one"
    QTest.keyClick(viewer.canvas, Qt.Key.Key_Left)
    assert viewer.title_label.text() == "one"  # there is nothing before the newest
    QTest.keyClick(viewer.canvas, Qt.Key.Key_Right)
    QTest.mouseClick(viewer.next_button, Qt.MouseButton.LeftButton)
    assert viewer.title_label.text() == "three"
    qtbot.waitUntil(lambda: not viewer.spinner.running)
    assert viewer.scale_label.text() == "100%"
    QTest.keyClick(viewer.canvas, Qt.Key.Key_Escape)
    assert pane.gallery.isVisible()
    assert pane.gallery.view.selected() == [keeper.pictures[2]]
    QTest.keyClick(pane.gallery.view, Qt.Key.Key_Return)
    viewer.scale_label.clear()
    qtbot.waitUntil(lambda: viewer.scale_label.text() == "100%")  # the same picture shows again


def test_whoever_steps_fast_sees_the_last_one(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    for number in range(6):
        keeper.picture(f"{number}")
    pane = open_tab().pane
    keeper.pictures[5].path.write_bytes(png(4000, 20))
    pane.gallery.view.picture_opened.emit(keeper.pictures[0])
    for _ in range(5):
        QTest.keyClick(pane.viewer.canvas, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: not pane.viewer.spinner.running)
    assert pane.viewer.picture == keeper.pictures[5]
    assert pane.viewer.scale_label.text() == f"{pane.viewer.canvas.width() / 4000:.0%}"  # the wide one is fitted


def test_a_file_that_is_gone_is_told_and_the_next_one_shows(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    gone, there = keeper.picture("gone"), keeper.picture("there")
    gone.path.unlink()
    tab = open_tab()
    with qtbot.waitSignal(tab.failed) as failed:
        tab.pane.gallery.view.picture_opened.emit(gone)
    assert failed.args is not None
    assert isinstance(failed.args[0], UnreadableFile)
    QTest.keyClick(tab.pane.viewer.canvas, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: not tab.pane.viewer.spinner.running)
    assert tab.pane.viewer.picture == there


def test_wheel_keys_and_double_click_zoom(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    picture = keeper.picture()
    pane = open_tab().pane
    viewer = pane.viewer
    pane.gallery.view.picture_opened.emit(picture)
    qtbot.waitUntil(lambda: viewer.isVisible() and not viewer.spinner.running)
    canvas = viewer.canvas
    scales: list[float] = []
    canvas.scale_changed.connect(scales.append)
    middle = QPointF(canvas.rect().center())
    none = Qt.MouseButton.NoButton
    wheel = QWheelEvent(
        middle,
        canvas.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 240),
        none,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, wheel)
    assert scales[-1] == pytest.approx(1.25**2)
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    assert scales[-1] == pytest.approx(1.25)
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert scales[-1] == 1.0
    assert canvas.is_fitted
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton)
    QTest.mouseClick(viewer.larger_button, Qt.MouseButton.LeftButton)
    assert viewer.scale_label.text() == "125%"
    QTest.mouseClick(viewer.fit_button, Qt.MouseButton.LeftButton)
    assert canvas.is_fitted


def test_delete_can_be_undone(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    one, two, three = (keeper.picture(prompt) for prompt in ("one", "two", "three"))
    pane = open_tab().pane
    select(pane, one, three)
    QTest.keyClick(pane.gallery.view, Qt.Key.Key_Delete)
    assert shown(pane) == ["two"]
    qtbot.waitUntil(lambda: sorted(keeper.deleted) == [one.id, three.id])
    assert pane.undo_bar.isVisible()
    QTest.mouseClick(pane.undo_bar.undo_button, Qt.MouseButton.LeftButton)
    assert shown(pane) == ["one", "two", "three"]
    qtbot.waitUntil(lambda: keeper.deleted == [])
    assert keeper.purged == []
    select(pane, two)
    pane.actions_on_pictures.delete.trigger()
    pane.undo_bar.settle()
    qtbot.waitUntil(lambda: keeper.purged == [two.id])


def test_a_second_delete_makes_only_the_first_final(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    one, two = keeper.picture("one"), keeper.picture("two")
    pane = open_tab().pane
    for picture in (one, two):
        select(pane, picture)
        pane.actions_on_pictures.delete.trigger()
    qtbot.waitUntil(lambda: keeper.purged == [one.id])
    pane.undo_bar.take_back()
    assert shown(pane) == ["two"]
    qtbot.waitUntil(lambda: keeper.deleted == [one.id])


def test_delete_in_the_viewer_goes_on_with_the_next(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    one, two = keeper.picture("one"), keeper.picture("two")
    pane = open_tab().pane
    pane.gallery.view.picture_opened.emit(one)
    pane.actions_on_pictures.delete.trigger()
    assert pane.viewer.picture == two
    pane.actions_on_pictures.delete.trigger()
    assert pane.gallery.isVisible()
    assert pane.gallery.empty_state.isVisible()
    qtbot.waitUntil(lambda: len(keeper.deleted) == 2)


def test_copy_gives_the_file_and_the_image(open_tab: Open, keeper: ShelfKeeper) -> None:
    picture = keeper.picture()
    pane = open_tab().pane
    select(pane, picture)
    QTest.keyClick(pane.gallery.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    data = QGuiApplication.clipboard().mimeData()
    assert [url.toLocalFile() for url in data.urls()] == [str(picture.path)]
    assert QGuiApplication.clipboard().image().size() == QImage(str(picture.path)).size()


def test_dragging_out_carries_files_and_a_single_one_also_as_image(open_tab: Open, keeper: ShelfKeeper) -> None:
    one, two = keeper.picture(), keeper.picture()
    pane = open_tab().pane
    model = pane.model
    assert model.supportedDragActions() == Qt.DropAction.CopyAction
    assert model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled
    single = model.mimeData([model.index(0)])
    assert single.hasImage()
    both = model.mimeData([model.index(0), model.index(1)])
    assert [Path(url.toLocalFile()) for url in both.urls()] == [one.path, two.path]
    assert not both.hasImage()


def test_save_as_asks_where(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot, tmp_path: Path) -> None:
    one, two = keeper.picture(), keeper.picture()
    tab = open_tab()
    select(tab.pane, one)
    ask.answers.append(tmp_path / "copy.png")
    tab.pane.actions_on_pictures.save.trigger()
    qtbot.waitUntil(lambda: keeper.copies == [tmp_path / "copy.png"])
    select(tab.pane, one, two)
    ask.answers.append(tmp_path)
    tab.pane.actions_on_pictures.save.trigger()
    qtbot.waitUntil(lambda: keeper.copies[1:] == [tmp_path / one.path.name, tmp_path / two.path.name])
    select(tab.pane, one)
    keeper.error = DiskFull(path="copy.png")
    ask.answers.append(tmp_path / "copy.png")
    with qtbot.waitSignal(tab.failed) as failed:
        tab.pane.actions_on_pictures.save.trigger()
    assert failed.args is not None
    assert isinstance(failed.args[0], DiskFull)


def test_actions_follow_the_selection(open_tab: Open, keeper: ShelfKeeper) -> None:
    one, two = keeper.picture(), keeper.picture()
    pane = open_tab().pane
    actions = pane.actions_on_pictures
    assert not any(action.isEnabled() for action in actions.all)
    select(pane, one, two)
    assert actions.copy.isEnabled()
    assert not actions.same.isEnabled()  # two pictures have two prompts
    assert pane.gallery.count_label.text() == "2 selected"
    select(pane, one)
    assert actions.same.isEnabled()


def test_the_folder_is_opened(qapp: QApplication, run_async: RunAsync, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QWidget

    opened: list[Path] = []
    owner = QWidget()
    qtbot.addWidget(owner)
    actions = PictureActions(keeper, owner, opened.append)
    actions.set_pictures([keeper.picture()])
    actions.open_folder.trigger()
    assert opened == [keeper.folder]
    run_async(actions.aclose())


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # menus on the offscreen platform
def test_the_menu_offers_every_action(open_tab: Open, keeper: ShelfKeeper) -> None:
    from PySide6.QtWidgets import QMenu

    picture = keeper.picture()
    pane = open_tab().pane
    select(pane, picture)
    view = pane.gallery.view
    view.customContextMenuRequested.emit(view.visualRect(pane.model.index(0)).center())
    (menu,) = pane.gallery.findChildren(QMenu, "gallery_menu")
    assert menu.isVisible()
    assert menu.actions() == pane.actions_on_pictures.all
    menu.close()


def test_previews_are_asked_only_for_what_is_seen(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    for number in range(400):
        keeper.picture(f"picture {number}")
    tab = open_tab()
    qtbot.waitUntil(lambda: len(keeper.asked) > 0)
    tab.pane.gallery.view.scrollToBottom()
    qtbot.waitUntil(lambda: keeper.pictures[-1].path in keeper.asked)
    assert len(set(keeper.asked)) < 100


def test_of_ten_thousand_pictures_only_those_in_sight_are_drawn(
    open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot
) -> None:
    first = keeper.picture()
    tab = open_tab()
    seen: list[int] = []

    class Seen(QStyledItemDelegate):
        def paint(
            self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
        ) -> None:
            seen.append(index.row())

    tab.pane.model.append(
        replace(first, id=number, created_at=first.created_at.replace(year=2000)) for number in range(2, 10_001)
    )
    view = tab.pane.gallery.view
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 100_000)
    view.setItemDelegate(Seen(view))
    bar.setValue(bar.maximum())
    view.viewport().repaint()
    assert 9_990 < max(seen) < 10_000
    assert len(set(seen)) < 100


def test_new_pictures_take_their_place_by_time(keeper: ShelfKeeper, qapp: QApplication) -> None:
    new, middle, old = (keeper.picture(prompt) for prompt in ("new", "middle", "old"))
    model = GalleryModel()
    model.append([new, old])
    model.search("middle")
    model.insert(middle)
    assert [model.index(row).data() for row in range(model.rowCount())] == ["middle"]
    model.search("")
    assert [model.index(row).data(PICTURE_ROLE) for row in range(model.rowCount())] == [new, middle, old]
    assert "96 × 64" in str(model.index(0).data(Qt.ItemDataRole.ToolTipRole))
    model.insert(keeper.picture("<img src='/x.png'>"))
    tips = [str(model.index(row).data(Qt.ItemDataRole.ToolTipRole)) for row in range(model.rowCount())]
    assert not any("<img" in tip for tip in tips), "a prompt is not read as HTML"
    model.remove([new, old])
    assert model.total == 2


def test_the_focus_ring_is_for_whoever_walks_with_the_tab_key(
    open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot, loop: asyncio.AbstractEventLoop
) -> None:
    picture = keeper.picture()
    pane = open_tab().pane
    pane.gallery.view.picture_opened.emit(picture)
    canvas = pane.viewer.canvas
    qtbot.waitUntil(lambda: not pane.viewer.spinner.running)
    plain = canvas.grab().toImage()
    pane.viewer.back_button.setFocus()
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    assert canvas.grab().toImage() != plain


def test_in_a_narrow_window_the_picture_keeps_its_room(open_tab: Open, keeper: ShelfKeeper, qtbot: QtBot) -> None:
    picture = keeper.picture()
    tab = open_tab()
    viewer = tab.pane.viewer

    def is_shown_at(width_px: int, wanted: bool) -> None:
        tab.resize(width_px, 640)
        qtbot.waitUntil(lambda: tab.width() == width_px and viewer.details.isVisible() is wanted)

    select(tab.pane, picture)
    tab.pane.gallery.view.picture_opened.emit(picture)
    is_shown_at(1300, True)
    is_shown_at(720, False)
    viewer.details_button.click()
    assert viewer.details.isVisible(), "who asks for them there gets them"
    is_shown_at(1300, True)
    is_shown_at(720, False)
