"""The Makefile: its list of targets is whole, and without a display the program is demonstrated instead."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.packaging.machine import ROOT


def plan(*targets: str, **environment: str) -> str:
    """What make would do; nothing is run."""
    return subprocess.run(
        ["make", "--no-print-directory", "--dry-run", *targets],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_list_names_every_target() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert sorted(re.findall(r"make ([a-z-]+) +[a-z]", plan())) == sorted(set(targets) - {"help"})


@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_run_starts_the_program_on_a_display(variable: str) -> None:
    steps = plan("run", "ARGS=--data-dir here", **{variable: "there"})

    assert "bootstrap.sh run" in steps
    assert "-m app --data-dir here" in steps
    assert "tests.demo" not in steps


@pytest.mark.skipif(os.uname().sysname == "Darwin", reason="a Mac always has a display")
def test_run_without_a_display_says_so_and_shows_the_demo() -> None:
    steps = plan("run")

    assert "There is no display here" in steps
    assert "bootstrap.sh demo" in steps
    assert "virtual_screen.sh .venv/bin/python -m tests.demo" in steps


def test_bench_can_measure_a_part() -> None:
    assert plan("bench", "ONLY=startup").rstrip().endswith("-m tests.bench startup")
