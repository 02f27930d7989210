"""ARCHITECTURE.md is true where that can be told: its tree of modules, and the contracts of `pyproject.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
TREE = TEXT.partition("## The tree")[2].split("```")[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


def _modules(folder: Path) -> set[str]:
    """Those in a folder as the tree writes them."""
    files = {path.name for path in folder.glob("*.py") if path.name != "__init__.py"}
    return files | {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}


def _contract(beginning: str) -> Mapping[str, Any]:
    found: list[Mapping[str, Any]] = [one for one in CONTRACTS if one["name"].startswith(beginning)]
    (contract,) = found
    return contract


@pytest.mark.parametrize("folder", ["app", "app/services", "app/workers", "app/ui"])
def test_every_module_is_in_the_tree(folder: str) -> None:
    assert _modules(ROOT / folder) - set(TREE.split()) == set()


def test_the_tree_names_nothing_that_is_not_there() -> None:
    there = {path.name for part in ("app", "packaging", "tests") for path in (ROOT / part).rglob("*.py")}
    assert set(re.findall(r"[\w.]+\.py\b", TREE)) - there == set()


@pytest.mark.parametrize("name", ["Imports point down", "Inside ui"])
def test_the_table_of_contracts_has_the_layers_of_the_contract(name: str) -> None:
    layers = [layer.split(" | ") for layer in _contract(name)["layers"]]
    assert " > ".join(", ".join(f"`{module}`" for module in layer) for layer in layers) in TEXT


def test_the_table_says_where_there_is_no_qt() -> None:
    modules = [module.removeprefix("app.") for module in _contract("Qt stays")["source_modules"]]
    assert f"no PySide6 and no qasync in {', '.join(modules)} |" in TEXT


def test_what_does_not_need_qt_may_not_import_it() -> None:
    """Of the modules beside the layers, those that say nothing of Qt today."""
    free = {
        f"app.{path.stem}"
        for path in (ROOT / "app").glob("[!_]*.py")
        if not re.search(r"PySide6|qasync|app\.ui|app\.application|app\.look", path.read_text("utf-8"))
    }
    assert free - set(_contract("Qt stays")["source_modules"]) == set()
