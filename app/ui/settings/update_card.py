"""UpdateCard: whether there is a newer version and what becomes of it, with buttons for that; it fetches nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.model.updates import Availability, UpdateStatus
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import shown_moment, shown_size
from app.ui.widgets.icon_label import IconLabel
from app.ui.widgets.plain_label import PlainLabel

PER_MILLE = 1000


class UpdateCard(QFrame):
    """Signals: check_requested(), download_requested(), stop_requested(), restart_requested(), discard_requested(),
    website_requested().
    """

    check_requested = Signal()
    download_requested = Signal()
    stop_requested = Signal()
    restart_requested = Signal()
    discard_requested = Signal()
    website_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel()
        self.title_label = PlainLabel()
        self.text_label = PlainLabel()
        self.progress_bar = QProgressBar()
        self.check_button = QPushButton()
        self.download_button = QPushButton()
        self.stop_button = QPushButton()
        self.restart_button = QPushButton()
        self.discard_button = QPushButton()
        self.website_button = QPushButton()
        self._status = UpdateStatus(Availability.NO_FEED, "")
        self._is_checking = self._is_busy = False
        self._progress: tuple[int, int] | None = None
        self._build()

    def show_status(
        self,
        status: UpdateStatus,
        progress: tuple[int, int] | None,
        *,
        is_checking: bool,
        is_busy: bool,
    ) -> None:
        """`progress` is in bytes, done and in all, while a version is downloaded."""
        self._status, self._progress = status, progress
        self._is_checking, self._is_busy = is_checking, is_busy
        had_focus = any(button.hasFocus() for button in self._buttons())
        self._retranslate()
        first = next((button for button in self._buttons() if button.isVisible()), None)
        if had_focus and first is not None and not any(button.hasFocus() for button in self._buttons()):
            first.setFocus()  # what was pressed is gone: whoever works with the keyboard stays here

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("update_card")
        theme.give_role(self, Role.CARD)
        theme.give_role(self.title_label, Role.HEADING)
        theme.give_role(self.text_label, Role.SMALL)
        theme.give_role(self.download_button, Role.PRIMARY)
        theme.give_role(self.restart_button, Role.PRIMARY)
        self.title_label.setObjectName("update_title")
        self.text_label.setObjectName("update_text")
        self.progress_bar.setObjectName("update_progress")
        self.progress_bar.setTextVisible(False)
        self.progress_bar.setRange(0, PER_MILLE)
        for label in (self.title_label, self.text_label):
            label.setWordWrap(True)
        for name, signal in self._signals().items():
            button = getattr(self, f"{name}_button")
            button.setObjectName(f"update_{name}_button")
            button.clicked.connect(signal)
        self.check_button.setIcon(theme.icon("refresh-cw"))
        self.website_button.setIcon(theme.icon("external-link"))
        self._lay_out()
        self._retranslate()

    def _signals(self) -> dict[str, SignalInstance]:
        return {
            "download": self.download_requested,
            "restart": self.restart_requested,
            "stop": self.stop_requested,
            "discard": self.discard_requested,
            "website": self.website_requested,
            "check": self.check_requested,
        }

    def _buttons(self) -> list[QPushButton]:
        return [getattr(self, f"{name}_button") for name in self._signals()]

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_S)
        for button in self._buttons():
            buttons.addWidget(button)
        buttons.addStretch(1)
        texts = QVBoxLayout()
        texts.setSpacing(theme.SPACE_XS)
        texts.addWidget(self.title_label)
        texts.addWidget(self.text_label)
        texts.addWidget(self.progress_bar)
        texts.addSpacing(theme.SPACE_S)
        texts.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_M)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)

    def _retranslate(self) -> None:
        self.check_button.setText(self.tr("Check now"))
        self.download_button.setText(self.tr("Download"))
        self.stop_button.setText(self.tr("Stop"))
        restart = self.tr("Restart now") if self._status.starts_by_itself else self.tr("Close and install")
        self.restart_button.setText(restart)
        self.discard_button.setText(self.tr("Do not install"))
        self.website_button.setText(self.tr("Website"))
        title, text, icon, tint = self._look()
        self.icon.set_icon(theme.icon(icon, tint))
        self.title_label.setText(title)
        self.text_label.setText(text)
        self.text_label.setVisible(bool(text))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.progress_bar.setAccessibleName(title)
        done, total = self._progress or (0, 0)
        self.progress_bar.setVisible(self._progress is not None)
        self.progress_bar.setValue(done * PER_MILLE // total if total else 0)
        self._show_buttons()

    def _show_buttons(self) -> None:
        status, is_loading = self._status, self._progress is not None
        is_possible = status.availability is Availability.POSSIBLE
        self.check_button.setVisible(is_possible and not is_loading and not status.is_ready)
        self.download_button.setVisible(status.file is not None and not is_loading and not status.is_ready)
        self.stop_button.setVisible(is_loading)
        self.restart_button.setVisible(status.is_ready)
        self.discard_button.setVisible(status.is_ready)
        is_elsewhere = status.release is not None and status.file is None
        self.website_button.setVisible(is_elsewhere or not is_possible)
        for button in (self.download_button, self.restart_button, self.discard_button):
            button.setEnabled(not self._is_busy)

    def _look(self) -> tuple[str, str, str, str]:
        """Title, text, icon and its tint."""
        status = self._status
        if status.availability is Availability.PACKAGED:
            words = self.tr(
                "This copy came as a package or runs from its source, and does not update itself. Your package manager "
                "does, if it knows Triptych; else the website has newer versions."
            )
            return self._present_version(), words, "layers", "muted"
        if status.availability is Availability.NO_FEED:
            words = self.tr("This copy was not told where newer versions are announced. The website has them.")
            return self._present_version(), words, "info", "muted"
        if self._is_checking:
            return self.tr("Looking for a newer version…"), "", "refresh-cw", "accent"
        if status.release is not None:
            return self._look_of_release(status.release.version)
        if status.checked_at is None:
            return self._present_version(), self.tr("Nobody has looked for a newer one yet."), "info", "muted"
        moment = shown_moment(status.checked_at)
        if not status.is_answered:
            words = self.tr("The last look, {moment}, brought no answer that can be believed.").format(moment=moment)
            return self._present_version(), words, "triangle-alert", "warning"
        words = self.tr("Last looked: {moment}.").format(moment=moment)
        return self.tr("Version {number} is the newest").format(number=status.version), words, "circle-check", "success"

    def _look_of_release(self, version: str) -> tuple[str, str, str, str]:
        status = self._status
        if status.file is None:
            words = self.tr("There is no download of it for this computer; the website may know more.")
            return self.tr("Version {number} is out").format(number=version), words, "info", "accent"
        size = shown_size(status.file.size_bytes)
        if self._progress is not None:
            words = self.tr("{done} of {total}").format(done=shown_size(self._progress[0]), total=size)
            return self.tr("Downloading version {number}…").format(number=version), words, "download", "accent"
        if status.is_ready:
            words = self.tr("It is installed when you close Triptych, after a backup of your data.")
            return self.tr("Version {number} is ready").format(number=version), words, "circle-check", "success"
        words = self.tr("You have version {number}. The download has {size}.").format(number=status.version, size=size)
        return self.tr("Version {number} is available").format(number=version), words, "download", "accent"

    def _present_version(self) -> str:
        return self.tr("Version {number}").format(number=self._status.version)
