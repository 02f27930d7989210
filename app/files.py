"""Writes files so that a power cut or a full disk leaves the old one or the new one, never a part."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PRIVATE = 0o600
PUBLIC = 0o644
CHUNK_BYTES = 1 << 20
_UNFINISHED = ".new-"
_ABANDONED_AFTER_S = 60.0
"""No file takes so long to write that another program could still be at it."""


def write_whole(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Replace `path` by a file with `data`, readable for the user alone unless `mode` says else; on disk on return.

    A link is followed: the file it points to is replaced, not the link.

    Raises:
        OSError: nothing was changed.
    """
    with _replacing(path, mode) as file:
        file.write(data)


def copy_whole(source: Path, path: Path, mode: int = PRIVATE) -> None:
    """As `write_whole`, with the content of `source`, however large that is.

    Raises:
        OSError: nothing was changed.
    """
    with source.open("rb") as content, _replacing(path, mode) as file:
        shutil.copyfileobj(content, file, CHUNK_BYTES)


def free_bytes(folder: Path) -> int:
    """What can still be written to the disk that holds `folder`.

    Raises:
        OSError: it is not there.
    """
    return shutil.disk_usage(folder).free


@contextlib.contextmanager
def _replacing(path: Path, mode: int) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` at the end of the block; nothing is left of it if the block fails."""
    path = path.resolve()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode != PRIVATE:
            os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def remove_abandoned(folder: Path) -> None:
    """Delete what killed programs left behind in the middle of `write_whole`, as far as that is possible."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{_UNFINISHED}*"):
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER_S:
                path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the new name last as well; Windows does that by itself and cannot open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
