"""`make screenshots`: every tab, empty, working, full and failing, in both themes and languages; docs/screenshots/."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import keyring
from PySide6.QtGui import QCursor, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from app.model.settings import Language, ThemeChoice
from app.paths import Paths
from app.services.secrets import SERVICE
from tests.driving import Driver, run_story
from tests.fakes.keyring import in_file
from tests.fakes.microphone import VirtualMicrophone, virtual_microphone
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import ROOT
from tests.showcase import scenes, world
from tests.showcase.album import Album
from tests.showcase.world import Look

PICTURES = ROOT / "docs" / "screenshots"
HERO = "triptych"
LOOKS = tuple(
    Look(theme, language)
    for language in (Language.ENGLISH, Language.CHINESE)
    for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK)
)


class Session:
    """Takes the pictures of every look and remembers the panels of the README's."""

    def __init__(self, microphone: VirtualMicrophone, remote: FakeOpenAI, local: FakeOpenAI) -> None:
        self._microphone = microphone
        self._remote = remote
        self._local = local
        self.album = Album(PICTURES)
        self.count = 0
        self.panels: dict[str, QImage] = {}

    def take(self, look: Look) -> None:
        """All pictures in one look."""
        with tempfile.TemporaryDirectory(prefix="triptych-empty-") as folder:
            world.set_look(_places(Path(folder)), look)
            self._play(Path(folder), look, scenes.empty)
        with tempfile.TemporaryDirectory(prefix="triptych-full-") as folder:
            paths = _places(Path(folder))
            world.set_look(paths, look)
            world.connect(paths, look.texts(), self._remote.base_url, self._local.base_url)
            asyncio.run(world.furnish(paths, look.texts()))
            self._play(Path(folder), look, scenes.furnished)

    def _play(self, profile: Path, look: Look, scene: Callable[[scenes.Stage], Awaitable[None]]) -> None:
        async def story(driver: Driver) -> None:
            await scene(scenes.Stage(driver, self._remote, self._microphone, look.texts(), keep))

        def keep(name: str, picture: QImage) -> None:
            if name in scenes.PANELS:
                self.panels[f"{name}-{look.name}"] = picture
            else:
                self.count += 1
                self.album.keep(f"{name}-{look.name}", picture)

        run_story(profile, story)


def _places(profile: Path) -> Paths:
    paths = Paths.under(profile)
    paths.ensure()
    return paths


def main() -> int:
    """Take them all; a minute or two."""
    began = time.monotonic()
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyrings.alt.file.PlaintextKeyring"
    application = QApplication(sys.argv[:1])
    application.setCursorFlashTime(0)  # or no two pictures would be the same
    QCursor.setPos(QGuiApplication.primaryScreen().geometry().bottomRight())  # nothing is below the pointer
    with (
        tempfile.TemporaryDirectory(prefix="triptych-keys-") as keys,
        FakeOpenAI(models=world.REMOTE_MODELS) as remote,
        FakeOpenAI(models=world.LOCAL_MODELS) as local,
        virtual_microphone() as microphone,
    ):
        keyring.set_keyring(in_file(Path(keys) / "keys.cfg"))
        keyring.set_password(SERVICE, world.REMOTE, "sk-proj-of-a-screenshot")
        session = Session(microphone, remote, local)
        for look in LOOKS:
            session.take(look)
    session.album.keep_triptych(HERO, [session.panels[f"{name}-{LOOKS[0].name}"] for name in scenes.PANELS])
    print(f"{session.count + 1} pictures in {PICTURES.relative_to(ROOT)}{os.sep}, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
