"""ModelPicker: the button that says which model of which provider the tab on show uses, and opens the popup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from app.model.providers import BUILT_IN_ID, Capability, ModelReference
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import model_name, shown_model
from app.ui.widgets.plain_tip import plain_caption, plain_tip

if TYPE_CHECKING:
    from app.ui.model_popup import ModelPopup, Offer, ProviderEntry

POPUP_SIZE = QSize(420, 460)
MOST_TEXT_PX = 320


class ModelPicker(QToolButton):
    """The button at the top right. Signals: chosen(ModelReference), refresh_requested()."""

    chosen = Signal(object)
    refresh_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._popup: ModelPopup | None = None
        self._entries: Sequence[ProviderEntry] = ()
        self._recent: Sequence[ModelReference] = ()
        self._capability = Capability.CHAT
        self._current: ModelReference | None = None
        self.setObjectName("model_picker")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIcon(theme.icon("chevron-down"))
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the chevron stands behind the name
        theme.give_role(self, Role.FLAT)
        self.clicked.connect(self.open)
        self._retranslate()

    @property
    def popup(self) -> ModelPopup:
        """Made when it is first opened."""
        from app.ui.model_popup import ModelPopup

        if self._popup is None:
            self._popup = ModelPopup(self)
            self._popup.chosen.connect(self.chosen)
            self._popup.refresh_requested.connect(self.refresh_requested)
        return self._popup

    def set_entries(self, entries: Sequence[ProviderEntry], recent: Sequence[ModelReference] = ()) -> None:
        """New model lists; an open popup shows them at once."""
        self._entries, self._recent = entries, recent
        self._retranslate()
        if self._popup is not None and self._popup.isVisible():
            self._popup.show_offer(self._offer())

    def set_choice(self, capability: Capability, current: ModelReference | None) -> None:
        """What the tab on show needs and uses."""
        self._capability, self._current = capability, current
        self._retranslate()

    def open(self) -> None:
        """Show the popup below the button, with the search field ready."""
        self.popup.search_field.clear()
        self.popup.show_offer(self._offer())
        self.popup.resize(theme.px(POPUP_SIZE.width()), theme.px(POPUP_SIZE.height()))
        corner = self.mapToGlobal(QPoint(self.width(), self.height() + theme.SPACE_XS))
        self.popup.move(corner - QPoint(self.popup.width(), 0))
        self.popup.show()
        self.popup.search_field.setFocus()

    def _offer(self) -> Offer:
        from app.ui.model_popup import Offer

        return Offer(self._entries, self._recent, self._capability, self._current)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        text = self.tr("Choose a model")
        current = self._current
        if current is not None:
            provider = next((entry for entry in self._entries if entry.id == current.provider_id), None)
            models = provider.models if provider is not None else ()
            text = next((model_name(model.label) for model in models if model.id == current.model_id), "")
            if not text:  # whole: the button shortens it, the tool tip does not
                text = shown_model(current) if current.provider_id == BUILT_IN_ID else model_name(current.model_id)
            if provider is not None:
                text += f"  ·  {provider.name}"
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, theme.px(MOST_TEXT_PX))
        self.setText(plain_caption(shown))
        self.setToolTip(plain_tip(self.tr("Model: {name} (Ctrl+M)").format(name=text)))
        self.setAccessibleName(self.tr("Model: {name}").format(name=text))
