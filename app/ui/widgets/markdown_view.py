"""A stretch of a message's text as a widget; it loads nothing from anywhere and leaves scrolling to what holds it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QToolTip, QWidget

from app.model.visible import without_turns
from app.ui import theme
from app.ui.widgets import markdown_copy
from app.ui.widgets.long_text import is_for_markdown, wrap_mode
from app.ui.widgets.markdown_keys import is_for_holder
from app.ui.widgets.markdown_look import TextStyle
from app.ui.widgets.markdown_pictures import MarkdownPictures, TextContext
from app.ui.widgets.markdown_style import (
    MARKDOWN_FEATURES,
    QUOTE_INDENT_PX,
    Dressed,
    blocks,
    dress,
    quote_level,
)
from app.ui.widgets.text_beginning import MORE_ADDRESS, TextBeginning

_QUOTE_BAR_PX = 3


class MarkdownView(QTextBrowser):
    """Shows Markdown, or text as it was typed.

    Copying, selecting everything and scrolling are left to what holds it: a message has several such widgets.

    Signals:
        link_activated(str): a link was clicked, or chosen with the keyboard.
        height_changed(): a formula arrived, or more of a very long text is shown, which may have changed the height.
    """

    link_activated = Signal(str)
    height_changed = Signal()

    def __init__(self, context: TextContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = MarkdownPictures(context)
        self._source = ""
        self._plain = False
        self._beginning = TextBeginning()
        self._style = TextStyle(theme.colors())
        self._width = theme.READING_COLUMN_PX
        self._dressed = Dressed(0, has_links=False, has_quotes=False)
        self._build(context)

    @property
    def space_above_px(self) -> int:
        """What wants to be left free above the text: a heading more than a paragraph."""
        return self._dressed.space_above_px

    def show_text(self, source: str, style: TextStyle, plain: bool = False) -> None:
        """Show `source` as Markdown, or exactly as it is when `plain` or when it is too long a piece."""
        if style != self._style or not self._source:
            self.setFont(style.text_font())  # else Qt would go back to the window's when it first shows the widget
        self._source, self._style, self._plain = source, style, plain or not is_for_markdown(source)
        self._beginning.begin(source if self._plain else "")
        self._set_wrap_mode(wrap_mode(source))
        self._render()

    def height_for(self, width: int) -> int:
        """Lay the text out in `width` px and say how high it is."""
        if width != self._width:
            self._width = width
            if self._pictures.formulas:
                self._render()
        self.resize(width, self.height())  # Qt lays a text that was never shown out in the widget's width first
        self.document().setTextWidth(width)
        return round(self.document().size().height() + 0.49)

    def natural_width(self) -> int:
        """How wide a text shown as it was typed would be if no line were broken."""
        metrics = QFontMetricsF(self._style.text_font())
        lines = (self._beginning.text or self._source).expandtabs().split("\n")
        return round(max(metrics.horizontalAdvance(line) for line in lines) + 1.5)

    def selected_text(self) -> str:
        if self._beginning.is_cut:
            return self._beginning.selected_text(self.textCursor())
        return markdown_copy.plain_text(self.textCursor(), self._pictures.formulas)

    def selected_markdown(self) -> str:
        """The selection as Markdown; all of it exactly as it was written."""
        cursor = self.textCursor()
        if cursor.selectionStart() == 0 and cursor.selectionEnd() >= self.document().characterCount() - 1:
            return self._source
        return self.selected_text() if self._plain else markdown_copy.markdown(cursor, self._pictures.formulas)

    def release(self) -> None:
        """Forget the text: the widget is kept to show another one."""
        self._source = ""
        self._beginning.begin("")
        self._pictures.clear()
        self.setExtraSelections([])
        self.clear()

    def _build(self, context: TextContext) -> None:
        theme.give_role(self, theme.Role.PLAIN)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setUndoRedoEnabled(False)
        self.setOpenLinks(False)
        option = QTextOption()
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDefaultTextOption(option)
        self.anchorClicked.connect(self._on_anchor_clicked)
        self.highlighted.connect(_show_address)
        context.formulas.drawn.connect(self._on_formulas_drawn)

    def _set_wrap_mode(self, mode: QTextOption.WrapMode) -> None:
        option = self.document().defaultTextOption()
        if option.wrapMode() is not mode:
            self.clear()  # else Qt would lay out once more what is about to go
            option.setWrapMode(mode)
            self.document().setDefaultTextOption(option)

    def _render(self) -> None:
        if self._plain:
            self._pictures.clear()
            self.document().setPlainText(without_turns(self._beginning.text))
        else:
            markdown = self._pictures.prepare(self._source, self._style)
            self.document().setMarkdown(markdown, MARKDOWN_FEATURES)
        self._dressed = dress(self.document(), self._style, self._plain)
        if not self._beginning.is_whole:
            note = self.tr("This text is longer than what is shown; copying takes all of it.")
            self._beginning.add_note(self.document(), note, self.tr("Show more"), self._style)
        has_links = self._dressed.has_links or self._beginning.is_cut
        policy = Qt.FocusPolicy.StrongFocus if has_links else Qt.FocusPolicy.ClickFocus
        self.setFocusPolicy(policy)

    def _on_anchor_clicked(self, url: QUrl) -> None:
        if self._beginning.is_cut and url.toString() == MORE_ADDRESS:
            self._beginning.show_more()
            self._render()
            self.height_changed.emit()
            return
        self.link_activated.emit(_address(url))

    def _on_formulas_drawn(self) -> None:
        if self._pictures.have_arrived():
            self._render()
            self.height_changed.emit()

    def loadResource(self, _kind: int, url: QUrl | str) -> object:
        """Qt would open files and ask for addresses that a text names."""
        address = url if isinstance(url, str) else url.toString()
        return self._pictures.image(address, self._style, self._width, self.devicePixelRatioF())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange and self._beginning.is_cut:
            self._render()
            self.height_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_for_holder(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._dressed.has_quotes:
            self._paint_quote_bars()

    def _paint_quote_bars(self) -> None:
        painter = QPainter(self.viewport())
        color = QColor(self._style.colors.border)
        for block in blocks(self.document()):
            rect = self.document().documentLayout().blockBoundingRect(block)
            for level in range(quote_level(block)):
                left = level * self._style.px(QUOTE_INDENT_PX)
                painter.fillRect(QRectF(left, rect.top(), _QUOTE_BAR_PX, rect.height()), color)
        painter.end()


def _show_address(url: QUrl) -> None:
    if url.isEmpty() or url.toString() == MORE_ADDRESS:
        QToolTip.hideText()
    else:
        QToolTip.showText(QCursor.pos(), _address(url))


def _address(url: QUrl) -> str:
    """Encoded in full: a name in foreign letters cannot pass for another one."""
    return str(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
