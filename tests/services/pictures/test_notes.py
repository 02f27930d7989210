"""How a picture was made is written into its file and read back; its pixels stay as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from app.model.images import ImageSettings, PictureNote, PictureOrigin
from app.model.lessons import Lesson
from app.model.providers import ModelReference
from app.services.pictures import embed, read_embedded
from tests.services.pictures.conftest import decoded, encoded

NOTE = PictureNote(
    prompt="ein roter Fuchs 🦊 <im> & Schnee\n第二行",
    model=ModelReference("openai", "gpt-image-2"),
    created_at=datetime(2026, 8, 22, 14, 3, 11, tzinfo=UTC),
    origin=PictureOrigin.EDITED,
    settings=ImageSettings(size="1024x1024", quality="high", seed=7, extra_body={"style": "vivid"}),
    source_names=("fox.png",),
    revised_prompt="a red fox",
    adjustments=(Lesson("quality"),),
)

FORMATS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "png": ("PNG", "RGB", {}),
    "png with alpha": ("PNG", "RGBA", {}),
    "jpeg": ("JPEG", "RGB", {}),
    "jpeg with exif": ("JPEG", "RGB", {"exif": Image.Exif().tobytes()}),
    "webp": ("WEBP", "RGB", {}),
    "webp lossless": ("WEBP", "RGB", {"lossless": True}),
    "webp lossless with alpha": ("WEBP", "RGBA", {"lossless": True}),
    "webp extended": ("WEBP", "RGBA", {"xmp": b"<x>old</x>"}),
}


def sample(kind: str) -> bytes:
    file_format, mode, options = FORMATS[kind]
    image = Image.radial_gradient("L").resize((33, 17)).convert("RGB")
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize((33, 17)))
    return encoded(image, file_format, **options)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_note_comes_back_and_no_pixel_changes(kind: str, tmp_path: Path) -> None:
    data = sample(kind)
    path = tmp_path / "picture"
    path.write_bytes(embed(data, NOTE))
    assert read_embedded(path) == NOTE
    before, after = decoded(data), decoded(path.read_bytes())
    assert after.mode == before.mode
    assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_second_note_replaces_the_first(kind: str) -> None:
    once = embed(sample(kind), NOTE)
    short = PictureNote(prompt="again", model=NOTE.model, created_at=NOTE.created_at)
    twice = embed(once, short)
    assert read_embedded(twice) == short
    assert embed(twice, NOTE) == once


@pytest.mark.parametrize("kind", FORMATS)
@given(prompt=st.text(max_size=300))
def test_every_prompt_survives(kind: str, prompt: str) -> None:
    note = PictureNote(prompt=prompt, model=NOTE.model, created_at=NOTE.created_at)
    data = embed(sample(kind), note)
    decoded(data)
    assert read_embedded(data) == note


def test_other_programs_find_the_prompt() -> None:
    image = decoded(embed(sample("png"), NOTE))
    assert isinstance(image, PngImagePlugin.PngImageFile)
    assert image.text["Description"] == NOTE.prompt
    for kind in ("jpeg", "webp"):
        packet = decoded(embed(sample(kind), NOTE)).info["xmp"]
        assert "ein roter Fuchs 🦊 &lt;im&gt; &amp; Schnee" in packet.decode()


def test_half_a_surrogate_pair_does_not_stop_the_saving() -> None:
    note = PictureNote(prompt="fox \ud83e end", model=NOTE.model, created_at=NOTE.created_at)
    for kind in FORMATS:
        read = read_embedded(embed(sample(kind), note))
        assert read is not None
        assert read.prompt == "fox ? end"


def test_a_prompt_too_long_for_a_jpeg_is_shortened_there() -> None:
    import random

    signs = random.Random(1)  # nothing that could be compressed
    prompt = "".join(chr(signs.randrange(0x4E00, 0x9FFF)) for _ in range(32000))
    note = PictureNote(prompt=prompt, model=NOTE.model, created_at=NOTE.created_at)
    in_jpeg = read_embedded(embed(sample("jpeg"), note))
    assert in_jpeg is not None
    assert prompt.startswith(in_jpeg.prompt)
    assert len(in_jpeg.prompt) >= 8000
    for kind in ("png", "webp"):
        assert read_embedded(embed(sample(kind), note)) == note


def test_pictures_of_others_have_no_note(tmp_path: Path) -> None:
    for kind in FORMATS:
        assert read_embedded(sample(kind)) is None
    assert read_embedded(tmp_path / "gone.png") is None
    assert read_embedded(b"") is None


def test_a_format_without_room_for_notes_is_left_as_it_is() -> None:
    data = encoded(Image.new("RGB", (4, 4)), "GIF")
    assert embed(data, NOTE) == data


@given(data=st.data(), kind=st.sampled_from(sorted(FORMATS)))
def test_damaged_files_have_a_note_or_none(data: st.DataObject, kind: str) -> None:
    broken = bytearray(embed(sample(kind), NOTE))
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    broken = broken[: data.draw(st.integers(0, len(broken)))]
    note = read_embedded(bytes(broken))
    assert note is None or isinstance(note.prompt, str)
