"""Where a profile lives."""

from __future__ import annotations

import os
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from app.paths import DATA_DIR_VARIABLE, Paths


def _everything(paths: Paths) -> list[Path]:
    properties = [name for name, kind in vars(Paths).items() if isinstance(kind, property)]
    return [getattr(paths, name) for name in [*properties, *(field.name for field in fields(paths))]]


def test_the_command_line_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "environment"))
    assert Paths.choose(str(tmp_path / "given")) == Paths.under(tmp_path / "given")
    assert Paths.choose() == Paths.under(tmp_path / "environment")


def test_one_folder_holds_everything(tmp_path: Path) -> None:
    places = _everything(Paths.under(tmp_path / "profile"))
    assert all(place.is_relative_to(tmp_path / "profile") for place in places)
    assert len(set(places)) == len(places)


def test_without_a_choice_the_systems_places_are_used() -> None:
    home = Path(os.environ["HOME"])
    assert all(place.is_relative_to(home) and "triptych" in place.parts for place in _everything(Paths.choose()))


def test_a_relative_folder_and_the_home_sign_are_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Paths.choose("here").data == tmp_path / "here" / "data"
    assert Paths.choose("~/there").data == Path(os.environ["HOME"]) / "there" / "data"


def test_folders_are_made_once_and_private(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path / "deep" / "profile")
    paths.ensure()
    paths.ensure()
    folders = [paths.attachments, paths.pictures, paths.recordings, paths.models, paths.thumbnails, paths.logs]
    assert all(folder.is_dir() for folder in folders)
    assert os.name == "nt" or all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in folders)
    assert paths.settings_file.parent.is_dir()
    assert paths.database_file.parent.is_dir()


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("x")
    with pytest.raises(OSError, match="profile"):
        Paths.under(tmp_path / "profile").ensure()
