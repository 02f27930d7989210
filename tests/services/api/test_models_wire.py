"""Model lists in the shapes that servers send them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given

from app.model.errors import KeyRejected, ServerTrouble, WrongAddress
from app.model.providers import Capability, Endpoint, ModelInfo
from app.services.api.models_wire import models_of
from tests.fakes.openai_server import FakeOpenAI
from tests.services.api.asking import KEY, endpoint_of, run
from tests.services.api.test_chat_wire import json_values

HERE = Endpoint("http://h/v1", provider_id="p")

LISTS: dict[str, tuple[Any, list[ModelInfo]]] = {
    "OpenAI": (
        {"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "shutdown_date": "2027-01-14"}]},
        [ModelInfo("m", "p", shutdown_date="2027-01-14")],
    ),
    "Ollama without models": ({"object": "list", "data": None}, []),
    "an empty list": ({"data": []}, []),
    "a bare list": ([{"id": "a"}, "b"], [ModelInfo("a", "p"), ModelInfo("b", "p")]),
    "vLLM": ({"data": [{"id": "org/m", "max_model_len": 8192}]}, [ModelInfo("org/m", "p", context_tokens=8192)]),
    "OpenRouter": (
        {"data": [{"id": "a/b", "name": "A: B", "context_length": 1000, "expiration_date": "2027-02-01"}]},
        [ModelInfo("a/b", "p", name="A: B", context_tokens=1000, shutdown_date="2027-02-01")],
    ),
    "llama.cpp": (
        {"models": [{"name": "x"}], "data": [{"id": "/m/q.gguf", "meta": {"n_ctx_train": 32768}}]},
        [ModelInfo("/m/q.gguf", "p", context_tokens=32768)],
    ),
    "only names": ({"models": [{"name": "x"}]}, [ModelInfo("x", "p")]),
    "twice the same": ({"data": [{"id": "a"}, {"id": "a"}]}, [ModelInfo("a", "p")]),
    "rubbish between": ({"data": [None, 5, {}, {"id": 7}, {"id": "a"}]}, [ModelInfo("a", "p")]),
}


@pytest.mark.parametrize("name", LISTS)
def test_shapes(name: str) -> None:
    body, expected = LISTS[name]
    assert models_of(HERE, body) == expected


def test_json_that_is_no_list() -> None:
    with pytest.raises(WrongAddress):
        models_of(HERE, {"version": "1.0"})


@given(json_values)
def test_any_json(body: Any) -> None:
    assert isinstance(models_of(HERE, {"data": body}), list)
    with suppress(WrongAddress):
        models_of(HERE, body)


def test_over_loopback() -> None:
    with FakeOpenAI(key=KEY, models=["one", "two"]) as server:
        models = run(lambda api: api.models(endpoint_of(server)))
        assert [model.id for model in models] == ["one", "two"]
        with pytest.raises(KeyRejected):
            run(lambda api: api.models(endpoint_of(server, key="sk-other")))


def test_failures_pass_after_two_more_attempts(server: FakeOpenAI) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    server.reply_error(500, path="/models", times=2)
    assert run(lambda api: api.models(endpoint_of(server)), sleep=sleep)
    server.reply_error(500, path="/models", times=3)
    with pytest.raises(ServerTrouble):
        run(lambda api: api.models(endpoint_of(server)), sleep=sleep)
    assert len(waits) == 4


def test_what_a_server_tells_of_its_models() -> None:
    def told(**facts: object) -> frozenset[Capability]:
        (model,) = models_of(HERE, [{"id": "m", **facts}])
        return model.capabilities

    text = {"input_modalities": ["text"], "output_modalities": ["text"]}
    sight = {"input_modalities": ["text", "image"], "output_modalities": ["text"]}
    assert (
        told() == told(architecture=None, task="dance") == told(architecture={"output_modalities": ["image"]}) == set()
    )
    assert told(architecture=text) == {Capability.CHAT}
    assert told(architecture=sight, supported_parameters=["reasoning"]) == {
        Capability.CHAT,
        Capability.VISION,
        Capability.REASONING,
    }
    assert told(task="automatic-speech-recognition") == {Capability.TRANSCRIPTION}
    assert told(task="text-to-speech") == {Capability.SPEECH}
