"""What is to be imported comes one after the other, and whoever reads it can stop at any time."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.model.data_errors import ImportRefused
from app.services.transfer.incoming import ELEMENTS_IN_SILENCE, opened
from tests.services.transfer import chatgpt_export

EMPTY: dict[str, Any] = {"mapping": {}}


@pytest.mark.parametrize("in_a_zip", [True, False])
def test_what_holds_nothing_is_read_in_parts(tmp_path: Path, in_a_zip: bool) -> None:
    """A hundred megabytes of it would else keep a program from closing."""
    conversations = json.dumps([EMPTY] * 2 * ELEMENTS_IN_SILENCE + [chatgpt_export.two_versions()])
    source = tmp_path / "export"
    if in_a_zip:
        with zipfile.ZipFile(source, "w") as archive:
            archive.writestr("conversations.json", conversations)
    else:
        source.write_text(conversations)
    with opened(source, lambda _: "") as incoming:
        first, second, third = incoming.conversations()
    assert first is None
    assert second is None
    assert third is not None
    assert third.conversation.title == "Lighthouses"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes among its files: try it on another system")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "all.zip")
    with pytest.raises(ImportRefused), opened(tmp_path / "all.zip", lambda _: ""):
        pass
