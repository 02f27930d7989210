"""TranscriptionBar: how a sound shall be transcribed, the button for it, and progress while it happens."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.model.audio import Transcript, TranscriptionOptions, TranscriptState
from app.model.settings import AudioSettings
from app.ui import theme
from app.ui.audio import words
from app.ui.theme import Role
from app.ui.widgets.elided_combo_box import ElidedComboBox
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.folding_row import FoldingRow

LEAST_LANGUAGE_PX = 120


class TranscriptionBar(QWidget):
    """Options while nothing happens, progress with Cancel while something does.

    Signals:
        start_clicked(), resume_clicked(), cancel_clicked(): the user pressed that button.
        options_changed(): language or vocabulary were changed by the user.
    """

    start_clicked = Signal()
    resume_clicked = Signal()
    cancel_clicked = Signal()
    options_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = QStackedWidget()
        self.language_box = ElidedComboBox()
        self.translate_box = QCheckBox()
        self.vocabulary_button = QToolButton()
        self.vocabulary_edit = QLineEdit()
        self.start_button = QPushButton()
        self.again_button = QToolButton()
        self.resume_button = QPushButton()
        self.status_label = ElidedLabel()
        self.progress_bar = QProgressBar()
        self.cancel_button = QPushButton()
        self._has_model = True
        self._build()

    @property
    def language(self) -> str:
        return str(self.language_box.currentData() or "")

    def options(self) -> TranscriptionOptions:
        return TranscriptionOptions(
            language=self.language,
            prompt=self.vocabulary_edit.text().strip(),
            translate=self.translate_box.isChecked(),
        )

    def show_options(self, remembered: AudioSettings) -> None:
        """What the user chose last time."""
        self.language_box.setCurrentIndex(max(0, self.language_box.findData(remembered.language)))
        self.vocabulary_edit.setText(remembered.vocabulary)
        self.vocabulary_button.setChecked(bool(remembered.vocabulary))

    def set_model_known(self, known: bool) -> None:
        """Without a model nothing can be started."""
        self._has_model = known
        self._retranslate_buttons()

    def start(self) -> None:
        """Do what the button that is shown does; nothing without a model or while something happens."""
        if self._has_model and self.pages.currentIndex() == 0:
            self.start_clicked.emit()

    def show_idle(self, transcript: Transcript | None) -> None:
        """Nothing happens; what can be started depends on the newest transcript."""
        has_text = transcript is not None and bool(transcript.segments)
        is_complete = transcript is not None and transcript.state is TranscriptState.COMPLETE
        self.resume_button.setVisible(has_text and not is_complete)
        self.again_button.setVisible(has_text or is_complete)
        style = Qt.ToolButtonStyle
        self.again_button.setToolButtonStyle(style.ToolButtonTextOnly if is_complete else style.ToolButtonIconOnly)
        self.start_button.setHidden(has_text or is_complete)
        self.pages.setCurrentIndex(0)

    def show_progress(self, text: str, fraction: float | None) -> None:
        """Something happens; without `fraction` the bar only shows that."""
        self.status_label.setText(text)
        self.progress_bar.setRange(0, 0 if fraction is None else 1000)
        self.progress_bar.setValue(0 if fraction is None else round(fraction * 1000))
        self.pages.setCurrentIndex(1)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("transcription_bar")
        for widget, name in (
            (self.language_box, "language_box"), (self.vocabulary_edit, "vocabulary_edit"),
            (self.vocabulary_button, "vocabulary_button"), (self.translate_box, "translate_box"),
            (self.start_button, "transcribe_button"), (self.again_button, "transcribe_again_button"),
            (self.resume_button, "resume_button"), (self.status_label, "transcription_status"),
            (self.progress_bar, "transcription_progress"), (self.cancel_button, "cancel_transcription_button"),
        ):  # fmt: skip
            widget.setObjectName(name)
        theme.give_role(self.start_button, Role.PRIMARY)
        theme.give_role(self.resume_button, Role.PRIMARY)
        theme.give_role(self.vocabulary_button, Role.FLAT)
        theme.give_role(self.status_label, Role.SMALL)
        self.vocabulary_button.setIcon(theme.icon("sliders-horizontal"))
        self.vocabulary_button.setCheckable(True)
        self.again_button.setIcon(theme.icon("rotate-ccw"))
        self.vocabulary_edit.hide()
        self.progress_bar.setTextVisible(False)
        self.language_box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.language_box.setMinimumWidth(theme.px(LEAST_LANGUAGE_PX))  # in a small window it gives way first
        self.pages.addWidget(self._options_page())
        self.pages.addWidget(self._progress_page())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.pages)
        column.addWidget(self.vocabulary_edit)
        self._connect()
        self.show_idle(None)
        self._retranslate()

    def _connect(self) -> None:
        self.start_button.clicked.connect(self.start_clicked)
        self.again_button.clicked.connect(self.start_clicked)
        self.resume_button.clicked.connect(self.resume_clicked)
        self.cancel_button.clicked.connect(self.cancel_clicked)
        self.language_box.activated.connect(self.options_changed)
        self.vocabulary_edit.editingFinished.connect(self.options_changed)
        self.vocabulary_button.toggled.connect(self.vocabulary_edit.setVisible)

    def _options_page(self) -> QWidget:
        page = FoldingRow()
        for option in (self.language_box, self.translate_box, self.vocabulary_button):
            page.add_first(option)
        for button in (self.again_button, self.resume_button, self.start_button):
            page.add_second(button)
        return page

    def _progress_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout()
        column.setSpacing(theme.SPACE_XS)
        column.addStretch()
        column.addWidget(self.status_label)
        column.addWidget(self.progress_bar)
        column.addStretch()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_M)
        row.addLayout(column, 1)
        row.addWidget(self.cancel_button)
        return page

    def _fill_languages(self) -> None:
        chosen = self.language
        self.language_box.clear()
        self.language_box.addItem(self.tr("Detect language"), "")
        for name, code in words.languages():
            self.language_box.addItem(name, code)
        self.language_box.setCurrentIndex(max(0, self.language_box.findData(chosen)))

    def _retranslate_buttons(self) -> None:
        self.start_button.setText(self.tr("Transcribe"))
        self.again_button.setText(self.tr("Transcribe again"))
        self.resume_button.setText(self.tr("Continue"))
        why_not = "" if self._has_model else self.tr("Choose a speech model at the top right first")
        for button in (self.start_button, self.again_button, self.resume_button):
            button.setEnabled(self._has_model)
            button.setToolTip(why_not)
        self.again_button.setToolTip(why_not or self.tr("Transcribe again from the beginning"))
        self.again_button.setAccessibleName(self.tr("Transcribe again"))

    def _retranslate(self) -> None:
        self._fill_languages()
        self.language_box.setAccessibleName(self.tr("Spoken language"))
        self.language_box.setToolTip(self.tr("The language that is spoken"))
        self.vocabulary_button.setToolTip(self.tr("Names and special words to expect"))
        self.vocabulary_button.setAccessibleName(self.tr("Vocabulary"))
        self.vocabulary_edit.setPlaceholderText(self.tr("Names and special words that the speech model should expect"))
        self.vocabulary_edit.setAccessibleName(self.tr("Vocabulary"))
        self.translate_box.setText(self.tr("Translate to English"))
        self.cancel_button.setText(self.tr("Cancel"))
        self.progress_bar.setAccessibleName(self.tr("Progress of the transcription"))
        self._retranslate_buttons()
