import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.convert.safetensors import read_header, write_safetensors


def test_tensors_can_be_read_back(tmp_path: Path) -> None:
    tensors = {"a": np.arange(6, dtype=np.float16).reshape(2, 3), "b": np.ones(3, np.float16)}
    file = tmp_path / "x.safetensors"
    with file.open("wb") as stream:
        write_safetensors(stream, tensors)
    header = read_header(file)
    assert header["a"] == {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}
    data = file.read_bytes()
    assert data[-18:] == tensors["a"].tobytes() + tensors["b"].tobytes()
    assert (len(data) - 18) % 8 == 0


@given(st.binary(max_size=64))
def test_other_files_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("x") / "x.safetensors"
    file.write_bytes(data)
    with pytest.raises(ValueError, match=r".+"):
        read_header(file)


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    write_safetensors(buffer, {"a": np.ones(100, np.float16)})
    file = tmp_path / "x.safetensors"
    file.write_bytes(buffer.getvalue()[:-1])
    with pytest.raises(ValueError, match="cut off"):
        read_header(file)


def test_metadata_is_no_tensor(tmp_path: Path) -> None:
    header = json.dumps({"__metadata__": {"format": "pt"}}).encode()
    file = tmp_path / "x.safetensors"
    file.write_bytes(struct.pack("<Q", len(header)) + header)
    assert read_header(file) == {}
