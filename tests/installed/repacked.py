"""Another version of a portable file: the same program with another number and a release feed of the test's."""

from __future__ import annotations

import json
import marshal
import shutil
import subprocess
import zlib
from dataclasses import asdict
from pathlib import Path

from app import identity
from app.services.updates.source import FeedSource

ARCHIVE, MODULE = b"PYZ\0", "app.identity"
"""How the archive of modules in PyInstaller's executable begins, and which of them knows the version."""
PLACE_OF_TOC = slice(8, 12)
"""Where the archive tells where its table of contents is: a number, the most significant byte first."""
QUICKLY = ("-comp", "zstd", "-Xcompression-level", "1", "-all-root", "-no-progress", "-quiet")


def repack(portable: Path, result: Path, version: str, source: FeedSource) -> None:
    """Write `result`, which is `portable` but for its version, as long as the real one, and its feed."""
    folder = result.with_name(f"{result.name}.unpacked")
    folder.mkdir()
    subprocess.run([str(portable), "--appimage-extract"], check=True, cwd=folder)
    root = folder / "squashfs-root"
    (root / "_internal" / "update.json").write_text(json.dumps(asdict(source)), "utf-8")
    _set_version(root / identity.PROGRAM, version)
    told = subprocess.run([str(portable), "--appimage-offset"], check=True, capture_output=True, text=True)
    image = folder / "image"
    subprocess.run(["mksquashfs", str(root), str(image), *QUICKLY], check=True, stdout=subprocess.DEVNULL)
    with result.open("wb") as file, portable.open("rb") as head, image.open("rb") as content:
        file.write(head.read(int(told.stdout)))
        shutil.copyfileobj(content, file)
    result.chmod(0o755)
    shutil.rmtree(folder)


def _set_version(executable: Path, version: str) -> None:
    """In its archive, whose entries are (name, (kind, place, length)) of compressed code."""
    program = bytearray(executable.read_bytes())
    start = program.index(ARCHIVE)
    toc = start + int.from_bytes(program[start:][PLACE_OF_TOC])
    _, place, length = dict(marshal.loads(program[toc:]))[MODULE]
    begin = start + place
    code = zlib.decompress(program[begin : begin + length])
    words = (identity.__doc__ or "").encode()  # nobody reads them there; without them the code takes less room
    other = code.replace(identity.VERSION.encode(), version.encode()).replace(words, b" " * len(words))
    assert len(other) == len(code) != 0, "a version of another length"
    assert other != code, "the version is somewhere else now"
    compressed = zlib.compress(other, 9)
    assert len(compressed) <= length, "it does not fit in its place"
    program[begin : begin + len(compressed)] = compressed
    executable.write_bytes(program)
