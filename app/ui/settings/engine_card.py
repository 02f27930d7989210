"""EngineCard: how the built-in engine is, in words, with its last words where it failed; starts nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.model.engine import EngineState, EngineStatus
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import in_a_row
from app.ui.widgets.icon_label import IconLabel
from app.ui.widgets.plain_label import PlainLabel

_LOOKS = {
    EngineState.OFF: ("circle-x", "muted"),
    EngineState.UNAVAILABLE: ("circle-x", "warning"),
    EngineState.STOPPED: ("cpu", "muted"),
    EngineState.STARTING: ("loader", "accent"),
    EngineState.READY: ("circle-check", "success"),
    EngineState.FAILED: ("circle-alert", "danger"),
}


class EngineCard(QFrame):
    """`show_status` takes the status and the names of the models in memory.

    Signals:
        restart_requested(): the engine is to be ended and started again.
    """

    restart_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel()
        self.title_label = PlainLabel()
        self.text_label = PlainLabel()
        self.words_label = PlainLabel()
        self.restart_button = QPushButton()
        self._status = EngineStatus(EngineState.STOPPED)
        self._loaded: tuple[str, ...] = ()
        self._build()

    def show_status(self, status: EngineStatus, loaded: tuple[str, ...]) -> None:
        if (status, loaded) != (self._status, self._loaded):
            self._status, self._loaded = status, loaded
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("engine_card")
        self.title_label.setObjectName("engine_state")
        self.text_label.setObjectName("engine_text")
        self.words_label.setObjectName("engine_words")
        self.restart_button.setObjectName("engine_restart")
        self.restart_button.clicked.connect(self.restart_requested)
        theme.give_role(self, Role.CARD)
        theme.give_role(self.title_label, Role.HEADING)
        theme.give_role(self.text_label, Role.SMALL)
        theme.give_role(self.words_label, Role.CODE)
        for label in (self.text_label, self.words_label):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        texts = QVBoxLayout()
        texts.setSpacing(theme.SPACE_XS)
        for label in (self.title_label, self.text_label, self.words_label):
            texts.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_M)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        row.addWidget(self.restart_button, 0, Qt.AlignmentFlag.AlignTop)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        title, text = self._texts()
        name, tint = _LOOKS[self._status.state]
        self.icon.set_icon(theme.icon(name, tint))
        self.title_label.setText(title)
        self.text_label.setText(text)
        self.words_label.setText(self._status.words)
        self.words_label.setVisible(bool(self._status.words))
        self.restart_button.setText(self.tr("Restart"))
        self.restart_button.setAccessibleName(self.tr("Restart the engine"))
        self.restart_button.setVisible(self._status.state in (EngineState.READY, EngineState.FAILED))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def _texts(self) -> tuple[str, str]:
        nothing_loaded = self.tr("No model is in memory; the first request loads one.")
        in_memory = self.tr("In memory: {names}").format(names=in_a_row(self._loaded))
        return {
            EngineState.OFF: (
                self.tr("The engine is switched off"),
                self.tr("Triptych runs in safe mode. Restart it normally to use the engine."),
            ),
            EngineState.UNAVAILABLE: (
                self.tr("The engine cannot run on this computer"),
                self.tr("It needs a 64-bit Intel or AMD processor with AVX2, or a Mac. Connect a provider instead."),
            ),
            EngineState.STOPPED: (
                self.tr("The engine is not running"),
                self.tr("It starts by itself, within a second, when it is first needed."),
            ),
            EngineState.STARTING: (self.tr("The engine is starting"), ""),
            EngineState.READY: (self.tr("The engine is running"), in_memory if self._loaded else nothing_loaded),
            EngineState.FAILED: (
                self.tr("The engine stopped unexpectedly"),
                self.tr("It is started again with the next request. Its last words:"),
            ),
        }[self._status.state]
