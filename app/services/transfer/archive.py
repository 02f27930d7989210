"""Zip archives: writing one that is there whole or not at all, and reading one that may be made to do harm."""

from __future__ import annotations

import os
import stat
import struct
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from app.model.data_errors import BROKEN, SUSPICIOUS_NAMES, TOO_LARGE, ImportRefused
from app.model.errors import storage_failure

CHUNK_BYTES = 1 << 20
MOST_DOCUMENT_BYTES = 64 << 20
"""The longest text that is read as a whole; a conversation with 10,000 messages has about a tenth of it."""
MOST_FILE_BYTES = 16 << 30
"""The longest recording: a day of sound that is not compressed."""
MOST_STREAM_BYTES = 4 << 30
"""The longest list of conversations: ten times what people who use ChatGPT every day have after years."""
MOST_DIRECTORY_BYTES = 64 << 20
"""Zip keeps the names of all files at its end; so much is enough for half a million."""
MOST_RATIO = 200
"""Text of people shrinks to a fifth; a file that shrinks to less than this part of its size is made to fill a disk."""
HARMLESS_BYTES = 16 << 20
"""Below this size the ratio says nothing: a picture may be all white."""
PRIVATE_MODE = 0o600

_END, _END_FORM = b"PK\x05\x06", struct.Struct("<4s4H2LH")
_LOCATOR, _LOCATOR_FORM = b"PK\x06\x07", struct.Struct("<4sLQL")
_SEE_END_64 = 0xFFFFFFFF
_END_64, _END_64_FORM = b"PK\x06\x06", struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class ArchiveWriter:
    """Writes beside `target` and takes its place in `finish`; until then, and after `abandon`, nothing has changed.

    Every method raises `DiskFull` or `StorageFailed` if the disk refuses.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._names: set[str] = set()
        with _storage(target):
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
            self._part = Path(name)
            self._file = os.fdopen(handle, "wb")
            self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, allowZip64=True)

    def free_name(self, folder: str, name: str) -> str:
        """`folder`/`name`, or one with a number that is not in the archive yet."""
        stem, suffix = Path(name).stem, Path(name).suffix
        number = 1
        while (wanted := f"{folder}/{name}" if number == 1 else f"{folder}/{stem} ({number}){suffix}") in self._names:
            number += 1
        return wanted

    def has(self, name: str) -> bool:
        """Whether a file of this name is in it."""
        return name in self._names

    def add(self, name: str, data: bytes) -> None:
        """A text, compressed."""
        with _storage(self._target):
            self._zip.writestr(name, data)
        self._names.add(name)

    def add_file(self, name: str, source: Path, cancelled: threading.Event) -> bool:
        """A file as it is; False if it is gone. Ends early, with half of it, once `cancelled` is set."""
        try:
            reading = source.open("rb")
        except OSError:
            return False
        entry = zipfile.ZipInfo(name)  # stored: pictures and sound are compressed already
        entry.external_attr = 0o644 << 16
        with reading, _storage(self._target), self._zip.open(entry, "w", force_zip64=True) as writing:
            while not cancelled.is_set() and (piece := reading.read(CHUNK_BYTES)):
                writing.write(piece)
        self._names.add(name)
        return True

    def finish(self) -> None:
        """The archive is whole and on the disk."""
        with _storage(self._target):
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.chmod(PRIVATE_MODE)
            self._part.replace(self._target)

    def abandon(self) -> None:
        """Leave nothing behind; after `finish` it does nothing."""
        with suppress(OSError, ValueError):  # a full disk refuses the end of the archive as well
            self._zip.close()
        self._file.close()
        self._part.unlink(missing_ok=True)


class Archive:
    """A zip from elsewhere. Every method raises `ImportRefused` if it is not as it should be.

    Nothing is ever written under a name that stands in it.
    """

    def __init__(self, path: Path) -> None:
        """Open and check names, sizes and compression of everything in it."""
        self._path = path
        with self._refusing():
            if _directory_bytes(path) > MOST_DIRECTORY_BYTES:
                raise ImportRefused(name=path.name, reason=TOO_LARGE)
            self._zip = zipfile.ZipFile(path)
        try:
            self._entries = self._checked()
        except BaseException:
            self.close()
            raise

    @property
    def names(self) -> list[str]:
        """Of all files, folders left out, in their order."""
        return list(self._entries)

    def size(self, name: str) -> int:
        """How many bytes a file has when it is unpacked, at most; 0 if there is none."""
        return self._entries[name].file_size if name in self._entries else 0

    def check_size(self, name: str, most_bytes: int = MOST_DOCUMENT_BYTES) -> None:
        """Refuse a file that is too large to be read."""
        if self.size(name) > most_bytes:
            raise ImportRefused(name, name=self._path.name, reason=TOO_LARGE)

    def read(self, name: str, most_bytes: int = MOST_DOCUMENT_BYTES) -> bytes:
        """A whole file."""
        if name not in self._entries:
            raise ImportRefused(name, name=self._path.name, reason=BROKEN)
        self.check_size(name, most_bytes)
        with self._refusing():
            data = self._zip.read(self._entries[name])
            self._check_length(name, len(data))
            return data

    def head(self, name: str, length: int = 64) -> bytes:
        """The first bytes of a file."""
        with self.stream(name) as stream:
            return stream.read(length)

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """A file to be read piece by piece."""
        self.check_size(name, MOST_STREAM_BYTES)
        with self._refusing(), self._zip.open(self._entries[name]) as stream:
            yield stream

    def copy_out(self, name: str, target: Path, cancelled: threading.Event) -> None:
        """Write a file to `target`, which must not exist yet; half of it once `cancelled` is set.

        Raises:
            DiskFull, StorageFailed: `target` is not there.
        """
        with _storage(target):
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE)
        try:
            with os.fdopen(handle, "wb") as writing, self._refusing(), self._zip.open(self._entries[name]) as reading:
                length = 0
                while not cancelled.is_set() and (piece := reading.read(CHUNK_BYTES)):
                    length += len(piece)
                    with _storage(target):
                        writing.write(piece)
                if not cancelled.is_set():
                    self._check_length(name, length)
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        self._zip.close()

    def _check_length(self, name: str, length: int) -> None:
        if length != self._entries[name].file_size:
            raise ImportRefused(name, name=self._path.name, reason=BROKEN)

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self._zip.infolist():
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if _leads_out(entry.filename) or entry.filename in entries or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise ImportRefused(entry.filename, name=self._path.name, reason=SUSPICIOUS_NAMES)
            if entry.compress_type not in _METHODS or entry.flag_bits & 1:  # encrypted
                raise ImportRefused(entry.filename, name=self._path.name, reason=BROKEN)
            if _is_bomb(entry):
                raise ImportRefused(entry.filename, name=self._path.name, reason=TOO_LARGE)
            if not entry.is_dir():
                entries[entry.filename] = entry
        return entries

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError) as error:
            raise ImportRefused(str(error), name=self._path.name, reason=BROKEN) from error
        except OSError as error:
            raise storage_failure(error, self._path) from error


def is_zip(path: Path) -> bool:
    """By its first bytes.

    Raises:
        StorageFailed: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError as error:
        raise storage_failure(error, path) from error


