"""A program of its own: threads decode pictures while this one connects and disconnects, as a window full of them does.

Ends with 0 when the threads have decoded enough and 1 when one failed; it hangs for ever if the two can wait for each
other.
"""

from __future__ import annotations

import sys
import threading

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.ui.images.decoded import decoded
from tests.fakes.openai_pictures import png

THREADS = 3
ENOUGH = 80_000
"""With a decoder that guesses the format, four of five programs hung before they had half as many."""
SENDERS = 100


class Sender(QObject):
    happened = Signal()


class Receiver:
    """No object of Qt's: PySide disconnects it when it goes."""

    def notice(self) -> None: ...


def main() -> int:
    _application = QGuiApplication(sys.argv)
    content = png(64, 64)
    counts = [0] * THREADS

    def decode(number: int) -> None:
        while counts[number] < ENOUGH // THREADS:
            assert not decoded(content).isNull()
            counts[number] += 1

    threads = [threading.Thread(target=decode, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for sender in [Sender() for _ in range(SENDERS)]:  # each asks for the interpreter at its first disconnection
            receiver = Receiver()
            sender.happened.connect(receiver.notice)
            del receiver
    return 0 if sum(counts) >= ENOUGH - THREADS else 1


if __name__ == "__main__":
    sys.exit(main())
