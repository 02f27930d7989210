"""What a client sees when a model fails, before and after the stream has begun; with a model that fails on purpose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.engine.chat.items import Finished, Item, Piece, PromptTaken
from app.engine.chat.request import ChatRequest
from app.engine.chat.routes import ChatRoutes
from app.engine.chat.runtime import ChatModel
from app.engine.configuration import ModelEntry
from app.engine.openai_errors import ApiError
from app.engine.registry import ModelSlot, Registry
from app.engine.work import Work

type Script = Callable[[Work[Item]], None]


class ScriptedModel:
    """Does in `answer` what the test says."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def answer(self, _: ChatRequest, work: Work[Item]) -> None:
        self._script(work)

    def close(self) -> None:
        pass


def ask(folder: Path, script: Script, *, stream: bool) -> httpx.Response:
    """One question to the real routes over a model that follows `script`."""
    (folder / "m.gguf").write_bytes(b"x")
    entry = {"id": "m", "kind": "chat", "path": str(folder / "m.gguf")}
    (folder / "models.json").write_text(json.dumps({"models": [entry]}))
    registry = Registry(folder / "models.json", threads=1)

    def load(_: ModelEntry) -> ChatModel:
        return cast(ChatModel, ScriptedModel(script))

    registry.chat.close()
    registry.chat = ModelSlot(load, clock=lambda: 0.0, available=lambda: None)
    route = Route("/chat", ChatRoutes(registry).chat, methods=["POST"])
    application = Starlette(routes=[route], exception_handlers={ApiError: refuse})
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": stream}

    async def post() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://engine") as client:
            return await client.post("/chat", json=body)

    try:
        return asyncio.run(post())
    finally:
        registry.close()


async def refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return JSONResponse(error.body, error.status, headers=error.headers)


def fail_in_the_middle(work: Work[Item]) -> None:
    work.emit(PromptTaken(3, 0))
    work.emit(Piece("Once upon"))
    raise RuntimeError("llama_decode returned -3")


def fail_at_once(_: Work[Item]) -> None:
    raise MemoryError


@pytest.mark.expected_logs
def test_a_failure_in_a_stream_is_an_event_after_the_text(tmp_path: Path) -> None:
    answer = ask(tmp_path, fail_in_the_middle, stream=True)
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert answer.status_code == 200
    assert events[1]["choices"][0]["delta"] == {"content": "Once upon"}
    assert "llama_decode returned -3" in events[-1]["error"]["message"]
    assert "[DONE]" not in answer.text


@pytest.mark.expected_logs
@pytest.mark.parametrize("script", [fail_in_the_middle, fail_at_once])
def test_a_failure_without_a_stream_is_a_status(tmp_path: Path, script: Script) -> None:
    answer = ask(tmp_path, script, stream=False)
    assert answer.status_code in (500, 503)
    assert answer.json()["error"]["type"] == "server_error"
    assert answer.headers["x-should-retry"] == "false"


def test_a_failure_before_the_stream_is_a_status(tmp_path: Path) -> None:
    answer = ask(tmp_path, fail_at_once, stream=True)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "insufficient_memory")


def test_whole_answers_and_streams_tell_the_same(tmp_path: Path) -> None:
    def say(work: Work[Item]) -> None:
        work.emit(PromptTaken(3, 2))
        work.emit(Piece("Good "))
        work.emit(Piece("morning"))
        work.emit(Finished("stop", 2))

    whole = ask(tmp_path, say, stream=False).json()
    assert whole["choices"][0]["message"]["content"] == "Good morning"
    assert whole["usage"]["prompt_tokens_details"] == {"cached_tokens": 2}
    streamed = ask(tmp_path, say, stream=True).text
    assert streamed.endswith("data: [DONE]\n\n")
