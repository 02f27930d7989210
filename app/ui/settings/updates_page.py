"""UpdatesPage: a newer version, what is new in it, and the way back to the former one; it fetches nothing itself."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.identity import HOMEPAGE
from app.model.errors import AppError
from app.model.settings import UpdateSettings
from app.model.updates import Availability, Former
from app.ui import ask, theme
from app.ui.job import Errands
from app.ui.outside import open_page
from app.ui.settings.changes_view import ChangesView
from app.ui.settings.page import Page
from app.ui.settings.update_card import UpdateCard
from app.ui.theme import Role
from app.ui.translation import shown_moment, translated
from app.ui.update_flow import UpdateFlow
from app.ui.widgets.plain_label import PlainLabel


class UpdatesPage(Page):
    def __init__(self, flow: UpdateFlow, parent: QWidget | None = None) -> None:
        super().__init__("updates", parent=parent)
        self._flow = flow
        self._work = Errands(self)
        self.card = UpdateCard()
        self.daily_check = QCheckBox()
        self.daily_label = PlainLabel()
        self.changes_label = PlainLabel()
        self.changes = ChangesView()
        self.former_label = PlainLabel()
        self.former_text = PlainLabel()
        self.back_button = QPushButton()
        self._build()

    def title(self) -> str:
        return self.tr("Updates")

    def shown(self) -> None:
        self._show()

    async def aclose(self) -> None:
        """What the flow does goes on: it is not the page's."""
        self._work.stop()
        await self._work.aclose()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._flow.is_watched = True

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._flow.is_watched = False

    def _build(self) -> None:
        self._outer.addWidget(self.scrolling(), 1)
        for name in ("daily_check", "daily_label", "changes_label", "former_label", "former_text", "back_button"):
            getattr(self, name).setObjectName(f"updates_{name}")
        for label in (self.daily_label, self.former_text):
            theme.give_role(label, Role.SMALL)
            label.setWordWrap(True)
        for label in (self.changes_label, self.former_label):
            theme.give_role(label, Role.HEADING)
        self.back_button.setIcon(theme.icon("rotate-ccw"))
        back_row = QHBoxLayout()
        back_row.addWidget(self.back_button)
        back_row.addStretch(1)
        daily = QVBoxLayout()
        daily.setSpacing(theme.SPACE_XS)
        daily.addWidget(self.daily_check, 0, Qt.AlignmentFlag.AlignLeft)
        daily.addWidget(self.daily_label)
        self.column.addWidget(self.card)
        self.column.addLayout(daily)
        self.column.addSpacing(theme.SPACE_L)
        self.column.addWidget(self.changes_label)
        self.column.addWidget(self.changes)
        self.column.addSpacing(theme.SPACE_L)
        self.column.addWidget(self.former_label)
        self.column.addWidget(self.former_text)
        self.column.addLayout(back_row)
        self.column.addStretch(1)
        self._connect()
        self._retranslate()

    def _connect(self) -> None:
        flow = self._flow
        for signal, action in (
            (self.card.check_requested, flow.check),
            (self.card.download_requested, flow.download),
            (self.card.stop_requested, flow.stop),
            (self.card.restart_requested, flow.restart),
            (self.card.discard_requested, flow.discard),
        ):
            signal.connect(self.notices.dismiss)
            signal.connect(action)
        self.card.website_requested.connect(lambda: open_page(HOMEPAGE))
        self.daily_check.clicked.connect(flow.set_looks_daily)
        self.back_button.clicked.connect(lambda: self._work.add(self._go_back))
        flow.changed.connect(self._show)
        flow.failed.connect(self._on_flow_failed)
        self._work.failed.connect(self.notices.show_error)

    async def _go_back(self) -> None:
        former = self._flow.worker.status.former
        if former is not None and await ask.confirm(
            self, self.tr("Go back?"), self._back_words(former), self.tr("Go back")
        ):
            self._flow.go_back()

    def _on_flow_failed(self, error: AppError) -> None:
        if self.isVisible():
            self.notices.show_error(error)

    def _show(self) -> None:
        flow, status = self._flow, self._flow.worker.status
        self.card.show_status(
            status,
            flow.progress,
            is_checking=flow.is_checking,
            is_busy=flow.is_busy,
        )
        is_possible = status.availability is Availability.POSSIBLE
        self.daily_check.setVisible(is_possible)
        self.daily_label.setVisible(is_possible)
        self.daily_check.setChecked(flow.looks_daily)
        changes = "" if status.release is None else status.release.changes_in(QLocale().name())
        self.changes.show_changes(changes)
        for widget in (self.changes_label, self.changes):
            widget.setVisible(bool(changes))
        if status.release is not None:
            self.changes_label.setText(self.tr("New in version {number}").format(number=status.release.version))
        self._show_former(status.former)

    def _show_former(self, former: Former | None) -> None:
        for widget in (self.former_label, self.former_text, self.back_button):
            widget.setVisible(former is not None)
        if former is not None:
            self.former_text.setText(self._former_words(former))
            self.back_button.setText(self.tr("Go back to version {number}…").format(number=former.version))
            self.back_button.setEnabled(not self._flow.is_busy)

    def _former_words(self, former: Former) -> str:
        return self.tr("Version {number} is kept, with your data as it was on {moment}.").format(
            number=former.version, moment=shown_moment(former.left_at)
        )

    def _back_words(self, former: Former) -> str:
        words = self.tr(
            "Triptych closes, and version {number} takes its place, with your data and settings as they were on "
            "{moment}. What you have now is kept as a backup first; nothing is deleted."
        )
        return words.format(number=former.version, moment=shown_moment(former.left_at))

    def _retranslate(self) -> None:
        super()._retranslate()
        option = next(one for one in UpdateSettings.__dataclass_fields__.values() if one.name == "daily")
        label, help_text = (translated("Settings", option.metadata[part]) for part in ("label", "help"))
        self.daily_check.setText(label)
        self.daily_check.setAccessibleDescription(help_text)
        self.daily_label.setText(help_text)
        self.changes.setAccessibleName(self.tr("What is new"))
        self.former_label.setText(self.tr("Former version"))
        self._show()
