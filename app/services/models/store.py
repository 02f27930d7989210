"""ModelStore: which models are on this computer, fetching and removing them, and the file the engine reads."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import Any

from app import executables
from app.child_environment import child_environment
from app.files import free_bytes, write_whole
from app.model.engine import DownloadProgress, LocalModel, ModelKind, ModelState
from app.model.errors import UnreadableFile, storage_failure
from app.model.model_errors import ConversionFailed, NoSpaceForModel
from app.services.models.catalogue import Catalogue, CatalogueModel
from app.services.models.fetch import Fetcher
from app.services.models.process import without_console

SPARE_BYTES = 200 << 20
"""Space that stays free after a download, so that history and recordings can still be written."""
PROGRAM_FOLDER = Path(__file__).resolve().parents[3]
"""The engine is imported from here, wherever the program was started."""
SERVED_KINDS = (ModelKind.CHAT, ModelKind.TRANSCRIPTION, ModelKind.UPSCALE, ModelKind.IMAGE)


class OwnModels:
    """The user's own model files, listed by reference; a damaged list is an empty one."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def entries(self) -> list[dict[str, Any]]:
        try:
            entries = json.loads(self._file.read_bytes())["models"]
            return [entry for entry in entries if {"id", "kind", "path", "name"} <= entry.keys()]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return []

    def free_id(self, path: Path, taken: set[str]) -> str:
        """An id for the file at `path`: its former one, or one that no other model has."""
        taken = taken | {entry["id"] for entry in self.entries() if entry["path"] != str(path.absolute())}
        wanted = path.stem.lower().replace(" ", "-")
        names = chain([wanted], (f"{wanted}-{number}" for number in count(2)))
        return next(name for name in names if name not in taken)

    def put(self, entry: dict[str, Any]) -> None:
        """List a file, in place of what was listed under its path or id."""
        others = [own for own in self.entries() if own["path"] != entry["path"] and own["id"] != entry["id"]]
        _write_json(self._file, {"models": [*others, entry]})

    def drop(self, model_id: str) -> None:
        """Forget a file; nothing happens to it."""
        entries = self.entries()
        left = [entry for entry in entries if entry["id"] != model_id]
        if left != entries:
            _write_json(self._file, {"models": left})


