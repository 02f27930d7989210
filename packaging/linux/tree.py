"""A folder before it is packed: nothing in it tells when, where or by whom it was made; packing is for others."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

KILOBYTE = 1024


def make_uniform(root: Path, programs: Collection[Path]) -> None:
    """Set all times to SOURCE_DATE_EPOCH, the modes of folders and `programs` to 755 and of other files to 644.

    Otherwise modes would follow the builder's umask, and what is older than the commit, as a file edited before it or
    a library unpacked before it, would keep its own time: the packers only cap times that are later.
    """
    at = int(os.environ["SOURCE_DATE_EPOCH"])
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path in programs else 0o644)
        os.utime(path, (at, at), follow_symlinks=False)


def programs_in(folder: Path) -> list[Path]:
    """What can be run of a bundle: the files beside its folder of libraries."""
    return [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]


def installed_kilobytes(root: Path) -> int:
    """Debian's Installed-Size: whole kilobytes for each file and one for all else, whatever the disk takes for it."""
    sizes = [path.stat().st_size if path.is_file() and not path.is_symlink() else 1 for path in root.rglob("*")]
    return sum((size + KILOBYTE - 1) // KILOBYTE for size in sizes)
