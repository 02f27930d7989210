"""TabHost: the row of tabs with their keys; builds each on first use, shows which works and which has finished."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QTabBar, QTabWidget, QVBoxLayout, QWidget

from app.model.providers import Capability
from app.ui import theme
from app.ui.tab import Tab, native_keys
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel

_FINISHED = " •"
ROOMY_PX = 900
"""In a narrower row the keys give way to the names; the tool tips tell them still."""


@dataclass(frozen=True)
class TabPlace:
    """Where a tab goes before it exists: what is shown of it, and how it is made."""

    id: str
    icon: str
    capability: Capability
    title: Callable[[], str]
    make: Callable[[], Tab]


def keys_of(index: int) -> str:
    """The shortcut of the tab at that place."""
    return f"Ctrl+{index + 1}"


class TabHost(QTabWidget):
    """Signals: made(Tab): a tab was just built, connect to it; shown(Tab): it came to the front."""

    made = Signal(object)
    shown = Signal(object)

    def __init__(self, places: list[TabPlace], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places = places
        self._tabs: dict[str, Tab] = {}
        self._columns: list[QVBoxLayout] = []
        self._working: set[str] = set()
        self._finished: set[str] = set()
        self._banner: QWidget | None = None
        self._is_roomy = False
        self._is_held = False
        self.setObjectName("tabs")
        self.setDocumentMode(True)
        for place in places:
            page = QWidget()
            page.setObjectName(f"page_{place.id}")
            self._columns.append(_column(page))
            self.addTab(page, theme.icon(place.icon), place.title())
        self.currentChanged.connect(self._on_current_changed)
        self._retranslate()

    def hold[Front: QWidget](self, tab_id: str, make_front: Callable[[QWidget], Front]) -> Front:
        """Build no tab before `release`: what they need is not there yet.

        Meanwhile the page of `tab_id` shows what `make_front` makes on it, which its tab takes over when it is built.
        """
        self._is_held = True
        column = self._columns[[place.id for place in self._places].index(tab_id)]
        page = column.parentWidget()
        assert page is not None
        front = make_front(page)
        column.addWidget(front, 1)
        return front

    def release(self) -> None:
        """Build the tab in front, and others when they are used; the keyboard stays where it is."""
        self._is_held = False
        focus = self.focusWidget()
        self._on_current_changed(self.currentIndex())
        if focus is not None:
            QTimer.singleShot(0, focus, focus.setFocus)

    def put_above(self, widget: QWidget, tab_id: str = "") -> None:
        """Show `widget` below the row of tabs: above one tab, or as the banner of whichever is in front."""
        if not tab_id:
            self._banner = widget
            self._columns[self.currentIndex()].insertWidget(1, widget)
            return
        column = self._columns[[place.id for place in self._places].index(tab_id)]
        has_banner = self._banner is not None and column.indexOf(self._banner) == 1
        column.insertWidget(2 if has_banner else 1, widget)

    def tab(self, tab_id: str) -> Tab:
        """The tab, built now if it was not yet."""
        if tab_id not in self._tabs:
            place = next(place for place in self._places if place.id == tab_id)
            tab = place.make()
            self._tabs[tab_id] = tab
            self._columns[self._places.index(place)].addWidget(tab, 1)
            tab.working_changed.connect(lambda working: self._on_working_changed(tab_id, working))
            self.made.emit(tab)
        return self._tabs[tab_id]

    def titles(self) -> list[str]:
        """The names of all tabs, in the current language."""
        return [place.title() for place in self._places]

    def built(self) -> list[Tab]:
        """The tabs that were used so far."""
        return list(self._tabs.values())

    def current(self) -> Tab:
        return self.tab(self.current_id())

    def current_id(self) -> str:
        return self._places[self.currentIndex()].id

    def show_tab(self, tab_id: str) -> Tab:
        """Bring a tab to the front."""
        self.turn_to(tab_id)
        return self.current()

    def turn_to(self, tab_id: str) -> None:
        """As `show_tab`; while tabs are held, that page comes to the front without its tab."""
        ids = [place.id for place in self._places]
        index = ids.index(tab_id) if tab_id in ids else 0
        if index == self.currentIndex():
            self._on_current_changed(index)
        self.setCurrentIndex(index)

    def _on_current_changed(self, index: int) -> None:
        if self._banner is not None:
            self._columns[index].insertWidget(1, self._banner)
        if self._is_held:
            return
        tab = self.tab(self._places[index].id)
        self._finished.discard(tab.id)
        self._retranslate()
        self.shown.emit(tab)
        QTimer.singleShot(0, tab.activated)

    def _on_working_changed(self, tab_id: str, working: bool) -> None:
        if working == (tab_id in self._working):
            return
        if working:
            self._working.add(tab_id)
            self._finished.discard(tab_id)
        else:
            self._working.remove(tab_id)
            if tab_id != self.current_id():
                self._finished.add(tab_id)
        self._show_mark([place.id for place in self._places].index(tab_id))
        self._retranslate()

    def _show_mark(self, index: int) -> None:
        """What stands behind a tab's name: that it works, or its keys where there is room."""
        old = self.tabBar().tabButton(index, QTabBar.ButtonPosition.RightSide)
        mark: QWidget | None = _keys(index) if self._is_roomy else None
        if self._places[index].id in self._working:
            mark = _spinner(mark)
        self.tabBar().setTabButton(index, QTabBar.ButtonPosition.RightSide, mark)
        if old is not None:
            old.deleteLater()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        is_roomy = self.width() >= theme.px(ROOMY_PX)
        if is_roomy != self._is_roomy:
            self._is_roomy = is_roomy
            for index in range(self.count()):
                self._show_mark(index)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        if event.type() is QEvent.Type.FontChange:  # another zoom
            self._make_room()

    def _retranslate(self) -> None:
        for index, place in enumerate(self._places):
            title, finished = place.title(), place.id in self._finished
            self.setTabText(index, title + (_FINISHED if finished else ""))
            self.setTabToolTip(index, f"{title} ({native_keys(keys_of(index))})")
            if place.id in self._working:
                title = self.tr("{tab}, working").format(tab=title)
            elif finished:
                title = self.tr("{tab}, finished").format(tab=title)
            self.tabBar().setAccessibleTabName(index, title)


def _column(page: QWidget) -> QVBoxLayout:
    """A line, room for the banner, and later the tab."""
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(line)
    return column


def _keys(index: int) -> PlainLabel:
    """The keys in small print; a click on them is one on the tab."""
    label = PlainLabel(native_keys(keys_of(index)))
    theme.give_role(label, Role.SMALL)
    label.setContentsMargins(0, 0, theme.SPACE_M, 0)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return label


def _spinner(keys: QWidget | None) -> QWidget:
    """A spinner, as large as the keys it takes the place of: no tab moves when one begins to work."""
    from app.ui.widgets.spinner import Spinner

    mark = Spinner()
    mark.start()
    if keys is not None:
        keys.ensurePolished()
        mark.setFixedSize(keys.sizeHint())
    return mark
