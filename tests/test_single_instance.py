"""One window per profile: the second start hands over and gives way, a dead owner is replaced."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.single_instance import SingleInstance

pytestmark = pytest.mark.usefixtures("qapp")

SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.single_instance import SingleInstance
application = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
if instance.claim():
    print("first", flush=True)
    sys.stdin.read()
else:
    print("handed over" if instance.hand_over([Path(name) for name in sys.argv[2:]]) else "no answer", flush=True)
"""


def _start(folder: Path, *files: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SECOND, str(folder), *files],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )


def test_a_second_start_hands_over_its_files(tmp_path: Path, qtbot: QtBot) -> None:
    instance = SingleInstance(tmp_path)
    assert instance.claim()
    instance.listen()
    with qtbot.waitSignal(instance.activated) as activated:
        second = _start(tmp_path, "图片 1.png")
    output, _ = second.communicate()
    assert output == "handed over\n"
    assert [path.name for path in activated.args[0]] == ["图片 1.png"]
    instance.release()


def test_another_profile_has_its_own_window(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, other = SingleInstance(tmp_path / "a"), SingleInstance(tmp_path / "b")
    assert first.claim()
    assert other.claim()
    first.release()
    other.release()


def test_a_killed_window_does_not_block_the_profile(tmp_path: Path) -> None:
    killed = _start(tmp_path)
    assert killed.stdout is not None
    assert killed.stdout.readline() == "first\n"
    killed.kill()
    killed.communicate()
    instance = SingleInstance(tmp_path)
    assert instance.claim()
    instance.release()


def test_one_that_was_killed_under_the_same_number_does_not_block_the_profile(tmp_path: Path) -> None:
    """As in a container, where every start may have it."""
    killed, lock = SingleInstance(tmp_path), tmp_path / "window.lock"
    assert killed.claim()
    left = lock.read_bytes()
    assert not SingleInstance(tmp_path).claim(), "it lives"
    killed.release()
    lock.write_bytes(left)
    instance = SingleInstance(tmp_path)
    assert instance.claim()
    assert not SingleInstance(tmp_path).claim()
    instance.release()


def test_files_of_the_desktop_wait_until_somebody_listens(tmp_path: Path, qtbot: QtBot) -> None:
    instance = SingleInstance(tmp_path)
    assert instance.claim()
    told: list[list[Path]] = []
    instance.activated.connect(told.append)
    instance.open_file(Path("a.png"))
    instance.open_file(Path("b.png"))
    assert told == []
    instance.listen()
    instance.open_file(Path("c.png"))
    instance.stop_listening()
    instance.open_file(Path("d.png"))
    assert told == [[Path("a.png"), Path("b.png")], [Path("c.png")]]
    instance.release()
