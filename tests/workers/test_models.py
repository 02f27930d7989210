"""ModelWorker: what is here, what can be fetched, and when the engine is asked to look again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from app.model.engine import DownloadProgress, EngineState, ModelKind, ModelState
from app.model.errors import DiskFull, EngineFailed, EngineUnavailable, ModelMissing, UnreadableFile
from app.model.model_errors import BrokenOff
from app.model.providers import BUILT_IN_ID, Capability
from app.paths import Paths
from tests.fakes.model_sources import FileServer, file_server
from tests.workers.modelling import DEFAULT, NAMES, SIZES, Modelling, modelled


@pytest.fixture
def files() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


@pytest.fixture
def made(paths: Paths, files: FileServer) -> Modelling:
    return Modelling(paths, files)


def test_models_are_listed_with_their_state_in_the_language_asked_for(made: Modelling) -> None:
    async def story(made: Modelling) -> None:
        made.install("small-chat")
        english = {model.id: model for model in await made.worker.list()}
        assert list(english) == list(SIZES)
        assert english["small-chat"].state is ModelState.INSTALLED
        assert english["large-chat"].state is ModelState.MISSING
        assert english["large-chat"].download_bytes == SIZES["large-chat"]
        assert english["small-ears"].description == "Small Ears in English"
        chinese = await made.worker.list("zh_CN")
        assert chinese[1].description == "Small Ears 中文"

    modelled(made, story)


def test_only_what_is_installed_is_offered(made: Modelling) -> None:
    async def story(made: Modelling) -> None:
        assert await made.worker.installed() == ()
        made.install("small-ears")
        (ears,) = await made.worker.installed()
        assert (ears.id, ears.provider_id, ears.label) == ("small-ears", BUILT_IN_ID, NAMES["small-ears"])
        assert ears.capabilities == frozenset({Capability.TRANSCRIPTION, Capability.TRANSLATION})

    modelled(made, story)


def test_a_download_tells_how_far_it_is_and_makes_the_model_usable(made: Modelling) -> None:
    async def story(made: Modelling) -> None:
        assert [model.id for model in await made.worker.default_missing()] == list(DEFAULT)
        progress = await _fetched(made, "small-chat")
        assert progress[-1].done_bytes == progress[-1].total_bytes == SIZES["small-chat"]
        assert [model.id for model in await made.worker.installed()] == ["small-chat"]
        assert [model.id for model in await made.worker.default_missing()] == ["small-ears"]

    modelled(made, story)


def test_what_a_kind_of_work_needs_is_told_until_it_is_here(made: Modelling) -> None:
    async def story(made: Modelling) -> None:
        chat = (ModelKind.CHAT,)
        assert [model.id for model in await made.worker.needed(chat)] == ["small-chat"]
        assert await made.worker.needed((ModelKind.UPSCALE,)) == [], "there is none to be had"
        made.install("large-chat")
        assert await made.worker.needed(chat) == [], "any that can do it will do"
        assert [model.id for model in await made.worker.needed((ModelKind.TRANSCRIPTION,))] == ["small-ears"]

    modelled(made, story)


def test_without_an_engine_nothing_is_needed(paths: Paths, files: FileServer) -> None:
    async def story(made: Modelling) -> None:
        assert await made.worker.needed((ModelKind.CHAT,)) == []

    modelled(Modelling(paths, files, available=False), story)


def test_what_an_unfinished_download_left_is_told_and_can_be_thrown_away(made: Modelling, files: FileServer) -> None:
    async def story(made: Modelling) -> None:
        files.break_after = 2_000_000
        with pytest.raises(BrokenOff):
            await _fetched(made, "small-chat")
        (left,) = await made.worker.needed((ModelKind.CHAT,))
        assert (left.state, left.arrived_bytes) == (ModelState.PARTIAL, 2_000_000)
        await made.worker.discard("small-chat")
        (fresh,) = await made.worker.needed((ModelKind.CHAT,))
        assert (fresh.state, fresh.arrived_bytes) == (ModelState.MISSING, 0)

    modelled(made, story)


def test_a_full_disk_is_told_before_anything_is_fetched(made: Modelling, files: FileServer) -> None:
    async def story(made: Modelling) -> None:
        made.free_bytes = 1000
        with pytest.raises(DiskFull):
            await _fetched(made, "small-chat")
        assert not files.requests

    modelled(made, story)


def test_a_file_of_the_users_is_added_and_forgotten_but_never_touched(made: Modelling, tmp_path: Path) -> None:
    mine = tmp_path / "My Model.gguf"
    mine.write_bytes(b"GGUF and so on")

    async def story(made: Modelling) -> None:
        added = await made.worker.add(mine)
        assert (added.id, added.name, added.is_own) == ("my-model", "Mine", True)
        assert "my-model" in [model.id for model in await made.worker.installed()]
        await made.worker.remove("my-model")
        assert "my-model" not in [model.id for model in await made.worker.list()]

    modelled(made, story)
    assert mine.exists()


def test_a_file_that_is_no_model_is_refused(made: Modelling, tmp_path: Path) -> None:
    letter = tmp_path / "letter.gguf"
    letter.write_text("Dear reader")

    async def story(made: Modelling) -> None:
        with pytest.raises(UnreadableFile):
            await made.worker.add(letter)
        assert len(await made.worker.list()) == len(SIZES)

    modelled(made, story)


def test_the_engine_starts_for_the_first_request_and_knows_what_is_installed(made: Modelling) -> None:
    async def story(made: Modelling) -> None:
        made.install("small-chat")
        assert (await made.worker.status()).state is EngineState.STOPPED
        endpoint = await made.worker.endpoint()
        assert endpoint.provider_id == BUILT_IN_ID
        assert (await made.worker.status()).state is EngineState.READY
        served = json.loads((made.folder / "serve.json").read_bytes())["models"]
        assert [model["id"] for model in served] == ["small-chat"]

    modelled(made, story)


def test_without_a_model_the_engine_is_not_started(made: Modelling) -> None:
    async def story(made: Modelling) -> None:
        with pytest.raises(ModelMissing) as failure:
            await made.worker.endpoint()
        assert failure.value.arguments == {"model": "Small Chat"}
        assert (await made.worker.status()).state is EngineState.STOPPED

    modelled(made, story)


def test_an_engine_that_dies_leaves_its_last_words(paths: Paths, files: FileServer) -> None:
    async def story(made: Modelling) -> None:
        made.install("small-chat")
        with pytest.raises(EngineFailed):
            await made.worker.endpoint()
        status = await made.worker.status()
        assert (status.state, status.words) == (EngineState.FAILED, "could not load: the file is broken")

    modelled(Modelling(paths, files, behaviour="dies"), story)


def test_where_the_engine_cannot_run_nothing_is_offered(paths: Paths, files: FileServer) -> None:
    async def story(made: Modelling) -> None:
        made.install("small-chat")
        assert await made.worker.installed() == ()
        with pytest.raises(EngineUnavailable):
            await made.worker.endpoint()

    modelled(Modelling(paths, files, available=False), story)


async def _fetched(made: Modelling, model_id: str) -> list[DownloadProgress]:
    async with aclosing(made.worker.download(model_id)) as steps:
        return [step async for step in steps]


def test_the_engine_is_started_again_on_request(made: Modelling) -> None:
    async def story(made: Modelling) -> None:
        made.install("small-chat")
        first = await made.worker.endpoint()
        await made.worker.restart()
        assert (await made.worker.endpoint()).key != first.key

    modelled(made, story)
