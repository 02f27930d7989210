"""encode: what is uploaded sounds like what was decoded, and is as small as planned."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.model.audio import SoundFormat, Stretch
from app.model.errors import SoundUnreadable
from app.services.media import SoundKind, decode, encode, encode_part
from app.services.media.encoding import bytes_per_second
from tests.fakes.media import chirps, write_sound

FORMAT = SoundFormat()


@pytest.mark.parametrize("kind", SoundKind)
def test_an_encoded_sound_comes_back_unchanged_in_time_and_shape(tmp_path: Path, kind: SoundKind) -> None:
    source = write_sound(tmp_path / "a.flac", chirps(6))
    sound = encode(decode(source, FORMAT), FORMAT, kind)
    back = tmp_path / f"back{sound.suffix}"
    back.write_bytes(sound.data)
    before = np.frombuffer(b"".join(decode(source, FORMAT)), "<i2").astype(float)
    after = np.frombuffer(b"".join(decode(back, FORMAT)), "<i2").astype(float)
    assert len(after) == pytest.approx(len(before), abs=16)
    length = min(len(before), len(after))
    product = (before[:length] * after[:length]).sum()
    assert product / np.sqrt((before**2).sum() * (after**2).sum()) > 0.98
    assert len(sound.data) == pytest.approx(6 * bytes_per_second(kind, FORMAT), rel=0.05)


@pytest.mark.parametrize(("kind", "media_type"), [(SoundKind.WAV, "audio/wav"), (SoundKind.MP3, "audio/mpeg")])
def test_the_media_type_fits(kind: SoundKind, media_type: str) -> None:
    sound = encode([bytes(3_200)], FORMAT, kind)
    assert sound.media_type == media_type
    assert sound.data


def test_an_error_while_decoding_is_not_hidden_by_the_encoder() -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(3_200)
        raise SoundUnreadable(name="a")

    with pytest.raises(SoundUnreadable):
        encode(broken(), FORMAT, SoundKind.MP3)


def test_a_part_is_cut_out_of_a_file_at_the_wanted_place(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.m4a", chirps(6))
    part = tmp_path / "part.wav"
    part.write_bytes(encode_part(source, Stretch(2, 4.5), SoundKind.WAV).data)
    cut = np.frombuffer(b"".join(decode(part, FORMAT)), "<i2").astype(float)
    whole = np.frombuffer(b"".join(decode(source, FORMAT)), "<i2").astype(float)[32_000:72_000]
    assert len(cut) == len(whole)
    assert (cut * whole).sum() / np.sqrt((cut**2).sum() * (whole**2).sum()) > 0.98
