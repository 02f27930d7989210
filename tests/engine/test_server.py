"""The server's life and its guard, with the real process."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import openai
import psutil
import pytest

from tests.engine.conftest import ANSWER_WITHIN_S, CHAT, KEY, ROOT, UPSCALE, RunningEngine, start_engine


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    """An engine without any model, which no test changes."""
    yield from run_with_list(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningEngine]:
    """An engine of this test's own, with an empty list in the test's folder."""
    yield from run_with_list(tmp_path)


def run_with_list(folder: Path) -> Iterator[RunningEngine]:
    (folder / "models.json").write_text('{"models": []}')
    running = start_engine(folder / "models.json")
    yield running
    running.close()


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_only_who_knows_the_key_is_answered(empty: RunningEngine) -> None:
    with httpx.Client(base_url=empty.address, trust_env=False) as stranger:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {KEY}"}, {"api-key": KEY}):
            assert refused(stranger.get("/v1/models", headers=headers)) == (401, "invalid_api_key")
    with (
        openai.OpenAI(base_url=f"{empty.address}/v1", api_key="wrong", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.models.list()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "10.0.0.1:80"])
def test_foreign_names_are_refused(empty: RunningEngine, host: str) -> None:
    assert refused(empty.http.get("/v1/models", headers={"Host": host})) == (403, "foreign_host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]", "[::1]:99"])
def test_the_names_of_this_computer_are_not(empty: RunningEngine, host: str) -> None:
    assert empty.http.get("/v1/models", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1"])
def test_web_pages_are_refused(empty: RunningEngine, origin: str) -> None:
    for method in ("GET", "OPTIONS", "POST"):
        answer = empty.http.request(method, "/v1/chat/completions", headers={"Origin": origin})
        assert refused(answer) == (403, "foreign_origin")


def test_without_models_everything_says_what_to_do(empty: RunningEngine) -> None:
    assert list(empty.client.models.list()) == []
    with pytest.raises(openai.InternalServerError, match="Download a chat model") as failed:
        empty.client.chat.completions.create(model="x", messages=[{"role": "user", "content": "hi"}])
    assert (failed.value.status_code, failed.value.code) == (501, "not_installed")
    with pytest.raises(openai.InternalServerError, match="Stable Diffusion file"):
        empty.client.images.generate(model="x", prompt="a cat")


def test_addresses_and_methods_that_do_not_exist_are_told(empty: RunningEngine) -> None:
    assert refused(empty.http.post("/v1/embeddings", json={})) == (404, "unknown_url")
    assert refused(empty.http.get("/v1/chat/completions")) == (404, "unknown_url")


@pytest.mark.parametrize(("path", "size"), [("/v1/chat/completions", 65 << 20), ("/v1/audio/transcriptions", 2 << 30)])
def test_too_large_a_body_is_refused_unread(empty: RunningEngine, path: str, size: int) -> None:
    connection = http.client.HTTPConnection(empty.address.removeprefix("http://"), timeout=ANSWER_WITHIN_S)
    with closing(connection):
        connection.putrequest("POST", path)
        connection.putheader("Authorization", f"Bearer {KEY}")
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)["error"]["code"]) == (413, "request_too_large")


def test_a_changed_list_of_models_needs_no_restart(own: RunningEngine, tmp_path: Path) -> None:
    entry = {"id": "org/new", "kind": "chat", "path": "new.gguf", "name": "New", "context": 4096}
    (tmp_path / "models.json").write_text(json.dumps({"models": [entry]}))
    assert [model["id"] for model in own.http.post("/v1/engine/reload").json()["data"]] == ["org/new"]
    model = own.client.models.retrieve("org/new")
    assert (model.object, model.owned_by) == ("model", "local")
    extras = model.model_extra
    assert extras is not None
    assert (extras["kind"], extras["capabilities"], extras["context_length"]) == ("chat", ["chat"], 4096)
    assert extras["loaded"] is False
    with pytest.raises(openai.NotFoundError):
        own.client.models.retrieve("other")
    (tmp_path / "models.json").write_text("{broken")
    assert own.http.post("/v1/engine/reload").status_code == 400
    assert [model.id for model in own.client.models.list()] == ["org/new"]


def test_it_ends_when_its_input_closes(own: RunningEngine) -> None:
    assert own.process.stdin is not None
    own.process.stdin.close()
    assert own.process.wait(ANSWER_WITHIN_S) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM; the window ends the engine by its input")
def test_it_ends_when_told_to(own: RunningEngine) -> None:
    own.process.send_signal(signal.SIGTERM)
    assert own.process.wait(ANSWER_WITHIN_S) == 0


@pytest.mark.engine
def test_it_ends_in_the_middle_of_an_answer(models_file: Path) -> None:
    engine = start_engine(models_file)
    with engine.client.chat.completions.create(
        model=CHAT, messages=[{"role": "user", "content": "Tell a long story."}], stream=True
    ) as stream:
        next(iter(stream))
        assert engine.process.stdin is not None
        engine.process.stdin.close()
        assert engine.process.wait(10) == 0
    engine.close()


PARENT = """
import subprocess, sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.engine.conftest import start_engine
engine = start_engine(Path({models!r}))
print(engine.process.pid, engine.address, flush=True)
time.sleep(3600)
"""


@pytest.mark.engine
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_it_ends_with_its_picture_program_when_the_parent_is_killed(models_file: Path) -> None:
    program = PARENT.format(root=str(ROOT), models=str(models_file))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process_id, address = parent.stdout.readline().split()
        picture = b"P6 2 2 255\n" + bytes(12)
        answer = httpx.post(
            f"{address}/v1/images/upscale",
            headers={"Authorization": f"Bearer {KEY}"},
            data={"model": UPSCALE},
            files={"image": picture},
            timeout=ANSWER_WITHIN_S,
            trust_env=False,
        )
        assert answer.status_code == 200
        family = [psutil.Process(int(process_id)), *psutil.Process(int(process_id)).children()]
        assert len(family) == 2
        os.kill(parent.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(family, timeout=10)
        assert alive == []


def _raw(engine: RunningEngine, request: str) -> bytes:
    """What the server answers to bytes that no client library would send."""
    host, port = engine.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=ANSWER_WITHIN_S) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


_KNOWS = f"Authorization: Bearer {KEY}"


@pytest.mark.parametrize(
    "head",
    [
        f"GET /v1/models HTTP/1.0\n{_KNOWS}",
        f"GET /v1/models HTTP/1.1\nHost: evil.example\nHost: 127.0.0.1\n{_KNOWS}",
        f"GET /v1/models HTTP/1.1\nHost: 127.0.0.1\nHost: evil.example\n{_KNOWS}",
        f"GET http://evil.example/v1/models HTTP/1.1\nHost: evil.example\n{_KNOWS}",
        f"GET /v1/models HTTP/1.1\nHost: localhost.\n{_KNOWS}",
        f"GET /v1/models HTTP/1.1\nHost: 127.0.0.1\nX-Forwarded-Host: 127.0.0.1\nOrigin: http://evil.example\n{_KNOWS}",
        "GET /v1/models HTTP/1.1\nHost: 127.0.0.1",
        f"GET /v1/models HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer {KEY[:-1]}",
        f"GET /v1/models HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer {KEY}x",
        f"GET /v1/models HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer wrong\n{_KNOWS}x",
        f"GET /v1/models?api_key={KEY} HTTP/1.1\nHost: 127.0.0.1\nCookie: key={KEY}",
        "GET /v1/models HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer \xff\xfe",
        "GET /v1/models HTTP/1.1\nHost: 127.0.0.1\nUpgrade: websocket\nConnection: Upgrade\n"
        "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "OPTIONS * HTTP/1.1\nHost: 127.0.0.1\nOrigin: http://evil.example\nAccess-Control-Request-Method: POST",
    ],
)
def test_bytes_of_strangers_are_refused(empty: RunningEngine, head: str) -> None:
    answer = _raw(empty, f"{head}\nConnection: close\n\n")
    assert answer.split(b" ", 2)[1] in (b"400", b"401", b"403"), answer
    assert b"access-control" not in answer.lower()
    assert b'"object":"list"' not in answer.replace(b" ", b"")


def test_the_right_bytes_are_answered(empty: RunningEngine) -> None:
    assert _raw(empty, f"GET /v1/models HTTP/1.1\nHost: 127.0.0.1\n{_KNOWS}\nConnection: close\n\n").startswith(
        b"HTTP/1.1 200"
    )


def test_nobody_else_on_the_network_reaches_it(empty: RunningEngine) -> None:
    port = int(empty.address.rpartition(":")[2])
    listening = {one.laddr for one in psutil.Process(empty.process.pid).net_connections() if one.status == "LISTEN"}
    assert listening == {("127.0.0.1", port)}
