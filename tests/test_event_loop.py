"""Cyclic garbage is collected on the loop's thread and on no other."""

from __future__ import annotations

import gc
import threading
import weakref

from pytestqt.qtbot import QtBot

from app.event_loop import garbage_on_this_thread


class Knot:
    """Refers to itself, so that only the cyclic collector can remove it; says on which thread it died."""

    died_on: list[threading.Thread]

    def __init__(self, died_on: list[threading.Thread]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: died_on.append(threading.current_thread()))


def test_garbage_is_collected_on_this_thread_only(qtbot: QtBot) -> None:
    died_on: list[threading.Thread] = []
    thresholds = gc.get_threshold()
    gc.enable()
    try:
        with garbage_on_this_thread():
            gc.set_threshold(1)
            Knot(died_on)
            busy = threading.Thread(target=lambda: [[number] for number in range(100_000)])
            busy.start()
            busy.join()
            assert died_on == []
            qtbot.waitUntil(lambda: bool(died_on))
        assert died_on == [threading.main_thread()]
        assert gc.isenabled()
    finally:
        gc.disable()
        gc.set_threshold(*thresholds)
