"""A tab that remembers what the window does with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QSplitter, QVBoxLayout, QWidget

from app.model.providers import Capability, ModelReference
from app.ui.tab import Command, HandOver, Tab
from app.ui.tab_host import TabPlace


class DummyTab(Tab):
    """Has a splitter, a field that takes the focus, and one command of its own."""

    def __init__(self, tab_id: str, capability: Capability) -> None:
        super().__init__()
        self.id = tab_id
        self.capability = capability
        self.field = QLineEdit()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName(f"{tab_id}_splitter")
        self.splitter.addWidget(QWidget())
        self.splitter.addWidget(self.field)
        QVBoxLayout(self).addWidget(self.splitter)
        self.taken: list[HandOver] = []
        self.models: list[ModelReference | None] = []
        self.zooms: list[int] = []
        self.ran: list[str] = []

    def set_model(self, model: ModelReference | None) -> None:
        self.models.append(model)

    def set_zoom(self, percent: int) -> None:
        self.zooms.append(percent)

    def commands(self) -> list[Command]:
        return [Command(f"{self.id}.new", f"New in {self.id}", "Ctrl+N", lambda: self.ran.append("new"))]

    def take(self, hand_over: HandOver) -> None:
        self.taken.append(hand_over)

    def activated(self) -> None:
        self.field.setFocus()


def places() -> list[TabPlace]:
    """Three places as the program has them."""
    kinds = (
        ("chat", "message-square", Capability.CHAT),
        ("images", "image", Capability.IMAGE),
        ("audio", "audio-lines", Capability.TRANSCRIPTION),
    )
    return [_place(tab_id, icon, capability) for tab_id, icon, capability in kinds]


def _place(tab_id: str, icon: str, capability: Capability) -> TabPlace:
    return TabPlace(tab_id, icon, capability, tab_id.capitalize, lambda: DummyTab(tab_id, capability))
