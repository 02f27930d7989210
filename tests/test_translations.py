"""The catalogues hold every text of the program, finished and with its fields; texts reach the screen through them."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.model.audio import SPOKEN_LANGUAGES
from app.model.chat import RetryPending
from app.model.errors import AppError, TimedOut, UnreadableFile
from app.model.settings import CHOICE_LABELS, Language, Settings
from app.ui.chat.answers import LiveAnswer
from app.ui.chat.status_line import StatusLine
from app.ui.translation import Translation, error_text, translated
from app.ui.widgets.undo_bar import UndoBar

ROOT = Path(__file__).parent.parent
CATALOGUES = ROOT / "resources/translations"
NUMBER_OF_FORMS = {"en": 2, "zh_CN": 1}
KEPT_AS_IT_IS = {
    "a field": re.compile(r"\{\w*\}"),
    "a shortcut": re.compile(r"(?:Ctrl|Alt|Shift)\+(?:\w+|[^\s)])|\bF\d+\b|\bEsc\b"),
    "a file pattern": re.compile(r"\*\.\w*"),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_CHINESE = {"Top P", "JSON", "JSON schema", "Markdown (*.md)"}
"""Names known by their English form only."""

SHOWS_TEXT = {
    *("setText", "setPlainText", "setToolTip", "setStatusTip", "setPlaceholderText", "setWindowTitle", "setTitle"),
    *("setAccessibleName", "setAccessibleDescription", "setAccessibleText", "setTabText", "setTabToolTip"),
    *("setSuffix", "setPrefix", "setSpecialValueText", "setLabelText", "setItemText", "setInformativeText"),
    *("addItem", "addItems", "insertItem", "addAction", "addMenu", "addRow", "addTab", "addButton"),
    *("QLabel", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QGroupBox", "QAction", "QMenu"),
    *("QListWidgetItem", "QStandardItem", "ElidedLabel", "Notice", "offer"),
}
"""Calls whose string arguments people see."""
NOT_WORDS = {
    "https://api.example.com/v1": "an example of an address",
    "http://proxy.example.com:3128": "an example of an address",
    "X-Team: research": "an example of a header",
    '{"provider": {"sort": "price"}}': "an example of JSON",
}
"""What may be shown without translation, with the reason."""
OTHER_ARGUMENTS = {"join", "strftime", "icon", "toString", "native_keys", "format", "replace", "get", "getattr"}
"""Calls inside such an argument whose own strings are not shown."""
TRANSLATES = {"tr", "translate", "translated", "error_text", "QT_TRANSLATE_NOOP"}


@dataclass(frozen=True)
class Entry:
    """One text of a catalogue; `state` is empty when it is finished and in use."""

    context: str
    source: str
    comment: str
    has_number: bool
    forms: tuple[str, ...]
    state: str

    @property
    def key(self) -> tuple[str, str, str, bool]:
        return self.context, self.source, self.comment, self.has_number


def read(catalogue: Path) -> list[Entry]:
    return [
        _entry(context.findtext("name", ""), message)
        for context in ElementTree.parse(catalogue).getroot().iter("context")
        for message in context.iter("message")
    ]


def _entry(context: str, message: ElementTree.Element) -> Entry:
    translation = message.find("translation")
    assert translation is not None
    forms = [form.text or "" for form in translation.iter("numerusform")]
    return Entry(
        context,
        message.findtext("source", ""),
        message.findtext("comment", ""),
        message.get("numerus") == "yes",
        tuple(forms or [translation.text or ""]),
        translation.get("type", ""),
    )


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both catalogues, collected afresh from the code."""
    folder = tmp_path_factory.mktemp("collected")
    subprocess.run([ROOT / "packaging/translations.sh", "collect", folder], check=True)
    return folder


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogues as the program loads them."""
    folder = tmp_path_factory.mktemp("compiled")
    for catalogue in CATALOGUES.glob("*.ts"):
        tool = ROOT / ".venv/bin/pyside6-lrelease"
        subprocess.run([tool, "-silent", catalogue, "-qm", folder / f"{catalogue.stem}.qm"], check=True)
    return folder


@pytest.fixture
def translation(qapp: QApplication, compiled: Path) -> Iterator[Translation]:
    made = Translation(folder=compiled)
    yield made  # its catalogues leave with it
    QLocale.setDefault(QLocale.c())


@pytest.fixture(params=sorted(NUMBER_OF_FORMS))
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def catalogue(language: str) -> list[Entry]:
    return read(CATALOGUES / f"triptych_{language}.ts")


# The catalogues and the code


def test_every_text_is_in_the_catalogue_and_no_other(collected: Path, language: str, catalogue: list[Entry]) -> None:
    in_code = {entry.key for entry in read(collected / f"triptych_{language}.ts")}
    here = {entry.key for entry in catalogue}
    assert len(in_code) > 500
    assert in_code - here == set(), "missing: run packaging/translations.sh update, then translate"
    assert here - in_code == set(), "not in the code any more: run packaging/translations.sh update"


def test_every_text_is_finished(language: str, catalogue: list[Entry]) -> None:
    unfinished = [entry for entry in catalogue if entry.state or not all(form.strip() for form in entry.forms)]
    assert unfinished == []
    with_number = [entry for entry in catalogue if entry.has_number]
    assert with_number
    assert [entry for entry in with_number if len(entry.forms) != NUMBER_OF_FORMS[language]] == []


def test_fields_shortcuts_and_file_patterns_are_kept(catalogue: list[Entry]) -> None:
    changed = [
        (what, entry.source, form)
        for entry in catalogue
        for what, pattern in KEPT_AS_IT_IS.items()
        for form in entry.forms
        if set(pattern.findall(entry.source)) != set(pattern.findall(form))
    ]
    assert changed == []


def test_numbers_are_kept(catalogue: list[Entry]) -> None:
    # The form for one may say it in a word; the last form stands for every other number.
    lost = [entry for entry in catalogue if entry.has_number and "%n" not in entry.forms[-1]]
    assert lost == []
    assert [entry for entry in catalogue if not entry.has_number and "%n" in entry.source + entry.forms[0]] == []


def test_english_says_what_the_code_says() -> None:
    for entry in read(CATALOGUES / "triptych_en.ts"):
        if entry.has_number:
            assert not any("(s)" in form for form in entry.forms), entry
        else:
            assert entry.forms == (entry.source,)


def test_chinese_is_chinese() -> None:
    forgotten = [
        entry.source
        for entry in read(CATALOGUES / "triptych_zh_CN.ts")
        if not CHINESE.search(entry.forms[0])
        and entry.source not in SAME_IN_CHINESE
        and re.search(r"[A-Za-z]{2}", _without_what_is_kept(entry.source))
    ]
    assert forgotten == []


def _without_what_is_kept(text: str) -> str:
    for pattern in KEPT_AS_IT_IS.values():
        text = pattern.sub("", text)
    return text


# Texts of the model


def _kinds(kind: type[AppError]) -> Iterator[type[AppError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)


def _settings_texts() -> Iterator[str]:
    for section in fields(Settings):
        yield section.metadata.get("label", "")
        options = getattr(Settings(), section.name)
        if "label" in section.metadata and is_dataclass(options):
            for option in fields(options):
                yield from (option.metadata.get(key, "") for key in ("label", "help"))
    yield from (label for value, label in CHOICE_LABELS.items() if value not in set(Language) - {Language.SYSTEM})


def test_texts_of_the_model_are_in_the_catalogue(catalogue: list[Entry]) -> None:
    kinds = list(_kinds(AppError))
    wanted = {
        "Errors": {text for kind in kinds for text in (kind.title, kind.explanation, kind.hint) if text},
        "Settings": {text for text in _settings_texts() if text},
        "Languages": {name[:1].upper() + name[1:] for name in SPOKEN_LANGUAGES.values()},
    }
    for context, texts in wanted.items():
        assert len(texts) > 20
        assert texts - {entry.source for entry in catalogue if entry.context == context} == set()


# Texts of the windows


@cache
def _trees() -> dict[str, ast.Module]:
    files = [*sorted((ROOT / "app/ui").rglob("*.py")), ROOT / "app/main.py"]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in files}


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _words_in(nodes: Iterable[ast.AST]) -> Iterator[ast.Constant]:
    """String literals with a word in them that are shown as they are."""
    for node in nodes:
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and re.search(r"[^\W\d_]{2}", node.value):
                yield node
        elif isinstance(node, ast.Call) and _name(node) in TRANSLATES | OTHER_ARGUMENTS:
            # `"{a} and {b}".format(...)` shows its own text.
            yield from _words_in([node.func.value] if isinstance(node.func, ast.Attribute) else [])
        elif isinstance(node, ast.Compare | ast.Subscript):
            continue
        elif isinstance(node, ast.IfExp):
            yield from _words_in([node.body, node.orelse])
        elif isinstance(node, ast.FormattedValue):
            yield from _words_in([node.value])
        else:
            yield from _words_in(ast.iter_child_nodes(node))


def _shown(call: ast.Call) -> list[ast.expr]:
    """The arguments that people may see; a notice's first is its kind."""
    return call.args[1:] if _name(call) == "Notice" else call.args


