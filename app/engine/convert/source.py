"""What the converters share: the error for a source that cannot be used, and writing that leaves no half a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class BrokenSource(Exception):
    """A file to convert is missing something or is no such file; the text is one sentence for the user."""


@contextmanager
def written_whole(result: Path) -> Iterator[BinaryIO]:
    """Write to a file beside `result`, which takes its place only when everything is on the disk."""
    unfinished = result.with_name(f"{result.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(result)
    finally:
        unfinished.unlink(missing_ok=True)
