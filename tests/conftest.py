"""What every test gets: a private profile, one event loop where it asks for it, and guards against what tests leave."""

from __future__ import annotations

import os

# Before Qt is imported: without a screen Qt would abort the whole run.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"

import asyncio
import gc
import logging
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from app.paths import Paths

ROOT = Path(__file__).parent.parent
LOOPBACK = ("127.", "localhost", "::1")
MUCH_GARBAGE = 50_000
gc.disable()  # see `_garbage_on_this_thread`
_set_aside_for: list[object] = []

# The same examples in every run, however slow the machine is; `--hypothesis-profile=default` searches anew.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

PATIENCE_MS = 10_000
"""How long a test waits for something that ought to happen at once; only a hanging program ever waits so long."""


class PatientBot(QtBot):
    """pytest-qt's robot with the patience of all our tests; its own five seconds were missed on busy machines."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **options: Any) -> SignalBlocker:
        return super().waitSignal(signal, timeout=timeout, **options)


@pytest.fixture
def qtbot(qapp: Any, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A fresh profile with its folders made; the name has a space and Chinese, as home folders may."""
    made = Paths.under(tmp_path / "my profile 档案")
    made.ensure()
    return made


@pytest.fixture(autouse=True)
def _garbage_on_this_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """As in the program: Qt objects in cycles must not be destroyed by a thread that happens to allocate much.

    What lives when a module of window tests begins is set aside: each collection would look at all of it again.
    """
    uses_qt = "qapp" in request.fixturenames
    if uses_qt and request.module not in _set_aside_for:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        _set_aside_for[:] = [request.module]
    yield
    if uses_qt:
        _destroy_what_was_deleted_later()
    if uses_qt or gc.get_count()[0] > MUCH_GARBAGE:
        gc.collect()


@pytest.fixture(autouse=True)
def _private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the home folder, the keys or the proxies of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "TRIPTYCH_DATA_DIR"):
        monkeypatch.delenv(variable, raising=False)
    for variable in list(os.environ):
        if variable.startswith("OPENAI_") or variable.lower().endswith("_proxy"):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture(autouse=True)
def _no_keys_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test before has had hidden, "secret" perhaps, would be hidden in the words and paths of this one, too."""
    monkeypatch.setattr("app.log._secrets", ())


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine is a failure of the test that made it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _no_unexpected_log_lines(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning or error in the log fails the test, unless it says so with `expected_logs`."""
    yield
    if request.node.get_closest_marker("expected_logs"):
        return
    lines = [
        r for r in caplog.get_records("call") if r.levelno >= logging.WARNING and not r.name.startswith("hypothesis")
    ]
    assert not lines, f"unexpected log lines: {[line.getMessage() for line in lines]}"


@pytest.fixture(autouse=True)
def _no_leftover_threads() -> Iterator[None]:
    """Threads that are not daemons must be gone when a test ends."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and not t.daemon and t.is_alive()]
    for thread in left:
        thread.join(timeout=PATIENCE_MS / 1000)
    assert not [t for t in left if t.is_alive()], f"threads left over: {left}"


@pytest.fixture
def loop(qapp: Any) -> Iterator[asyncio.AbstractEventLoop]:
    """One event loop for the test, running inside Qt: click, `qtbot.waitUntil`, assert. Left-over tasks fail it."""
    from app.event_loop import Loop

    hooks = sys.get_asyncgen_hooks()
    made = Loop(qapp, already_running=True)
    sys.set_asyncgen_hooks(firstiter=made._asyncgen_firstiter_hook, finalizer=made._asyncgen_finalizer_hook)
    problems: list[dict[str, Any]] = []
    made.set_exception_handler(lambda _, context: problems.append(context))
    try:
        yield made
        # Python closes the generators inside httpx that were left in the middle, in tasks of its own.
        _spin(qapp, lambda: not any(map(_closes_a_generator, asyncio.all_tasks(made))))
        left = [task for task in asyncio.all_tasks(made) if not task.done()]
        for task in left:
            task.cancel()
        _spin(qapp, lambda: all(task.done() for task in left))
        closing = made.create_task(made.shutdown_asyncgens())
        _spin(qapp, closing.done)
    finally:
        sys.set_asyncgen_hooks(*hooks)
        asyncio.events._set_running_loop(None)
        # Not `stop()`: it would end every later event loop of this thread at once (QThread keeps the exit flag).
        made._QEventLoop__is_running = False
        qapp.aboutToQuit.disconnect(made._after_run_forever)
        made.close()
    assert not left, f"tasks left over: {left}"
    assert not problems, f"errors in the event loop: {problems}"


@pytest.fixture
def run_async(qapp: Any, loop: asyncio.AbstractEventLoop) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine to its end on the test's Qt loop and return its result; a plain test needs only `asyncio.run`."""

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        task = loop.create_task(work)
        _spin(qapp, task.done)
        return task.result()

    return run


@pytest.fixture(autouse=True)
def _no_leftover_windows(request: pytest.FixtureRequest) -> Iterator[None]:
    """A top-level window that outlives its test fails it."""
    yield
    if "qapp" not in request.fixturenames:
        return
    from PySide6.QtWidgets import QApplication

    open_windows = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    assert not open_windows, f"windows left over: {open_windows}"


@pytest.fixture(autouse=True)
def _no_leftover_look_or_language() -> Iterator[None]:
    """What a story puts in force (catalogues, locale, colours, style sheet) does not reach the next test."""
    yield
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

    application = QCoreApplication.instance()
    if application is not None:
        for translator in application.findChildren(QTranslator):
            application.removeTranslator(translator)
        QLocale.setDefault(QLocale.system())
    from PySide6.QtGui import QFontDatabase, QPalette
    from PySide6.QtWidgets import QApplication

    if isinstance(application, QApplication) and application.property("zoomPercent") is not None:
        application.styleHints().unsetColorScheme()  # first: what follows the scheme sets all the others
        application.setProperty("zoomPercent", None)
        application.setStyleSheet("")
        application.setPalette(QPalette())  # the system's
        application.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))


def _destroy_what_was_deleted_later() -> None:
    """`deleteLater`, which pytest-qt calls for each widget, waits for an event loop that may begin many tests later."""
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _closes_a_generator(task: asyncio.Task[Any]) -> bool:
    return type(task.get_coro()).__name__ == "async_generator_athrow"


def _spin(qapp: Any, done: Callable[[], bool]) -> None:
    """Let Qt work until `done`, at most as long as a hanging test may take."""
    from PySide6.QtCore import QDeadlineTimer, QEventLoop

    deadline = QDeadlineTimer(PATIENCE_MS)
    while not done():
        assert not deadline.hasExpired(), "the event loop did not come to an end"
        qapp.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