def untranslated(tree: ast.Module) -> list[tuple[int, str]]:
    """Line and text of the words that a window shows without translation."""
    return [
        (literal.lineno, literal.value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _name(call) in SHOWS_TEXT
        for literal in _words_in([*_shown(call), *(keyword.value for keyword in call.keywords)])
        if isinstance(literal.value, str) and literal.value not in NOT_WORDS
    ]


def test_no_text_bypasses_translation() -> None:
    assert len(_trees()) > 50
    assert {path: found for path, tree in _trees().items() if (found := untranslated(tree))} == {}


@pytest.mark.parametrize(
    "code",
    [
        'label.setText("Stop")',
        'QLabel("Stop", self)',
        'label.setText(f"Stop {name}")',
        'label.setText("Stop" if on else self.tr("Start"))',
        'label.setText("Stop {name}".format(name=name))',
    ],
)
def test_a_text_that_bypasses_translation_is_found(code: str) -> None:
    assert untranslated(ast.parse(code)) != []


@pytest.mark.parametrize(
    "code",
    [
        'label.setText(self.tr("Stop {name}").format(name=name))',
        'label.setText(f"{done} / {total}")',
        'label.setText(words["stop"])',
        'label.setText(self.tr("Stop") if state == "running" else "")',
    ],
)
def test_a_translated_text_is_not_complained_about(code: str) -> None:
    assert untranslated(ast.parse(code)) == []


def test_texts_handed_to_translation_are_literals() -> None:
    """What is put together at run time, lupdate cannot collect."""
    wrong = [
        f"{path}:{call.lineno}"
        for path, tree in _trees().items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _name(call) == "tr" and not isinstance(call.args[0], ast.Constant)
    ]
    assert wrong == []


def test_classes_with_plural_forms_have_no_heirs() -> None:
    """In an heir, Qt looks for the plural form under the heir's name first and takes what it does not find for it."""
    classes = [node for tree in _trees().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    inherited = {ast.unparse(parent) for node in classes for parent in node.bases}
    with_number = {
        node.name
        for node in classes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and _name(call) == "tr" and len(call.args) == 3
    }
    assert with_number
    assert with_number & inherited == set()


# The running program


def test_a_text_of_a_widget_changes_with_the_language(qtbot: QtBot, translation: Translation) -> None:
    bar = UndoBar()
    qtbot.addWidget(bar)
    translation.use(Language.CHINESE)
    qtbot.waitUntil(lambda: bar.undo_button.text() == "撤销")
    translation.use(Language.ENGLISH)
    qtbot.waitUntil(lambda: bar.undo_button.text() == "Undo")


def test_a_text_is_inherited_with_its_widget(qtbot: QtBot, translation: Translation) -> None:
    class Heir(UndoBar):
        """A widget whose texts are those of its parent class."""

    translation.use(Language.CHINESE)
    heir = Heir()
    qtbot.addWidget(heir)
    assert heir.undo_button.text() == "撤销"


@pytest.mark.parametrize(
    ("language_in_force", "seconds", "text"),
    [
        (Language.ENGLISH, 1, "The server did not answer in time. Trying again in 1 second…"),
        (Language.ENGLISH, 30, "The server did not answer in time. Trying again in 30 seconds…"),
        (Language.CHINESE, 1, "服务器未及时响应。1 秒后重试…"),
        (Language.CHINESE, 30, "服务器未及时响应。30 秒后重试…"),
    ],
)
def test_a_widget_counts_in_the_language(
    qtbot: QtBot, translation: Translation, language_in_force: Language, seconds: int, text: str
) -> None:
    translation.use(language_in_force)
    line = StatusLine()
    qtbot.addWidget(line)
    answer = LiveAnswer(message_id=1)
    answer.note(RetryPending(wait_s=seconds, attempt=1, reason=TimedOut.title))
    line.show_wait(answer)
    assert line.text() == text


@pytest.mark.parametrize(
    ("language_in_force", "texts"),
    [(Language.ENGLISH, ("1 token", "2 tokens")), (Language.CHINESE, ("1 个 token", "2 个 token"))],
)
def test_a_text_without_a_widget_counts_in_the_language(
    translation: Translation, language_in_force: Language, texts: tuple[str, str]
) -> None:
    translation.use(language_in_force)
    counted = [QCoreApplication.translate("ChatRows", "%n token(s)", "", number) for number in (1, 2)]
    assert tuple(counted) == texts


def test_texts_of_the_model_are_shown_in_the_language(translation: Translation) -> None:
    translation.use(Language.CHINESE)
    assert translated("Errors", TimedOut.explanation, {"host": "localhost", "seconds": "8"}).startswith(
        "localhost 在 8 秒内"
    )
    assert translated("Languages", "German") == "德语"
    error = UnreadableFile(name="a{b.png", expected="a picture")
    assert error_text(error, error.explanation) == "无法将“a{b.png”作为图片读取。"


def test_texts_of_qt_are_shown_in_the_language(translation: Translation) -> None:
    translation.use(Language.CHINESE)
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "取消"
