"""ProviderOptions: the fields of a profile that most people never need, folded away; stores nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.model.providers import Dialect, KeyHeader, Provider, ProxyMode, Timeouts
from app.ui.settings.editors import ChoiceEditor, LinesEditor, NumberEditor, PathEditor, TextEditor
from app.ui.settings.provider_text import TextProblem, body_from, body_text, headers_from, headers_text
from app.ui.settings.rows import Row, RowGrid

LONGEST_CONNECT_S = 120
LONGEST_IDLE_S = 3600
_PLAIN = ("dialect", "organization", "project", "key_header", "proxy_mode", "proxy_url", "ca_file")
"""Controls whose value is the field of `Provider` of the same name."""
_ORDER = (*_PLAIN[:4], "extra_headers", "extra_body", *_PLAIN[4:], "connect_s", "idle_s")


class ProviderOptions(QObject):
    """Rows in a grid. Signals: changed(dict): fields of `Provider` by name with their new values."""

    changed = Signal(object)

    def __init__(self, grid: RowGrid) -> None:
        super().__init__(grid)
        self._grid = grid
        self.dialect = ChoiceEditor(Dialect, self._dialect_name)
        self.organization = TextEditor()
        self.project = TextEditor()
        self.key_header = ChoiceEditor(KeyHeader, self._key_header_name)
        self.extra_headers = LinesEditor()
        self.extra_body = LinesEditor()
        self.proxy_mode = ChoiceEditor(ProxyMode, self._proxy_name)
        self.proxy_url = TextEditor()
        self.ca_file = PathEditor(
            folder=False, filters=lambda: [self.tr("Certificates (*.pem *.crt *.cer)"), self.tr("All files (*)")]
        )
        self.connect_s = NumberEditor(1, LONGEST_CONNECT_S)
        self.idle_s = NumberEditor(5, LONGEST_IDLE_S, 30)
        self.rows = {name: Row(getattr(self, name)) for name in _ORDER}
        self._timeouts = Timeouts()
        self._is_visible = True
        self._keeps_keys = True

    def add_rows(self) -> None:
        """Append the rows to the grid."""
        for name, row in self.rows.items():
            row.editor.setObjectName(f"provider_{name}")
            self._grid.add(row)
        for name in _PLAIN:
            getattr(self, name).edited.connect(lambda value, name=name: self._tell(name, value))
        self.proxy_mode.edited.connect(self._show_proxy)
        self.extra_headers.edited.connect(self._on_extra_headers_edited)
        self.extra_body.edited.connect(self._on_extra_body_edited)
        self.connect_s.edited.connect(lambda value: self._tell("timeouts", Timeouts(value, self._timeouts.idle_s)))
        self.idle_s.edited.connect(lambda value: self._tell("timeouts", Timeouts(self._timeouts.connect_s, value)))
        self.retranslate()

    def show_provider(self, provider: Provider) -> None:
        self._timeouts = provider.timeouts
        for name in _PLAIN:
            getattr(self, name).set_value(getattr(provider, name))
        self.connect_s.set_value(provider.timeouts.connect_s)
        self.idle_s.set_value(provider.timeouts.idle_s)
        self.extra_headers.set_value(headers_text(provider.extra_headers))
        self.extra_body.set_value(body_text(provider.extra_body))
        for name in ("extra_headers", "extra_body"):
            self.rows[name].set_problem("")
        self._show_proxy(provider.proxy_mode)

    def show_keeping(self, keeps_keys: bool) -> None:
        """Whether this system keeps secrets beyond the session."""
        if keeps_keys != self._keeps_keys:
            self._keeps_keys = keeps_keys
            self.retranslate()

    def set_visible(self, visible: bool) -> None:
        """Unfold or fold all rows."""
        self._is_visible = visible
        for row in self.rows.values():
            row.set_visible(visible)
        self._show_proxy(self.proxy_mode.value())

    async def aclose(self) -> None:
        await self.ca_file.aclose()

    def _show_proxy(self, mode: object) -> None:
        self.rows["proxy_url"].set_visible(self._is_visible and mode is ProxyMode.MANUAL)

    def _tell(self, field: str, value: Any) -> None:  # noqa: ANN401 - the value of any field
        if field == "timeouts":
            self._timeouts = value
        self.changed.emit({field: value})

    def _on_extra_headers_edited(self, text: str) -> None:
        try:
            headers = headers_from(text)
        except TextProblem as problem:
            words = self.tr("Line {line} is not like “Name: value”; nothing of this was stored.")
            self.rows["extra_headers"].set_problem(words.format(line=problem.line))
            return
        self.rows["extra_headers"].set_problem("")
        self._tell("extra_headers", headers)

    def _on_extra_body_edited(self, text: str) -> None:
        try:
            body = body_from(text)
        except TextProblem as problem:
            words = self.tr("Not a JSON object (line {line}, column {column}); nothing of this was stored.")
            self.rows["extra_body"].set_problem(words.format(line=problem.line, column=problem.column))
            return
        self.rows["extra_body"].set_problem("")
        self._tell("extra_body", body)

    def _dialect_name(self, choice: StrEnum) -> str:
        return {
            Dialect.AUTOMATIC: self.tr("Automatic"),
            Dialect.CHAT: "Chat Completions",
            Dialect.RESPONSES: "Responses",
            Dialect.COMPLETIONS: self.tr("Completions (legacy)"),
        }[Dialect(choice)]

    def _key_header_name(self, choice: StrEnum) -> str:
        return {KeyHeader.BEARER: "Authorization: Bearer", KeyHeader.API_KEY: "api-key"}[KeyHeader(choice)]

    def _proxy_name(self, choice: StrEnum) -> str:
        return {
            ProxyMode.SYSTEM: self.tr("Like the system"),
            ProxyMode.MANUAL: self.tr("This one"),
            ProxyMode.NONE: self.tr("None"),
        }[ProxyMode(choice)]

    def retranslate(self) -> None:
        """Set all texts anew."""
        for name, (label, help_text) in self._texts().items():
            self.rows[name].set_texts(label, help_text)
        for seconds in (self.connect_s, self.idle_s):
            seconds.setSuffix(" " + self.tr("s"))
        self.proxy_url.setPlaceholderText("http://proxy.example.com:3128")
        self.extra_headers.setPlaceholderText("X-Team: research")
        self.extra_body.setPlaceholderText('{"provider": {"sort": "price"}}')
        self.ca_file.field.setPlaceholderText(self.tr("Only the system's certificates"))

    def _places(self) -> tuple[str, str]:
        """Where the values of headers are kept, and a password in an address."""
        if self._keeps_keys:
            return (
                self.tr("The values are kept in the key store like the key, and shown as dots."),
                self.tr("A password in it is kept in the key store like the key, and shown as dots."),
            )
        return (
            self.tr("This system offers no key store, so the values are kept for this session only."),
            self.tr("This system offers no key store, so a password in it is kept for this session only."),
        )

    def _texts(self) -> dict[str, tuple[str, str]]:
        return {
            "dialect": (
                self.tr("Protocol"),
                self.tr("Automatic uses Chat Completions, and another protocol for models that need it."),
            ),
            "organization": (self.tr("Organisation"), ""),
            "project": (self.tr("Project"), ""),
            "key_header": (self.tr("Key is sent as"), ""),
            "extra_headers": (
                self.tr("Extra headers"),
                self.tr("A line each, such as “X-Team: research”.") + " " + self._places()[0],
            ),
            "extra_body": (
                self.tr("Extra fields"),
                self.tr(
                    "A JSON object; its fields go into every request. It is stored in a readable file: no keys here."
                ),
            ),
            "proxy_mode": (self.tr("Proxy"), ""),
            "proxy_url": (self.tr("Proxy address"), self._places()[1]),
            "ca_file": (
                self.tr("Certificate file"),
                self.tr("A company's own certificate authority, trusted in addition to the system's."),
            ),
            "connect_s": (self.tr("Give up connecting after"), ""),
            "idle_s": (self.tr("Give up waiting after"), self.tr("The longest silence while an answer is made.")),
        }
