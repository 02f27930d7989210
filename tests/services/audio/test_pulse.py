"""Sources as pactl names them, whatever pactl says or does not say."""

from pathlib import Path

import pytest

from app.model.audio import InputDevice
from app.services.audio import pulse

GOOD = """[
 {"name": "usb.monitor", "description": "Monitor of Box"},
 {"name": "usb", "description": "Mikrofon é 麦克风"},
 {"name": "bare", "description": null}
]"""


def _pactl(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pactl of our own, the only one to be found."""
    program = folder / "pactl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_microphones_come_before_what_the_computer_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "list").write_text(GOOD, "utf-8")
    _pactl(tmp_path, f'[ "$1" = get-default-source ] && echo usb || cat "{tmp_path}/list"', monkeypatch)
    assert pulse.sources() == [
        ("usb", InputDevice("pulse:usb", "Mikrofon é 麦克风", is_default=True)),
        ("bare", InputDevice("pulse:bare", "bare")),
        ("usb.monitor", InputDevice("pulse:usb.monitor", "Monitor of Box")),
    ]


def test_numbers_are_written_as_json_wants_them_in_every_country(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    _pactl(tmp_path, f'env > "{tmp_path}/environment"; echo "[]"', monkeypatch)
    assert pulse.sources() == []
    environment = (tmp_path / "environment").read_text().splitlines()
    assert "LC_NUMERIC=C" in environment
    assert "LANG=de_DE.UTF-8" in environment
    assert not [line for line in environment if line.startswith("LC_ALL=")]


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense", 'echo "{}"', 'echo "[1]"', 'echo "[{}]"', "echo 7"])
def test_a_pactl_that_cannot_tell_is_not_the_same_as_no_microphone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    _pactl(tmp_path, script, monkeypatch)
    assert pulse.sources() is None


def test_without_pactl_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pulse.sources() is None
