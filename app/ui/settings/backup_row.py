"""BackupRow: one backup with what is in it and its buttons; it reads and restores nothing itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLocale, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.model.backups import Backup, BackupKind
from app.model.visible import one_line
from app.ui import theme
from app.ui.theme import Role
from app.ui.translation import in_a_row, shown_moment, shown_size
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.plain_label import PlainLabel

TITLES_SHOWN = 3


class BackupRow(QFrame):
    """Signals: look_requested(), restore_requested(), remove_requested()."""

    look_requested = Signal()
    restore_requested = Signal()
    remove_requested = Signal()

    def __init__(self, backup: Backup, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.backup = backup
        self.name_label = PlainLabel()
        self.kind_label = PlainLabel()
        self.facts_label = PlainLabel()
        self.newest_label = ElidedLabel()
        self.look_button = QPushButton()
        self.restore_button = QPushButton()
        self.remove_button = QToolButton()
        self._build()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        self.setObjectName("backup_row")
        theme.give_role(self, Role.CARD)
        for name in ("look_button", "restore_button", "remove_button"):
            getattr(self, name).setObjectName(f"backup_{name}")
        theme.give_role(self.name_label, Role.HEADING)
        theme.give_role(self.kind_label, Role.BADGE)
        theme.give_role(self.remove_button, Role.FLAT)
        for label in (self.facts_label, self.newest_label):
            theme.give_role(label, Role.SMALL)
        self.facts_label.setWordWrap(True)
        self.remove_button.setIcon(theme.icon("trash-2"))
        is_readable = self.backup.contents is not None
        for button in (self.look_button, self.restore_button):
            button.setVisible(is_readable)
        # A damaged database is not put in place as a whole; what can be read of it is restored one by one.
        self.restore_button.setVisible(is_readable and self.backup.kind is not BackupKind.SET_ASIDE)
        self.look_button.clicked.connect(self.look_requested)
        self.restore_button.clicked.connect(self.restore_requested)
        self.remove_button.clicked.connect(self.remove_requested)
        self._lay_out()
        self._retranslate()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_S)
        top.addWidget(self.name_label)
        top.addWidget(self.kind_label)
        top.addStretch(1)
        texts = QVBoxLayout()
        texts.setSpacing(theme.SPACE_XS)
        texts.addLayout(top)
        texts.addWidget(self.facts_label)
        texts.addWidget(self.newest_label)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        row.setSpacing(theme.SPACE_S)
        row.addLayout(texts, 1)
        for button in (self.look_button, self.restore_button, self.remove_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    def _retranslate(self) -> None:
        name = shown_moment(self.backup.made_at)
        self.setAccessibleName(name)
        self.name_label.setText(name)
        self.kind_label.setText(self._kind())
        self.facts_label.setText("  ·  ".join(self._facts()))
        self.newest_label.setText(self._newest())
        self.newest_label.setVisible(bool(self._newest()))
        self.look_button.setText(self.tr("Look inside…"))
        self.restore_button.setText(self.tr("Restore…"))
        self.remove_button.setToolTip(self.tr("Delete this backup"))
        for button, text in (
            (self.look_button, self.tr("Look into the backup of {moment}")),
            (self.restore_button, self.tr("Restore the backup of {moment}")),
            (self.remove_button, self.tr("Delete the backup of {moment}")),
        ):
            button.setAccessibleName(text.format(moment=name))

    def _kind(self) -> str:
        return {
            BackupKind.DAILY: self.tr("daily"),
            BackupKind.BEFORE_UPGRADE: self.tr("before an upgrade"),
            BackupKind.BEFORE_RESTORE: self.tr("before a restore"),
            BackupKind.BEFORE_UPDATE: self.tr("before an update"),
            BackupKind.SET_ASIDE: self.tr("found damaged"),
        }[self.backup.kind]

    def _facts(self) -> list[str]:
        held = self.backup.contents
        size = shown_size(self.backup.size_bytes)
        if held is None:
            return [self.tr("It cannot be read."), size]
        facts = [self.tr("%n conversation(s)", "", held.conversations), self.tr("%n message(s)", "", held.messages)]
        if held.pictures:
            facts.append(self.tr("%n picture(s)", "", held.pictures))
        if held.recordings:
            facts.append(self.tr("%n recording(s)", "", held.recordings))
        return [*facts, size]

    def _newest(self) -> str:
        held = self.backup.contents
        if held is None or not held.newest:
            return ""
        quotes = QLocale().quoteString
        return self.tr("Last: {titles}").format(
            titles=in_a_row(quotes(one_line(title)) for title in held.newest[:TITLES_SHOWN])
        )
