"""The catalogue of models as resources/models.json describes it; reading only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from app.model.engine import ModelKind


@dataclass(frozen=True, slots=True)
class Package:
    """A wheel whose `member` carries (a piece of) a part; taken as data, never imported."""

    name: str
    version: str
    wheel: str
    wheel_sha256: str
    member: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a part can come from: an address (with `member`, a zip archive there), or packages joined in order."""

    type: Literal["url", "packages"]
    url: str = ""
    member: str = ""
    packages: tuple[Package, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One file to fetch; its hash is checked whatever the source."""

    name: str
    size_bytes: int
    sha256: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """What `python -m app.engine convert` does with the parts to make the installed file."""

    step: Literal["whisper", "esrgan"]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    id: str
    name: str
    kind: ModelKind
    description: dict[str, str]
    publisher: str
    licence: str
    file: str
    size_bytes: int
    memory_bytes: int
    sha256: str
    parts: tuple[Part, ...]
    conversion: Conversion | None = None
    sets: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    context: int | None = None

    @property
    def download_bytes(self) -> int:
        return sum(part.size_bytes for part in self.parts)


@dataclass(frozen=True, slots=True)
class Catalogue:
    schema: int
    models: tuple[CatalogueModel, ...]

    @classmethod
    def read(cls, file: Path) -> Catalogue:
        """Read the program's own catalogue; a broken one is a bug and raises as such."""
        return msgspec.json.decode(file.read_bytes(), type=cls)

    def find(self, model_id: str) -> CatalogueModel | None:
        return next((model for model in self.models if model.id == model_id), None)

    def in_set(self, name: str) -> list[CatalogueModel]:
        return [model for model in self.models if name in model.sets]
