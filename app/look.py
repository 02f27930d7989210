"""Look: theme, zoom and language as the settings want them; what they are is the business of ui."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.model.settings import Settings
from app.services.settings import SettingsStore
from app.ui import theme
from app.ui.translation import Translation

ZOOM_PERCENT = (60, 240)


class Look(QObject):
    def __init__(self, application: QApplication, settings: SettingsStore) -> None:
        super().__init__()
        self._application = application
        self._settings = settings
        self._translation = Translation(application)

    def apply(self) -> None:
        """Show what the settings say now."""
        appearance = self._settings.value.appearance
        theme.apply(self._application, appearance.theme, appearance.zoom_percent)
        self._translation.use(appearance.language)

    def zoom(self, percent: int) -> None:
        """Have the settings ask for this zoom, or for the nearest there is."""
        least, most = ZOOM_PERCENT

        def change(settings: Settings) -> Settings:
            zoom = max(least, min(most, percent))
            return replace(settings, appearance=replace(settings.appearance, zoom_percent=zoom))

        self._settings.update(change)
