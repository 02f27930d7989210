"""A loopback server that speaks as one of the real ones: it answers with the bytes in tests/data/dialects.

Each folder there is one server's dialect. `expected.json` says what has to be made of it; the `.http` files are whole
answers: `models`, `chat`, `image`, `transcript`, `translation`; `empty` (a request without anything in it), `refused`
(the model `absent`), `wrong_key`, and `unknown` for every path that the server does not have. They follow what the
servers' documentation and sources say (as of autumn 2026), not recordings of anybody's data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.workers.providers.knowledge import Preset, presets
from tests.fakes.openai_http import Received, Reply
from tests.fakes.openai_listener import Listener

FOLDER = Path(__file__).parents[3] / "data" / "dialects"
NAMES = sorted(folder.name for folder in FOLDER.iterdir())
ABSENT = "absent"
_ROUTES = {
    ("GET", "/models"): "models",
    ("POST", "/chat/completions"): "chat",
    ("POST", "/images/generations"): "image",
    ("POST", "/audio/transcriptions"): "transcript",
    ("POST", "/audio/translations"): "translation",
}


def expected_of(name: str) -> dict[str, Any]:
    """What has to be made of the answers of this dialect."""
    expected: dict[str, Any] = json.loads((FOLDER / name / "expected.json").read_text("utf-8"))
    return expected


class ReplayingServer(Listener):
    """Listens while it is entered, at the path of the preset's address."""

    def __init__(self, name: str) -> None:
        super().__init__(None)
        self.expected = expected_of(name)
        self.preset: Preset = next(preset for preset in presets() if preset.id == self.expected["preset"])
        self._folder = FOLDER / name
        self._path = urlsplit(self.preset.base_url).path
        self._next: dict[str, str] = {}

    @property
    def base_url(self) -> str:
        return self.origin + self._path

    @property
    def key(self) -> str:
        """The key that this server wants, empty for none."""
        return str(self.expected.get("key", "")).removeprefix("Bearer ")

    def answer_next(self, route: str, file: str) -> None:
        """Answer the next request to `route` ("models", "chat" ...) with another file."""
        self._next[route] = file

    def reply_to(self, request: Received) -> Reply:
        return Reply(chunks=[(self._folder / f"{self._file_for(request)}.http").read_bytes()], raw=True)

    def _file_for(self, request: Received) -> str:
        route = _ROUTES.get((request.method, request.path.removeprefix(self._path)), "")
        is_here = request.path.startswith(self._path) and (self._folder / f"{route}.http").exists()
        is_open = route in self.expected.get("public", [])
        header = request.headers.get(self.expected.get("key_header", "authorization"), "")
        if bool(route) and not is_open and header != self.expected.get("key", header):
            return "wrong_key"
        if not is_here:
            return "unknown"
        if route in self._next:
            return self._next.pop(route)
        model = _model(request)
        if request.method == "POST" and model in ("", ABSENT):
            return "refused" if model else "empty"
        return route


def _model(request: Received) -> str:
    """The model that is asked for, in a form or in JSON."""
    if not request.body:
        return ""
    if request.headers.get("content-type", "").startswith("multipart/"):
        return request.fields["model"][0]
    return str(request.json.get("model", ""))
