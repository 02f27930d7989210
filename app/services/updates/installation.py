"""How this copy of the program was installed, and how another version takes its place; when, is decided elsewhere."""

from __future__ import annotations

import errno
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from app.files import copy_whole
from app.identity import VERSION
from app.model.errors import DiskFull, storage_failure
from app.model.update_errors import PlaceNotWritable

EXECUTABLE = 0o755
WITH_MODELS = "-with-models"

_apart: list[subprocess.Popen[bytes]] = []
"""What was started and is not waited for: this process ends first."""


class Installation(Protocol):
    """A copy of the program that can be replaced. Everything blocks."""

    @property
    def target(self) -> str:
        """Which file of a release fits."""
        ...

    @property
    def command(self) -> Sequence[str]:
        """What starts the program that is there now; empty if it cannot be started yet."""
        ...

    def check(self) -> None:
        """Raises:
        PlaceNotWritable: it cannot be replaced where it is.
        """
        ...

    def keep(self, folder: Path) -> Path | None:
        """Keep the present program in `folder`, which is empty; None if it cannot be kept.

        Raises:
            OSError: it is not kept, and the program is as it was.
        """
        ...

    def install(self, new: Path, version: str) -> None:
        """Put `new` in the place of the program, or let that be done as soon as this one has ended.

        Raises:
            OSError: the program is as it was.
        """
        ...

    def tidy(self) -> None:
        """Remove what former versions left outside of the profile, as far as that is possible."""
        ...


class PortableFile:
    """Linux: one executable file, wherever the user put it."""

    def __init__(self, program: Path, target: str) -> None:
        self._program = program
        self.target = target

    @property
    def command(self) -> Sequence[str]:
        return (str(self._program),)

    def check(self) -> None:
        _check_folder(self._program.parent)

    def keep(self, folder: Path) -> Path | None:
        kept = folder / self._program.name
        try:
            os.link(self._program, kept)
        except OSError:  # another disk, or one that knows no second names
            copy_whole(self._program, kept, EXECUTABLE)
        return kept

    def install(self, new: Path, version: str) -> None:
        # A copy, also where it could be moved: until it is in its place, what was downloaded stays.
        copy_whole(new, self._program, EXECUTABLE)

    def tidy(self) -> None:
        """What is unpacked of the file clears away what former ones unpacked (packaging/linux/runtime.c)."""


class Bundle:
    """macOS: an application's folder, replaced as a whole."""

    def __init__(self, folder: Path, target: str) -> None:
        self._folder = folder
        self.target = target

    @property
    def command(self) -> Sequence[str]:
        return ("open", "-n", str(self._folder))

    def check(self) -> None:
        _check_folder(self._folder.parent)

    def keep(self, folder: Path) -> Path | None:
        kept = folder / f"{self._folder.name}.tar"
        with tarfile.open(kept, "w") as archive:
            archive.add(self._folder, self._folder.name)
        return kept

    def install(self, new: Path, version: str) -> None:
        with tempfile.TemporaryDirectory(dir=self._folder.parent, prefix=".new-") as place:
            made = _unpacked(new, Path(place))
            old = Path(place) / "old"
            self._folder.rename(old)
            try:
                made.rename(self._folder)
            except OSError:
                old.rename(self._folder)
                raise

    def tidy(self) -> None:
        """It leaves nothing."""


