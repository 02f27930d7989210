"""Pictures are decoded in threads, whatever the window does meanwhile."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image

from app.ui.images.decoded import decoded
from tests.conftest import ROOT

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
HANGS_AFTER_S = 120


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_both_kinds_are_read(kind: str) -> None:
    output = BytesIO()
    Image.new("RGB", (30, 20), "#207040").save(output, kind)
    image = decoded(output.getvalue())
    assert (image.width(), image.height()) == (30, 20)


@pytest.mark.parametrize("content", [b"", b"\x89PNG", b"a letter", SVG])
def test_everything_else_is_no_picture(content: bytes) -> None:
    assert decoded(content).isNull()


def test_the_window_and_a_decoding_thread_never_wait_for_each_other() -> None:
    command = [sys.executable, "-m", "tests.ui.images.decoding_beside_disconnecting"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=HANGS_AFTER_S)
