"""Where models come from, on loopback: a file server that can break off, and wheels that carry pieces of a file."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PATIENCE_S = 10.0


class FileServer:
    """Serves bytes by path with ranges; `break_after` ends the next answer early, as a lost connection does.

    While `flows` is not set, answers stop half way and wait.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        self.break_after: int | None = None
        self.understands_ranges = True
        self.flows = threading.Event()
        self.flows.set()
        self.url = ""


@contextmanager
def file_server() -> Iterator[FileServer]:
    served = FileServer()

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            served.requests.append((self.path, wanted))
            content = served.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and served.understands_ranges else 0
            rest = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            if served.break_after is not None:
                rest, served.break_after = rest[: served.break_after], None
            half = len(rest) // 2
            with contextlib.suppress(ConnectionError):  # whoever asked may have left
                self.wfile.write(rest[:half])
                served.flows.wait(PATIENCE_S)
                self.wfile.write(rest[half:])

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_wheel(folder: Path, name: str, version: str, members: dict[str, bytes]) -> str:
    """Write a wheel that carries `members` and return its SHA-256."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for member, content in members.items():
            wheel.writestr(member, content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()
