"""From start to end no process opens a connection, or looks up a name, but to the servers that were set up."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.paths import Paths
from app.services.settings import SettingsStore
from tests.fakes.openai_server import FakeOpenAI
from tests.profiles import ROOT, add_models

WITHIN_S = 240.0
_CALLS = "connect,sendto,sendmsg,sendmmsg"
_INTERNET = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")')
_RESOLVERS = re.compile(r'sun_path="[^"]*(?:nscd|resolve|avahi)[^"]*"')
"""Local services that look up names for others."""
ANSWER = (
    "![a](http://127.0.0.1:9/picture.png) <img src='http://127.0.0.1:9/b.png'> [link](http://127.0.0.1:9/)\n\n"
    "<iframe src='http://127.0.0.1:9/'></iframe>"
)
"""What a web view would load."""


def _observed(command: Sequence[str], log: Path) -> subprocess.CompletedProcess[str]:
    """Run `command`; `log` gets every call with which it or a child of it could reach another program."""
    observer = ["strace", "-f", "-qq", "--seccomp-bpf", "-s", "256", "-e", f"trace={_CALLS}", "-o", str(log)]
    return subprocess.run(
        [*observer, *command], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=WITHIN_S, check=False
    )


@cache
def _can_observe() -> bool:
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(
        ["strace", "-f", "-qq", "--seccomp-bpf", "true"], capture_output=True, timeout=30, check=False
    )
    return tried.returncode == 0


observing = pytest.mark.skipif(
    not _can_observe(), reason="needs strace, and leave to trace own processes: sh packaging/bootstrap.sh test"
)


def _reached(log: Path) -> set[tuple[str, int]]:
    """Every address on a network that a call names."""
    found = set()
    for line in log.read_text("utf-8", "replace").splitlines():
        for port, old, new in _INTERNET.findall(line):
            found.add((old or new, int(port)))
    return found


def _name_services(log: Path) -> list[str]:
    return [line for line in log.read_text("utf-8", "replace").splitlines() if _RESOLVERS.search(line)]


@observing
def test_the_observer_sees_connections_and_packets_of_children(tmp_path: Path) -> None:
    code = (
        "import socket, subprocess, sys; s = socket.socket(); s.connect_ex(('127.0.0.1', 9));"
        "u = socket.socket(type=socket.SOCK_DGRAM); u.sendto(b'?', ('127.0.0.1', 53));"
        "child = 'import socket; socket.socket(socket.AF_INET6).connect_ex((\"::1\", 8))';"
        "subprocess.run([sys.executable, '-c', child])"
    )
    _observed([sys.executable, "-c", code], tmp_path / "calls.txt")
    assert {("127.0.0.1", 9), ("127.0.0.1", 53), ("::1", 8)} <= _reached(tmp_path / "calls.txt")


@observing
@pytest.mark.engine
def test_only_the_configured_servers_are_called(
    connected: Path, paths: Paths, server: FakeOpenAI, tmp_path: Path
) -> None:
    add_models(paths)
    store = SettingsStore(paths.settings_file)
    store.write(replace(store.read(), chosen=replace(store.value.chosen, audio=None)))
    server.answer(ANSWER)
    log = tmp_path / "calls.txt"
    done = _observed([sys.executable, "-m", "tests.e2e.private", str(connected)], log)
    assert done.returncode == 0, done.stderr[-2000:]
    engine_port = json.loads(done.stdout.splitlines()[-1])["engine_port"]
    allowed = {("127.0.0.1", urlsplit(server.base_url).port), ("127.0.0.1", engine_port)}
    assert _reached(log) == allowed
    assert _name_services(log) == []
    assert server.posts("/chat/completions")
    assert server.posts("/images/generations")
    assert not server.posts("/audio/transcriptions"), "the engine did that"