class ModelStore:
    """The models folder: catalogue models by file name, the user's own files by reference in own.json.

    `shipped` is a folder of catalogue models that came with the program; they are used where they are, never changed.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        folder: Path,
        fetcher: Fetcher,
        *,
        shipped: Path | None = None,
        engine_command: Sequence[str] = (),
        free_bytes: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._catalogue = catalogue
        self._folder = folder
        self._fetcher = fetcher
        self._folders = (folder,) if shipped is None else (folder, shipped)
        self._engine_command = tuple(engine_command or executables.engine_command())
        self._free_bytes = free_bytes
        self._own = OwnModels(folder / "own.json")

    @property
    def serve_file(self) -> Path:
        """What the engine reads at start and on reload."""
        return self._folder / "serve.json"

    def models(self, language: str = "en") -> list[LocalModel]:
        """All models of the catalogue and the user's own, with descriptions in `language` (en, zh)."""
        known = [self._local(model, language) for model in self._catalogue.models]
        return known + [_own_model(entry) for entry in self._own.entries()]

    def ids_in_set(self, name: str) -> list[str]:
        """Ids of the catalogue's set `name` ("default" or "test")."""
        return [model.id for model in self._catalogue.in_set(name)]

    def write_serve_file(self, without: str = "") -> None:
        """Tell the engine what is installed, but for the model `without`, which is about to go.

        Raises:
            StorageFailed: the file cannot be written.
        """
        served = [_served(model, path) for model in self._catalogue.models if (path := self._path_of(model))]
        served = [entry for entry in served if entry["kind"] in SERVED_KINDS]
        self._add_voice_detection(served)
        served += [entry for entry in self._own.entries() if Path(entry["path"]).exists()]
        _write_json(self.serve_file, {"models": [entry for entry in served if entry["id"] != without]})

    async def download(self, model_id: str) -> AsyncGenerator[DownloadProgress]:
        """Fetch a model and what it needs; stops cleanly when closed and goes on from there the next time.

        Raises:
            DownloadFailed, StorageFailed, NoSpaceForModel, ConversionFailed
        """
        model = self._catalogue.find(model_id)
        if model is None:
            raise ValueError(f"no model {model_id} in the catalogue")
        for needed in model.needs:
            async with aclosing(self.download(needed)) as progress:
                async for step in progress:
                    yield step
        if self._path_of(model) is None:
            async with aclosing(self._fetch_and_install(model)) as progress:
                async for step in progress:
                    yield step
        self.write_serve_file()

    async def add(self, path: Path) -> LocalModel:
        """Take the user's own model file into the list; it stays where it is.

        Raises:
            UnreadableFile: it is not a model the engine can run.
        """
        output = await self._run_engine("inspect", str(path.absolute()))
        try:
            found = json.loads(output)
            kind = ModelKind(found["kind"])
        except (ValueError, KeyError, TypeError):
            raise UnreadableFile(output.strip(), name=path.name, expected="GGUF, ggml, safetensors") from None
        entry = {
            "id": self._own.free_id(path, {model.id for model in self._catalogue.models}),
            "kind": kind.value,
            "path": str(path.absolute()),
        }
        entry["name"] = str(found.get("name") or path.stem)
        self._own.put(entry)
        self.write_serve_file()
        return _own_model(entry)

    def remove(self, model_id: str) -> None:
        """Delete a catalogue model's file; forget a file of the user's own without touching it."""
        model = self._catalogue.find(model_id)
        if model is not None:
            with _disk(self._folder / model.file):
                (self._folder / model.file).unlink(missing_ok=True)
            shutil.rmtree(self._partial(model), ignore_errors=True)
        self._own.drop(model_id)
        self.write_serve_file()

    async def _fetch_and_install(self, model: CatalogueModel) -> AsyncGenerator[DownloadProgress]:
        folder = self._partial(model)
        with _disk(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._check_space(model)
        before = 0
        for part in model.parts:
            async with aclosing(self._fetcher.fetch(part, folder)) as sizes:
                async for done in sizes:
                    step = "check" if done == part.size_bytes else "download"
                    yield DownloadProgress(model.id, before + done, model.download_bytes, step)
            before += part.size_bytes
        if model.conversion is not None:
            yield DownloadProgress(model.id, before, model.download_bytes, "convert")
        ready = await self._make_ready(model, folder)
        with _disk(self._folder / model.file):
            ready.replace(self._folder / model.file)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _make_ready(self, model: CatalogueModel, folder: Path) -> Path:
        """The installed file's content, converted where needed."""
        if model.conversion is None:
            return folder / model.parts[0].name
        result = folder / model.file
        sources = [folder] if model.conversion.step == "whisper" else [folder / part.name for part in model.parts]
        command = ["convert", model.conversion.step, *map(str, sources), str(result), *model.conversion.options]
        words = await self._run_engine(*command)
        if not result.exists():
            raise ConversionFailed(words.strip())
        return result

    async def _run_engine(self, *arguments: str) -> str:
        """Run one of the engine's commands to its end and return what it said."""
        process = await asyncio.create_subprocess_exec(
            *self._engine_command,
            *arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=PROGRAM_FOLDER,
            env=child_environment(),
            **without_console(),
        )
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return output.decode("utf-8", "replace")

    def _check_space(self, model: CatalogueModel) -> None:
        """Parts and result lie on the disk together for a moment."""
        needed = model.download_bytes + model.size_bytes + SPARE_BYTES
        if self._free_bytes(self._folder) < needed:
            raise NoSpaceForModel(size=f"{needed / 1e9:.1f} GB", path=str(self._folder))

    def _path_of(self, model: CatalogueModel) -> Path | None:
        """Where the installed model is; None if it is not."""
        for folder in self._folders:
            try:
                if (folder / model.file).stat().st_size == model.size_bytes:
                    return folder / model.file
            except OSError:
                continue
        return None

    def _local(self, model: CatalogueModel, language: str) -> LocalModel:
        path = self._path_of(model)
        arrived_bytes = 0 if path else _size_of(self._partial(model))
        not_here = ModelState.PARTIAL if arrived_bytes else ModelState.MISSING
        return LocalModel(
            id=model.id,
            name=model.name,
            kind=model.kind,
            description=model.description.get(language[:2], model.description["en"]),
            licence=model.licence,
            size_bytes=model.size_bytes,
            memory_bytes=model.memory_bytes,
            state=ModelState.INSTALLED if path else not_here,
            path=path,
            is_shipped=path is not None and path.parent != self._folder,
            is_default="default" in model.sets,
            download_bytes=model.download_bytes,
            arrived_bytes=min(arrived_bytes, model.download_bytes),
            needs=model.needs,
        )

    def _add_voice_detection(self, served: Iterable[dict[str, Any]]) -> None:
        """Whisper invents words for silence unless voice detection goes before it."""
        vad = next((m for m in self._catalogue.models if m.kind is ModelKind.VOICE_DETECTION), None)
        path = None if vad is None else self._path_of(vad)
        if path is None:
            return
        for entry in served:
            if entry["kind"] == ModelKind.TRANSCRIPTION:
                entry["vad"] = str(path)

    def _partial(self, model: CatalogueModel) -> Path:
        return self._folder / ".partial" / model.id


def _size_of(folder: Path) -> int:
    """Bytes of the files in a folder, which need not be there."""
    total = 0
    for file in folder.glob("*"):
        with suppress(OSError):  # a download that runs renames and removes them
            total += file.stat().st_size
    return total


def _served(model: CatalogueModel, path: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": model.id, "kind": model.kind.value, "path": str(path)}
    entry["name"] = model.name
    if model.aliases:
        entry["aliases"] = list(model.aliases)
    if model.context is not None:
        entry["context"] = model.context
    return entry


def _own_model(entry: dict[str, Any]) -> LocalModel:
    path = Path(entry["path"])
    there = path.exists()
    return LocalModel(
        id=entry["id"],
        name=entry["name"],
        kind=ModelKind(entry["kind"]),
        description=str(path),
        licence="",
        size_bytes=path.stat().st_size if there else 0,
        memory_bytes=0,
        state=ModelState.INSTALLED if there else ModelState.MISSING,
        path=path,
        is_own=True,
    )


def _write_json(file: Path, content: object) -> None:
    """Replace `file` in one step, so that the engine never reads half of it.

    Raises:
        StorageFailed: it is as it was.
    """
    try:
        write_whole(file, json.dumps(content, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise storage_failure(error, file) from error


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    """What the system says about the disk, in words."""
    try:
        yield
    except OSError as error:
        raise storage_failure(error, path) from error
