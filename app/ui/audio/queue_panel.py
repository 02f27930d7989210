"""QueuePanel: the list of recordings and files on the left, and what can be done with one of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.model.audio import Recording, RecordingState
from app.ui import theme
from app.ui.audio.queue_delegate import QueueDelegate
from app.ui.audio.queue_model import ITEM_ROLE, QueueItem, QueueModel
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel

WIDTH_PX = 280


class QueuePanel(QWidget):
    """Shows a `QueueModel`; Delete removes, F2 renames, the context menu offers the rest.

    Signals:
        selected(Recording | None): another one is current.
        files_wanted(): the user wants to choose files.
        transcription_wanted(list[Recording]): transcribe these.
        cancellation_wanted(Recording): stop transcribing this one.
        removal_wanted(Recording), folder_wanted(Recording): remove it, or show its file.
    """

    selected = Signal(object)
    files_wanted = Signal()
    transcription_wanted = Signal(list)
    cancellation_wanted = Signal(object)
    removal_wanted = Signal(object)
    folder_wanted = Signal(object)

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.title_label = PlainLabel()
        self.add_button = QToolButton()
        self.list_view = QListView()
        self.all_button = QToolButton()
        self.rename_action, self.folder_action = QAction(self), QAction(self)
        self.transcribe_action, self.cancel_action, self.remove_action = QAction(self), QAction(self), QAction(self)
        self._build()

    def current(self) -> Recording | None:
        item = self._current_item()
        return item.recording if item is not None else None

    def select(self, recording_id: int) -> None:
        """Make one current and show it; nothing if it is not in the queue."""
        row = self._model.row_of(recording_id)
        if row >= 0:
            self.list_view.setCurrentIndex(self._model.index(row))

    def pending(self) -> list[Recording]:
        """What has no transcript and is not at work, the first that came first."""
        return [
            item.recording
            for item in reversed(self._model.items())
            if item.headway is None and not item.activity and item.recording.state is not RecordingState.RECORDING
        ]

    def rename_current(self) -> None:
        self.list_view.edit(self.list_view.currentIndex())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("queue_panel")
        theme.give_role(self, Role.SIDE_BAR)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.give_role(self.title_label, Role.HEADING)
        theme.give_role(self.add_button, Role.FLAT)
        theme.give_role(self.all_button, Role.FLAT)
        self.add_button.setObjectName("add_files_button")
        self.add_button.setIcon(theme.icon("plus"))
        self.all_button.setObjectName("transcribe_all_button")
        self.all_button.setIcon(theme.icon("captions"))
        self.all_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._build_list()
        head = QHBoxLayout()
        head.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_XS)
        head.addWidget(self.title_label, 1)
        head.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.SPACE_S)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.list_view, 1)
        column.addWidget(self.all_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._connect()
        self._retranslate()

    def _build_list(self) -> None:
        self.list_view.setObjectName("queue_view")
        self.list_view.setModel(self._model)
        self.list_view.setItemDelegate(QueueDelegate(self.list_view))
        self.list_view.setUniformItemSizes(True)
        self.list_view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list_view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list_view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list_view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list_view.setMouseTracking(True)

    def _connect(self) -> None:
        self.add_button.clicked.connect(self.files_wanted)
        self.all_button.clicked.connect(lambda: self.transcription_wanted.emit(self.pending()))
        self.list_view.selectionModel().currentChanged.connect(self._on_current_changed)
        self.list_view.customContextMenuRequested.connect(self._show_menu)
        for change in (self._model.rowsInserted, self._model.rowsRemoved, self._model.dataChanged):
            change.connect(self._show_pending)
        self._model.modelReset.connect(self._show_pending)
        self.rename_action.triggered.connect(self.rename_current)
        self.transcribe_action.triggered.connect(
            lambda: self._with_current(lambda recording: self.transcription_wanted.emit([recording]))
        )
        self.cancel_action.triggered.connect(lambda: self._with_current(self.cancellation_wanted.emit))
        self.remove_action.triggered.connect(lambda: self._with_current(self.removal_wanted.emit))
        self.folder_action.triggered.connect(lambda: self._with_current(self.folder_wanted.emit))
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list_view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.remove_action.trigger)

    def _with_current(self, act: Callable[[Recording], object]) -> None:
        if (recording := self.current()) is not None:
            act(recording)

    def _on_current_changed(self, current: QModelIndex) -> None:
        item: QueueItem | None = current.data(ITEM_ROLE)
        self.selected.emit(item.recording if item is not None else None)

    def _current_item(self) -> QueueItem | None:
        item: QueueItem | None = self.list_view.currentIndex().data(ITEM_ROLE)
        return item

    def _show_pending(self) -> None:
        count = len(self.pending())
        self.all_button.setVisible(count > 1)
        self.all_button.setText(self.tr("Transcribe all %n", "", count))

    def _show_menu(self, place: QPoint) -> None:
        item = self._current_item()
        if item is None or not self.list_view.indexAt(place).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        is_recording = item.recording.state is RecordingState.RECORDING
        menu.addAction(self.cancel_action if item.activity and not is_recording else self.transcribe_action)
        menu.addAction(self.rename_action)
        menu.addAction(self.folder_action)
        menu.addSeparator()
        menu.addAction(self.remove_action)
        for action in (self.transcribe_action, self.remove_action):
            action.setDisabled(is_recording)
        menu.popup(self.list_view.viewport().mapToGlobal(place))

    def _retranslate(self) -> None:
        self.title_label.setText(self.tr("Recordings and files"))
        self.add_button.setToolTip(self.tr("Add sound or video files"))
        self.add_button.setAccessibleName(self.add_button.toolTip())
        self.list_view.setAccessibleName(self.title_label.text())
        self.transcribe_action.setText(self.tr("Transcribe"))
        self.cancel_action.setText(self.tr("Cancel"))
        self.rename_action.setText(self.tr("Rename"))
        self.folder_action.setText(self.tr("Show in folder"))
        self.remove_action.setText(self.tr("Remove"))
        self._show_pending()
