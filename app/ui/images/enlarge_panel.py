"""EnlargePanel: what the built-in engine can do with pictures: enlarge dropped ones; and what is needed for more."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from app.model.images import BuiltInPictures
from app.ui import theme
from app.ui.images.reference_strip import ReferenceStrip
from app.ui.images.thumbnails import ThumbnailLoader
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel


class EnlargePanel(QWidget):
    """A card to enlarge pictures and, where no picture can be made from words, a card that says what to do.

    Signals:
        submitted(): enlarge the pictures in `sources`.
        settings_requested(str): "models" or "providers".
    """

    submitted = Signal()
    settings_requested = Signal(str)

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = BuiltInPictures()
        self.title_label = PlainLabel()
        self.text_label = PlainLabel()
        self.sources = ReferenceStrip(thumbnails)
        self.enlarge_button = QPushButton()
        self.download_button = QPushButton()
        self.more_card = QFrame()
        self.more_title = PlainLabel()
        self.more_text = PlainLabel()
        self.models_button = QPushButton()
        self.providers_button = QPushButton()
        self._build()

    def set_engine(self, engine: BuiltInPictures) -> None:
        """Which models are on this computer."""
        self._engine = engine
        self._retranslate()
        self._show_fitting()

    def add_sources(self, paths: Iterable[Path]) -> None:
        self.sources.add(paths)

    def take_sources(self) -> tuple[Path, ...]:
        """The pictures to enlarge; the strip is empty afterwards."""
        paths = self.sources.paths
        self.sources.clear()
        return paths

    def _build(self) -> None:
        self.setObjectName("enlarge_panel")
        theme.give_role(self, Role.SIDE_BAR)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        names = {
            self.enlarge_button: "enlarge",
            self.download_button: "download_upscaler",
            self.models_button: "open_models",
            self.providers_button: "open_providers",
            self.more_card: "more_card",
        }
        for widget, name in names.items():
            widget.setObjectName(name)
        for label in (self.title_label, self.more_title):
            theme.give_role(label, Role.HEADING)
        for label in (self.title_label, self.text_label, self.more_title, self.more_text):
            label.setWordWrap(True)
        theme.give_role(self.enlarge_button, Role.PRIMARY)
        theme.give_role(self.more_card, Role.CARD)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_L, theme.SPACE_L, theme.SPACE_L)
        column.setSpacing(theme.SPACE_S)
        for widget in (self.title_label, self.text_label, self.sources, self.enlarge_button, self.download_button):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.more_card)
        card = QVBoxLayout(self.more_card)
        card.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        card.setSpacing(theme.SPACE_S)
        for widget in (self.more_title, self.more_text, self.providers_button, self.models_button):
            card.addWidget(widget)
        self._connect()
        self._retranslate()
        self._show_fitting()

    def submit(self) -> None:
        """What the button does; nothing while something is missing for it."""
        if self._engine.upscaler is not None and self.sources.paths:
            self.submitted.emit()

    def _connect(self) -> None:
        self.sources.changed.connect(self._on_sources_changed)
        self.enlarge_button.clicked.connect(self.submit)
        for button in (self.models_button, self.download_button):
            button.clicked.connect(lambda: self.settings_requested.emit("models"))
        self.providers_button.clicked.connect(lambda: self.settings_requested.emit("providers"))

    def _on_sources_changed(self) -> None:
        self._retranslate()
        self._show_fitting()

    def _show_fitting(self) -> None:
        is_ready = self._engine.upscaler is not None
        self.sources.setVisible(is_ready)
        self.enlarge_button.setVisible(is_ready)
        self.enlarge_button.setEnabled(bool(self.sources.paths))
        self.download_button.setVisible(not is_ready)
        self.more_card.setVisible(self._engine.generator is None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.title_label.setText(self.tr("Enlarge pictures"))
        if self._engine.upscaler is not None:
            self.text_label.setText(
                self.tr(
                    "Drop pictures anywhere here: the built-in engine makes them four times as wide and high "
                    "and keeps edges sharp. Large pictures take minutes. Nothing leaves this computer."
                )
            )
        else:
            self.text_label.setText(self.tr("The model for enlarging pictures is not on this computer yet."))
        count = len(self.sources.paths)
        self.enlarge_button.setText(
            self.tr("Enlarge ×4") if count < 2 else self.tr("Enlarge %n picture(s) ×4", "", count)
        )
        self.download_button.setText(self.tr("Download it…"))
        self.more_title.setText(self.tr("Pictures from words"))
        self.more_text.setText(
            self.tr(
                "For this, connect a provider that has an image model, "
                "or add a Stable Diffusion file to the built-in engine."
            )
        )
        self.models_button.setText(self.tr("Add a model file…"))
        self.providers_button.setText(self.tr("Connect a provider…"))
