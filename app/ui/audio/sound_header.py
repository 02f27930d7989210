"""SoundHeader: name and facts of the sound on show, and what can be done with its transcript."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from app.model.audio import ExportFormat, Recording, Transcript
from app.ui import theme
from app.ui.audio import words
from app.ui.theme import Role
from app.ui.translation import lesson_words, shown_model
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.plain_tip import plain_caption

LEAST_WITH_WORDS_PX = 560
"""In a narrower header the buttons are icons, so that the name stays readable."""
_THANKS_MS = 2000


class SoundHeader(QWidget):
    """Its buttons work only where there is text.

    Signals:
        copy_clicked(), chat_clicked(): the user pressed that button.
        export_wanted(ExportFormat): write the transcript in this form.
        version_chosen(int): show the transcript with this id.
    """

    copy_clicked = Signal()
    chat_clicked = Signal()
    export_wanted = Signal(object)
    version_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recording: Recording | None = None
        self._transcript: Transcript | None = None
        self.title_label = ElidedLabel()
        self.facts_label = ElidedLabel()
        self.versions_button = QToolButton()
        self.copy_button = QToolButton()
        self.export_button = QToolButton()
        self.chat_button = QToolButton()
        self.export_actions = {form: QAction(self) for form in ExportFormat}
        self._versions: list[Transcript] = []
        self._build()

    def show_sound(self, recording: Recording, transcript: Transcript | None) -> None:
        self._recording, self._transcript = recording, transcript
        self._retranslate()

    def set_versions(self, transcripts: Sequence[Transcript]) -> None:
        """All transcripts of this sound; with more than one the user can choose."""
        self._versions = list(transcripts)
        self.versions_button.setVisible(len(self._versions) > 1)

    def thank(self) -> None:
        """Say that the text was copied."""
        self.copy_button.setText(self.tr("Copied"))
        self.copy_button.setIcon(theme.icon("check"))
        QTimer.singleShot(_THANKS_MS, self, self._retranslate_thanks)

    def tell_written(self) -> None:
        """Say that the text is in its file."""
        self.export_button.setText(self.tr("Saved"))
        self.export_button.setIcon(theme.icon("check"))
        QTimer.singleShot(_THANKS_MS, self, self._retranslate_thanks)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        styles = Qt.ToolButtonStyle
        has_words = self.width() >= theme.px(LEAST_WITH_WORDS_PX)
        for button in (self.copy_button, self.export_button, self.chat_button):
            button.setToolButtonStyle(styles.ToolButtonTextBesideIcon if has_words else styles.ToolButtonIconOnly)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("sound_header")
        self.title_label.setObjectName("sound_title")
        self.facts_label.setObjectName("sound_facts")
        theme.give_role(self.title_label, Role.TITLE)
        theme.give_role(self.facts_label, Role.SMALL)
        self.title_label.keep_height()
        self.facts_label.keep_height()
        for button, name, icon in (
            (self.versions_button, "versions_button", "layers"),
            (self.copy_button, "copy_transcript_button", "copy"),
            (self.export_button, "export_button", "download"),
            (self.chat_button, "use_in_chat_button", "message-square"),
        ):
            button.setObjectName(name)
            button.setIcon(theme.icon(icon))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            theme.give_role(button, Role.FLAT)
        self.export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.versions_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        menu = QMenu(self.export_button)
        for form, action in self.export_actions.items():
            action.triggered.connect(lambda _=False, chosen=form: self.export_wanted.emit(chosen))
            menu.addAction(action)
        self.export_button.setMenu(menu)
        self.versions_button.hide()
        self._lay_out()
        self.copy_button.clicked.connect(self.copy_clicked)
        self.chat_button.clicked.connect(self.chat_clicked)
        self.versions_button.clicked.connect(self._show_versions)
        self._retranslate()

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.title_label)
        texts.addWidget(self.facts_label)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_XS)
        row.addLayout(texts, 1)
        for button in (self.versions_button, self.copy_button, self.export_button, self.chat_button):
            row.addWidget(button)

    def _show_versions(self) -> None:
        menu = QMenu(self)
        for transcript in self._versions:
            label = self.tr("{moment} · {model}").format(
                moment=words.moment(transcript.created_at), model=shown_model(transcript.model)
            )
            action = menu.addAction(plain_caption(label))
            action.setCheckable(True)
            action.setChecked(self._transcript is not None and transcript.id == self._transcript.id)
            action.triggered.connect(lambda _=False, chosen=transcript.id: self.version_chosen.emit(chosen))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.versions_button.mapToGlobal(self.versions_button.rect().bottomLeft()))

    def _facts(self) -> str:
        if self._recording is None:
            return ""
        facts = [words.clock(self._recording.duration_s), words.moment(self._recording.created_at)]
        if self._transcript is not None:
            language = words.language(self._transcript.language) if self._transcript.language else ""
            if self._transcript.options.translate:
                language = self.tr("translated to English")
            facts += [language, shown_model(self._transcript.model), *lesson_words(self._transcript.adjustments)]
        return " · ".join(filter(None, facts))

    def _retranslate_thanks(self) -> None:
        self.copy_button.setText(self.tr("Copy"))
        self.copy_button.setIcon(theme.icon("copy"))
        self.export_button.setText(self.tr("Export"))
        self.export_button.setIcon(theme.icon("download"))

    def _retranslate(self) -> None:
        self.title_label.setText(self._recording.name if self._recording is not None else "")
        self.facts_label.setText(self._facts())
        has_text = self._transcript is not None and bool(self._transcript.segments)
        for button in (self.copy_button, self.export_button, self.chat_button):
            button.setEnabled(has_text)
        self._retranslate_thanks()
        self.copy_button.setToolTip(self.tr("Copy the whole transcript"))
        self.export_button.setToolTip(self.tr("Write the transcript to a file"))
        self.chat_button.setText(self.tr("Use in chat"))
        self.chat_button.setToolTip(self.tr("Put the transcript into a message in Chat"))
        self.versions_button.setToolTip(self.tr("Earlier transcripts"))
        self.versions_button.setAccessibleName(self.tr("Earlier transcripts"))
        for form, action in self.export_actions.items():
            action.setText(words.export_format(form))
