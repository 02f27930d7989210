"""packaging/virtual_screen.sh with a real Xvfb: the command's exit code comes through and no screen is left over."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.packaging.machine import ROOT

SCRIPT = ROOT / "packaging/virtual_screen.sh"

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="install Xvfb (make test does, but not on a Mac)")


def screen_exists(display: str) -> bool:
    return Path(f"/tmp/.X11-unix/X{display.removeprefix(':')}").exists()


def test_command_gets_a_screen_that_goes_with_it() -> None:
    question = 'test -e "/tmp/.X11-unix/X${DISPLAY#:}" && echo "$DISPLAY $QT_QPA_PLATFORM ${WAYLAND_DISPLAY-none} $1"'
    done = subprocess.run(
        [SCRIPT, "sh", "-c", f"{question}; exit 7", "sh", "two words"],
        env={**os.environ, "WAYLAND_DISPLAY": "wayland-0"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 7
    display, platform, wayland, argument = done.stdout.strip().split(" ", 3)
    assert (platform, wayland, argument) == ("xcb", "none", "two words")
    assert not screen_exists(display)


def test_ended_early_it_takes_the_command_and_the_screen_along() -> None:
    with subprocess.Popen(
        [SCRIPT, "sh", "-c", 'echo "$DISPLAY $$"; exec sleep 60'], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        display, command = running.stdout.readline().split()
        assert screen_exists(display)
        running.send_signal(signal.SIGTERM)

    assert running.returncode == 143
    assert not screen_exists(display)
    with pytest.raises(ProcessLookupError):
        os.kill(int(command), 0)


def test_without_xvfb_it_says_what_to_do(tmp_path: Path) -> None:
    sh = shutil.which("sh")
    assert sh
    done = subprocess.run(
        [sh, SCRIPT, "true"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 127
    assert "Xvfb is not installed" in done.stderr
