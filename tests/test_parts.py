"""Whose work is in the program: every part that runs has a name, a licence, a page and a text, in every form of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.parts import INDEX, Part, collected, parts, read, write
from app.paths import RESOURCES


@pytest.fixture(scope="module")
def found() -> dict[str, Part]:
    return {part.name: part for part in collected()}


def test_the_program_comes_first() -> None:
    assert parts()[0].name == "Triptych"


def test_what_runs_is_listed_and_what_tests_it_is_not(found: dict[str, Part]) -> None:
    assert {"Python", "Qt", "PySide6_Essentials", "httpx", "numpy", "FFmpeg", "PortAudio", "Lucide"} <= found.keys()
    assert not {"pytest", "hypothesis", "ruff", "mypy", "uv"} & found.keys()


def test_every_part_has_a_licence_with_its_text_and_a_page(found: dict[str, Part]) -> None:
    for part in found.values():
        assert 2 < len(part.licence) < 120, part.name
        assert len(part.text) > 500, f"{part.name}: {part.licence} is no text; put one into resources/licenses"
        assert part.homepage.startswith("https://"), part.name


def test_the_lgpl_comes_with_the_gpl_that_it_is_part_of(found: dict[str, Part]) -> None:
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in found["Qt"].text
    assert "TERMS AND CONDITIONS" in found["Qt"].text


def test_the_models_are_there_with_who_made_them(found: dict[str, Part]) -> None:
    for model in json.loads((RESOURCES / "models.json").read_text("utf-8"))["models"]:
        assert found[model["name"]].licence == model["licence"]
        assert found[model["name"]].text.startswith(model["publisher"])


def test_an_installer_carries_the_same(found: dict[str, Part], tmp_path: Path) -> None:
    write(list(found.values()), tmp_path)
    assert read(tmp_path) == list(found.values())
    texts = {file.name for file in tmp_path.glob("*.txt")}
    assert len(texts) == len(found)
    assert f"httpx {found['httpx'].version}.txt" in texts
    (tmp_path / INDEX).write_text("[", "utf-8")
    with pytest.raises(ValueError, match="Expecting"):
        read(tmp_path)
