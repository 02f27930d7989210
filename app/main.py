"""The window program: the loop, the window, the list of tabs; the only place that knows everyone.

What is imported at the top is what the first paint needs; everything else is imported after it, where it is used.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app.application import Application
from app.arguments import Options, parsed
from app.identity import APPLICATION_ID, NAME, PROGRAM, VERSION
from app.look import Look
from app.model.errors import AppError, DataTooNew, StorageFailed
from app.model.providers import Capability
from app.model.settings import Settings
from app.paths import RESOURCES, Paths
from app.services.settings import SPARED_IN_SAFE_MODE, SettingsStore
from app.single_instance import SingleInstance
from app.ui import theme
from app.ui.chat.columns import Columns
from app.ui.job import Errands, Job
from app.ui.tab import Tab
from app.ui.tab_host import TabPlace
from app.ui.window import MainWindow

if TYPE_CHECKING:
    import asyncio

    from app.assembly import Assembly
    from app.model.backups import Restored
    from app.model_choice import ModelChoice
    from app.model_offers import ModelOffers
    from app.preferences import Preferences
    from app.services.history.store import History
    from app.update_notices import UpdateNotices
    from app.updating import UpdateParts
    from app.window_memory import WindowMemory

logger = logging.getLogger(__name__)

LEAVE_WITHIN_S = 1.0
OTHER_CLOSES_WITHIN_MS = 6_000
CLOSE_WITHIN_S = 5.0
WORK_ENDS_WITHIN_S = CLOSE_WITHIN_S - 2.0
"""The rest is for settings, engine and history."""
BACKUPS_AFTER_S = 120.0
"""How long after the start a backup is thought of for the first time."""
PAINT_WITHIN_MS = 1_000
"""A window that the desktop does not show by then, because it is minimised for instance, is not waited for."""
ANNOUNCE = "TRIPTYCH_ANNOUNCE_START"
"""Set by the benchmark: the times of the first paint, and of when all can be used, are printed."""


def main(arguments: Sequence[str]) -> int:
    """As `run`; 2 for wrong arguments."""
    return run(parsed(arguments))


def run(options: Options) -> int:
    """Run the window as the arguments want it; 0 when it was closed, or when an open window took over, else 1."""
    paths = Paths.choose(options.data_dir)
    application = _new_application()
    try:
        paths.ensure()
    except OSError as error:
        from app import no_window

        return no_window.refuse(application, no_window.FOLDER_UNUSABLE, folder=error.filename, reason=error.strerror)
    instance = SingleInstance(paths.state)
    application.file_opened.connect(instance.open_file)
    if not instance.claim():
        from app import no_window

        if instance.hand_over(options.files):
            return no_window.refuse(application, no_window.NOT_SAFE_WHILE_OPEN) if options.safe_mode else 0
        if not instance.claim(OTHER_CLOSES_WITHIN_MS):
            return no_window.refuse(application, no_window.NO_ANSWER)
    try:
        program = Program(application, paths, instance, is_safe=options.safe_mode)
        program.paint()
        application.setWindowIcon(QIcon(str(RESOURCES / "triptych.svg")))
        from app import event_loop, log

        log.start(paths.logs)
        code = event_loop.run(application, _run(program, options.files))
        while program.reopens:
            program = _reopened(program, application, paths, instance)
            code = event_loop.run(application, _run(program, []))
        return code
    finally:
        instance.release()


def _new_application() -> Application:
    application = theme.new_application(PROGRAM, Application)
    application.setApplicationName(NAME)
    application.setApplicationVersion(VERSION)
    application.setDesktopFileName(APPLICATION_ID)
    return application


def _reopened(before: Program, application: QApplication, paths: Paths, instance: SingleInstance) -> Program:
    """The program once more, as after a restart of the process, in the place of one that has ended."""
    before.window.deleteLater()
    program = Program(application, paths, instance, is_safe=before.reopens_safely)
    program.paint()
    return program


async def _run(program: Program, files: list[Path]) -> int:
    """The life of the window; a thread that hangs afterwards (a name look-up, say) does not keep the process alive."""
    code = await program.run(files)
    if program.reopens:
        return code
    leaving = threading.Timer(LEAVE_WITHIN_S, os._exit, (code,))
    leaving.daemon = True
    leaving.start()
    return code


def start() -> None:
    """Entry point of the program without a console."""
    sys.exit(main(sys.argv[1:]))


def _update_parts(paths: Paths) -> UpdateParts:
    from app.updating import find_parts

    return find_parts(paths)


def _finish_updates(paths: Paths, parts: UpdateParts) -> None:
    from app.updating import finish

    finish(paths, parts)


class Program:
    """The life of the window: puts everything together, answers the window, takes everything apart in reverse."""

    catalogue = RESOURCES / "models.json"
    """The models to be had."""
    update_parts = staticmethod(_update_parts)
    """How another version of the program is had."""

    def __init__(
        self, application: QApplication, paths: Paths, instance: SingleInstance, *, is_safe: bool = False
    ) -> None:
        self._paths, self._instance, self._is_safe = paths, instance, is_safe
        self._problems: list[AppError] = []
        self._settings = SettingsStore(paths.settings_file, spared=SPARED_IN_SAFE_MODE if is_safe else ())
        self._shown = self._settings.read()
        self._look = Look(application, self._settings)
        self._look.apply()
        self._tidying, self._backing_up = Job(), Job()
        self.window = MainWindow(self._places())
        self._columns = self.window.tabs.hold("chat", Columns)
        self._closing: asyncio.Event
        self._saving: Errands
        self._assembly: Assembly
        self._models: ModelChoice
        self._offers: ModelOffers
        self._updates: UpdateNotices
        self._memory: WindowMemory
        self._preferences: Preferences
        self.is_ready = False
        """What is shown can be used, all of it."""
        self.reopens = self.reopens_safely = False
        """It ends to begin anew, as it usually is, with a backup in the place of its data perhaps, or in safe mode."""

    def paint(self) -> None:
        """Show the window as it was left and come back when it is on the screen: one can read and type already."""
        state = self._settings.value.window
        if self._is_safe:
            self.window.show_safe_mode()
        self._columns.page.composer.set_enter_sends(self._settings.value.chat.enter_sends)
        if state.conversation_id is not None:
            self._columns.page.expect_messages()
        self.window.restore(state, [self._columns.splitter])
        self._columns.show_panels(conversations=state.shows_conversations, parameters=state.shows_parameters)
        self._columns.page.composer.setFocus()
        until_painted = QEventLoop()
        self.window.painted.connect(until_painted.quit)
        QTimer.singleShot(PAINT_WITHIN_MS, until_painted, until_painted.quit)
        self.window.show()
        until_painted.exec()
        _announce()

    async def run(self, files: list[Path]) -> int:
        """Make the painted window work; come back when it was closed and all work has ended, or five seconds after."""
        import asyncio

        self._closing, self._saving = asyncio.Event(), Errands()
        _listen_to_signals(self._closing.set)
        await asyncio.to_thread(importlib.import_module, "app.assembly")  # the window stays alive
        restored = None if self._is_safe else await self._restored()
        history = await self._open_history()
        self._assemble(history)
        self._connect()
        self.window.tabs.release()
        for problem in (*self._settings.problems, *history.problems, *self._problems):
            self.window.notices.show_error(problem)
        if restored is not None:
            self._preferences.tell_of(restored)
        self.window.open_files(files)
        self._instance.listen()
        logger.info("%s %s shows its window", NAME, VERSION)
        self._begin_chores(history)
        self._models.refresh()
        self.is_ready = True
        _announce()
        await self._closing.wait()
        await self._close()
        if not self.reopens:
            await asyncio.to_thread(_finish_updates, self._paths, self.update_parts(self._paths))
        return 0

    def _assemble(self, history: History) -> None:
        """What stands behind the window, and between both."""
        from app.assembly import Assembly, download_client
        from app.model_choice import ModelChoice
        from app.model_offers import ModelOffers
        from app.preferences import Preferences
        from app.ui.crash_box import CrashBox
        from app.update_notices import UpdateNotices
        from app.updating import make_worker
        from app.window_memory import WindowMemory

        self._assembly = Assembly(self._paths, self._settings, history, self.catalogue, is_safe=self._is_safe)
        self._models = ModelChoice(self.window, self._assembly)
        self._memory = WindowMemory(self.window, self._columns, self._settings)
        self._offers = ModelOffers(self.window, self._assembly, self._models)
        updates = make_worker(self._paths, self.update_parts(self._paths), download_client)
        self._updates = UpdateNotices(self.window, updates, self._settings)
        self._preferences = Preferences(
            self.window, self._assembly, self._models, self._offers.queue, self._updates.flow
        )
        Job.crashed = lambda bug: CrashBox(bug, self.window).show()

    def _begin_chores(self, history: History) -> None:
        """What nobody waits for."""
        if not self._is_safe:
            self._tidying.start(history.tidy())
            self._backing_up.start(self._keep_backups())
        self._updates.begin(looks=not self._is_safe)
        self._saving.add(self._assembly.providers.profiles.hide_secrets)

    async def _restored(self) -> Restored | None:
        """Put a backup that was chosen in the place of the data, before anything but the settings is read of that."""
        from app.ui.window_notices import restore

        restored = await restore(self._paths, self.window.notices)
        if restored is not None:
            self._shown = self._settings.read()
            self._look.apply()
        return restored

    async def _open_history(self) -> History:
        """The profile's history; where it cannot be used, one for this session with what can be read."""
        from app.services.history.store import History
        from app.ui.window_notices import Repair

        repair = Repair(self.window.notices)
        try:
            return await History.open(self._paths, repairing=repair.tell)
        except DataTooNew as error:
            self._problems.append(error)
        except StorageFailed as error:
            self._problems.append(error)
            with contextlib.suppress(StorageFailed):
                return await History.open_copy(self._paths)
        finally:
            repair.end()
        return await History.open_temporary(self._paths)

    def _places(self) -> list[TabPlace]:
        translate = QCoreApplication.translate
        return [
            TabPlace("chat", "message-square", Capability.CHAT, lambda: translate("Tabs", "Chat"), self._make_chat),
            TabPlace("images", "image", Capability.IMAGE, lambda: translate("Tabs", "Images"), self._make_images),
            TabPlace(
                "audio", "audio-lines", Capability.TRANSCRIPTION, lambda: translate("Tabs", "Audio"), self._make_audio
            ),
        ]

    def _make_chat(self) -> Tab:
        from app.ui.chat.tab import ChatTab

        tab = ChatTab(self._assembly.chat(), self._assembly.library, self._assembly.attachments(), self._columns)
        tab.set_enter_sends(self._settings.value.chat.enter_sends)
        tab.show_first(self._settings.value.window.conversation_id)
        self._settings.subscribe(lambda settings: tab.set_enter_sends(settings.chat.enter_sends))
        return tab

    def _make_images(self) -> Tab:
        from app.ui.images.tab import ImagesTab

        return ImagesTab(self._assembly.images(), self._assembly.gallery(), self._assembly.providers.leave_out)

    def _make_audio(self) -> Tab:
        from app.ui.audio.tab import AudioTab

        return AudioTab(self._assembly.audio(), self._assembly.providers.leave_out)

    def _connect(self) -> None:
        self._instance.activated.connect(self._on_instance_activated)
        self.window.close_requested.connect(self._closing.set)
        self.window.settings_requested.connect(self._preferences.open)
        self._preferences.restart_requested.connect(lambda: self._reopen(safely=False))
        self.window.restart_requested.connect(self._reopen)
        self.window.leaving.declined.connect(partial(setattr, self, "reopens", False))
        self.window.zoom_requested.connect(self._look.zoom)
        for chores in (self._models, self._offers, self._saving, self._tidying, self._backing_up):
            chores.failed.connect(self.window.notices.show_error)
        self._settings.subscribe(self._on_settings_changed)
        if self.window.isHidden():  # it was closed before anybody listened
            self._closing.set()

    def _on_settings_changed(self, settings: Settings) -> None:
        self._saving.add(self._settings.save)
        before, self._shown = self._shown, settings
        if replace(before, window=settings.window) == settings:
            return  # the window was only moved: nothing looks or works otherwise
        self._look.apply()
        for tab in self.window.tabs.built():
            tab.set_zoom(settings.appearance.zoom_percent)
        self._models.show()

    def _on_instance_activated(self, files: list[Path]) -> None:
        self.window.bring_to_front()
        self.window.open_files(files)

    async def _keep_backups(self) -> None:
        """What belongs to it is loaded when it is wanted for the first time."""
        import asyncio

        await asyncio.sleep(BACKUPS_AFTER_S)
        await self._assembly.backups.keep_daily(self.window.notices.show_error)

    def _reopen(self, safely: bool) -> None:
        self.reopens, self.reopens_safely = True, safely
        self.window.close()

    async def _close(self) -> None:
        """Running work first, then what it stands on, within five seconds; one that fails hinders no other."""
        self._instance.stop_listening()
        tabs = [tab.aclose for tab in self.window.tabs.built()]
        chores = [part.aclose for part in (self._backing_up, self._updates, self._preferences, self._offers)]
        await _end([*chores, *tabs], WORK_ENDS_WITHIN_S)
        # Not before: a draft typed a moment ago has got its conversation only now.
        self._memory.keep()
        await _end([self._models.aclose, self._tidying.aclose, self._saving.aclose, self._settings.save], 1.0)
        await _end([self._assembly.aclose], 1.0)


async def _end(parts: Sequence[Callable[[], Awaitable[object]]], within_s: float) -> None:
    """End all `parts`, one after the other, and go on with the next when one fails or the time is up."""
    import asyncio

    deadline = asyncio.get_running_loop().time() + within_s
    for end in parts:
        try:
            async with asyncio.timeout_at(deadline):
                await end()
        except TimeoutError:
            logger.warning("%s did not end within %.0f s", end, within_s)
        except Exception:  # while closing there is nobody left to tell, and the others must still be ended
            logger.exception("%s failed while closing", end)


def _announce() -> None:
    if os.environ.get(ANNOUNCE):
        print(time.time(), flush=True)


def _listen_to_signals(close: Callable[[], object]) -> None:
    """Ctrl-C and a polite kill close the window as the user would."""
    import asyncio
    import signal

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, close)
