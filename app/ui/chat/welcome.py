"""Welcome: what an empty conversation shows: what this is, three example prompts and a quiet offer to connect."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel

_NEARLY_ALL = 1000
_WIDTH_PX = 520
_AROUND_TEXT_PX = 28  # of a button: padding and border, at both sides


class Welcome(QWidget):
    """Signals: example_chosen(str): put this into the composer; connect_requested(): set up a provider."""

    example_chosen = Signal(str)
    connect_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inner = QWidget(self)
        self.title_label = PlainLabel(parent=self._inner)
        self.text_label = PlainLabel(parent=self._inner)
        self.example_buttons = [QPushButton(self._inner) for _ in range(3)]
        self.connect_button = QPushButton(self._inner)
        self._is_local: bool | None = None
        self._examples = ["" for _ in self.example_buttons]
        self._column = QVBoxLayout(self._inner)
        self._build()

    def set_local(self, is_local: bool | None) -> None:
        """Whether the chosen model runs on this computer, None if none is chosen.

        Unless a provider's is chosen, connecting one is offered.
        """
        self._is_local = is_local
        self._retranslate()

    def _build(self) -> None:
        self.setObjectName("welcome")
        column = self._column
        column.setSpacing(theme.SPACE_S)
        for label, role in ((self.title_label, Role.TITLE), (self.text_label, Role.SMALL)):
            theme.give_role(label, role)
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addSpacing(theme.SPACE_L)
        for number, button in enumerate(self.example_buttons):
            button.setObjectName(f"example_{number}")
            button.setMinimumWidth(1)  # it gives way, and its text with it
            button.clicked.connect(lambda _=False, chosen=number: self.example_chosen.emit(self._examples[chosen]))
            column.addWidget(button)
        column.addSpacing(theme.SPACE_L)
        self.connect_button.setObjectName("connect_provider")
        theme.give_role(self.connect_button, Role.LINK)
        self.connect_button.clicked.connect(self.connect_requested)
        column.addWidget(self.connect_button, 0, Qt.AlignmentFlag.AlignHCenter)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(self._inner, _NEARLY_ALL)  # the rest counts only when it has its full width
        centred.addStretch(1)
        outer.addLayout(centred)
        outer.addStretch(3)
        self._retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):  # another zoom
            self._fit()

    def _retranslate(self) -> None:
        self.title_label.setText(self.tr("What would you like to know?"))
        local = self.tr("The built-in engine answers on this computer; nothing leaves it.")
        self.text_label.setText(
            local if self._is_local else self.tr("Drop pictures or text files anywhere to ask about them.")
        )
        self._examples = [
            self.tr("Explain recursion with a small Python example"),
            self.tr("Write a polite e-mail that moves a meeting to Friday"),
            self.tr("Translate into Chinese: The early bird catches the worm"),
        ]
        self._fit()
        self.connect_button.setText(self.tr("Connect a provider for larger models"))
        self.connect_button.setVisible(self._is_local is not False)

    def _fit(self) -> None:
        """As wide as is good to read and no wider than there is room: longer examples end in an ellipsis.

        Where the window is too low for all examples there are fewer, rather than half of each.
        """
        self._inner.setMaximumWidth(theme.px(_WIDTH_PX))
        beside = 2 * (2 * self._column.contentsMargins().left())  # around the page and around what is in it
        room = min(theme.px(_WIDTH_PX), self.width()) - beside - theme.px(_AROUND_TEXT_PX)
        for button, text in zip(self.example_buttons, self._examples, strict=True):
            shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
            button.setText(shown)
            button.setToolTip(text if shown != text else "")
            button.setAccessibleName(text)
        step = self.example_buttons[0].sizeHint().height() + self._column.spacing()
        fixed = self._inner.sizeHint().height() - step * sum(not button.isHidden() for button in self.example_buttons)
        fit = (self.height() - 2 * self._column.contentsMargins().top() - fixed) // step
        for number, button in enumerate(self.example_buttons):
            button.setVisible(number < fit)
