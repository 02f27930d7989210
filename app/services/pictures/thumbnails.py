"""Small previews of picture files, kept in a cache folder that may be emptied at any time."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from app.model.errors import StorageFailed
from app.services.pictures.files import write_atomically
from app.services.pictures.reading import decode

MOST_BYTES = 512 << 20
"""Room for the previews of some twenty thousand pictures."""

_QUALITY = 88


def thumbnail(path: Path, size_px: int, cache: Path) -> bytes:
    """The picture upright within `size_px`, as JPEG or, with transparency, PNG; made once and then read from `cache`.

    Raises:
        UnreadableFile: the file is gone or is not a picture.
    """
    cached = cache / _key(path, size_px)
    with suppress(OSError):
        return cached.read_bytes()
    image, _ = decode(path, size_px)
    output = BytesIO()
    if image.mode == "RGBA":
        image.save(output, "PNG")
    else:
        image.save(output, "JPEG", quality=_QUALITY)
    with suppress(StorageFailed):  # a full disk must not take the preview away
        write_atomically(cached, output.getvalue())
    return output.getvalue()


def prune_thumbnails(cache: Path, most_bytes: int = MOST_BYTES) -> None:
    """Remove the oldest previews until the rest takes at most `most_bytes`; those needed again are made again."""
    kept = 0
    with suppress(OSError):
        files = [(file.stat().st_mtime, file.stat().st_size, file) for file in cache.iterdir()]
        for _, size, file in sorted(files, reverse=True):
            kept += size
            if kept > most_bytes:
                file.unlink()


def _key(path: Path, size_px: int) -> str:
    """Changes whenever the file does."""
    try:
        facts = path.stat()
    except OSError:
        return "missing"  # never written: decoding fails first
    text = f"{path}\0{facts.st_mtime_ns}\0{facts.st_size}\0{size_px}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
