"""Secrets: the providers' keys in the system's key store, or in memory for this session; never in a file of ours."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from app import log
from app.model.errors import KeyStoreFailed

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "Triptych"
"""Under this name the key store lists our keys; the user name is the provider's id."""
TIMEOUT_S = 10.0
"""For a key store that does not answer. Long enough for a machine under load, too short for typing a password: the
key store's own dialog stays open, and what was asked can be asked again."""

_log = logging.getLogger(__name__)
_CHOSEN_BY_USER = "PYTHON_KEYRING_BACKEND"
_RECOMMENDED = 1.0
"""Priority from which keyring recommends a backend; those below write files that anyone can read."""


class Secrets:
    """Keys by provider id.

    Every key is kept in memory once it is known, so that a request does not wait for the key store, and every key is
    hidden from the log. Without a usable key store the memory is all there is: `available` is False then.
    """

    def __init__(self, backend: KeyringBackend | None = None, timeout_s: float = TIMEOUT_S) -> None:
        """`backend` instead of the one that fits this system."""
        self._backend = backend
        self._timeout_s = timeout_s
        self._known: dict[str, str] = {}
        self._checked: bool | None = None if backend is None else True

    @property
    def available(self) -> bool | None:
        """Whether keys outlive the session; None until `check` or the first key."""
        return self._checked

    async def check(self) -> bool:
        """Look for a key store, the first time; a silent one counts as none."""
        if self._checked is None:
            try:
                self._backend = await self._in_thread(usable_backend)
            except KeyStoreFailed as error:
                _log.info("no key store: %s", error)
            self._checked = self._backend is not None
        return self._checked

    async def get(self, provider_id: str) -> str:
        """The provider's key; empty if there is none.

        Raises:
            KeyStoreFailed: the key store is locked or does not answer.
        """
        if provider_id not in self._known and await self.check():
            backend = self._chosen()
            self._know(provider_id, await self._in_thread(lambda: backend.get_password(SERVICE, provider_id) or ""))
        return self._known.get(provider_id, "")

    async def set(self, provider_id: str, key: str) -> None:
        """Keep `key`; an empty one is as `delete`.

        Raises:
            KeyStoreFailed: it is kept for this session only.
        """
        key = key.strip()
        if not key:
            await self.delete(provider_id)
            return
        self._know(provider_id, key)
        if await self.check():
            backend = self._chosen()
            await self._in_thread(lambda: backend.set_password(SERVICE, provider_id, key))

    async def delete(self, provider_id: str) -> None:
        """Forget the provider's key; there need not be one.

        Raises:
            KeyStoreFailed: it is forgotten for this session but still in the key store.
        """
        self._known[provider_id] = ""
        if await self.check():
            backend = self._chosen()
            await self._in_thread(lambda: _delete(backend, provider_id))

    def _know(self, provider_id: str, key: str) -> None:
        log.hide(key)
        self._known[provider_id] = key

    def _chosen(self) -> KeyringBackend:
        assert self._backend is not None
        return self._backend

    async def _in_thread[Result](self, work: Callable[[], Result]) -> Result:
        """Do `work` on a thread that a silent key store cannot make the end of the program wait for.

        Raises:
            KeyStoreFailed: it failed or took too long.
        """
        answer: Future[Result] = Future()
        threading.Thread(target=_run, args=(work, answer), name="key store", daemon=True).start()
        try:
            return await asyncio.wait_for(asyncio.wrap_future(answer), self._timeout_s)
        except TimeoutError as error:
            raise KeyStoreFailed from error


def usable_backend() -> KeyringBackend | None:
    """The key store of this system; None if there is none that keeps secrets.

    A backend that the user names in the environment is taken as it is.
    """
    import keyring
    from keyring.backends.chainer import ChainerBackend

    found = keyring.get_keyring()
    # A chain may end in a readable file, so its best member is asked alone.
    backends = list(found.backends) if isinstance(found, ChainerBackend) else [found]
    least = 0.0 if _CHOSEN_BY_USER in os.environ else _RECOMMENDED - 1e-9
    return next((backend for backend in backends if backend.priority > least), None)


def _run[Result](work: Callable[[], Result], answer: Future[Result]) -> None:
    if not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(work())
    except Exception as error:  # the backends of five systems raise whatever their libraries do
        words = KeyStoreFailed(type(error).__name__)
        words.__cause__ = error
        answer.set_exception(words)


def _delete(backend: KeyringBackend, provider_id: str) -> None:
    from keyring.errors import PasswordDeleteError

    try:
        backend.delete_password(SERVICE, provider_id)
    except PasswordDeleteError:
        _log.info("there was no key of %s to delete", provider_id)
