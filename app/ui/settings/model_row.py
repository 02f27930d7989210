"""ModelRow: one model of the built-in engine with its facts, its progress and its buttons; fetches nothing itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.model.engine import DownloadProgress, LocalModel, ModelKind, ModelState
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import model_name, shown_size
from app.ui.widgets.plain_label import PlainLabel

PER_MILLE = 1000


class ModelRow(QFrame):
    """Signals: download_requested(), cancel_requested(), remove_requested()."""

    download_requested = Signal()
    cancel_requested = Signal()
    remove_requested = Signal()

    def __init__(self, model: LocalModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.name_label = PlainLabel()
        self.kind_label = PlainLabel()
        self.loaded_label = PlainLabel()
        self.text_label = PlainLabel()
        self.facts_label = PlainLabel()
        self.download_button = QPushButton()
        self.cancel_button = QPushButton()
        self.remove_button = QPushButton()
        self.progress_bar = QProgressBar()
        self.progress_label = PlainLabel()
        self._is_queued = False
        self._is_loaded = False
        self._progress: DownloadProgress | None = None
        self._build()

    def show_model(self, model: LocalModel) -> None:
        """The same model, perhaps in another state or language."""
        self.model = model
        self._retranslate()

    def set_loaded(self, loaded: bool) -> None:
        """Whether the engine has it in memory."""
        self._is_loaded = loaded
        self._retranslate()

    def set_queued(self, queued: bool, progress: DownloadProgress | None = None) -> None:
        """Whether it waits or, with `progress`, is being fetched."""
        self._is_queued, self._progress = queued, progress
        self._retranslate()

    def _build(self) -> None:
        self.setObjectName(f"model_{self.model.id}")
        theme.give_role(self, Role.CARD)
        for name in ("download_button", "cancel_button", "remove_button", "progress_bar", "progress_label"):
            getattr(self, name).setObjectName(f"model_{name}")
        theme.give_role(self.name_label, Role.HEADING)
        for badge in (self.kind_label, self.loaded_label):
            theme.give_role(badge, Role.BADGE)
        for label in (self.facts_label, self.progress_label):
            theme.give_role(label, Role.SMALL)
        for label in (self.text_label, self.facts_label):
            label.setWordWrap(True)
        self.progress_bar.setRange(0, PER_MILLE)
        self.progress_bar.setTextVisible(False)
        self.download_button.setIcon(theme.icon("download"))
        self.download_button.clicked.connect(self.download_requested)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.remove_button.clicked.connect(self.remove_requested)
        self._lay_out()
        self._retranslate()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_S)
        for label in (self.name_label, self.kind_label, self.loaded_label):
            top.addWidget(label)
        top.addStretch(1)
        progress = QHBoxLayout()
        progress.setSpacing(theme.SPACE_M)
        progress.addWidget(self.progress_bar, 1)
        progress.addWidget(self.progress_label)
        texts = QVBoxLayout()
        texts.setSpacing(theme.SPACE_XS)
        texts.addLayout(top)
        texts.addWidget(self.text_label)
        texts.addWidget(self.facts_label)
        texts.addLayout(progress)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        row.setSpacing(theme.SPACE_L)
        row.addLayout(texts, 1)
        for button in (self.download_button, self.cancel_button, self.remove_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        model = self.model
        self.setAccessibleName(model_name(model.name))
        self.name_label.setText(model_name(model.name))
        self.kind_label.setText(self._kind())
        self.loaded_label.setText(self.tr("in memory"))
        self.loaded_label.setVisible(self._is_loaded)
        self.text_label.setText(model.description)
        self.facts_label.setText("  ·  ".join(self._facts()))
        self._show_buttons()
        self._show_progress()

    def _show_buttons(self) -> None:
        is_here = self.model.state is ModelState.INSTALLED
        is_begun = self.model.state is ModelState.PARTIAL
        self.download_button.setVisible(not self._is_queued and not is_here and not self.model.is_own)
        self.cancel_button.setVisible(self._is_queued)
        is_removable = (is_here and not self.model.is_shipped) or is_begun or self.model.is_own
        self.remove_button.setVisible(not self._is_queued and is_removable)
        self.download_button.setText(self.tr("Resume") if is_begun else self.tr("Download"))
        self.cancel_button.setText(self.tr("Cancel"))
        self.remove_button.setText(self.tr("Remove"))
        for button, name in (
            (self.download_button, self.tr("Download {name}")),
            (self.cancel_button, self.tr("Cancel the download of {name}")),
            (self.remove_button, self.tr("Remove {name}")),
        ):
            button.setAccessibleName(name.format(name=model_name(self.model.name)))

    def _show_progress(self) -> None:
        progress = self._progress
        self.progress_bar.setVisible(progress is not None)
        self.progress_label.setVisible(self._is_queued)
        self.progress_bar.setAccessibleName(self.tr("Download"))
        if progress is None:
            self.progress_label.setText(self.tr("Waiting for its turn"))
            return
        is_known = progress.step == "download" and progress.total_bytes > 0
        self.progress_bar.setRange(0, PER_MILLE if is_known else 0)
        if is_known:
            self.progress_bar.setValue(progress.done_bytes * PER_MILLE // progress.total_bytes)
        self.progress_label.setText(self._step(progress))

    def _step(self, progress: DownloadProgress) -> str:
        if progress.step == "convert":
            return self.tr("Converting")
        if progress.step == "check":
            return self.tr("Checking")
        done, total = shown_size(progress.done_bytes), shown_size(progress.total_bytes)
        return self.tr("{done} of {total}").format(done=done, total=total)

    def _kind(self) -> str:
        return {
            ModelKind.CHAT: self.tr("Chat"),
            ModelKind.TRANSCRIPTION: self.tr("Speech to text"),
            ModelKind.VOICE_DETECTION: self.tr("Voice detection"),
            ModelKind.UPSCALE: self.tr("Enlarging"),
            ModelKind.IMAGE: self.tr("Making pictures"),
        }[self.model.kind]

    def _facts(self) -> list[str]:
        model = self.model
        facts = [model.licence] if model.licence else []
        if model.state is ModelState.INSTALLED:
            words = self.tr("{size}, came with Triptych") if model.is_shipped else self.tr("{size} on disk")
            facts.append(words.format(size=shown_size(model.size_bytes)))
        elif model.is_own:
            facts.append(self.tr("The file is not there any more"))
        else:
            facts.append(self.tr("{size} to download").format(size=shown_size(model.download_bytes)))
        if model.memory_bytes:
            facts.append(self.tr("about {size} of memory while in use").format(size=shown_size(model.memory_bytes)))
        return facts
