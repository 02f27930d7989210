"""Picture files on disk: what kind they are, readable unique names, and writing that never leaves half a file."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from app.files import PUBLIC, write_whole
from app.model.errors import storage_failure

_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "image/heic": ".heic",
    "image/avif": ".avif",
}
_BRANDS = dict.fromkeys((b"avif", b"avis"), "image/avif") | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1"), "image/heic"
)
"""Brands of pictures (ISO 23008-12); videos carry others in the same place."""
_NAME_WORDS, _NAME_LENGTH = 8, 60
_PART = ".part"
_OUR_PART = re.compile(r"\.\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\b.*\.part")
ABANDONED_AFTER_S = 3600.0
"""No picture takes so long to write."""


def media_type_of(data: bytes) -> str:
    """The media type told by the first bytes; empty when they are no picture that is known here."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "")
    starts = {b"GIF8": "image/gif", b"BM": "image/bmp", b"II*\0": "image/tiff", b"MM\0*": "image/tiff"}
    return next((kind for start, kind in starts.items() if data.startswith(start)), "")


def suffix_for(media_type: str) -> str:
    """The usual file name ending with its dot; `.png` when unknown."""
    return _SUFFIXES.get(media_type, ".png")


def picture_file_name(prompt: str, created_at: datetime) -> str:
    """Date, time and the first words of the prompt, without ending: `2026-08-22 14.03.11 a red fox in the snow`.

    Letters of any script stay; everything that a file system or a shell may trip over goes.
    """
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", prompt)[:_NAME_WORDS]
    text = " ".join(words)[:_NAME_LENGTH].strip()
    while len(text.encode("utf-8", "ignore")) > 2 * _NAME_LENGTH:
        text = text[:-1]
    return f"{created_at:%Y-%m-%d %H.%M.%S} {text}".rstrip()


def save_picture(folder: Path, stem: str, suffix: str, data: bytes) -> Path:
    """Write a new file and return its path; an existing file is never replaced, a number is added to the name.

    Raises:
        DiskFull, StorageFailed: nothing was written.
    """
    remove_unfinished(folder)
    for number in count(1):
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem} ({number}){suffix}")
        try:
            if _write_new(path, data):
                return path
        except OSError as error:
            raise storage_failure(error, path) from error
    raise AssertionError("count() does not end")


def write_copy(source: Path, target: Path) -> None:
    """Copy a picture file as it is, notes included; `target` is replaced as a whole.

    Raises:
        DiskFull, StorageFailed: `target` is as it was before.
    """
    try:
        data = source.read_bytes()
    except OSError as error:
        raise storage_failure(error, source) from error
    write_atomically(target, data)


def write_atomically(path: Path, data: bytes) -> None:
    """Write or replace `path` as a whole.

    Raises:
        DiskFull, StorageFailed: `path` is as it was before.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data, PUBLIC)
    except OSError as error:
        raise storage_failure(error, path) from error


def picture_files(folder: Path) -> Iterator[Path]:
    """Every picture file in `folder`, in order of name; unfinished and hidden ones left out."""
    if not folder.is_dir():
        return
    suffixes = {*_SUFFIXES.values(), ".jpeg"}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in suffixes and not path.name.startswith(".") and path.is_file():
            yield path


def remove_unfinished(folder: Path) -> None:
    """Delete what killed programs of ours left behind in the middle of a picture, as far as that is possible."""
    with suppress(OSError):
        for part in folder.glob(f".*{_PART}"):
            if _OUR_PART.fullmatch(part.name) and time.time() - part.stat().st_mtime > ABANDONED_AFTER_S:
                part.unlink(missing_ok=True)


def _write_new(path: Path, data: bytes) -> bool:
    """False if `path` is taken.

    The unfinished file carries the name too: who holds it owns the name, so that two programs that save into the
    same folder at once cannot both find it free.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}{_PART}")
    try:
        part.touch(exist_ok=False)
    except FileExistsError:
        return False
    with _removed_on_failure(part):
        if path.exists():
            part.unlink()
            return False
        _write_through(part, data)
        part.replace(path)
    return True


def _write_through(part: Path, data: bytes) -> None:
    """Write all of `data` to the disk itself, so that a rename never shows an empty file after a power cut."""
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _removed_on_failure(part: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
