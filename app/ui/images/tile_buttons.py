"""TileButtons: what can be done about one picture in the making: cancel it, or after a failure what helps."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.model.errors import AppError
from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.plain_tip import plain_caption, plain_tip

_PAGES = ("models", "providers")
"""Pages of the settings that a failure may name as its remedy."""


class TileButtons(QWidget):
    """A row of links.

    Signals:
        settings_requested(str): the page that may repair the failure.
        without_requested(str): try again without this field of the request.
    """

    settings_requested = Signal(str)
    without_requested = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._error: AppError | None = None
        self.retry_button = QPushButton()
        self.without_button = QPushButton()
        self.settings_button = QPushButton()
        self.cancel_button = QPushButton()
        self._build()

    def show_state(self, error: AppError | None, *, is_running: bool, can_go_without: bool) -> None:
        """What there is to do about the picture; a field that was refused would be refused again."""
        self._error = error
        goes_without = can_go_without and error is not None and bool(error.removable)
        self.retry_button.setVisible(error is not None and not goes_without)
        self.without_button.setVisible(goes_without)
        self.settings_button.setVisible(error is not None and error.action in _PAGES)
        self.cancel_button.setVisible(error is None)
        self.cancel_button.setEnabled(is_running)
        self._retranslate()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_XS)
        for button, name in (
            (self.retry_button, "tile_retry"),
            (self.without_button, "tile_without"),
            (self.settings_button, "tile_settings"),
            (self.cancel_button, "tile_cancel"),
        ):
            button.setObjectName(name)
            theme.give_role(button, Role.LINK)
            row.addWidget(button)
        row.addStretch()
        self.settings_button.clicked.connect(
            lambda: self.settings_requested.emit(self._error.action if self._error else "")
        )
        self.without_button.clicked.connect(
            lambda: self.without_requested.emit(self._error.removable if self._error else "")
        )
        self._retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._retranslate()  # how much of a name there is room for

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.FontChange):
            self._retranslate()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def _retranslate(self) -> None:
        self.cancel_button.setText(self.tr("Cancel"))
        self.retry_button.setText(self.tr("Try again"))
        self.settings_button.setText(self.tr("Settings…"))
        field = self._error.removable if self._error else ""
        without = self.tr("Send without “{field}”")
        self.without_button.setText(without.format(field=""))
        room = max(0, self.width() - self.without_button.sizeHint().width())
        metrics = self.without_button.fontMetrics()
        shown = metrics.elidedText(field, Qt.TextElideMode.ElideMiddle, room)
        self.without_button.setText(plain_caption(without.format(field=shown)))
        self.without_button.setToolTip(plain_tip(without.format(field=field)))
        self.without_button.setAccessibleName(f"{without.format(field=field)}: {self._title}")
        for button in (self.cancel_button, self.retry_button, self.settings_button):
            button.setAccessibleName(f"{button.text()}: {self._title}")
