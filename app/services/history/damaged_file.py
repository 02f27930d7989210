"""DamagedFile: the rows that can still be read out of a broken database file, page by page; knows no tables of ours.

SQLite gives up at the first page that makes no sense. So the file is read here as its format is written down
(https://www.sqlite.org/fileformat2.html), and every number found in it is doubted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

USUAL_PAGE_BYTES = 4096
INTERIOR, LEAF = 0x05, 0x0D
MOST_ROW_BYTES = 1 << 30
SMALLEST_ID, LARGEST_ID = -(1 << 63), (1 << 63) - 1
_WAL_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
_FIXED_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

type Value = int | float | str | bytes | None


class Unreadable(Exception):
    """What stands here was not written by SQLite, or not all of it is there."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its columns in their order; those that were added to the table after it was written are missing."""

    id: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows with ids from `first` to `last` may have been on a page that cannot be read.

    `has_lost_pages` says that pages below may be whole, but nothing leads to them any more.
    """

    first: int
    last: int
    has_lost_pages: bool


class DamagedFile:
    """A database with its log, open for reading; close it with `close`."""

    def __init__(self, path: Path) -> None:
        """Raises OSError if the file cannot be opened."""
        self._file = path.open("rb")
        self.page_bytes = _page_bytes(_read_at(self._file, 0, 100))
        self._newer = _newest_pages(path.with_name(f"{path.name}-wal"), self.page_bytes)
        size = path.stat().st_size
        self.pages = max(size // self.page_bytes, max(self._newer, default=0))

    def close(self) -> None:
        self._file.close()

    def roots(self) -> dict[str, int]:
        """The first page of each table whose name can still be read."""
        found: dict[str, int] = {}
        for item in self.rows(1, set()):
            if isinstance(item, Row) and len(item.values) == len(("type", "name", "tbl_name", "rootpage", "sql")):
                kind, name, _, root, _ = item.values
                if kind == "table" and isinstance(name, str) and isinstance(root, int):
                    found[name] = root
        return found

    def rows(self, root: int, seen: set[int]) -> Iterator[Row | Gap]:
        """All rows of the table that begins on the page `root`; the pages that led to them are added to `seen`."""
        ahead = [(root, SMALLEST_ID, LARGEST_ID, 0)]
        broken: list[tuple[int, int, int]] = []
        depth_of_leaves = LARGEST_ID
        while ahead:
            number, first, last, depth = ahead.pop()
            page = self._page(number) if number not in seen else b""
            seen.add(number)
            kind = page[_start(number)] if page else 0
            if kind == LEAF:
                depth_of_leaves = depth
                found, is_whole = self._leaf(number, page, first, last)
                yield from found
                if not is_whole:
                    yield Gap(first, last, has_lost_pages=False)
            elif kind == INTERIOR and (children := self._children(number, page, first, last)):
                ahead += ((*child, depth + 1) for child in reversed(children))
            else:
                broken.append((first, last, depth))
        for first, last, depth in broken:  # all leaves of a table are equally far from its first page
            yield Gap(first, last, has_lost_pages=depth < depth_of_leaves)

    def free_pages(self) -> set[int]:
        """Pages that hold nothing any more, though what was deleted may still stand on them."""
        found: set[int] = set()
        number = int.from_bytes(self._page(1)[32:36])
        while number not in found and (page := self._page(number)):
            found.add(number)
            number, count = struct.unpack_from(">2I", page)
            listed = page[8 : 8 + 4 * min(count, self.page_bytes // 4 - 2)]
            found |= {free for (free,) in struct.iter_unpack(">I", listed)}
        return found

    def stray_rows(self, seen: set[int]) -> Iterator[Row]:
        """Rows on pages that are not among `seen` and look like the end of a table; the pages come to `seen`."""
        for number in range(2, self.pages + 1):
            page = b"" if number in seen else self._page(number)
            seen.add(number)
            if page and page[0] == LEAF:
                yield from self._leaf(number, page, SMALLEST_ID, LARGEST_ID)[0]

    def _page(self, number: int) -> bytes:
        """What stands on a page, counted from 1; nothing if there is no such page or the disk does not give it."""
        if not 1 <= number <= self.pages:
            return b""
        data = self._newer.get(number) or _read_at(self._file, (number - 1) * self.page_bytes, self.page_bytes)
        return data if len(data) == self.page_bytes else b""

    def _children(self, number: int, page: bytes, first: int, last: int) -> list[tuple[int, int, int]]:
        """Pages below with the ids that they may hold; none if the page makes no sense."""
        start = _start(number)
        try:
            (count,) = struct.unpack_from(">H", page, start + 3)
            (rightmost,) = struct.unpack_from(">I", page, start + 8)
            children = []
            for (place,) in struct.iter_unpack(">H", page[start + 12 : start + 12 + 2 * count]):
                (child,) = struct.unpack_from(">I", page, place)
                key, _ = _signed_varint(page, place + 4)
                children.append((child, first, key))
                first = key + 1
            children.append((rightmost, first, last))
        except (struct.error, Unreadable):
            return []
        is_sound = len(children) == count + 1 and all(
            1 < child <= self.pages and low <= high for child, low, high in children
        )
        return children if is_sound else []

    def _leaf(self, number: int, page: bytes, first: int, last: int) -> tuple[list[Row], bool]:
        """The rows of a page that can be read, and whether these are all."""
        start = _start(number)
        (count,) = struct.unpack_from(">H", page, start + 3)
        places = page[start + 8 : start + 8 + 2 * count]
        found: dict[int, Row] = {}
        for place in range(0, len(places) - 1, 2):
            try:
                row = self._row(page, int.from_bytes(places[place : place + 2]))
            except (struct.error, Unreadable):
                continue
            if first <= row.id <= last:
                found.setdefault(row.id, row)
        return list(found.values()), len(found) == count

    def _row(self, page: bytes, place: int) -> Row:
        """The row at a place on its page, with what is continued on further pages."""
        size, place = _varint(page, place)
        row_id, place = _signed_varint(page, place)
        here = self._bytes_on_page(size)
        data = page[place : place + here]
        if size > here:
            (further,) = struct.unpack_from(">I", page, place + here)
            data += self._continued(further, size - here)
        if not size or len(data) != size:
            raise Unreadable
        return Row(row_id, tuple(_values(data)))

    def _bytes_on_page(self, size: int) -> int:
        """How many bytes of a row of this size stand on its page: the rule of the format."""
        if size > MOST_ROW_BYTES:
            raise Unreadable
        most = self.page_bytes - 35
        if size <= most:
            return size
        least = (self.page_bytes - 12) * 32 // 255 - 23
        wanted = least + (size - least) % (self.page_bytes - 4)
        return wanted if wanted <= most else least

    def _continued(self, number: int, size: int) -> bytes:
        parts = []
        while size > 0:
            page = self._page(number)
            if not page:
                raise Unreadable
            parts.append(page[4 : 4 + size])
            size -= len(parts[-1])
            (number,) = struct.unpack_from(">I", page)
        if number != 0:  # another row's, or none's: the last page of a row leads nowhere
            raise Unreadable
        return b"".join(parts)


def _start(number: int) -> int:
    """Where the page's own words begin: the first one bears the header of the file."""
    return 100 if number == 1 else 0


