"""System prompt and parameters: only what is set and valid is used, what is wrong is named."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model.chat import ChatParameters, ReasoningEffort, ResponseFormat, Verbosity
from app.ui.chat.parameters_panel import ParametersPanel
from tests.fakes.openai_server import FakeOpenAI
from tests.ui.chat.program import Program

EVERYTHING = ChatParameters(
    temperature=0.7,
    top_p=0.95,
    max_tokens=1_000_000,
    stop=("END", "  two words"),
    frequency_penalty=-0.5,
    presence_penalty=2.0,
    seed=2**40,
    response_format=ResponseFormat.SCHEMA,
    json_schema='{"type": "object"}',
    reasoning_effort=ReasoningEffort.XHIGH,
    verbosity=Verbosity.LOW,
    extra_body={"top_k": 20, "nested": {"一": [1, 2]}},
)


@pytest.fixture
def panel(qtbot: QtBot) -> ParametersPanel:
    made = ParametersPanel()
    qtbot.addWidget(made)
    made.resize(288, 700)
    made.show()
    return made


def test_what_is_shown_is_what_is_read(panel: ParametersPanel, qtbot: QtBot) -> None:
    changes: list[tuple[str, ChatParameters]] = []
    panel.changed.connect(lambda *values: changes.append(values))
    panel.set_values("Be brief.", EVERYTHING)
    assert changes == [], "showing is not changing"
    panel.texts["system_prompt"].setPlainText("Be long.")
    assert changes == [("Be long.", EVERYTHING)]
    panel.set_values("", ChatParameters())
    panel.texts["system_prompt"].setPlainText("x")
    assert changes[-1] == ("x", ChatParameters())


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("temperature", "2.1"),
        ("temperature", "warm"),
        ("temperature", "nan"),
        ("top_p", "-0.1"),
        ("max_tokens", "0"),
        ("max_tokens", "10.5"),
        ("seed", "one"),
        ("presence_penalty", "3"),
    ],
)
def test_a_number_out_of_range_is_named_and_not_used(panel: ParametersPanel, name: str, typed: str) -> None:
    changes: list[tuple[str, ChatParameters]] = []
    panel.changed.connect(lambda *values: changes.append(values))
    QTest.keyClicks(panel.numbers[name], typed)
    assert panel.problem_labels[name].isVisible()
    assert "Not used" in panel.problem_labels[name].text()
    panel.texts["system_prompt"].setPlainText("Be brief.")
    assert changes[-1][0] == "Be brief.", "the rest is used all the same"
    assert getattr(changes[-1][1], name) is None
    panel.numbers[name].clear()
    assert not panel.problem_labels[name].isVisible()


@pytest.mark.parametrize(("typed", "value"), [("0", 0.0), ("0.7", 0.7), ("0,7", 0.7), (" 2 ", 2.0)])
def test_numbers_are_taken_with_point_or_comma(panel: ParametersPanel, typed: str, value: float) -> None:
    changes: list[ChatParameters] = []
    panel.changed.connect(lambda _, parameters: changes.append(parameters))
    QTest.keyClicks(panel.numbers["temperature"], typed)
    assert changes[-1].temperature == value


def test_choices_are_made_and_taken_back(panel: ParametersPanel) -> None:
    changes: list[ChatParameters] = []
    panel.changed.connect(lambda _, parameters: changes.append(parameters))
    combo = panel.choices["reasoning_effort"]
    combo.setCurrentIndex(combo.findText("very high"))
    assert changes[-1].reasoning_effort is ReasoningEffort.XHIGH
    combo.setCurrentIndex(combo.findText("not sent"))
    assert changes[-1].reasoning_effort is None


def test_a_schema_is_asked_for_only_where_it_is_wanted(panel: ParametersPanel) -> None:
    changes: list[ChatParameters] = []
    panel.changed.connect(lambda _, parameters: changes.append(parameters))
    schema, combo = panel.texts["json_schema"], panel.choices["response_format"]
    assert not schema.isVisible()
    combo.setCurrentIndex(combo.findText("JSON by a schema"))
    assert schema.isVisible()
    assert panel.problem_labels["json_schema"].isVisible()
    assert not changes, "without a schema there is no such format"
    schema.setPlainText('{"type": "object"}')
    assert (changes[-1].response_format, changes[-1].json_schema) == (ResponseFormat.SCHEMA, '{"type": "object"}')
    assert not panel.problem_labels["json_schema"].isVisible()


@pytest.mark.parametrize("typed", ["{", "[1]", "3"])
def test_extra_fields_have_to_be_a_json_object(panel: ParametersPanel, typed: str) -> None:
    panel.texts["extra_body"].setPlainText(typed)
    assert panel.problem_labels["extra_body"].isVisible()


def test_only_the_first_stop_lines_are_used(panel: ParametersPanel) -> None:
    changes: list[ChatParameters] = []
    panel.changed.connect(lambda _, parameters: changes.append(parameters))
    panel.texts["stop"].setPlainText("a\nb\n\nc\nd\ne")
    assert changes[-1].stop == ("a", "b", "c", "d")
    assert panel.problem_labels["stop"].isVisible()


def test_every_field_has_a_label_a_name_and_help(panel: ParametersPanel) -> None:
    for name, label in panel.labels.items():
        field = label.buddy()
        assert field.objectName() == f"parameter_{name}"
        assert field.accessibleName() == label.text() != ""
        assert field.toolTip()


def test_what_is_set_goes_with_the_next_question_and_stays(chat: Program, server: FakeOpenAI) -> None:
    chat.tab.columns.parameters_button.click()
    panel = chat.tab.parameters
    QTest.keyClicks(panel.texts["system_prompt"], "Be brief.")
    QTest.keyClicks(panel.numbers["temperature"], "0")
    chat.ask("Hello")
    body = server.posts()[-1].json
    assert (body["messages"][0]["content"], body["temperature"]) == ("Be brief.", 0.0)
    assert "top_p" not in body
    chat.restart(chat.tab.conversation_id)
    assert chat.tab.parameters.texts["system_prompt"].toPlainText() == "Be brief."
    assert chat.tab.parameters.numbers["temperature"].text() == "0"


def test_typing_a_system_prompt_first_is_not_disturbed(chat: Program) -> None:
    prompt = chat.tab.parameters.texts["system_prompt"]
    chat.tab.columns.parameters_button.click()
    QTest.keyClicks(prompt, "You are a ")
    chat.wait(lambda: [one.system_prompt for one in chat.conversations()] == ["You are a"])
    QTest.keyClicks(prompt, "poet.")
    chat.wait(lambda: [one.system_prompt for one in chat.conversations()] == ["You are a poet."])
    assert prompt.toPlainText() == "You are a poet."


def test_each_conversation_has_its_own(chat: Program) -> None:
    prompt = chat.tab.parameters.texts["system_prompt"]
    QTest.keyClicks(prompt, "First.")
    chat.ask("Hello")
    first_id = chat.tab.conversation_id
    chat.open_conversation(None)
    assert prompt.toPlainText() == ""
    QTest.keyClicks(prompt, "Second.")
    chat.open_conversation(first_id)
    assert prompt.toPlainText() == "First."
