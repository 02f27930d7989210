"""ProviderForm: the fields of one provider's profile; tells what was changed and stores nothing."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.model.providers import Provider
from app.ui import theme
from app.ui.settings.connection_test import ConnectionTest
from app.ui.settings.editors import SwitchEditor, TextEditor
from app.ui.settings.key_field import KeyField
from app.ui.settings.learned_lessons import LearnedLessons
from app.ui.settings.model_abilities import ModelAbilities
from app.ui.settings.provider_options import ProviderOptions
from app.ui.settings.rows import Row, RowGrid
from app.ui.theme import Role
from app.ui.widgets.plain_label import PlainLabel
from app.workers.providers.knowledge import has_address, placeholder_in, preset_of

WIDEST_PX = 680
LABEL_PX = 120


class ProviderForm(QScrollArea):
    """Shows one provider at a time.

    `key`, `test`, `models` and `lessons` are its parts with signals of their own.

    Signals:
        changed(dict): fields of `Provider` by name with their new values.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title_label = PlainLabel()
        self.enabled_box = SwitchEditor()
        self.name_field = TextEditor()
        self.address_field = TextEditor()
        self.key = KeyField()
        self.test = ConnectionTest()
        self.more_button = QToolButton()
        self.models = ModelAbilities()
        self.lessons = LearnedLessons()
        self._shows_more = False
        self._provider: Provider | None = None
        self._grid = RowGrid(LABEL_PX)
        self.rows = {
            "name": Row(self.name_field),
            "address": Row(self.address_field),
            "key": Row(self.key),
            "enabled": Row(self.enabled_box),
        }
        self.options = ProviderOptions(self._grid)
        self._build()

    def show_provider(self, provider: Provider) -> None:
        """Fill the fields; what was typed and is not stored yet is lost."""
        self._provider = provider
        self.title_label.setText(provider.name)
        self.enabled_box.set_value(provider.enabled)
        self.name_field.set_value(provider.name)
        self.address_field.set_value(provider.base_url)
        self.test.set_possible(bool(provider.base_url))
        self.options.show_provider(provider)
        self._show_address_problem()

    def show_other(self, provider: Provider) -> None:
        """As `show_provider`, for another one than before: without its verdict, key and models."""
        self.show_provider(provider)
        preset = preset_of(provider)
        self.test.card.set_pages(preset.keys_url, preset.account_url)
        self.test.show_result(None)
        self.test.set_possible(bool(provider.base_url))
        self.key.show_new(is_needed=preset.key == "needed")
        self.models.set_asking(False)
        self.verticalScrollBar().setValue(0)

    def lead_to(self, editor: QWidget) -> None:
        """Give one of the fields the focus, unfolding the options if it is among them."""
        if editor in (row.editor for row in self.options.rows.values()):
            self._show_more(True)
        self.ensureWidgetVisible(editor)
        editor.setFocus(Qt.FocusReason.OtherFocusReason)

    async def aclose(self) -> None:
        await self.options.aclose()

    def _build(self) -> None:
        self.setObjectName("provider_form")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys reach it from what is in it
        names = {"enabled_box": "provider_enabled", "name_field": "provider_name", "address_field": "provider_address"}
        for attribute, name in {**names, "more_button": "more_options"}.items():
            getattr(self, attribute).setObjectName(name)
        theme.give_role(self.title_label, Role.TITLE)
        theme.give_role(self.more_button, Role.FLAT)
        self.more_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more_button.clicked.connect(lambda: self._show_more(not self._shows_more))
        for editor, field in (
            (self.enabled_box, "enabled"),
            (self.name_field, "name"),
            (self.address_field, "base_url"),
        ):
            editor.edited.connect(lambda value, field=field: self._tell(field, value))
        self.options.changed.connect(self.changed)
        self.address_field.textChanged.connect(lambda text: self.test.set_possible(bool(text.strip())))
        self._lay_out()
        self._show_more(False)

    def _lay_out(self) -> None:
        for row in self.rows.values():
            self._grid.add(row)
        self._grid.add_under(self.test)
        self._grid.add_wide(self.more_button)
        self.options.add_rows()
        content = QWidget()
        content.setMaximumWidth(theme.px(WIDEST_PX))
        theme.give_role(content, Role.PLAIN)
        column = QVBoxLayout(content)
        column.setContentsMargins(theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_XL)
        column.setSpacing(theme.SPACE_L)
        for widget in (self.title_label, self._grid, self.models, self.lessons):
            column.addWidget(widget)
        column.addStretch(1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)

    def _tell(self, field: str, value: Any) -> None:  # noqa: ANN401 - the value of any field
        self.changed.emit({field: value})

    def _show_more(self, shown: bool) -> None:
        self._shows_more = shown
        self.more_button.setIcon(theme.icon("chevron-down" if shown else "chevron-right"))
        self.options.set_visible(shown)
        self._retranslate()

    def _show_address_problem(self) -> None:
        provider, problem = self._provider, ""
        if provider is not None and provider.base_url and not has_address(provider):
            problem = self.tr("This is not a server's address. It should look like https://api.example.com/v1.")
        elif provider is not None and (placeholder := placeholder_in(provider)):
            problem = self.tr("Put the name of your own resource in place of “{name}”.").format(name=placeholder)
        self.rows["address"].set_problem(problem)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
            self.options.retranslate()

    def _retranslate(self) -> None:
        self.rows["name"].set_texts(self.tr("Name"))
        self.rows["address"].set_texts(
            self.tr("Base address"), self.tr("Paste it in any form; it is put in order when you leave the field.")
        )
        self.rows["key"].set_texts(self.tr("Key"))
        self.rows["enabled"].set_texts(self.tr("Use this provider"))
        self.address_field.setPlaceholderText("https://api.example.com/v1")
        self.more_button.setText(self.tr("Fewer options") if self._shows_more else self.tr("More options"))
        self.setAccessibleName(self.tr("Provider"))
        self._show_address_problem()