def _read_at(file: BinaryIO, place: int, size: int) -> bytes:
    try:
        file.seek(place)
        return file.read(size)
    except OSError:  # a bad place on the disk is as good as an overwritten page
        return b""


def _page_bytes(header: bytes) -> int:
    if len(header) < 18 or not header.startswith(b"SQLite format 3\0"):
        return USUAL_PAGE_BYTES
    told = int.from_bytes(header[16:18])
    told = 65536 if told == 1 else told
    return told if 512 <= told <= 65536 and told.bit_count() == 1 else USUAL_PAGE_BYTES


def _newest_pages(log: Path, page_bytes: int) -> dict[int, bytes]:
    """The pages that were committed to the log beside the file and stand in its place."""
    try:
        data = memoryview(log.read_bytes())
    except OSError:
        return {}
    if len(data) < _WAL_HEADER_BYTES or int.from_bytes(data[8:12]) != page_bytes:
        return {}
    order = ">" if data[3] & 1 else "<"
    salts = data[16:24]
    sums = _summed(data[:24], order, (0, 0))
    committed: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    step = _FRAME_HEADER_BYTES + page_bytes
    for place in range(_WAL_HEADER_BYTES, len(data) - step + 1, step):
        header, page = data[place : place + _FRAME_HEADER_BYTES], data[place + _FRAME_HEADER_BYTES : place + step]
        sums = _summed(page, order, _summed(header[:8], order, sums))
        number, size, *_ = struct.unpack(">6I", header)
        if header[8:16] != salts or struct.unpack(">2I", header[16:24]) != sums:
            break
        pending[number] = bytes(page)
        if size:  # the last page of a transaction
            committed |= pending
            pending = {}
    return committed


def _summed(data: memoryview, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    one, other = sums
    for first, second in struct.iter_unpack(f"{order}2I", data):
        one = (one + first + other) & 0xFFFFFFFF
        other = (other + second + one) & 0xFFFFFFFF
    return one, other


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number of one to nine bytes, and the place after it."""
    number = 0
    for count, byte in enumerate(data[place : place + 9], 1):
        if count == 9:
            return number << 8 | byte, place + 9
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, place + count
    raise Unreadable


def _signed_varint(data: bytes, place: int) -> tuple[int, int]:
    number, place = _varint(data, place)
    return (number - (1 << 64) if number > LARGEST_ID else number), place


def _values(data: bytes) -> Iterator[Value]:
    """The columns of a row."""
    header_bytes, place = _varint(data, 0)
    body = header_bytes
    if header_bytes > len(data):
        raise Unreadable
    while place < header_bytes:
        kind, place = _varint(data, place)
        size = _FIXED_BYTES.get(kind, 8 if kind == 7 else 0) if kind < 12 else (kind - 12) // 2
        if kind in (10, 11) or body + size > len(data):
            raise Unreadable
        yield _value(kind, data[body : body + size])
        body += size
    if body != len(data) or place != header_bytes:
        raise Unreadable


def _value(kind: int, data: bytes) -> Value:
    if kind in (0, 8, 9):
        return (None, 0, 1)[(0, 8, 9).index(kind)]
    if kind == 7:
        (number,) = struct.unpack(">d", data)
        return float(number)
    if kind < 12:
        return int.from_bytes(data, signed=True)
    if kind % 2 == 0:
        return data
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Unreadable from error
