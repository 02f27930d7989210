"""Which model a request gets, when models are loaded and when they leave the memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.engine.configuration import ConfigurationError, ModelEntry, ModelKind
from app.engine.openai_errors import ApiError
from app.engine.registry import ModelSlot, Registry
from app.engine.work import Work

MEGABYTE = 1 << 20


class FakeModel:
    def __init__(self, entry: ModelEntry) -> None:
        self.entry = entry
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Bench:
    """A slot with its clock, its memory and the models it has loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 0.0
        self.free: int | None = 100 * MEGABYTE
        self.loaded: list[FakeModel] = []
        self.slot: ModelSlot[FakeModel] = ModelSlot(self._load, clock=lambda: self.now, available=lambda: self.free)

    def entry(self, name: str, size: int = 10) -> ModelEntry:
        path = self.folder / name
        path.write_bytes(b"x" * size)
        return ModelEntry(name, ModelKind.CHAT, path, name)

    def use(self, entry: ModelEntry) -> str:
        def compute(model: FakeModel, work: Work[str]) -> None:
            work.emit(model.entry.id)

        async def run() -> str:
            (item,) = [item async for item in self.slot.start(entry, compute)]
            return item

        return asyncio.run(run())

    def _load(self, entry: ModelEntry) -> FakeModel:
        self.loaded.append(FakeModel(entry))
        return self.loaded[-1]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.slot.close()


def test_a_model_is_loaded_once(bench: Bench) -> None:
    entry = bench.entry("a")
    assert bench.slot.loaded is None
    assert [bench.use(entry), bench.use(entry)] == ["a", "a"]
    assert len(bench.loaded) == 1
    assert bench.slot.loaded == entry


def test_another_model_takes_its_place(bench: Bench) -> None:
    bench.use(bench.entry("a"))
    bench.use(bench.entry("b"))
    assert [model.closed for model in bench.loaded] == [True, False]


def test_an_idle_model_leaves_and_comes_back(bench: Bench) -> None:
    entry = bench.entry("a")
    bench.now = 100.0
    bench.use(entry)
    bench.now = 159.0
    bench.slot.unload_if_idle(60.0)
    bench.use(entry)  # also waits until the check is done
    assert len(bench.loaded) == 1
    bench.now = 220.0
    bench.slot.unload_if_idle(60.0)
    bench.use(entry)
    assert [model.closed for model in bench.loaded] == [True, False]


def test_a_model_that_is_not_listed_any_more_leaves(bench: Bench) -> None:
    first, second = bench.entry("a"), bench.entry("b")
    bench.use(first)
    bench.slot.keep_only((first, second))
    bench.use(first)
    bench.slot.keep_only((second,))
    bench.use(second)
    assert [model.entry.id for model in bench.loaded] == ["a", "b"]
    assert bench.loaded[0].closed


def test_a_file_that_is_gone_is_told(bench: Bench) -> None:
    entry = bench.entry("a")
    entry.path.unlink()
    with pytest.raises(ApiError, match="is gone") as failed:
        bench.use(entry)
    assert (failed.value.status, failed.value.code) == (503, "model_file_missing")


def test_a_model_that_does_not_fit_into_memory_is_told_before_it_is_loaded(bench: Bench) -> None:
    bench.free = MEGABYTE
    with pytest.raises(ApiError, match="choose a smaller model") as failed:
        bench.use(bench.entry("a", size=2 * MEGABYTE))
    assert failed.value.code == "insufficient_memory"
    assert bench.loaded == []


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    write_list(tmp_path, {"id": "a", "kind": "chat", "path": "a.gguf", "aliases": ["gpt"]}, speech("w"))
    made = Registry(tmp_path / "models.json", threads=1)
    yield made
    made.close()


def speech(name: str) -> dict[str, Any]:
    return {"id": name, "kind": "transcription", "path": f"{name}.bin"}


def write_list(folder: Path, *entries: dict[str, Any]) -> None:
    (folder / "models.json").write_text(json.dumps({"models": entries}))


def test_models_are_found_by_id_and_alias(registry: Registry) -> None:
    assert registry.find("a", ModelKind.CHAT).id == "a"
    assert registry.find("gpt", ModelKind.CHAT).id == "a"
    assert registry.first_of(ModelKind.TRANSCRIPTION) == "w"
    assert registry.first_of(ModelKind.UPSCALE) is None


@pytest.mark.parametrize(
    ("name", "kind", "status", "code"),
    [
        ("b", ModelKind.CHAT, 404, "model_not_found"),
        ("w", ModelKind.CHAT, 400, "model_not_supported"),
        (None, ModelKind.CHAT, 400, "missing_required_parameter"),
        (5, ModelKind.CHAT, 400, "missing_required_parameter"),
        ("a", ModelKind.IMAGE, 501, "not_installed"),
        (None, ModelKind.UPSCALE, 501, "not_installed"),
    ],
)
def test_what_is_not_there_is_told(registry: Registry, name: object, kind: ModelKind, status: int, code: str) -> None:
    with pytest.raises(ApiError) as refused:
        registry.find(name, kind)
    assert (refused.value.status, refused.value.code) == (status, code)


def test_a_changed_list_is_taken_over(registry: Registry, tmp_path: Path) -> None:
    write_list(tmp_path, speech("new"))
    registry.reload()
    assert [entry.id for entry in registry.entries] == ["new"]


def test_a_broken_list_changes_nothing(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text("{")
    with pytest.raises(ConfigurationError):
        registry.reload()
    assert [entry.id for entry in registry.entries] == ["a", "w"]
