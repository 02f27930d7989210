"""The report of sizes: every byte of what an installer unpacks to belongs to one part, and the table shows them all."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "packaging"))
import sizes  # type: ignore[import-not-found] # a script's folder

INSIDE = {"app.main": 300, "app.ui.window": 200, "asyncio.events": 70, "numpy.linalg": 50, "httpx": 40}
FILES = {
    "lib/triptych/_internal/PySide6/Qt/lib/libQt6Core.so.6": 5000,
    "lib/triptych/_internal/av.libs/libavcodec.so.63": 4000,
    "lib/triptych/_internal/libcrypto.so.3": 900,
    "lib/triptych/_internal/libportaudio.so.2": 80,
    "lib/triptych/_internal/models/whisper.bin": 9000,
    "lib/triptych/_internal/650fd__mypyc.so": 60,
    "share/man/man1/triptych.1.gz": 20,
}


def _modules(program: Path) -> dict[str, int]:
    return INSIDE if program.name == "triptych" else {}


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    root = tmp_path / "unpacked"
    for name, size in {**FILES, "lib/triptych/triptych": sum(INSIDE.values()) + 10}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(size))
    (root / "lib/triptych/_internal/libQt6Core.so.6").symlink_to("PySide6/Qt/lib/libQt6Core.so.6")
    return root


@pytest.fixture
def installer(tmp_path: Path) -> Path:
    file = tmp_path / "triptych.deb"
    file.write_bytes(bytes(7000))
    return file


def test_every_byte_belongs_to_one_part(installer: Path, unpacked: Path) -> None:
    found = sizes.measured(installer, unpacked, _modules)
    assert found.parts == {
        "models": 9000,
        "Qt and PySide6": 5000,
        "FFmpeg and PyAV": 4000,
        sizes.PYTHON: 900 + 70 + 10,
        sizes.OWN: 500,
        sizes.OTHERS: 60 + 40,
        "PortAudio": 80,
        "NumPy": 50,
        sizes.AROUND: 20,
    }
    assert found.size == 7000
    assert found.unpacked == sum(FILES.values()) + sum(INSIDE.values()) + 10


def test_a_bundle_of_macos_has_its_libraries_in_two_folders(installer: Path, tmp_path: Path) -> None:
    contents = tmp_path / "Triptych.app" / "Contents"
    for name in ("Frameworks/PySide6/QtCore", "Resources/resources/models.json", "Info.plist"):
        (contents / name).parent.mkdir(parents=True, exist_ok=True)
        (contents / name).write_bytes(bytes(3))
    found = sizes.measured(installer, contents.parent, _modules)
    assert found.parts == {"Qt and PySide6": 3, "texts, icons, catalogues": 3, sizes.AROUND: 3}


def test_the_table_has_a_column_for_each_installer_and_the_largest_part_first() -> None:
    small = sizes.Measured("triptych.deb", 1_000_000, {"Qt": 2_500_000, "own": 300_000})
    large = sizes.Measured("triptych-with-models.deb", 8_000_000, {"models": 7_000_000, "Qt": 2_500_000})
    rows = sizes.as_table([small, large]).splitlines()
    assert rows[:2] == ["A: triptych.deb", "B: triptych-with-models.deb"]
    assert [row.split() for row in rows[2:]] == [
        ["MB", "A", "B"],
        ["installer", "1.0", "8.0"],
        ["unpacked", "2.8", "9.5"],
        ["models", "0.0", "7.0"],
        ["Qt", "2.5", "2.5"],
        ["own", "0.3", "0.0"],
    ]


def test_what_is_written_can_be_read_by_programs_and_people(tmp_path: Path) -> None:
    table = sizes.write([sizes.Measured("triptych.deb", 10, {"Qt": 20})], tmp_path)
    assert (tmp_path / "sizes.txt").read_text("utf-8") == table
    written = json.loads((tmp_path / "sizes.json").read_text("utf-8"))
    assert written == [{"name": "triptych.deb", "size": 10, "parts": {"Qt": 20}}]
