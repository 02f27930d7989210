"""ReportWorker: what helps to find a mistake, as a text without secrets that its user reads first; sends nothing."""

from __future__ import annotations

import asyncio
import contextlib
import locale
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app import executables, log
from app.files import write_whole
from app.identity import NAME, VERSION
from app.model.engine import EngineStatus, LocalModel, ModelState
from app.model.errors import KeyStoreFailed, storage_failure
from app.model.report import provider_lines, settings_lines, without_names

if TYPE_CHECKING:
    from app.model.providers import Provider
    from app.paths import Paths
    from app.services.settings import SettingsStore

LOG_LINES, ENGINE_LOG_LINES = 200, 30
_SESSION = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "QT_QPA_PLATFORM", "LANG", "container", "SNAP", "FLATPAK_ID")
_SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL")


class Profiles(Protocol):
    """Whose secrets must not be in the report."""

    def own(self) -> Sequence[Provider]: ...
    async def key_of(self, provider_id: str) -> str: ...
    async def revealed(self, provider: Provider) -> Provider: ...


class Models(Protocol):
    async def list(self) -> Sequence[LocalModel]: ...
    async def status(self) -> EngineStatus: ...


class ReportWorker:
    def __init__(self, settings: SettingsStore, profiles: Profiles, models: Models, paths: Paths) -> None:
        self._settings = settings
        self._profiles = profiles
        self._models = models
        self._paths = paths

    async def collect(self, facts: Mapping[str, str]) -> str:
        """The report, in English; `facts` are what the window knows of its surroundings, as name and value."""
        await self._hide_secrets()
        models, status = await self._models.list(), await self._models.status()
        settings, logs = self._settings.value, self._paths.logs
        ours = await asyncio.to_thread(_end_of, logs / "triptych.log", LOG_LINES)
        the_engines = await asyncio.to_thread(_end_of, logs / "engine.log", ENGINE_LOG_LINES)
        sections = [
            ("", [f"{NAME} {VERSION}", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), *_surroundings(facts)]),
            ("Settings", list(settings_lines(settings))),
            ("Providers", list(provider_lines(settings.providers)) or ["none"]),
            ("Built-in engine", [status.state.value, *_model_lines(models)]),
            ("The end of the log", ours),
            ("The end of the engine's log", the_engines),
        ]
        text = "\n\n".join("\n".join([f"## {title}", *lines] if title else lines) for title, lines in sections) + "\n"
        return self._without_places(log.redact(text))

    async def save(self, text: str, path: Path) -> None:
        """Write the text that the user has read to a file.

        Raises:
            StorageFailed: it could not be written.
        """
        try:
            await asyncio.to_thread(write_whole, path, text.encode())
        except OSError as error:
            raise storage_failure(error, path) from error

    async def _hide_secrets(self) -> None:
        """From now on the log knows every secret there is, also those that older lines hold."""
        for name, value in os.environ.items():
            if any(word in name.upper() for word in _SECRET_NAMES):
                log.hide(value)
        for provider in self._profiles.own():
            for value in (*provider.extra_headers.values(), provider.organization, provider.project):
                log.hide(value)
            with contextlib.suppress(KeyStoreFailed):  # then this session has not seen them either
                log.hide(await self._profiles.key_of(provider.id))
                await self._profiles.revealed(provider)  # which hides what it reveals

    def _without_places(self, text: str) -> str:
        """Paths without the names of people; a profile elsewhere than in the home folder is named as what it is."""
        for folder, name in (
            (self._paths.state, "(state folder)"),
            (self._paths.data, "(data folder)"),
            (self._paths.config, "(settings folder)"),
            (self._paths.cache, "(cache folder)"),
        ):
            text = text.replace(str(folder), name)
        return without_names(text, str(Path.home()))


def _surroundings(facts: Mapping[str, str]) -> Iterator[str]:
    yield f"Python {platform.python_version()}, {'installed' if executables.is_installed() else 'from source'}"
    yield f"System: {platform.platform()} {platform.machine()}, {os.cpu_count()} processors"
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            yield f"Distribution: {platform.freedesktop_os_release().get('PRETTY_NAME', 'unknown')}"
        yield f"C library: {' '.join(platform.libc_ver())}"
    session = [f"{name}={os.environ[name]}" for name in _SESSION if os.environ.get(name)]
    yield f"Session: {', '.join(session) or 'nothing known'}; encoding {locale.getpreferredencoding()}"
    for name, value in facts.items():
        yield f"{name}: {value}"


def _model_lines(models: Sequence[LocalModel]) -> Iterator[str]:
    """Files of the user's only by their kind: their names are his."""
    for model in models:
        if model.state is not ModelState.MISSING:
            name = f"a {model.kind.value} model of the user's" if model.is_own else model.id
            where = ", came with the program" if model.is_shipped else ""
            yield f"{name}: {model.state.value}, {model.size_bytes / 1e6:.0f} MB{where}"


def _end_of(file: Path, lines: int) -> list[str]:
    try:
        text = file.read_text("utf-8", "replace")
    except OSError as error:
        return [f"not readable ({type(error).__name__})"]
    return text.splitlines()[-lines:] or ["empty"]
