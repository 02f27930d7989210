"""The program's own processes: started with Python here, as executables where an installer put them."""

from __future__ import annotations

import os
import sys
from ctypes import util
from pathlib import Path

import pytest

from app.executables import (
    engine_command,
    finding_own_libraries,
    has_engine,
    is_installed,
    keep_libraries_to_itself,
)


def test_a_checkout_runs_the_engine_with_its_python() -> None:
    assert not is_installed()
    assert engine_command() == [sys.executable, "-m", "app.engine"]


@pytest.mark.parametrize(
    ("program", "engine"), [("triptych", "triptych-engine"), ("triptych.exe", "triptych-engine.exe")]
)
def test_an_installed_program_runs_the_executable_beside_it(
    monkeypatch: pytest.MonkeyPatch, program: str, engine: str
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", f"/opt/triptych/{program}")
    assert engine_command() == [f"/opt/triptych/{engine}"]


def test_an_installed_program_has_an_engine_if_its_executable_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "triptych"))
    assert not has_engine()
    (tmp_path / "triptych-engine").touch()
    assert has_engine()


def test_an_installed_program_finds_its_own_libraries_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usual = util.find_library("c")
    (tmp_path / "libportaudio.so.2").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with finding_own_libraries():
        assert util.find_library("portaudio") != str(tmp_path / "libportaudio.so.2"), "a checkout has none"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with finding_own_libraries():
        assert util.find_library("portaudio") == str(tmp_path / "libportaudio.so.2")
        assert util.find_library("c") == usual
    assert util.find_library("portaudio") != str(tmp_path / "libportaudio.so.2")


def test_other_programs_get_the_search_path_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle:/the/users")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/the/users")
    keep_libraries_to_itself()
    assert os.environ["LD_LIBRARY_PATH"] == "/the/users"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    keep_libraries_to_itself()
    assert "LD_LIBRARY_PATH" not in os.environ
