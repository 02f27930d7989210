import json
from pathlib import Path
from typing import Any

import pytest

from app.engine.configuration import ConfigurationError, ModelEntry, ModelKind, read_configuration


def write(folder: Path, content: Any) -> Path:
    file = folder / "models.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def test_entries_are_read_with_what_they_have(tmp_path: Path) -> None:
    speech = {"id": "w", "kind": "transcription", "path": "/m/w.bin", "vad": "/m/v.bin", "aliases": ["whisper-1"]}
    chat = {"id": "q", "kind": "chat", "path": "/m/q.gguf", "name": "Q", "context": 8192}
    entries = read_configuration(write(tmp_path, {"models": [speech, chat]}))
    assert entries == (
        ModelEntry("w", ModelKind.TRANSCRIPTION, Path("/m/w.bin"), "w", ("whisper-1",), vad=Path("/m/v.bin")),
        ModelEntry("q", ModelKind.CHAT, Path("/m/q.gguf"), "Q", context=8192),
    )
    assert entries[0].answers_to("whisper-1")
    assert not entries[0].answers_to("whisper-2")


def test_kinds_that_are_not_served_are_passed_over(tmp_path: Path) -> None:
    vad = {"id": "v", "kind": "vad", "path": "/m/v.bin"}
    assert read_configuration(write(tmp_path, {"models": [vad]})) == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{broken", "damaged"),
        ("[]", "damaged"),
        ({}, "lacks 'models'"),
        ({"models": [{"id": "x", "kind": "chat"}]}, "lacks 'path'"),
        ({"models": [5]}, "damaged"),
        ({"models": [{"id": "x", "kind": "chat", "path": "p", "context": "long"}]}, "damaged"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_in_words(tmp_path: Path, content: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_configuration(write(tmp_path, content))


def test_a_missing_list_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_configuration(tmp_path / "nothing.json")
