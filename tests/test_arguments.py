"""What the window program is started with, and what is answered without a window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.arguments import Options, parsed
from app.identity import VERSION
from tests.conftest import ROOT

WATCHED = """
import sys
from app.__main__ import main
try:
    main()
finally:
    print(sorted(name for name in sys.modules if name.startswith(("PySide6", "asyncio", "app.ui", "app.services"))))
"""


def test_files_and_folder_are_taken(tmp_path: Path) -> None:
    first, second = tmp_path / "a 文件.png", tmp_path / "b.wav"
    first.touch()
    second.touch()
    options = parsed(["--data-dir", "x", str(first), second.as_uri()])
    assert (options.files, options.data_dir, options.safe_mode) == ([first, second], "x", False)
    assert parsed(["--safe-mode"]).safe_mode
    assert parsed([]) == Options()


def test_a_file_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(["no-such-file.png"])
    assert ended.value.code == 2
    assert "no-such-file.png" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--version"], ["--safe-mode", "--version"], ["--data-dir", "x", "--version"]])
def test_the_version_is_told_before_qt_is_loaded(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", WATCHED, *arguments]
    environment = {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}  # no display either
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"Triptych {VERSION}", "[]"]
    assert not list(tmp_path.iterdir()), "nothing is made for it"
