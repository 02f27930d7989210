"""ParametersPanel: a conversation's system prompt and sampling parameters; an empty field is not sent."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDoubleValidator, QIntValidator
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QLabel, QLineEdit, QPlainTextEdit, QScrollArea, QWidget

from app.model.chat import ChatParameters, ReasoningEffort, ResponseFormat, Verbosity
from app.ui import theme
from app.ui.theme import Role

_NUMBERS: dict[str, tuple[float, float, bool]] = {
    # name: lowest, highest, whole number; the ranges of the Chat Completions reference
    "temperature": (0.0, 2.0, False),
    "top_p": (0.0, 1.0, False),
    "max_tokens": (1, 2_000_000, True),
    "frequency_penalty": (-2.0, 2.0, False),
    "presence_penalty": (-2.0, 2.0, False),
    "seed": (0, 2**31 - 1, True),
}
_CHOICES: dict[str, type[StrEnum]] = {
    "reasoning_effort": ReasoningEffort,
    "verbosity": Verbosity,
    "response_format": ResponseFormat,
}
MOST_STOPS = 4
"""The API takes up to four stop strings."""


class ParametersPanel(QScrollArea):
    """A form; `changed` is emitted whenever what is in it is valid and differs.

    Signals:
        changed(str, ChatParameters): system prompt and parameters.
    """

    changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.system_prompt = QPlainTextEdit()
        self.numbers = {name: QLineEdit() for name in _NUMBERS}
        self.choices = {name: QComboBox() for name in _CHOICES}
        self.stop = QPlainTextEdit()
        self.json_schema = QPlainTextEdit()
        self.extra_body = QPlainTextEdit()
        self.problem_label = QLabel()
        self._labels: dict[str, QLabel] = {}
        self._loading = False
        self._shown: tuple[str, ChatParameters] = ("", ChatParameters())
        self._build()

    def set_values(self, system_prompt: str, parameters: ChatParameters) -> None:
        """Show a conversation's values; not reported as a change."""
        self._loading = True
        self._shown = (system_prompt, parameters)
        self.system_prompt.setPlainText(system_prompt)
        for name, field in self.numbers.items():
            value = getattr(parameters, name)
            field.setText("" if value is None else self.locale().toString(value) if _is_whole(name) else f"{value:g}")
        for name, combo in self.choices.items():
            combo.setCurrentIndex(max(0, combo.findData(getattr(parameters, name))))
        self.stop.setPlainText("\n".join(parameters.stop))
        self.json_schema.setPlainText(parameters.json_schema)
        extra = parameters.extra_body
        self.extra_body.setPlainText(json.dumps(extra, ensure_ascii=False, indent=2) if extra else "")
        self._loading = False
        self._update()

    def _build(self) -> None:
        self.setObjectName("parameters_panel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setObjectName("parameters_page")
        theme.give_role(page, Role.SIDE_BAR)
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        form = QFormLayout(page)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        form.setSpacing(theme.SPACE_XS)
        self._add(form, "system_prompt", self.system_prompt, lines=5)
        for name, field in self.numbers.items():
            lowest, highest, whole = _NUMBERS[name]
            validator = QIntValidator(int(lowest), int(highest)) if whole else QDoubleValidator(lowest, highest, 4)
            field.setValidator(validator)
            self._add(form, name, field)
        for name, combo in self.choices.items():
            self._add(form, name, combo)
        self._add(form, "stop", self.stop, lines=2)
        self._add(form, "json_schema", self.json_schema, lines=4)
        self._add(form, "extra_body", self.extra_body, lines=3)
        theme.give_role(self.problem_label, Role.ERROR)
        self.problem_label.setObjectName("parameters_problem")
        self.problem_label.setWordWrap(True)
        form.addRow(self.problem_label)
        self.setWidget(page)
        self._retranslate()

    def _add(self, form: QFormLayout, name: str, field: QWidget, lines: int = 1) -> None:
        field.setObjectName(f"parameter_{name}")
        label = self._labels[name] = QLabel()
        label.setBuddy(field)
        if isinstance(field, QPlainTextEdit):
            field.setTabChangesFocus(True)
            field.setFixedHeight(lines * field.fontMetrics().lineSpacing() + 4 * theme.SPACE_S)
            field.textChanged.connect(self._on_edited)
        elif isinstance(field, QLineEdit):
            field.textChanged.connect(self._on_edited)
        elif isinstance(field, QComboBox):
            field.currentIndexChanged.connect(self._on_edited)
        form.addRow(label, field)

    def _on_edited(self) -> None:
        if self._loading:
            return
        self._update()
        try:
            values = (self.system_prompt.toPlainText().strip(), self._read())
        except ValueError:
            return
        if values != self._shown:
            self._shown = values
            self.changed.emit(*values)

    def _read(self) -> ChatParameters:
        """What is in the form.

        Raises:
            ValueError: a number is out of range or the JSON is not an object; the text says which field.
        """
        numbers = {name: self._number(name, field) for name, field in self.numbers.items()}
        choices: dict[str, Any] = {name: self._choice(name) for name in self.choices}
        stops = tuple(line for line in self.stop.toPlainText().split("\n") if line)
        if len(stops) > MOST_STOPS:
            raise ValueError("stop")
        return ChatParameters(
            **numbers,
            **choices,
            stop=stops,
            json_schema=self._json_text("json_schema", self.json_schema),
            extra_body=json.loads(self._json_text("extra_body", self.extra_body) or "{}"),
        )

    def _choice(self, name: str) -> StrEnum | None:
        value = self.choices[name].currentData()
        return _CHOICES[name](value) if value else None

    def _number(self, name: str, field: QLineEdit) -> Any:  # noqa: ANN401 - int, float or None by field
        text = field.text().strip()
        if not text:
            return None
        if not field.hasAcceptableInput():
            raise ValueError(name)
        value, valid = self.locale().toInt(text) if _is_whole(name) else self.locale().toDouble(text)
        if not valid:
            raise ValueError(name)
        return value

    def _json_text(self, name: str, field: QPlainTextEdit) -> str:
        text = field.toPlainText().strip()
        try:
            if text and not isinstance(json.loads(text), dict):
                raise ValueError(name)
        except ValueError:
            raise ValueError(name) from None
        return text

    def _update(self) -> None:
        """The schema only matters for that format; a wrong field is named."""
        wants_schema = self._choice("response_format") is ResponseFormat.SCHEMA
        self.json_schema.setVisible(wants_schema)
        self._labels["json_schema"].setVisible(wants_schema)
        try:
            self._read()
        except ValueError as problem:
            label = self._labels[str(problem)].text()
            self.problem_label.setText(self.tr("“{field}” is not valid and not used.").format(field=label))
        else:
            self.problem_label.clear()
        self.problem_label.setVisible(bool(self.problem_label.text()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        texts = {
            "system_prompt": (self.tr("System prompt"), self.tr("How the model should behave, for all its answers")),
            "temperature": (self.tr("Temperature"), self.tr("0 is steady, 2 is wild")),
            "top_p": (self.tr("Top P"), self.tr("0 to 1: only the likeliest words up to this sum")),
            "max_tokens": (self.tr("Longest answer (tokens)"), self.tr("The answer stops there")),
            "frequency_penalty": (self.tr("Frequency penalty"), self.tr("−2 to 2: above 0 avoids repeating words")),
            "presence_penalty": (self.tr("Presence penalty"), self.tr("−2 to 2: above 0 looks for new topics")),
            "seed": (self.tr("Seed"), self.tr("The same number tends to give the same answer")),
            "reasoning_effort": (self.tr("Reasoning effort"), self.tr("How long models that reason may think")),
            "verbosity": (self.tr("Verbosity"), self.tr("How long-winded the answer may be")),
            "response_format": (self.tr("Answer format"), self.tr("Plain text, or JSON for programs")),
            "stop": (self.tr("Stop at (one per line, at most 4)"), self.tr("The answer ends before any of these")),
            "json_schema": (self.tr("JSON schema"), self.tr("What the answer has to look like")),
            "extra_body": (self.tr("Extra fields (JSON)"), self.tr("Sent as they are, for what is not listed here")),
        }
        for name, (label, tip) in texts.items():
            field = self._labels[name].buddy()
            self._labels[name].setText(label)
            field.setAccessibleName(label)
            field.setToolTip(tip)
        for number in self.numbers.values():
            number.setPlaceholderText(self.tr("not sent"))
        self._fill_choices()
        self._update()

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


def _is_whole(name: str) -> bool:
    return _NUMBERS[name][2]
