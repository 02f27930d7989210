"""WindowMemory: keeps in the settings where the window and its parts are and what it shows; it changes neither."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from app.services.settings import SettingsStore
from app.ui.chat.columns import Columns
from app.ui.chat.tab import ChatTab
from app.ui.tab import Tab
from app.ui.window import MainWindow

KEEP_AFTER_MS = 500
"""Also the least time between two writes while the window is moved."""


class WindowMemory(QObject):
    """Notes every change a moment later, so that a killed program comes back as it was."""

    def __init__(self, host: MainWindow, columns: Columns, settings: SettingsStore) -> None:
        """Made before the tabs are."""
        super().__init__(host)
        self._host = host
        self._columns = columns
        self._settings = settings
        self._chat: ChatTab | None = None
        self._timer = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._timer.timeout.connect(self.keep)
        host.rearranged.connect(self._on_changed)
        columns.panels_changed.connect(self._on_changed)
        host.tab_made.connect(self._on_host_tab_made)

    def keep(self) -> None:
        """Note at once how it is now."""
        self._timer.stop()
        before = self._settings.value.window
        state = replace(
            self._host.state(before),
            shows_conversations=self._columns.sidebar_button.isChecked(),
            shows_parameters=self._columns.parameters_button.isChecked(),
        )
        drafts = before.drafts | {tab.id: tab.draft() for tab in self._host.tabs.built()}
        state = replace(state, drafts={tab_id: draft for tab_id, draft in drafts.items() if draft})
        if self._chat is not None:
            state = replace(state, conversation_id=self._chat.conversation_id)
        if state != before:
            self._settings.replace(window=state)

    def _on_host_tab_made(self, tab: Tab) -> None:
        draft = self._settings.value.window.drafts.get(tab.id)
        if draft:
            tab.show_draft(draft)
        tab.draft_changed.connect(self._on_changed)
        if isinstance(tab, ChatTab):
            self._chat = tab
            tab.conversation_changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
