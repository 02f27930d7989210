"""LearnedLessons: what a provider's models refused and how they are asked since, with a Reset; stores nothing."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.model.lessons import Lesson
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import lesson_words
from app.ui.widgets.plain_label import PlainLabel


class LearnedLessons(QWidget):
    """Hidden while nothing is known. Signals: reset_requested(): forget all of it."""

    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading_label = PlainLabel()
        self.note_label = PlainLabel()
        self.reset_button = QPushButton()
        self.lines: list[tuple[PlainLabel, PlainLabel]] = []
        """A model, and how it is asked."""
        self._lessons: Mapping[str, tuple[Lesson, ...]] = {}
        self._frame = QFrame()
        self._grid = QGridLayout(self._frame)
        self._build()

    def show_lessons(self, lessons: Mapping[str, tuple[Lesson, ...]]) -> None:
        """The lessons of each model by its id."""
        self._lessons = dict(lessons)
        for line in self.lines:
            for label in line:
                self._grid.removeWidget(label)
                label.deleteLater()
        self.lines = [(self._label(model_id), self._label()) for model_id in lessons]
        for row, (model, words) in enumerate(self.lines):
            self._grid.addWidget(model, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(words, row, 1)
        self.setVisible(bool(lessons))
        self._retranslate()

    def _label(self, text: str = "") -> PlainLabel:
        label = PlainLabel(text, self._frame)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setWordWrap(True)
        return label

    def _build(self) -> None:
        self.setObjectName("learned_lessons")
        self.reset_button.setObjectName("reset_lessons")
        self.note_label.setObjectName("lessons_note")
        self.note_label.setWordWrap(True)
        self.reset_button.setIcon(theme.icon("rotate-ccw"))
        self.reset_button.clicked.connect(self.reset_requested)
        theme.give_role(self.heading_label, Role.HEADING)
        theme.give_role(self.note_label, Role.SMALL)
        theme.give_role(self.reset_button, Role.FLAT)
        theme.give_role(self._frame, Role.CARD)
        self._grid.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        self._grid.setHorizontalSpacing(theme.SPACE_L)
        self._grid.setVerticalSpacing(theme.SPACE_S)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 2)
        top = QHBoxLayout()
        top.addWidget(self.heading_label, 1)
        top.addWidget(self.reset_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(top)
        column.addWidget(self.note_label)
        column.addWidget(self._frame)
        self.show_lessons({})

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.heading_label.setText(self.tr("Learned from refusals"))
        self.note_label.setText(
            self.tr("This server refused something for these models, so it is not asked for again. Reset tries anew.")
        )
        self.reset_button.setText(self.tr("Reset"))
        self.reset_button.setAccessibleName(self.tr("Forget what was learned from refusals"))
        for (_, words), lessons in zip(self.lines, self._lessons.values(), strict=True):
            words.setText("\n".join(lesson_words(lessons)))