class WindowsInstaller:
    """Windows: an installer that waits until the program has ended. `kept` is where the installers stay."""

    command: Sequence[str] = ()

    def __init__(self, folder: Path, target: str, kept: Path) -> None:
        self._folder = folder
        self._kept = kept
        self.target = target
        self.started: subprocess.Popen[bytes] | None = None
        """The installer at work."""

    def check(self) -> None:
        _check_folder(self._folder)

    def keep(self, folder: Path) -> Path | None:
        """Only a version that came as an update has left its installer."""
        installer = self._installer(VERSION)
        if not installer.is_file():
            return None
        kept = folder / installer.name
        copy_whole(installer, kept, EXECUTABLE)
        return kept

    def install(self, new: Path, version: str) -> None:
        self._kept.mkdir(parents=True, exist_ok=True)
        installer = self._installer(version)
        copy_whole(new, installer, EXECUTABLE)
        self.started = start_apart([str(installer), "/S"], last=f"/D={self._folder}")

    def tidy(self) -> None:
        for installer in self._kept.glob("setup-*.exe"):
            if installer != self._installer(VERSION):
                installer.unlink(missing_ok=True)

    def _installer(self, version: str) -> Path:
        return self._kept / f"setup-{version}.exe"


def _unpacked(archive: Path, place: Path) -> Path:
    """The application in an archive.

    Raises:
        OSError: there is none.
    """
    try:
        with tarfile.open(archive) as content:
            content.extractall(place, filter="tar")
    except tarfile.TarError as error:
        raise OSError(errno.EINVAL, str(error), str(archive)) from error
    made = next(place.glob("*.app"), None)
    if made is None:
        raise OSError(errno.ENOENT, "there is no application in it", str(archive))
    return made


def find_installation(
    program: Path,
    kept: Path,
    *,
    system: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    with_models: bool = False,
) -> Installation | None:
    """How the running `program` was installed; None if others bring it up to date, or nobody does."""
    machine = {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    flavour = WITH_MODELS if with_models else ""
    if system == "linux":
        image, unpacked = environment.get("APPIMAGE", ""), environment.get("APPDIR", "")
        # Both are inherited: a program of the system that another portable file started is none itself.
        if image and unpacked and program.resolve().is_relative_to(Path(unpacked).resolve()):
            return PortableFile(Path(image), f"linux-{machine}-portable{flavour}")
    elif system == "darwin":
        bundle = next((folder for folder in program.parents if folder.suffix == ".app"), None)
        if bundle is not None:
            return Bundle(bundle, f"macos-{machine}-bundle{flavour}")
    elif system == "win32" and (program.parent / "uninstall.exe").is_file():
        return WindowsInstaller(program.parent, f"windows-{machine}-installer{flavour}", kept)
    return None


def command_line(command: Sequence[str], last: str, system: str = sys.platform) -> Sequence[str] | str:
    """`command` with one more argument, which is not quoted on Windows even if it has spaces.

    So NSIS wants its /D= (https://nsis.sourceforge.io/Docs/Chapter3.html, "Installer Usage").
    """
    if system == "win32":
        return f"{subprocess.list2cmdline(command)} {last}".rstrip()
    return [*command, last] if last else command


def start_apart(command: Sequence[str], *, last: str = "") -> subprocess.Popen[bytes]:
    """Start a program that goes on when this one ends, as if the desktop had started it; nobody has to wait for it.

    `last` is the argument that is not quoted (`command_line`).

    Raises:
        OSError: it cannot be started.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    started = subprocess.Popen(  # noqa: S603 - the program itself, or its installer
        command_line(command, last),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_own_environment(os.environ),
        start_new_session=True,
        creationflags=flags,
    )
    _apart.append(started)
    return started


def _own_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without what the bundle (PyInstaller) and the portable file have put into it."""
    bundles = ("APPIMAGE", "APPDIR")
    own = {name: value for name, value in environment.items() if not name.startswith("_PYI_") and name not in bundles}
    own["PYINSTALLER_RESET_ENVIRONMENT"] = "1"  # else the new program takes itself for a child of this one
    return own


def _check_folder(folder: Path) -> None:
    """Try it: rights, read-only disks and the system's protections are told by nothing else."""
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".new-"):
            pass
    except OSError as error:
        failure = storage_failure(error, folder)
        if isinstance(failure, DiskFull):
            raise failure from error
        raise PlaceNotWritable(error.strerror or str(error), path=str(folder)) from error
