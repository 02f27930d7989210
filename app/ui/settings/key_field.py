"""KeyField: takes a provider's key and never shows one that is stored; where keys are kept is told, not decided."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.model.api_key import key_in, odd_letter
from app.ui import theme
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel


class KeyField(QWidget):
    """Signals: entered(str): keep this key; removed(): forget the stored one."""

    entered = Signal(str)
    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit()
        self.reveal_button = QToolButton()
        self.remove_button = QPushButton()
        self.place_label = PlainLabel()
        self.problem_label = PlainLabel()
        self._is_stored = False
        self._keeps_keys = True
        self._is_needed = False
        self._build()

    def typed(self) -> str:
        """The key in the field that is not stored yet, without what was pasted around it."""
        return key_in(self.field.text())

    def show_new(self, *, is_needed: bool) -> None:
        """Another provider: nothing is typed and nothing is known of its key yet."""
        self.field.clear()
        self.reveal_button.setChecked(False)
        self._is_needed = is_needed
        self.show_stored(False, keeps_keys=self._keeps_keys)

    def show_stored(self, is_stored: bool, *, keeps_keys: bool) -> None:
        """Whether there is a key, and whether this system keeps keys beyond the session."""
        self._is_stored, self._keeps_keys = is_stored, keeps_keys
        self._retranslate()

    def take(self) -> None:
        """What was typed is stored now."""
        self.field.clear()
        self.reveal_button.setChecked(False)

    def _build(self) -> None:
        self.field.setObjectName("provider_key")
        self.reveal_button.setObjectName("reveal_key")
        self.remove_button.setObjectName("remove_key")
        self.place_label.setObjectName("key_place")
        self.setFocusProxy(self.field)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.reveal_button.setCheckable(True)
        self.reveal_button.setIcon(theme.icon("eye"))
        theme.give_role(self.reveal_button, Role.FLAT)
        theme.give_role(self.place_label, Role.SMALL)
        theme.give_role(self.problem_label, Role.ERROR)
        self.problem_label.setObjectName("key_problem")
        for label in (self.place_label, self.problem_label):
            label.setWordWrap(True)
        self.reveal_button.toggled.connect(self._on_reveal_toggled)
        self.remove_button.clicked.connect(self.removed)
        self.field.editingFinished.connect(self._on_editing_finished)
        self.field.textChanged.connect(lambda _: self.problem_label.hide())
        self._lay_out()
        self._retranslate()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.field, 1)
        row.addWidget(self.reveal_button)
        row.addWidget(self.remove_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addLayout(row)
        column.addWidget(self.problem_label)
        column.addWidget(self.place_label)
        self.problem_label.hide()

    def _on_reveal_toggled(self, shown: bool) -> None:
        self.field.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self.reveal_button.setIcon(theme.icon("eye-off" if shown else "eye"))

    def _on_editing_finished(self) -> None:
        key = self.typed()
        if key and odd_letter(key) is None:
            self.entered.emit(key)
        self._show_problem()

    def _show_problem(self) -> None:
        key = self.typed()
        position = odd_letter(key)
        self.problem_label.setVisible(position is not None)
        if position is not None:
            words = self.tr("No key has a character like “{letter}” (number {position}), so it was not stored.")
            self.problem_label.setText(words.format(letter=key[position - 1], position=position))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        nothing = (
            self.tr("Paste the key here") if self._is_needed else self.tr("Not needed by most servers of this kind")
        )
        stored = self.tr("A key is stored")
        self.field.setPlaceholderText(stored if self._is_stored else nothing)
        if self.problem_label.isVisible():
            self._show_problem()
        self.remove_button.setVisible(self._is_stored)
        self.remove_button.setText(self.tr("Remove key"))
        for set_text in (self.reveal_button.setToolTip, self.reveal_button.setAccessibleName):
            set_text(self.tr("Show what is typed"))
        theme.give_role(self.place_label, Role.SMALL if self._keeps_keys else Role.WARNING)
        self.place_label.setText(
            self.tr("Kept in this system's key store, never in a file of Triptych.")
            if self._keeps_keys
            else self.tr(
                "This system offers no key store, so the key is kept for this session only and has to be entered "
                "again after the next start."
            )
        )
