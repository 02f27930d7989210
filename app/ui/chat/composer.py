"""Composer: where a message is written, files are attached, and Send becomes Stop; it stores and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.chat.attachment_strip import AttachmentStrip
from app.ui.chat.prompt_edit import PromptEdit
from app.ui.job import JobState
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel

if TYPE_CHECKING:
    from app.model.chat import Attachment


class SendButton(QToolButton):
    """Sends while nothing runs, stops while an answer arrives.

    Signals:
        send_pressed(), stop_pressed()
    """

    send_pressed = Signal()
    stop_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._idle = True
        self._enter_sends = True
        self.clicked.connect(lambda: self.send_pressed.emit() if self._idle else self.stop_pressed.emit())
        theme.give_role(self, Role.PRIMARY)

    def show_state(self, state: JobState, *, can_send: bool, enter_sends: bool) -> None:
        self._idle = state is JobState.IDLE
        self._enter_sends = enter_sends
        self.setIcon(theme.icon("send" if self._idle else "square", "on_accent"))
        self.setEnabled(can_send if self._idle else state is JobState.RUNNING)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        if self._idle:
            self.setAccessibleName(self.tr("Send"))
            self.setToolTip(self.tr("Send (Enter)") if self._enter_sends else self.tr("Send (Ctrl+Enter)"))
        else:
            self.setAccessibleName(self.tr("Stop"))
            self.setToolTip(self.tr("Stop (Esc)"))


class Composer(QFrame):
    """The field with its attachments (`strip.attachments()`) and buttons.

    Signals:
        submitted(str): Send; the attachments are those of the strip.
        stop_pressed(): Stop.
        attach_pressed(): the paper clip.
        files_offered(list[Path]), image_offered(bytes): pasted into the field.
        attachment_removed(Attachment), attachment_activated(Attachment): the cross, and the picture, of a chip.
        recalled(): Up in the empty field: edit the last message.
        edit_cancelled(): Escape or the cross while a message is edited.
        changed(): text or attachments changed: the draft is to be saved.
    """

    submitted = Signal(str)
    stop_pressed = Signal()
    attach_pressed = Signal()
    files_offered = Signal(list)
    image_offered = Signal(bytes)
    attachment_removed = Signal(object)
    attachment_activated = Signal(object)
    recalled = Signal()
    edit_cancelled = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit_note = PlainLabel(parent=self)
        self.edit_cancel_button = QToolButton(self)
        self.strip = AttachmentStrip(self)
        self.field = PromptEdit(self)
        self.attach_button = QToolButton(self)
        self.send_button = SendButton(self)
        self._state = JobState.IDLE
        self._editing = False
        self._loading = False
        self._build()

    def text(self) -> str:
        return self.field.toPlainText()

    def prompt(self) -> str:
        """The text as it is sent: without empty lines around it."""
        return self.text().strip("\n").rstrip()

    def set_content(self, text: str, attachments: tuple[Attachment, ...] = ()) -> None:
        """Replace everything, as when another conversation is opened; not reported as a change."""
        self._loading = True
        if text != self.text():
            self.field.setPlainText(text)
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self.strip.set_attachments(attachments)
        self._loading = False
        self._update_button()

    def set_editing(self, editing: bool) -> None:
        """Show that an earlier message is being edited."""
        self._editing = editing
        self.edit_note.setVisible(editing)
        self.edit_cancel_button.setVisible(editing)

    def set_state(self, state: JobState) -> None:
        """Send becomes Stop while an answer arrives."""
        self._state = state
        self._update_button()

    def set_enter_sends(self, enter_sends: bool) -> None:
        self.field.enter_sends = enter_sends
        self._update_button()

    def submit(self) -> None:
        """What Send means; nothing while an answer arrives or nothing is written."""
        if self._state is JobState.IDLE and self._has_content():
            self.submitted.emit(self.prompt())

    def cancel(self) -> None:
        """What Escape means: stop editing, or else stop the answer."""
        if self._editing:
            self.edit_cancelled.emit()
        elif self._state is JobState.RUNNING:
            self.stop_pressed.emit()

    def _build(self) -> None:
        self.setObjectName("composer")
        # It has the focus as a rule when it is first shown; a change after that would take milliseconds of the start.
        theme.give_role(self, Role.FIELD_FOCUSED)
        for name in ("edit_note", "edit_cancel_button", "strip", "field", "attach_button", "send_button"):
            getattr(self, name).setObjectName(f"composer_{name}")
        for button, icon in ((self.edit_cancel_button, "x"), (self.attach_button, "paperclip")):
            button.setIcon(theme.icon(icon, "muted"))
            theme.give_role(button, Role.FLAT)
        theme.give_role(self.edit_note, Role.SMALL)
        self._connect()
        editing = QHBoxLayout()
        editing.setContentsMargins(theme.SPACE_S, 0, 0, 0)
        editing.addWidget(self.edit_note, 1)
        editing.addWidget(self.edit_cancel_button)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.attach_button, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.field, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.send_button, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        column.setSpacing(theme.SPACE_XS)
        column.addLayout(editing)
        column.addWidget(self.strip)
        column.addLayout(row)
        self.setFocusProxy(self.field)
        self.set_editing(False)
        self._retranslate()
        self._update_button()

    def _connect(self) -> None:
        self.field.submit_pressed.connect(self.submit)
        self.field.files_pasted.connect(self.files_offered)
        self.field.image_pasted.connect(self.image_offered)
        self.field.recall_pressed.connect(self._on_field_recall_pressed)
        self.field.cancel_pressed.connect(self.cancel)
        self.field.textChanged.connect(self._on_content_changed)
        self.field.focus_changed.connect(
            lambda focused: theme.give_role(self, Role.FIELD_FOCUSED if focused else Role.FIELD)
        )
        self.strip.changed.connect(self._on_content_changed)
        self.strip.removed.connect(self.attachment_removed)
        self.strip.removed.connect(lambda _: self.field.setFocus())
        self.strip.activated.connect(self.attachment_activated)
        self.attach_button.clicked.connect(self.attach_pressed)
        self.edit_cancel_button.clicked.connect(self.edit_cancelled)
        self.send_button.send_pressed.connect(self.submit)
        self.send_button.stop_pressed.connect(self.stop_pressed)

    def _on_field_recall_pressed(self) -> None:
        if not self._editing and not self.strip.chips:
            self.recalled.emit()

    def _on_content_changed(self) -> None:
        if not self._loading:
            self._update_button()
            self.changed.emit()

    def _update_button(self) -> None:
        self.send_button.show_state(self._state, can_send=self._has_content(), enter_sends=self.field.enter_sends)

    def _has_content(self) -> bool:
        return bool(self.text().strip() or self.strip.chips)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The whole card belongs to the field."""
        super().mousePressEvent(event)
        self.field.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.attach_button.setAccessibleName(self.tr("Attach files"))
        self.attach_button.setToolTip(self.tr("Attach pictures or text files; dropping and pasting work too"))
        self.edit_cancel_button.setAccessibleName(self.tr("Stop editing"))
        self.edit_cancel_button.setToolTip(self.tr("Stop editing (Esc)"))
        self.edit_note.setText(self.tr("Editing a message: sending makes a new version and keeps the old one"))
        self.field.setPlaceholderText(self.tr("Write a message"))
        self.field.setAccessibleName(self.tr("Message"))
