"""PromptForm: what to make, from which pictures and how; it turns that into a job and starts nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.model.images import ImageJob, ImageModelOptions, ImageSettings
from app.model.providers import ModelReference
from app.ui import theme
from app.ui.images.prompt_box import PromptBox
from app.ui.images.reference_strip import ReferenceStrip
from app.ui.images.settings_fields import SettingsFields
from app.ui.images.thumbnails import ThumbnailLoader
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel


@dataclass(frozen=True, slots=True)
class FormContent:
    """What the form holds, to be put back later."""

    prompt: str
    settings: ImageSettings
    references: tuple[Path, ...]


class PromptForm(QWidget):
    """Prompt, pictures to start from, settings and the Generate button.

    Signals:
        submitted(): Generate was pressed and nothing speaks against it.
    """

    submitted = Signal()

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = ImageModelOptions()
        self.prompt_label = PlainLabel()
        self.prompt_box = PromptBox()
        self.references = ReferenceStrip(thumbnails)
        self.fields = SettingsFields()
        self.problem_label = PlainLabel()
        self.generate_button = QPushButton()
        self._build()

    def set_options(self, options: ImageModelOptions) -> None:
        """Show what the chosen model takes."""
        self._options = options
        self.references.setVisible(options.max_references > 0 or bool(self.references.paths))
        self.fields.set_options(options)
        self._check()

    def jobs(self, model: ModelReference) -> list[ImageJob]:
        """One job for each picture, so that each is shown, cancelled and repeated alone.

        With a seed each picture gets its own, counted up: the same seed would only make the same picture again.
        """
        content = self.content()
        jobs = []
        for number in range(self.fields.count_spin.value()):
            settings = content.settings
            if settings.seed is not None:
                settings = replace(settings, seed=settings.seed + number)
            jobs.append(ImageJob(model, content.prompt.strip(), 1, settings, content.references))
        return jobs

    def content(self) -> FormContent:
        return FormContent(self.prompt_box.toPlainText(), self.fields.settings(), self.references.paths)

    def set_content(self, content: FormContent) -> None:
        """Replace everything, as far as the chosen model takes it."""
        self.set_recipe(content.prompt, content.settings)
        self.references.clear()
        self.references.add(content.references)

    def set_recipe(self, prompt: str, settings: ImageSettings) -> None:
        """Replace prompt and settings; the pictures to start from stay."""
        if prompt:
            self.prompt_box.replace(prompt)
        self.fields.set_settings(settings)

    def add_references(self, paths: Iterable[Path]) -> None:
        self.references.add(paths)

    def submit(self) -> None:
        """What Generate and Ctrl+Enter do; nothing while something speaks against it."""
        if self.generate_button.isEnabled():
            self.submitted.emit()

    def problem(self) -> str:
        """What has to be changed before the form can be sent, translated; an empty prompt needs no words."""
        limit = self._options.max_references
        if len(self.references.paths) > limit:
            if limit == 0:
                return self.tr(
                    "This model makes pictures from words only: remove the pictures or choose another model."
                )
            return self.tr("This model starts from at most %n picture(s).", "", limit)
        return self.fields.problem()

    def _build(self) -> None:
        self.setObjectName("prompt_form")
        self.problem_label.setObjectName("form_problem")
        self.generate_button.setObjectName("generate")
        self.problem_label.setWordWrap(True)
        theme.give_role(self.prompt_label, Role.HEADING)
        theme.give_role(self.problem_label, Role.ERROR)
        theme.give_role(self.generate_button, Role.PRIMARY)
        self.prompt_label.setBuddy(self.prompt_box)
        content = QWidget()
        theme.give_role(content, Role.SIDE_BAR)
        self._area = _scrolling(content)
        column = QVBoxLayout(content)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_L, theme.SPACE_L, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        for widget in (self.prompt_label, self.prompt_box, self.references):
            column.addWidget(widget)
        column.addSpacing(theme.SPACE_S)
        column.addWidget(self.fields)
        column.addStretch(1)
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, theme.SPACE_L)
        foot.addWidget(self.problem_label)
        foot.addWidget(self.generate_button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._area, 1)
        outer.addLayout(foot)
        self._connect()
        self._retranslate()
        self._check()

    def _connect(self) -> None:
        self.prompt_box.textChanged.connect(self._check)
        self.prompt_box.submitted.connect(self.submit)
        self.references.changed.connect(self._on_references_changed)
        self.fields.changed.connect(self._check)
        self.fields.more_button.toggled.connect(self._show_what_unfolds)
        self.generate_button.clicked.connect(self.submit)

    def _show_what_unfolds(self, is_open: bool) -> None:
        if is_open:  # and has got its room
            QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.fields, 0, 0))

    def _on_references_changed(self) -> None:
        self.references.setVisible(self._options.max_references > 0 or bool(self.references.paths))
        self._retranslate()
        self._check()

    def _check(self) -> None:
        problem = self.problem()
        self.problem_label.setText(problem)
        self.problem_label.setVisible(bool(problem))
        has_prompt = bool(self.prompt_box.toPlainText().strip())
        self.generate_button.setEnabled(has_prompt and not problem)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
            self._check()

    def _retranslate(self) -> None:
        self.prompt_label.setText(self.tr("Prompt"))
        is_edit = bool(self.references.paths)
        self.generate_button.setText(self.tr("Change pictures") if is_edit else self.tr("Generate"))
        self.generate_button.setToolTip(self.tr("Ctrl+Enter"))


def _scrolling(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the fields, which have the focus
    area.setWidget(content)
    return area