def _leads_out(name: str) -> bool:
    """Whether a name could mean a file outside of the folder that an archive is unpacked into."""
    parts = name.rstrip("/").split("/")
    return "\\" in name or "\0" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in parts)


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    if entry.file_size > MOST_FILE_BYTES:
        return True
    return entry.file_size > HARMLESS_BYTES and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)


def _directory_bytes(path: Path) -> int:
    """How long the list of names at the end of a zip says it is: it would be read into memory as a whole.

    Readers go by one of up to three ends: the ordinary one, that of a long archive straight before its locator (so does
    Python's), and the one that the locator names. The largest counts.
    """
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        length = file.tell()
        start = max(0, length - _LONGEST_COMMENT - _END_FORM.size)
        file.seek(start)
        tail = file.read()
        place = tail.rfind(_END)
        if place < 0 or place + _END_FORM.size > len(tail):
            raise zipfile.BadZipFile("the end is missing")
        stated: int = _END_FORM.unpack_from(tail, place)[5]
        locator = place - _LOCATOR_FORM.size
        if locator < 0 or not tail.startswith(_LOCATOR, locator):
            return stated
        before = _stated_at(file, start + locator - _END_64_FORM.size, length)
        named = _stated_at(file, _LOCATOR_FORM.unpack_from(tail, locator)[2], length)
    return max(before, named) if before and stated == _SEE_END_64 else max(stated, before, named)


def _stated_at(file: IO[bytes], place: int, length: int) -> int:
    """What the end of a long archive says of its list; 0 if there is none at `place` in the `length` bytes."""
    if not 0 <= place <= length - _END_64_FORM.size:
        return 0
    file.seek(place)
    end = _END_64_FORM.unpack(file.read(_END_64_FORM.size))
    return int(end[8]) if end[0] == _END_64 else 0


@contextmanager
def _storage(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise storage_failure(error, path) from error
