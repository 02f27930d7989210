"""ParametersPanel: a conversation's system prompt and sampling parameters; an empty field is not sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from app.model.chat import ChatParameters, ReasoningEffort, ResponseFormat, Verbosity
from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel


@dataclass(frozen=True)
class _Range:
    """What a number may be, by the Chat Completions reference."""

    lowest: float
    highest: float
    is_whole: bool = False


_NUMBERS = {
    "temperature": _Range(0, 2),
    "top_p": _Range(0, 1),
    "max_tokens": _Range(1, 10_000_000, is_whole=True),
    "seed": _Range(-(2**63), 2**63 - 1, is_whole=True),
    "frequency_penalty": _Range(-2, 2),
    "presence_penalty": _Range(-2, 2),
}
_CHOICES: dict[str, type[StrEnum]] = {
    "reasoning_effort": ReasoningEffort,
    "verbosity": Verbosity,
    "response_format": ResponseFormat,
}
_TEXT_LINES = {"system_prompt": 6, "json_schema": 5, "stop": 2, "extra_body": 3}
_ROWS = (
    ("system_prompt",),
    ("temperature", "top_p"),
    ("max_tokens", "seed"),
    ("frequency_penalty", "presence_penalty"),
    ("reasoning_effort",),
    ("verbosity",),
    ("response_format",),
    ("json_schema",),
    ("stop",),
    ("extra_body",),
)
MOST_STOPS = 4
"""The API takes up to four stop strings."""


class ParametersPanel(QScrollArea):
    """A form. What is wrong in it is named below its field and not used; everything else is.

    Signals:
        changed(str, ChatParameters): system prompt and parameters, whenever they differ from before.
    """

    changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers = {name: QLineEdit() for name in _NUMBERS}
        self.choices = {name: QComboBox() for name in _CHOICES}
        self.texts = {name: QPlainTextEdit() for name in _TEXT_LINES}
        self.labels: dict[str, PlainLabel] = {}
        self.problem_labels: dict[str, PlainLabel] = {}
        self._loading = False
        self._shown: tuple[str, ChatParameters] = ("", ChatParameters())
        self._build()

    def set_values(self, system_prompt: str, parameters: ChatParameters) -> None:
        """Show a conversation's values; not reported as a change."""
        if (system_prompt, parameters) == self._shown and not self._problems()[1]:
            return
        self._loading = True
        self._shown = (system_prompt, parameters)
        for name, field in self.numbers.items():
            value = getattr(parameters, name)
            field.setText("" if value is None else f"{value:d}" if _NUMBERS[name].is_whole else f"{value:g}")
        for name, combo in self.choices.items():
            combo.setCurrentIndex(max(0, combo.findData(getattr(parameters, name))))
        extra = parameters.extra_body
        texts = {
            "system_prompt": system_prompt,
            "stop": "\n".join(parameters.stop),
            "json_schema": parameters.json_schema,
            "extra_body": json.dumps(extra, ensure_ascii=False, indent=2) if extra else "",
        }
        for name, text in texts.items():
            self.texts[name].setPlainText(text)
        self._loading = False
        self._show_problems()

    def _build(self) -> None:
        self.setObjectName("parameters_panel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setObjectName("parameters_page")
        theme.give_role(page, Role.SIDE_BAR)
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        grid = QGridLayout(page)
        grid.setContentsMargins(theme.SPACE_L, theme.SPACE_L, theme.SPACE_L, theme.SPACE_L)
        grid.setHorizontalSpacing(theme.SPACE_M)
        grid.setVerticalSpacing(theme.SPACE_XS)
        fields: dict[str, QWidget] = {**self.numbers, **self.choices, **self.texts}
        for number, names in enumerate(_ROWS):
            for column, name in enumerate(names):
                self._add(grid, (4 * number, column, 2 // len(names)), name, fields[name])
        for column in range(2):
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(4 * len(_ROWS), 1)
        self.setWidget(page)
        self._retranslate()

    def _add(self, grid: QGridLayout, place: tuple[int, int, int], name: str, field: QWidget) -> None:
        """Label, field and the sentence about what is wrong, one below the other at (row, column, width)."""
        row, column, width = place
        field.setObjectName(f"parameter_{name}")
        label = self.labels[name] = PlainLabel()
        label.setBuddy(field)
        theme.give_role(label, Role.SMALL)
        problem = self.problem_labels[name] = PlainLabel()
        problem.setObjectName(f"problem_{name}")
        problem.setWordWrap(True)
        problem.hide()
        theme.give_role(problem, Role.ERROR)
        for below, widget in enumerate((label, field, problem)):
            grid.addWidget(widget, row + below, column, 1, width)
        grid.setRowMinimumHeight(row + 3, theme.SPACE_XS)
        if isinstance(field, QPlainTextEdit):
            field.setTabChangesFocus(True)
            field.setFixedHeight(_TEXT_LINES[name] * field.fontMetrics().lineSpacing() + 5 * theme.SPACE_XS)
            field.textChanged.connect(self._on_edited)
        elif isinstance(field, QLineEdit):
            field.textChanged.connect(self._on_edited)
        elif isinstance(field, QComboBox):
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            field.currentIndexChanged.connect(self._on_edited)

    def _on_edited(self) -> None:
        if self._loading:
            return
        self._show_problems()
        values = (self.texts["system_prompt"].toPlainText().strip(), self._problems()[0])
        if values != self._shown:
            self._shown = values
            self.changed.emit(*values)

    def _problems(self) -> tuple[ChatParameters, frozenset[str]]:
        """What is valid in the form, and the names of the fields that are not."""
        wrong: set[str] = set()
        values: dict[str, Any] = {name: self._choice(name) for name in self.choices}
        for name, field in self.numbers.items():
            text = field.text().strip()
            values[name] = _number(text, _NUMBERS[name])
            if text and values[name] is None:
                wrong.add(name)
        for name in ("json_schema", "extra_body"):
            text = self.texts[name].toPlainText().strip()
            values[name] = _json_object(text)
            if text and values[name] is None:
                wrong.add(name)
        if values["response_format"] is ResponseFormat.SCHEMA and values["json_schema"] is None:
            wrong.add("json_schema")
            values["response_format"] = None
        values["json_schema"] = self.texts["json_schema"].toPlainText().strip() if values["json_schema"] else ""
        values["extra_body"] = values["extra_body"] or {}
        values["stop"] = tuple(line for line in self.texts["stop"].toPlainText().split("\n") if line)
        if len(values["stop"]) > MOST_STOPS:
            wrong.add("stop")
            values["stop"] = values["stop"][:MOST_STOPS]
        return ChatParameters(**values), frozenset(wrong)

    def _choice(self, name: str) -> StrEnum | None:
        value = self.choices[name].currentData()
        return _CHOICES[name](value) if value else None

    def _show_problems(self) -> None:
        """The schema only matters for that format; what is wrong is said where it is."""
        wants_schema = self._choice("response_format") is ResponseFormat.SCHEMA
        for widget in (self.labels["json_schema"], self.texts["json_schema"]):
            widget.setVisible(wants_schema)
        wrong = self._problems()[1]
        for name, label in self.problem_labels.items():
            label.setText(self._problem(name) if name in wrong else "")
            label.setVisible(name in wrong and (wants_schema or name != "json_schema"))

    def _problem(self, name: str) -> str:
        allowed = _NUMBERS.get(name)
        if name == "stop":
            return self.tr("Only the first %n line(s) are used.", "", MOST_STOPS)
        if allowed is None:
            return self.tr("This is not a JSON object, so it is not used.")
        if allowed.is_whole:
            return self.tr("Not used: this has to be a whole number from {lowest}.").format(
                lowest=self.locale().toString(int(allowed.lowest))
            )
        return self.tr("Not used: this has to be a number from {lowest} to {highest}.").format(
            lowest=f"{allowed.lowest:g}".replace("-", "−"), highest=f"{allowed.highest:g}"
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        texts = {
            "system_prompt": (self.tr("System prompt"), self.tr("How the model should behave, for all its answers")),
            "temperature": (self.tr("Temperature"), self.tr("0 is steady, 2 is wild")),
            "top_p": (self.tr("Top P"), self.tr("0 to 1: only the likeliest words up to this sum")),
            "max_tokens": (self.tr("Maximum tokens"), self.tr("The answer is cut off there")),
            "seed": (self.tr("Seed"), self.tr("The same number tends to give the same answer")),
            "frequency_penalty": (self.tr("Frequency penalty"), self.tr("−2 to 2: above 0 avoids repeating words")),
            "presence_penalty": (self.tr("Presence penalty"), self.tr("−2 to 2: above 0 looks for new topics")),
            "reasoning_effort": (self.tr("Reasoning effort"), self.tr("How long models that reason may think")),
            "verbosity": (self.tr("Verbosity"), self.tr("How long-winded the answer may be")),
            "response_format": (self.tr("Answer format"), self.tr("Plain text, or JSON for programs")),
            "json_schema": (self.tr("JSON schema"), self.tr("What the answer has to look like")),
            "stop": (self.tr("Stop at (one per line)"), self.tr("The answer ends before any of these")),
            "extra_body": (self.tr("Extra fields (JSON)"), self.tr("Sent as they are, for what is not listed here")),
        }
        for name, (label, tip) in texts.items():
            field = self.labels[name].buddy()
            self.labels[name].setText(label)
            field.setAccessibleName(label)
            field.setToolTip(tip)
        for number in self.numbers.values():
            number.setPlaceholderText(self.tr("not sent"))
        self._fill_choices()
        self._show_problems()

    def _fill_choices(self) -> None:
        words = {
            "none": self.tr("none"),
            "minimal": self.tr("minimal"),
            "low": self.tr("low"),
            "medium": self.tr("medium"),
            "high": self.tr("high"),
            "xhigh": self.tr("very high"),
            "max": self.tr("highest"),
            "text": self.tr("text"),
            "json_object": self.tr("JSON"),
            "json_schema": self.tr("JSON by a schema"),
        }
        was_loading, self._loading = self._loading, True
        for name, kind in _CHOICES.items():
            combo = self.choices[name]
            chosen = combo.currentData()
            combo.clear()
            combo.addItem(self.tr("not sent"), None)
            for choice in kind:
                combo.addItem(words[choice.value], choice.value)
            combo.setCurrentIndex(max(0, combo.findData(chosen)))
        self._loading = was_loading


def _number(text: str, allowed: _Range) -> float | int | None:
    """The number in `text`, with a point or a comma; None if there is none or it is out of range."""
    try:
        value = int(text) if allowed.is_whole else float(text.replace(",", "."))
    except ValueError:
        return None
    return value if allowed.lowest <= value <= allowed.highest else None


def _json_object(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
