"""File types: what the endings are written like, and that none is two things."""

from __future__ import annotations

from app.model.file_types import PICTURE_TYPES, RARE_SOUND, SOUND_TYPES, patterns


def test_a_file_dialog_gets_patterns() -> None:
    assert patterns({".png": "image/png", ".jpg": "image/jpeg"}) == "*.png *.jpg"


def test_an_ending_means_one_thing() -> None:
    endings = [*PICTURE_TYPES, *SOUND_TYPES, *RARE_SOUND]
    assert len(endings) == len(set(endings))
    assert all(ending == ending.lower() and ending.startswith(".") for ending in endings)
    assert ".ts" not in endings, "TypeScript is no sound"
