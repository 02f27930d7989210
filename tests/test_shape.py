"""What import rules cannot see: sizes, names and forbidden constructs, read from the syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "app").rglob("*.py"))

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 50
MOST_CONSTRUCTOR_LINES = 25
MOST_METHODS = 15
MOST_PARAMETERS = 6

FORBIDDEN_WORDS = ("manager", "handler", "helper", "util", "common", "misc")
FORBIDDEN_NAMES = {"window", "app", "controller", "manager"}
TASK_MAKERS = {"app/ui/job.py"}
FIRST_LOOPS = {"app/main.py": ("until_painted.exec",)}
"""The one that runs before any other: nothing is nested in it, and it ends when the window was painted."""
GUESSING_PLACES = {
    "QLabel": "app/ui/widgets/plain_label.py",
    "QMessageBox": "app/ui/ask.py",
    "QInputDialog": None,
    "QProgressDialog": None,
    "QErrorMessage": None,
}
"""What shows as HTML whatever looks like it, unless it is told otherwise, and where it is told so."""
BROAD_EXCEPT: dict[str, str] = {
    "app/main.py": "the crash hook turns any bug into the crash box",
    "app/ui/widgets/formula.py": "ziamath raises a dozen unrelated types for TeX that it does not understand",
    "app/services/secrets.py": "the key stores of five systems raise whatever their libraries do",
}
"""Files that may catch everything without raising again, with the reason."""
QT_OVERRIDES = ("Event", "eventFilter", "sizeHint", "minimumSizeHint", "event", "paint", "loadResource", "rowCount")
"""Methods Qt calls; they do not count towards a class's size, because their number is Qt's choice."""


@pytest.fixture(scope="module", autouse=True)
def _no_trees_stay() -> Iterator[None]:
    """Half a million objects, which every later collection of garbage would look at."""
    yield
    _tree.cache_clear()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _nodes(*kinds: type[ast.AST]) -> Iterator[tuple[str, Any]]:
    for path in SOURCES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, kinds):
                yield path.relative_to(ROOT).as_posix(), node


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_there_is_something_to_check() -> None:
    assert len(SOURCES) > 40


def test_files_stay_small() -> None:
    sizes = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {name: size for name, size in sizes.items() if size > MOST_FILE_LINES} == {}


def test_functions_stay_short() -> None:
    long = []
    for name, node in _nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        limit = MOST_CONSTRUCTOR_LINES if node.name == "__init__" else MOST_FUNCTION_LINES
        if _lines(node) > limit:
            long.append(f"{name}:{node.lineno} {node.name} has {_lines(node)} lines")
    assert long == []


def test_classes_and_signatures_stay_narrow() -> None:
    wide = []
    for name, node in _nodes(ast.ClassDef):
        methods = [m for m in node.body if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)]
        own = [m for m in methods if not m.name.startswith("__") and not m.name.endswith(QT_OVERRIDES)]
        if len(own) > MOST_METHODS:
            wide.append(f"{name}:{node.lineno} {node.name} has {len(own)} methods")
    for name, function in _nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        arguments = function.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        if len([a for a in names if a not in ("self", "cls")]) > MOST_PARAMETERS:
            wide.append(f"{name}:{function.lineno} {function.name} has {len(names)} parameters")
    assert wide == []


def test_names_say_what_things_are() -> None:
    bad = [path.relative_to(ROOT).as_posix() for path in SOURCES if _is_vague(path.stem)]
    bad += [f"{name}:{node.lineno} {node.name}" for name, node in _nodes(ast.ClassDef) if _is_vague(node.name)]
    assert bad == []


def test_nothing_is_handed_the_whole_program() -> None:
    bad = []
    for name, node in _nodes(ast.arg, ast.Attribute):
        if name == "app/main.py" or name.startswith("app/engine/"):  # in the engine a window is a stretch of sound
            continue
        called = node.arg if isinstance(node, ast.arg) else node.attr
        owner = isinstance(node, ast.arg) or (isinstance(node.value, ast.Name) and node.value.id == "self")
        is_assigned = isinstance(node, ast.arg) or isinstance(node.ctx, ast.Store)
        if called.lstrip("_") in FORBIDDEN_NAMES and owner and is_assigned:
            bad.append(f"{name}:{node.lineno} {called}")
    assert bad == []


def test_tasks_are_made_in_one_place() -> None:
    bad = []
    for name, node in _nodes(ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called not in ("create_task", "ensure_future") or name in TASK_MAKERS or name.startswith("app/engine/"):
            continue
        if not _belongs_to_a_group(node):
            bad.append(f"{name}:{node.lineno}")
    assert bad == []


def test_no_nested_event_loops() -> None:
    bad = [
        f"{name}:{node.lineno}"
        for name, node in _nodes(ast.Call)
        if isinstance(node.func, ast.Attribute)
        and node.func.attr in ("exec", "exec_", "processEvents")
        and ast.unparse(node.func) not in FIRST_LOOPS.get(name, ())
    ]
    assert bad == []


def test_no_stranger_s_words_are_read_as_html() -> None:
    bad = []
    for name, node in _nodes(ast.Name):
        if name != GUESSING_PLACES.get(node.id, name):
            bad.append(f"{name}:{node.lineno} {node.id}: use PlainLabel, or a question of ask")
    assert bad == []


def test_encoded_pictures_are_only_decoded_where_no_thread_can_wait_for_ever() -> None:
    bad = {name for name, node in _nodes(ast.Attribute) if node.attr in ("fromData", "loadFromData")}
    assert bad == {"app/ui/images/decoded.py"}


def test_errors_are_swallowed_only_where_the_reason_is_listed() -> None:
    swallowing = {
        name
        for name, node in _nodes(ast.ExceptHandler)
        if _is_broad(node)
        and not name.startswith("app/engine/")
        and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
    }
    assert swallowing == set(BROAD_EXCEPT)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_says_what_it_is_for(path: Path) -> None:
    empty = not path.read_text("utf-8").strip()
    assert (path.name == "__init__.py" and empty) or ast.get_docstring(_tree(path))


def _is_vague(name: str) -> bool:
    return any(word in name.lower() for word in FORBIDDEN_WORDS) or name.lower() == "base"


def _belongs_to_a_group(call: ast.Call) -> bool:
    """`group.create_task(...)` of an asyncio.TaskGroup: it cannot outlive its block."""
    return (
        isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and "group" in call.func.value.id
    )


def _is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in kinds)
