"""MakerPanel: the left side: the prompt form, or what the built-in engine can do instead; it starts nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.model.images import BuiltInPictures, ImageModelOptions
from app.model.providers import BUILT_IN_ID, ModelReference
from app.ui import theme
from app.ui.images.enlarge_panel import EnlargePanel
from app.ui.images.prompt_form import PromptForm
from app.ui.images.thumbnails import ThumbnailLoader
from app.ui.theme import Role

type OptionsFor = Callable[[ModelReference], ImageModelOptions]

WIDTH_PX = 300


class MakerPanel(QWidget):
    """What is shown follows the chosen model: a provider's gets the form, the built-in engine what it has models for.

    Signals:
        jobs_submitted(list[ImageJob]): make these pictures.
        enlarge_requested(list[Path]): enlarge these.
        files_wanted(): the user wants to choose pictures.
        picture_pasted(QMimeData): pictures were pasted into the prompt; valid only while it is delivered.
        settings_requested(str): a page of the settings.
    """

    jobs_submitted = Signal(list)
    enlarge_requested = Signal(list)
    files_wanted = Signal()
    picture_pasted = Signal(QMimeData)
    settings_requested = Signal(str)

    def __init__(self, options_for: OptionsFor, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options_for = options_for
        self._model: ModelReference | None = None
        self._engine = BuiltInPictures()
        self.form = PromptForm(thumbnails)
        self.enlarge_panel = EnlargePanel(thumbnails)
        self._enlarge_area = QScrollArea()
        self._build()

    @property
    def is_built_in(self) -> bool:
        """True while the built-in engine would do the work."""
        return self._model is None or self._model.provider_id == BUILT_IN_ID

    @property
    def generator(self) -> ModelReference | None:
        """The model that makes pictures from words now; None if there is none."""
        return self._engine.generator if self.is_built_in else self._model

    @property
    def enlarges(self) -> bool:
        """True if the built-in engine would do the work and has its model for enlarging."""
        return self.is_built_in and self._engine.upscaler is not None

    def set_model(self, model: ModelReference | None) -> None:
        """The model chosen for pictures; None means the built-in engine."""
        self._model = model
        self._adapt()

    def set_engine(self, engine: BuiltInPictures) -> None:
        """What the built-in engine has on this computer now."""
        self._engine = engine
        self._adapt()

    def take_files(self, paths: Sequence[Path]) -> None:
        """Pictures that were dropped, pasted or chosen: to start from, or to enlarge."""
        if self.is_built_in:
            self.enlarge_panel.add_sources(paths)
        else:
            self.form.add_references(paths)

    def submit(self) -> None:
        """What Ctrl+Enter does: generate; enlarge where that is all there is, or where the focus is."""
        focused = self.focusWidget()
        if self.generator is None or (focused is not None and self.enlarge_panel.isAncestorOf(focused)):
            self.enlarge_panel.submit()
        else:
            self.form.submit()

    def describe_drop(self, count: int) -> str:
        """What a drop of so many pictures would do, translated."""
        if not self.is_built_in:
            return self.tr("Start from %n picture(s)", "", count)
        return self.tr("Enlarge %n picture(s) ×4", "", count) if self.enlarges else ""

    def focus_first(self) -> None:
        """Put the focus where the user will type or act."""
        target = self.form.prompt_box if self.generator is not None else self.enlarge_panel.sources.add_button
        target.setFocus()

    def _build(self) -> None:
        self.setObjectName("maker_panel")
        theme.give_role(self, Role.SIDE_BAR)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(theme.px(WIDTH_PX))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.form, 1)
        column.addWidget(self._enlarge_area)
        self._enlarge_area.setWidget(self.enlarge_panel)
        self._enlarge_area.setWidgetResizable(True)
        self._enlarge_area.setFrameShape(QFrame.Shape.NoFrame)
        self._enlarge_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._enlarge_area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._enlarge_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the buttons, which have the focus
        self.form.submitted.connect(self._on_form_submitted)
        self.form.references.wanted.connect(self.files_wanted)
        self.form.prompt_box.picture_pasted.connect(self.picture_pasted)
        self.enlarge_panel.submitted.connect(self._on_enlarge_submitted)
        self.enlarge_panel.sources.wanted.connect(self.files_wanted)
        self.enlarge_panel.settings_requested.connect(self.settings_requested)
        self._adapt()

    def _on_form_submitted(self) -> None:
        if self.generator is not None:
            self.jobs_submitted.emit(self.form.jobs(self.generator))

    def _on_enlarge_submitted(self) -> None:
        self.enlarge_requested.emit(list(self.enlarge_panel.take_sources()))

    def _adapt(self) -> None:
        generator = self.generator
        self.enlarge_panel.set_engine(self._engine)
        self._enlarge_area.setVisible(self.is_built_in)
        self.form.setVisible(generator is not None)
        if generator is not None:
            self.form.set_options(self._options_for(generator))
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.setStretchFactor(self._enlarge_area, 0 if generator is not None else 1)
