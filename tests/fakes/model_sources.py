"""Where models come from, on loopback: a file server that can break off, and wheels that carry pieces of a file."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app.services.models.catalogue import Package


class FileServer:
    """Serves bytes by path with ranges; `break_after` ends the next file early, as a lost connection does.

    While `flows` is not set, files stop half way and wait, for `patience_s` at most. Pages, whose paths end with /,
    always come whole.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.content_types: dict[str, str] = {}
        self.redirects: dict[str, str] = {}
        self.requests: list[tuple[str, str]] = []
        self.break_after: int | None = None
        self.patience_s = 10.0
        self.understands_ranges = True
        self.flows = threading.Event()
        self.flows.set()
        self.url = ""


@contextmanager
def file_server(port: int = 0) -> Iterator[FileServer]:
    served = FileServer()

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            served.requests.append((self.path, wanted))
            if self.path in served.redirects:
                self.send_response(302)
                self.send_header("Location", served.redirects[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content = served.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and served.understands_ranges else 0
            if start and start >= len(content):
                self.send_error(416)
                return
            rest = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(rest)))
            self.send_header("Content-Type", served.content_types.get(self.path, "application/octet-stream"))
            self.end_headers()
            if self.path.endswith("/"):
                self.wfile.write(rest)
                return
            if served.break_after is not None:
                rest, served.break_after = rest[: served.break_after], None
            half = len(rest) // 2
            with contextlib.suppress(ConnectionError):  # whoever asked may have left
                self.wfile.write(rest[:half])
                served.flows.wait(served.patience_s)
                self.wfile.write(rest[half:])

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Request)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def publish_wheel(server: FileServer, name: str, members: dict[str, bytes], *, as_html: bool = False) -> Package:
    """Put a wheel with `members` into a package index at `server`/simple; the package takes the first member."""
    module = name.replace("-", "_")
    file_name = f"{module}-1.0-py3-none-any.whl"
    wheel = make_wheel(module, members)
    sha256 = hashlib.sha256(wheel).hexdigest()
    server.files[f"/files/{file_name}"] = wheel
    page, url = f"/simple/{name}/", f"../../files/{file_name}"
    if as_html:
        server.files[page] = f'<a href="{url}#sha256={sha256}" data-core-metadata="true">{file_name}</a>'.encode()
        server.content_types[page] = "text/html; charset=utf-8"
    else:
        file = {"filename": file_name, "url": url, "hashes": {"sha256": sha256}, "yanked": False}
        server.files[page] = json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": [file]}).encode()
        server.content_types[page] = "application/vnd.pypi.simple.v1+json"
    return Package(name, "1.0", file_name, sha256, next(iter(members)))


def make_wheel(module: str, members: dict[str, bytes]) -> bytes:
    """A wheel, version 1.0, that carries `members`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        for member, data in members.items():
            wheel.writestr(member, data)
        wheel.writestr(f"{module}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    return content.getvalue()
