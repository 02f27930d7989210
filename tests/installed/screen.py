"""A virtual screen that is looked at and driven from outside: keys, clicks, pictures, nothing of the program's own."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageGrab

SIZE = (1280, 800)
LOOK_AGAIN_S = 0.25
ABOUT = 4
"""How far apart two shades of a colour are at most, of 255: a picture that was scaled has its colours about."""
PATIENCE_S = 60
"""How long one step of xdotool may take; it waits for a window as long as none comes."""


@dataclass(frozen=True)
class Screen:
    """One display; `pictures` is where `shot` puts what is seen."""

    display: str
    pictures: Path

    def xdotool(self, *words: str) -> str:
        environment = os.environ | {"DISPLAY": self.display}
        command = ["timeout", str(PATIENCE_S), "xdotool", *words]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    def type(self, text: str) -> None:
        self.xdotool("type", "--delay", "30", text)

    def keys(self, *names: str) -> None:
        self.xdotool("key", "--delay", "60", *names)

    def click(self, x: int, y: int) -> None:
        self.xdotool("mousemove", str(x), str(y), "click", "1")

    def shot(self, name: str) -> Image.Image:
        """What is on the screen, kept as a picture too."""
        seen = ImageGrab.grab(xdisplay=self.display).convert("RGB")
        self.pictures.mkdir(parents=True, exist_ok=True)
        seen.save(self.pictures / f"{name}.png")
        return seen

    def shows(self, color: str, at_least: int) -> bool:
        """Whether so many pixels have about this colour now: those of a filled button, of a picture."""
        seen = ImageGrab.grab(xdisplay=self.display).convert("RGB")
        wanted = Image.new("RGB", seen.size, color)
        red, green, blue = ImageChops.difference(seen, wanted).split()
        farthest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        return sum(farthest.histogram()[: ABOUT + 1]) >= at_least


@contextmanager
def screen(pictures: Path) -> Iterator[Screen]:
    """A screen of its own, on a number that X finds free."""
    reading, writing = os.pipe()
    size = f"{SIZE[0]}x{SIZE[1]}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset", "-ac"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                number = told.readline().strip()
            yield Screen(f":{number}", pictures)
        finally:
            server.terminate()


def wait_for(condition: Callable[[], object], what: str, within_s: float = 60.0) -> None:
    """Look again until `condition()` is true; a failure names `what` was awaited."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"after {within_s:.0f} s still not: {what}"
        time.sleep(LOOK_AGAIN_S)
