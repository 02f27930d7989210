"""A block of code as a card: its language, Copy, a switch for long lines, its own horizontal scroll bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.model.visible import shows_directions, without_directions
from app.ui import theme
from app.ui.widgets.markdown_blocks import CodeBlock
from app.ui.widgets.markdown_copy import fenced, put_text
from app.ui.widgets.markdown_look import TextStyle
from app.ui.widgets.plain_label import PlainLabel
from app.ui.widgets.syntax import spans
from app.ui.widgets.syntax_text import CodeText

_COPIED_SHOWN_MS = 1_500
_FRAME_PX = 1
_ICON_PX = 15


class CodeCard(QFrame):
    """Shows one block of code.

    Signals:
        copied(str): the Copy button put the code on the clipboard.
        wrap_toggled(bool): the reader wants long lines broken, or not; the height has changed.
    """

    copied = Signal(str)
    wrap_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._block = CodeBlock("", "", closed=False)
        self._style: TextStyle | None = None
        self._colored = False
        self._copied_shown = QTimer(self, singleShot=True, interval=_COPIED_SHOWN_MS)
        self._build()
        self._retranslate()

    def show_code(self, block: CodeBlock, style: TextStyle, wrapped: bool = False) -> None:
        """Show `block`; code that only grew is added to what stands there, and is coloured once it is closed.

        Characters that would make it read otherwise than it runs are to be seen; the Copy button leaves them out.
        """
        shown, restyled = self._block, style != self._style
        self._block, self._style = block, style
        if restyled:
            self._restyle(style)
        if restyled or not block.code.startswith(shown.code) or (self._colored and block != shown):
            self.text.replace_text(shows_directions(block.code))
            self._colored = False
        elif len(block.code) > len(shown.code):
            self.text.append_text(shows_directions(block.code[len(shown.code) :]))
        if block.closed and not self._colored:
            self.text.color(spans(shows_directions(block.code), block.language), style.colors)
            self._colored = True
        self._show_language()
        self._set_wrapped(wrapped)

    def height_for(self, width: int) -> int:
        """How high the card is at `width` px."""
        margins = self._text_row.contentsMargins()
        inner = width - 2 * _FRAME_PX - margins.left() - margins.right()
        size = self.text.measure(inner)
        scrolls = not self.text.wraps and size.width() > inner
        policies = Qt.ScrollBarPolicy
        self.text.setHorizontalScrollBarPolicy(policies.ScrollBarAlwaysOn if scrolls else policies.ScrollBarAlwaysOff)
        bar = self.text.horizontalScrollBar().sizeHint().height() if scrolls else 0
        around = 2 * _FRAME_PX + margins.top() + margins.bottom() + self._header.sizeHint().height()
        return round(size.height() + 0.99) + bar + around

    def selected_text(self) -> str:
        return self.text.textCursor().selection().toPlainText()

    def selected_markdown(self) -> str:
        """The selection as a block of code again."""
        selected = self.selected_text()
        return fenced(selected, self._block.language) if selected else ""

    def release(self) -> None:
        """Forget the code: the card is kept to show another one."""
        self._block = CodeBlock("", "", closed=False)
        self._colored = False
        self.text.setExtraSelections([])
        self.text.replace_text("")

    def _build(self) -> None:
        theme.give_role(self, theme.Role.CARD)
        self.language_label = PlainLabel(parent=self)
        self.language_label.setObjectName("language_label")
        theme.give_role(self.language_label, theme.Role.SMALL)
        self.wrap_button = self._header_button("wrap-text", "wrap_button")
        self.wrap_button.setCheckable(True)
        self.copy_button = self._header_button("copy", "copy_code_button")
        self.text = CodeText(self)
        self.text.setObjectName("code")
        self._header = QHBoxLayout()
        self._header.setContentsMargins(theme.SPACE_M, 2, theme.SPACE_XS, 0)
        self._header.setSpacing(theme.SPACE_XS)
        self._header.addWidget(self.language_label, 1)
        self._header.addWidget(self.wrap_button)
        self._header.addWidget(self.copy_button)
        self._text_row = QHBoxLayout()
        self._text_row.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_M, theme.SPACE_M)
        self._text_row.addWidget(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._header)
        column.addLayout(self._text_row, 1)
        self.wrap_button.toggled.connect(self._on_wrap_toggled)
        self.copy_button.clicked.connect(self._on_copy_clicked)
        self._copied_shown.timeout.connect(self._retranslate)

    def _header_button(self, icon: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        theme.give_role(button, theme.Role.FLAT)
        button.setIcon(theme.icon(icon, "muted"))
        button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return button

    def _restyle(self, style: TextStyle) -> None:
        self.text.set_code_font(style.code_font())
        size = style.px(_ICON_PX)
        for button in (self.wrap_button, self.copy_button):
            button.setIconSize(QSize(size, size))

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Code"))
        self.text.setAccessibleName(self.tr("Code"))
        self.wrap_button.setAccessibleName(self.tr("Wrap long lines"))
        self.wrap_button.setToolTip(self.tr("Wrap long lines"))
        self._show_language()
        self.copy_button.setIcon(theme.icon("copy", "muted"))
        self.copy_button.setAccessibleName(self.tr("Copy code"))
        self.copy_button.setToolTip(self.tr("Copy code"))

    def _show_language(self) -> None:
        self.language_label.setText(self._block.language or self.tr("Code"))

    def _set_wrapped(self, wrapped: bool) -> None:
        if wrapped != self.text.wraps:
            self.text.set_wraps(wrapped)
            self.wrap_button.blockSignals(True)
            self.wrap_button.setChecked(wrapped)
            self.wrap_button.blockSignals(False)

    def _on_wrap_toggled(self, wrapped: bool) -> None:
        self.text.set_wraps(wrapped)
        self.wrap_toggled.emit(wrapped)

    def _on_copy_clicked(self) -> None:
        copied = put_text(without_directions(self._block.code))
        self.copy_button.setIcon(theme.icon("check", "success"))
        self.copy_button.setAccessibleName(self.tr("Copied"))
        self._copied_shown.start()
        self.copied.emit(copied)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
