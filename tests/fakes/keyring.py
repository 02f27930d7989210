"""Key stores for tests: a real backend in a private file, and ones that are locked, silent or broken."""

from __future__ import annotations

import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from keyrings.alt.file import PlaintextKeyring


def in_file(file: Path) -> KeyringBackend:
    """A real backend; what it keeps is in `file` and nowhere else."""
    backend = PlaintextKeyring()
    backend.file_path = str(file)
    kept: KeyringBackend = backend
    return kept


class FailingKeyring(KeyringBackend):
    """Raises what it was given, whatever is asked of it."""

    priority = 5.0

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self._error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self._error

    def delete_password(self, service: str, username: str) -> None:
        raise self._error


def locked() -> KeyringBackend:
    """The user does not unlock it."""
    return FailingKeyring(KeyringLocked("dismissed"))


class SilentKeyring(KeyringBackend):
    """Never answers until `woken` is set; what was asked meanwhile is then done."""

    priority = 5.0

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.kept: dict[str, str] = {}
        self.done = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.woken.wait()
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.woken.wait()
        self.kept[username] = password
        self.done.set()

    def delete_password(self, service: str, username: str) -> None:
        self.woken.wait()
        self.kept.pop(username, None)
