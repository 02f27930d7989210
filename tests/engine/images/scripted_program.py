"""A stand-in for the picture program that does what each request says: answer, refuse, die, or never finish."""

from __future__ import annotations

import os
import sys
import time

from app.engine.images.frames import Frame, read_frame


def send(frame: Frame) -> None:
    sys.stdout.buffer.write(frame.encode())
    sys.stdout.buffer.flush()


def main() -> None:
    while (request := read_frame(sys.stdin.buffer)) is not None:
        send(Frame({"event": "progress", "fraction": 0.5, "pid": os.getpid()}))
        match request.header["do"]:
            case "answer":
                send(Frame({"event": "image"}, request.payload[::-1]))
                send(Frame({"event": "done"}))
            case "refuse":
                send(Frame({"event": "error", "status": 400, "message": "no", "code": "bad", "param": "image"}))
            case "die":
                os.abort()
            case "hang":
                time.sleep(3600)


main()
