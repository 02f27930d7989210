"""The window program: the loop, the window, the list of tabs; the only place that knows everyone."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from app import event_loop, log
from app.assembly import Assembly
from app.identity import APPLICATION_ID, NAME, PROGRAM, VERSION
from app.model.engine import EngineState
from app.model.errors import AppError, DataTooNew, EngineUnavailable, StorageFailed
from app.model.providers import BUILT_IN_ID, Capability, ModelReference, Provider
from app.model.settings import Settings, WindowState
from app.paths import DATA_DIR_VARIABLE, Paths
from app.services.history.store import History
from app.services.settings import SettingsStore
from app.single_instance import SingleInstance
from app.ui import theme
from app.ui.chat.tab import ChatTab
from app.ui.job import Errands, Job
from app.ui.model_picker import ProviderEntry
from app.ui.notices import CrashBox, Notice, Severity
from app.ui.tab import Tab
from app.ui.tab_host import TabPlace
from app.ui.translation import Translation, error_text, shown_size, translated
from app.ui.window import MainWindow
from app.workers.providers import ProviderModels

if TYPE_CHECKING:
    from app.ui.settings.dialog import SettingsDialog

logger = logging.getLogger(__name__)

CLOSE_WITHIN_S = 5.0
RECENT_MODELS = 5
ANNOUNCE_PAINT = "TRIPTYCH_ANNOUNCE_PAINT"
"""Set by the benchmark: the time of the first paint is printed."""


def main(arguments: Sequence[str]) -> int:
    """Run the window; 0 when it was closed, or when an open window took over."""
    options = _parser().parse_args(list(arguments))
    paths = Paths.choose(options.data_dir)
    try:
        paths.ensure()
    except OSError as error:
        print(f"{NAME} cannot use its folder: {error}", file=sys.stderr)
        return 1
    application = QApplication([PROGRAM])
    application.setApplicationName(NAME)
    application.setApplicationVersion(VERSION)
    application.setDesktopFileName(APPLICATION_ID)
    instance = SingleInstance(paths.state)
    if not instance.claim():
        return 0 if instance.hand_over(options.files) else 1
    log.start(paths.logs)
    try:
        return event_loop.run(application, Program(application, paths, instance).run(options.files))
    finally:
        instance.release()


def start() -> None:
    """Entry point of the program without a console."""
    sys.exit(main(sys.argv[1:]))


class Program:
    """The life of the window: puts everything together, answers the window, takes everything apart in reverse."""

    def __init__(self, application: QApplication, paths: Paths, instance: SingleInstance) -> None:
        self._application = application
        self._paths = paths
        self._settings = SettingsStore(paths.settings_file)
        self._translation = Translation(application)
        self._closing = asyncio.Event()
        self._saving = Errands()
        self._problems: list[AppError] = []
        self.window: MainWindow
        """Made by `run`; stories of the tests drive it."""
        self._assembly: Assembly
        self._models: ModelChoice
        self._dialog: SettingsDialog | None = None
        self.is_shown = False
        self._apply_look(self._settings.read())
        self._instance = instance
        instance.activated.connect(self._on_instance_activated)

    async def run(self, files: list[Path]) -> int:
        """Show the window and come back when it was closed and all work has ended, or five seconds after."""
        _listen_to_signals(self._closing.set)
        history = await self._open_history()
        self._assembly = Assembly(self._paths, self._settings, history)
        self.window = MainWindow(self._places())
        self._models = ModelChoice(self.window, self._assembly)
        Job.crashed = lambda bug: CrashBox(bug, self.window).show()
        self._connect()
        self.window.restore(self._settings.value.window)
        self.window.show()
        for problem in (*self._settings.problems, *history.problems, *self._problems):
            self.window.notices.show_error(problem)
        if files:
            self.window.open_files(files)
        await self._closing.wait()
        await self._close()
        return 0

    async def _open_history(self) -> History:
        """The profile's history; where it cannot be used, one that lasts for this session, and the reason told."""
        try:
            return await History.open(self._paths)
        except (DataTooNew, StorageFailed) as error:
            self._problems.append(error)
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
        tab = ChatTab(self._assembly.chat(), self._assembly.library, self._assembly.attachments())
        tab.set_enter_sends(self._settings.value.chat.enter_sends)
        tab.show_first(self._settings.value.window.conversation_id)
        self._settings.subscribe(lambda settings: tab.set_enter_sends(settings.chat.enter_sends))
        return tab

    def _make_images(self) -> Tab:
        from app.ui.images.tab import ImagesTab

        return ImagesTab(self._assembly.images(), self._assembly.gallery())

    def _make_audio(self) -> Tab:
        from app.ui.audio.tab import AudioTab

        return AudioTab(self._assembly.audio())

    def _connect(self) -> None:
        self.window.painted.connect(self._on_window_painted)
        self.window.close_requested.connect(self._closing.set)
        self.window.settings_requested.connect(self._on_window_settings_requested)
        self.window.zoom_requested.connect(self._on_window_zoom_requested)
        self._models.failed.connect(self.window.notices.show_error)
        self._saving.failed.connect(self.window.notices.show_error)
        self._settings.subscribe(self._on_settings_changed)

    def _apply_look(self, settings: Settings) -> None:
        appearance = settings.appearance
        theme.apply(self._application, appearance.theme, appearance.zoom_percent)
        self._translation.use(appearance.language)

    def _on_settings_changed(self, settings: Settings) -> None:
        self._apply_look(settings)
        for tab in self.window.tabs.built():
            tab.set_zoom(settings.appearance.zoom_percent)
        self._models.show()
        self._saving.add(self._settings.save)

    def _on_instance_activated(self, files: list[Path]) -> None:
        self.window.bring_to_front()
        self.window.open_files(files)

    def _on_window_painted(self) -> None:
        self.is_shown = True
        if os.environ.get(ANNOUNCE_PAINT):
            print(time.time(), flush=True)
        self._instance.listen()
        logger.info("%s %s shows its window", NAME, VERSION)
        self._models.refresh()

    def _on_window_zoom_requested(self, percent: int) -> None:
        def change(settings: Settings) -> Settings:
            zoom = max(60, min(240, percent))
            return replace(settings, appearance=replace(settings.appearance, zoom_percent=zoom))

        self._settings.update(change)

    def _on_window_settings_requested(self, page: str) -> None:
        if page == "folder":
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._paths.data)))
            return
        from app.ui.settings.dialog import SettingsDialog

        if self._dialog is None:
            assembly = self._assembly
            self._dialog = SettingsDialog(self._settings, assembly.providers, assembly.models, self.window)
            self._dialog.models_changed.connect(self._models.refresh)
            self._dialog.folder_requested.connect(lambda: self._on_window_settings_requested("folder"))
        self._dialog.show_page(page)

    async def _close(self) -> None:
        """Everything in reverse, all within five seconds; what hangs then is left behind."""
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                if self._dialog is not None:
                    await self._dialog.aclose()
                for tab in self.window.tabs.built():
                    await tab.aclose()
                # Not before: a draft typed a moment ago has got its conversation only now.
                self._settings.replace(window=self._window_state())
                await self._models.aclose()
                await self._saving.aclose()
                try:
                    await self._settings.save()
                except StorageFailed as error:  # a full disk: the engine and the history end properly all the same
                    logger.warning("the settings were not saved: %s", error)
                await self._assembly.aclose()
        except TimeoutError:
            logger.warning("not everything ended within %.0f s", CLOSE_WITHIN_S)
        except AppError as error:
            logger.warning("while closing: %s", error)

    def _window_state(self) -> WindowState:
        state = self.window.state(self._settings.value.window)
        chat = next((tab for tab in self.window.tabs.built() if isinstance(tab, ChatTab)), None)
        return state if chat is None else replace(state, conversation_id=chat.talk.current.id)


