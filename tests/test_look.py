"""Theme, zoom and language follow the settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from app.look import Look
from app.model.settings import AppearanceSettings, Language, ThemeChoice
from app.paths import Paths
from app.services.settings import SettingsStore
from app.ui import theme


def test_what_the_settings_say_is_shown(qapp: QApplication, paths: Paths) -> None:
    settings = SettingsStore(paths.settings_file)
    look = Look(qapp, settings)
    settings.update(lambda all_: replace(all_, appearance=AppearanceSettings(ThemeChoice.DARK, Language.CHINESE, 120)))
    look.apply()
    assert theme.colors() is theme.DARK
    assert theme.zoom_percent() == 120
    assert QLocale().language() is QLocale.Language.Chinese
    settings.update(lambda all_: replace(all_, appearance=AppearanceSettings(ThemeChoice.LIGHT)))
    look.apply()
    assert (theme.colors(), theme.zoom_percent()) == (theme.LIGHT, 100)


@pytest.mark.parametrize(("wanted", "got"), [(110, 110), (1, 60), (999, 240)])
def test_zoom_stays_within_reason(qapp: QApplication, paths: Paths, wanted: int, got: int) -> None:
    settings = SettingsStore(paths.settings_file)
    Look(qapp, settings).zoom(wanted)
    assert settings.value.appearance.zoom_percent == got
