"""What is loaded before the window is painted: the start-up time depends on it, so every addition is a decision."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

FIRST = frozenset(
    [
        "app",
        "app.application",
        "app.arguments",
        "app.files",
        "app.identity",
        "app.look",
        "app.main",
        "app.paths",
        "app.single_instance",
        "app.model",
        "app.model.errors",
        "app.model.providers",
        "app.model.settings",
        "app.model.text",
        "app.services",
        "app.services.settings",
        "app.ui",
        "app.ui.job",
        "app.ui.leaving",
        "app.ui.model_picker",
        "app.ui.notices",
        "app.ui.tab",
        "app.ui.tab_host",
        "app.ui.theme",
        "app.ui.translation",
        "app.ui.window",
        "app.ui.window_commands",
        "app.ui.chat",
        "app.ui.chat.attachment_strip",
        "app.ui.chat.columns",
        "app.ui.chat.composer",
        "app.ui.chat.conversation_page",
        "app.ui.chat.prompt_edit",
        "app.ui.chat.sidebar",
        "app.ui.chat.welcome",
        "app.ui.widgets",
        "app.ui.widgets.elided_label",
        "app.ui.widgets.first_size",
        "app.ui.widgets.plain_label",
        "app.ui.widgets.plain_tip",
        "app.ui.widgets.wrapping_label",
        "app.ui.widgets.icon_label",
    ]
)
"""What people see and use first, and nothing of what stands behind it."""
LATER = ("asyncio", "sqlite3", "ssl", "subprocess", "logging.handlers", "urllib.request", "PySide6.QtNetwork")
"""Of Python and Qt themselves, what takes so long that it has to wait."""
WATCHED_START = """
import json, sys
import PySide6.QtWidgets
before = set(sys.modules)
from app import main

paint = main.Program.paint

def paint_and_tell(self):
    paint(self)
    assert self.window.isVisible()
    print(json.dumps({name: getattr(sys.modules[name], "__file__", "") or "" for name in set(sys.modules) - before}))
    sys.exit()

main.Program.paint = paint_and_tell
main.main(["--data-dir", sys.argv[1]])
"""


def test_the_first_paint_waits_for_nothing_else(tmp_path: Path) -> None:
    loaded = _loaded_at_the_first_paint(tmp_path / "profile")
    assert {name for name in loaded if name.split(".")[0] == "app"} == FIRST
    assert not loaded.keys() & set(LATER)
    foreign = {name.split(".")[0] for name, file in loaded.items() if "site-packages" in file}
    assert foreign <= {"PySide6", "shiboken6", "shibokensupport"}


def _loaded_at_the_first_paint(profile: Path) -> dict[str, str]:
    """Module names with their files, without those that any program with a window needs."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", WATCHED_START, str(profile)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found
