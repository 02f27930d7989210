"""Makes the portable file: one executable that runs by double click, without FUSE and without installing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from linux import tree

from app import identity

MAGIC_AT, MAGIC = 8, b"AI\x02"
"""Where and how a file says that it is an AppImage of type 2 (AppImage specification)."""
PACKING = (
    "-comp",
    "zstd",
    "-Xcompression-level",
    "15",
    "-b",
    "1M",
    "-no-xattrs",
    "-all-root",
    "-no-progress",
    "-quiet",
)


def make_portable(bundle: Path, icons: Path, work: Path, result: Path) -> None:
    """Write `result`; the same bundle gives the same bytes while SOURCE_DATE_EPOCH is the same.

    Raises:
        subprocess.CalledProcessError: the compiler or mksquashfs failed and said why.
    """
    shutil.rmtree(work, ignore_errors=True)
    here = Path(__file__).parent
    root = work / "AppDir"
    shutil.copytree(bundle, root, symlinks=True)
    (root / "AppRun").symlink_to(identity.PROGRAM)
    desktop = f"{identity.APPLICATION_ID}.desktop"
    shutil.copy(here / desktop, root / desktop)
    icon = f"{identity.APPLICATION_ID}.png"
    shutil.copy(icons / "256x256" / "apps" / icon, root / icon)
    (root / ".DirIcon").symlink_to(icon)
    tree.make_uniform(root, [root / path.name for path in tree.programs_in(bundle)])
    image, head = work / "image.squashfs", work / "runtime"
    _run("mksquashfs", root, image, *PACKING)
    _run(
        *("cc", "-O2", "-static", "-s", "-Wall", "-Wextra", "-o", head, here / "runtime.c"),
        *("-lsquashfuse", "-lzstd", "-lz", "-llzma", "-llz4", "-llzo2", "-lpthread"),
    )
    program = bytearray(head.read_bytes())
    program[MAGIC_AT : MAGIC_AT + len(MAGIC)] = MAGIC
    with result.open("wb") as file, image.open("rb") as content:
        file.write(program)
        shutil.copyfileobj(content, file)
    result.chmod(0o755)


def _run(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, env=os.environ)  # noqa: S603
