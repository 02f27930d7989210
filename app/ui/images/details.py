"""PictureDetails: how a picture was made, in words that can be selected and copied."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from app.model.images import Picture
from app.ui import theme
from app.ui.images import words
from app.ui.theme import Role
from app.ui.translation import in_a_row, lesson_words, shown_model, shown_size
from app.ui.widgets.plain_label import PlainLabel

WIDTH_PX = 280


class PictureDetails(QScrollArea):
    """Prompt, model, settings and file of one picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: Picture | None = None
        self.prompt_heading = PlainLabel()
        self.prompt_label = PlainLabel()
        self.revised_heading = PlainLabel()
        self.revised_label = PlainLabel()
        self._facts = QFormLayout()
        self._build()

    def show_picture(self, picture: Picture) -> None:
        self._picture = picture
        self._retranslate()

    def _build(self) -> None:
        self.setObjectName("picture_details")
        self.prompt_label.setObjectName("picture_prompt")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget()
        theme.give_role(content, Role.SIDE_BAR)
        column = QVBoxLayout(content)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_L, theme.SPACE_L, theme.SPACE_L)
        column.setSpacing(theme.SPACE_S)
        for heading, label in (
            (self.prompt_heading, self.prompt_label),
            (self.revised_heading, self.revised_label),
        ):
            theme.give_role(heading, Role.HEADING)
            _make_readable(label)
            column.addWidget(heading)
            column.addWidget(label)
        column.addSpacing(theme.SPACE_S)
        self._facts.setHorizontalSpacing(theme.SPACE_M)
        self._facts.setVerticalSpacing(theme.SPACE_XS)
        self._facts.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        column.addLayout(self._facts)
        column.addStretch()
        self.setWidget(content)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("How the picture was made"))
        self.prompt_heading.setText(self.tr("Prompt"))
        self.revised_heading.setText(self.tr("The model's own wording"))
        picture = self._picture
        if picture is None:
            return
        for heading, label, text in (
            (self.prompt_heading, self.prompt_label, picture.prompt),
            (self.revised_heading, self.revised_label, picture.revised_prompt),
        ):
            label.setText(text)
            heading.setVisible(bool(text))
            label.setVisible(bool(text))
        while self._facts.rowCount():
            self._facts.removeRow(0)
        for name, value in self._described(picture):
            if value:
                self._add_fact(name, value)

    def _described(self, picture: Picture) -> list[tuple[str, str]]:
        settings = picture.settings
        return [
            (self.tr("Kind"), words.origin(picture)),
            (self.tr("Model"), shown_model(picture.model)),
            (self.tr("Created"), words.moment(picture.created_at)),
            (self.tr("Size"), f"{picture.width_px} × {picture.height_px}"),
            (self.tr("From"), in_a_row(picture.source_names)),
            (self.tr("Quality"), words.choice(settings.quality) if settings.quality else ""),
            (self.tr("Background"), words.choice(settings.background) if settings.background else ""),
            (self.tr("Seed"), "" if settings.seed is None else str(settings.seed)),
            (self.tr("Steps"), "" if settings.steps is None else str(settings.steps)),
            (self.tr("Request"), "\n".join(lesson_words(picture.adjustments))),
            (self.tr("File"), picture.path.name),
            (self.tr("File size"), shown_size(picture.size_bytes)),
        ]

    def _add_fact(self, name: str, value: str) -> None:
        label, field = PlainLabel(name), PlainLabel(value)
        theme.give_role(label, Role.SMALL)
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        _make_readable(field)
        self._facts.addRow(label, field)


def _make_readable(label: PlainLabel) -> None:
    """Text of strangers: never read as markup, can be selected and copied."""
    label.setWordWrap(True)
    flags = Qt.TextInteractionFlag
    label.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
