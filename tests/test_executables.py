"""The program's own processes: started with Python here, as executables where an installer put them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.executables import engine_command, has_engine, is_installed


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
