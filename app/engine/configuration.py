"""Which models the engine may serve: the JSON file it is started with; not what is loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ModelKind(StrEnum):
    """What a model does. Entries of other kinds (voice detection, say) are not served on their own."""

    CHAT = "chat"
    TRANSCRIPTION = "transcription"
    UPSCALE = "upscale"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model file.

    `context` is the wished context length in tokens (chat), `vad` the voice detection file (transcription), `decoder`
    a TAESD file for checkpoints without their own decoder (image).
    """

    id: str
    kind: ModelKind
    path: Path
    name: str = ""
    aliases: tuple[str, ...] = ()
    context: int | None = None
    vad: Path | None = None
    decoder: Path | None = None

    def answers_to(self, name: str) -> bool:
        return name == self.id or name in self.aliases


class ConfigurationError(Exception):
    """The models file cannot be used; the text is one sentence for the user."""


def read_configuration(file: Path) -> tuple[ModelEntry, ...]:
    """Read `{"models": [{"id", "kind", "path", "name"?, "aliases"?, "context"?, "vad"?, "decoder"?}]}`.

    Raises:
        ConfigurationError: the file is missing, no JSON, or an entry lacks something.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
        entries = content["models"]
        return tuple(_entry(found) for found in entries if found["kind"] in list(ModelKind))
    except OSError as error:
        raise ConfigurationError(f"The list of models {file} cannot be read: {error.strerror}.") from error
    except KeyError as error:
        raise ConfigurationError(f"The list of models {file} lacks {error}.") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"The list of models {file} is damaged: {error}.") from error


def _entry(found: dict[str, object]) -> ModelEntry:
    aliases = found.get("aliases") or []
    context = found.get("context")
    if not isinstance(aliases, list) or not (context is None or isinstance(context, int)):
        raise TypeError("aliases must be a list and context a number")
    return ModelEntry(
        id=str(found["id"]),
        kind=ModelKind(str(found["kind"])),
        path=Path(str(found["path"])),
        name=str(found.get("name") or found["id"]),
        aliases=tuple(str(alias) for alias in aliases),
        context=context,
        vad=_optional_path(found.get("vad")),
        decoder=_optional_path(found.get("decoder")),
    )


def _optional_path(value: object) -> Path | None:
    return Path(str(value)) if value else None