class ModelChoice(QObject):
    """Which model each tab uses, and the lists in the picker. Signals: failed(AppError)."""

    failed = Signal(object)

    def __init__(self, window: MainWindow, assembly: Assembly) -> None:
        super().__init__(window)
        self.window = window
        self._assembly = assembly
        self._settings = assembly.settings
        self._found: dict[str, ProviderModels] = {}
        self._refreshing, self._offering = Job(self), Job(self)
        self._is_stale = False
        self._told: set[str] = set()
        window.picker.chosen.connect(lambda model: self.choose(model, window.tabs.current_id()))
        window.picker.refresh_requested.connect(self.refresh)
        window.tabs.shown.connect(lambda _: self.show())
        window.tab_made.connect(lambda tab: tab.model_chosen.connect(lambda model: self.choose(model, tab.id)))
        for job in (self._refreshing, self._offering):
            job.failed.connect(self.failed)
        self._refreshing.ended.connect(self._on_refreshing_ended)

    def refresh(self) -> None:
        """Ask all providers for their models, in the background."""
        self._is_stale = self._refreshing.running
        if not self._is_stale:
            self._refreshing.start(self._refresh())

    def choose(self, model: ModelReference, tab_id: str) -> None:
        """Use `model` for a tab, and remember that."""

        def change(settings: Settings) -> Settings:
            recent = (model, *(used for used in settings.chosen.recent if used != model))[:RECENT_MODELS]
            return replace(settings, chosen=replace(settings.chosen, **{_FIELDS[tab_id]: model}, recent=recent))

        self._settings.update(change)

    def show(self) -> None:
        """Picker and tab show what holds now."""
        entries = [self._entry(provider) for provider in self._assembly.providers.profiles.all() if provider.enabled]
        self.window.picker.set_entries(entries, self._settings.value.chosen.recent)
        self.window.set_model(self._model_of(self.window.tabs.current()))

    async def aclose(self) -> None:
        await self._refreshing.aclose()
        await self._offering.aclose()

    async def _refresh(self) -> None:
        for known in self._assembly.providers.models.known():
            self._found.setdefault(known.provider_id, known)
        self.show()
        await self._assembly.providers.models.refresh(self._on_found)
        await self._tell_what_is_missing()
        self._offer_environment()

    def _on_found(self, result: ProviderModels) -> None:
        self._found[result.provider_id] = result
        self.show()

    def _on_refreshing_ended(self) -> None:
        if self._is_stale:
            self.refresh()

    def _entry(self, provider: Provider) -> ProviderEntry:
        found = self._found.get(provider.id)
        name = translated("Providers", provider.name) if provider.is_built_in else provider.name
        if found is None:
            return ProviderEntry(provider.id, name)
        problem = "" if found.error is None else error_text(found.error, found.error.title)
        return ProviderEntry(provider.id, name, found.models, problem)

    def _model_of(self, tab: Tab) -> ModelReference | None:
        """The tab's last choice; else the first model here that can do its work."""
        chosen: ModelReference | None = getattr(self._settings.value.chosen, _FIELDS[tab.id])
        if chosen is not None and self._assembly.providers.profiles.find(chosen.provider_id) is not None:
            return chosen
        local = self._found.get(BUILT_IN_ID)
        wanted = {tab.capability, Capability.UPSCALE} if tab.capability is Capability.IMAGE else {tab.capability}
        for model in local.models if local is not None else ():
            if wanted & model.capabilities:
                return model.reference
        return None

    async def _tell_what_is_missing(self) -> None:
        local = self._found.get(BUILT_IN_ID)
        if local is not None and local.models:
            self.window.notices.dismiss("no-models")
        elif self._assembly.engine.status.state is not EngineState.UNAVAILABLE:
            missing = await self._assembly.models.default_missing()
            size = shown_size(sum(model.download_bytes for model in missing))
            title = self.tr("The built-in engine has no models yet")
            text = self.tr("Download them once ({size}), and Triptych answers and listens without a network.")
            action = (self.tr("Open the Models page"), lambda: self._open("models"))
            self._tell("no-models", title, text.format(size=size), action)
        elif "engine" not in self._told:
            self._told.add("engine")
            self.failed.emit(EngineUnavailable())

    def _offer_environment(self) -> None:
        offered = self._assembly.providers.environment.offer()
        if offered is None:
            return
        title = self.tr("A key for {address} is set on this computer").format(address=offered.base_url)
        text = self.tr("Triptych found it in OPENAI_API_KEY and can use it.")
        environment = self._assembly.providers.environment
        self._tell(
            "environment",
            title,
            text,
            (self.tr("Use it"), lambda: self._offering.start(self._accept(offered))),
            (self.tr("No, thanks"), lambda: self._offering.start(environment.decline())),
        )

    async def _accept(self, offered: Provider) -> None:
        await self._assembly.providers.environment.accept(offered)
        self.refresh()

    def _open(self, page: str) -> None:
        self.window.settings_requested.emit(page)

    def _tell(self, kind: str, title: str, text: str, *actions: tuple[str, Callable[[], object]]) -> None:
        """Once in a session: whoever closed it has read it."""
        if kind in self._told:
            return
        self._told.add(kind)
        self.window.notices.show_notice(Notice(kind, title, text, severity=Severity.INFO, actions=actions))


_FIELDS = {"chat": "chat", "images": "image", "audio": "audio"}
"""The field of `ChosenModels` that belongs to a tab."""


def _listen_to_signals(close: Callable[[], object]) -> None:
    """Ctrl-C and a polite kill close the window as the user would."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, close)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Chat, images and audio with OpenAI's API, every server that speaks it, or the engine inside.",
        epilog="Without a window: triptych ask, transcribe, draw, models (each with --help).",
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {VERSION}")
    parser.add_argument("--data-dir", metavar="FOLDER", help=f"profile to use (also {DATA_DIR_VARIABLE})")
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="files to open")
    return parser
