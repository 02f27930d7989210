"""Safe mode: neither the engine nor the last state of the window is used; the profile stays as it is; the way back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.main import Program
from app.model.engine import EngineState
from app.model.providers import ModelReference
from app.model.settings import AppearanceSettings, Language, ThemeChoice, WindowState
from app.paths import Paths
from app.services.settings import SettingsStore
from app.single_instance import SingleInstance
from app.ui import theme
from app.ui.chat.tab import ChatTab
from app.ui.images.tab import ImagesTab
from tests.conftest import ROOT
from tests.driving import Driver, answered, ask, run_story
from tests.profiles import CHAT_MODEL, PROVIDER

LOOK = AppearanceSettings(ThemeChoice.DARK, Language.CHINESE, 150)
LEFT = WindowState(geometry="AAEC", tab="images", shows_conversations=False, drafts={"images": "half a thought"})
WITHIN_S = 60.0


class SafeProgram(Program):
    def __init__(self, application: QApplication, paths: Paths, instance: SingleInstance) -> None:
        super().__init__(application, paths, instance, is_safe=True)


def test_what_may_be_broken_is_neither_used_nor_changed(qapp: QApplication, equipped: Path, paths: Paths) -> None:
    store = SettingsStore(paths.settings_file)
    store.replace(appearance=LOOK, window=LEFT)
    store.save_now()
    paths.staged_restore.mkdir(parents=True)
    (paths.staged_restore / "broken").write_text("no backup at all")
    before = _files(paths)

    async def story(driver: Driver) -> None:
        assert driver.notices() == ["Triptych runs in safe mode"]
        assert driver.window.windowTitle() == "Triptych (safe mode)"
        assert (theme.colors(), theme.zoom_percent()) == (theme.LIGHT, 100)
        images = driver.tab(ImagesTab)
        assert images.draft() == ""
        assert (await driver.program._assembly.models.status()).state is EngineState.OFF
        images.show_draft("another")
        driver.window.zoom_requested.emit(120)
        driver.window.resize(900, 600)
        await driver.until(lambda: driver.program._settings.value.window.drafts, "what is typed is noted")

    run_story(equipped, story, program_class=SafeProgram)
    assert _files(paths) == before
    assert paths.staged_restore.is_dir()

    async def comes_back(driver: Driver) -> None:
        assert driver.window.tabs.current_id() == "images"
        assert (theme.colors(), theme.zoom_percent()) == (theme.DARK, 150)
        assert driver.tab(ImagesTab).draft() == "half a thought"

    (paths.staged_restore / "broken").unlink()
    paths.staged_restore.rmdir()
    run_story(equipped, comes_back)


def test_a_provider_still_answers(qapp: QApplication, connected: Path, paths: Paths) -> None:
    async def story(driver: Driver) -> None:
        chat = driver.tab(ChatTab)
        assert chat.talk.current.model is None, "the last choice is not used"
        driver.window.picker.chosen.emit(ModelReference(PROVIDER, CHAT_MODEL))
        await ask(driver, "Are you there?")
        assert (await answered(driver)).text

    before = json.loads(paths.settings_file.read_bytes())["chosen"]
    run_story(connected, story, program_class=SafeProgram)
    assert json.loads(paths.settings_file.read_bytes())["chosen"] == before


def test_the_way_back_is_the_same_program_started_anew(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.leaving_safe_mode", str(tmp_path / "profile")],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["Triptych (safe mode)", "Triptych", "Triptych (safe mode)"]


def _files(paths: Paths) -> dict[str, bytes]:
    """The profile's state: settings, models and what waits to be restored."""
    folders = (paths.config, paths.models, paths.backups)
    return {str(file): file.read_bytes() for folder in folders for file in folder.rglob("*") if file.is_file()}
