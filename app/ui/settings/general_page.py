"""GeneralPage: a row for every option of model/settings.py that is not hidden; a change holds at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import Field, dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, get_type_hints

from PySide6.QtWidgets import QWidget

from app.model.settings import CHOICE_LABELS, Settings
from app.ui import theme
from app.ui.settings.editors import ChoiceEditor, NumberEditor, PathEditor, SwitchEditor, TextEditor
from app.ui.settings.page import Page
from app.ui.settings.rows import Row, RowGrid
from app.ui.settings.store import SettingsStore
from app.ui.theme import Role
from app.ui.translation import translated
from app.ui.widgets.plain_label import PlainLabel

LABEL_PX = 240

type OptionEditor = ChoiceEditor | SwitchEditor | NumberEditor | PathEditor | TextEditor


@dataclass(frozen=True)
class Option:
    """One option: where it is in the settings and what its metadata says."""

    section: str
    name: str
    type: type
    metadata: dict[str, Any]

    def of(self, settings: Settings) -> object:
        return getattr(getattr(settings, self.section), self.name)

    def changed(self, value: object) -> Callable[[Settings], Settings]:
        """The change that gives the option `value`."""

        def change(settings: Settings) -> Settings:
            section = replace(getattr(settings, self.section), **{self.name: value})
            return replace(settings, **{self.section: section})

        return change


def options() -> Iterator[Option]:
    """Every option that people can set, in the order of the model."""
    for section in _labelled(Settings):
        form = get_type_hints(Settings)[section.name]
        types = get_type_hints(form)
        for field in _labelled(form):
            if not field.metadata.get("hidden"):
                yield Option(section.name, field.name, types[field.name], dict(field.metadata))


class GeneralPage(Page):
    """`rows` by "section.name"; the controls are called `option_section_name`."""

    def __init__(self, settings: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__("general", parent=parent)
        self._settings = settings
        self._options = list(options())
        self.rows: dict[str, Row] = {}
        self._editors: dict[str, OptionEditor] = {}
        self._headings: dict[str, PlainLabel] = {}
        self._grid = RowGrid(LABEL_PX)
        self._build()
        self._unsubscribe = settings.subscribe(self._show)

    def title(self) -> str:
        return self.tr("General")

    async def aclose(self) -> None:
        self._unsubscribe()
        for editor in self._editors.values():
            if isinstance(editor, PathEditor):
                await editor.aclose()

    def _build(self) -> None:
        self._outer.addWidget(self.scrolling(), 1)
        for option in self._options:
            if option.section not in self._headings:
                heading = PlainLabel()
                theme.give_role(heading, Role.HEADING)
                self._headings[option.section] = heading
                self._grid.add_wide(heading, space_above=theme.SPACE_S)
            editor = _editor(option)
            editor.setObjectName(f"option_{option.section}_{option.name}")
            editor.edited.connect(lambda value, option=option: self._settings.update(option.changed(value)))
            self._editors[_key(option)] = editor
            self.rows[_key(option)] = self._grid.add(Row(editor))
        self.column.addWidget(self._grid)
        self.column.addStretch(1)
        self._retranslate()
        self._show(self._settings.value)

    def _show(self, settings: Settings) -> None:
        for option in self._options:
            self._editors[_key(option)].set_value(option.of(settings))

    def _retranslate(self) -> None:
        super()._retranslate()
        for section in _labelled(Settings):
            if section.name in self._headings:
                self._headings[section.name].setText(translated("Settings", section.metadata["label"]))
        for option in self._options:
            metadata = option.metadata
            label, help_text = (translated("Settings", metadata[name]) for name in ("label", "help"))
            self.rows[_key(option)].set_texts(label, help_text)
            editor = self._editors[_key(option)]
            if isinstance(editor, NumberEditor) and metadata.get("unit"):
                editor.setSuffix(" " + translated("Settings", metadata["unit"]))
            if isinstance(editor, PathEditor):
                editor.field.setPlaceholderText(self.tr("The program's own folder"))


def _editor(option: Option) -> OptionEditor:
    metadata = option.metadata
    if issubclass(option.type, StrEnum):
        return ChoiceEditor(option.type, lambda choice: translated("Settings", CHOICE_LABELS[choice]))
    if option.type is bool:
        return SwitchEditor()
    if option.type is int:
        return NumberEditor(metadata["minimum"], metadata["maximum"], metadata.get("step", 1))
    return PathEditor(folder=True) if metadata.get("kind") == "folder" else TextEditor()


def _key(option: Option) -> str:
    return f"{option.section}.{option.name}"


def _labelled(form: type) -> list[Field[Any]]:
    return [field for field in fields(form) if field.metadata.get("label")] if is_dataclass(form) else []
