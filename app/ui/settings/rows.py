"""Rows of a form: label, control and a line of help, aligned in one grid; what the controls do is not known here."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QSpinBox, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel


class Row:
    """A control with its label and its help; a check box carries its label itself. Texts come once it is in a grid."""

    def __init__(self, editor: QWidget) -> None:
        self.editor = editor
        self._visible = True
        self.label = PlainLabel()
        self.help_label = PlainLabel()
        self.problem_label = PlainLabel()
        self.label.setBuddy(editor)
        self.help_label.setWordWrap(True)
        self.problem_label.setWordWrap(True)
        theme.give_role(self.help_label, Role.SMALL)
        theme.give_role(self.problem_label, Role.ERROR)

    def set_texts(self, label: str, help_text: str = "") -> None:
        """Translated texts; they are also what a screen reader says of the control."""
        if isinstance(self.editor, QCheckBox):
            self.editor.setText(label)
        else:
            self.label.setText(label)
        for widget in {self.editor, self.editor.focusProxy() or self.editor}:
            widget.setAccessibleName(label)
            widget.setAccessibleDescription(help_text)
        self.help_label.setText(help_text)
        self._show()

    def set_problem(self, problem: str) -> None:
        """Say beside the control what is wrong with what was typed; empty takes it away."""
        self.problem_label.setText(problem)
        self._show()

    def set_visible(self, visible: bool) -> None:
        self._visible = visible
        self._show()

    def _show(self) -> None:
        self.label.setVisible(self._visible and bool(self.label.text()))
        self.editor.setVisible(self._visible)
        self.help_label.setVisible(self._visible and bool(self.help_label.text()))
        self.problem_label.setVisible(self._visible and bool(self.problem_label.text()))


class RowGrid(QWidget):
    """Headings and rows under each other."""

    def __init__(self, label_px: int, parent: QWidget | None = None) -> None:
        """`label_px` is the width of the labels; longer ones take more lines."""
        super().__init__(parent)
        self._label_px = label_px
        self._labels: list[PlainLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.SPACE_L)
        self._grid.setVerticalSpacing(theme.SPACE_M)
        self._grid.setColumnStretch(1, 1)

    def add(self, row: Row) -> Row:
        """Append a row."""
        column = QVBoxLayout()
        column.setSpacing(theme.SPACE_XS)
        is_narrow = isinstance(row.editor, QComboBox | QSpinBox | QCheckBox)
        column.addWidget(row.editor, 0, Qt.AlignmentFlag.AlignLeft if is_narrow else Qt.AlignmentFlag(0))
        column.addWidget(row.problem_label)
        column.addWidget(row.help_label)
        line = self._grid.rowCount()
        row.label.setContentsMargins(0, theme.SPACE_S, 0, 0)
        row.label.setWordWrap(True)
        row.label.setFixedWidth(theme.px(self._label_px))
        self._labels.append(row.label)
        self._grid.addWidget(row.label, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(column, line, 1)
        return row

    def add_wide(self, widget: QWidget, space_above: int = 0) -> None:
        """Append something that takes the whole width."""
        line = self._grid.rowCount()
        if space_above:
            self._grid.setRowMinimumHeight(line, space_above)
            line += 1
        self._grid.addWidget(widget, line, 0, 1, 2)

    def add_under(self, widget: QWidget) -> None:
        """Append something without a label, below the controls."""
        self._grid.addWidget(widget, self._grid.rowCount(), 1)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            for label in self._labels:
                label.setFixedWidth(theme.px(self._label_px))
