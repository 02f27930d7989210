"""A machine to set up: a checkout, a home folder and a PATH with only what a test puts there; no tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FAKE_PYTHON = Path(__file__).with_name("fake_python.py")
TOOLS = (
    "cat",
    "chmod",
    "cksum",
    "cp",
    "dirname",
    "env",
    "find",
    "grep",
    "head",
    "mkdir",
    "rm",
    "sh",
    "sort",
    "mv",
    "touch",
    "tr",
)

TABLE = """\
# group  sign  apt  dnf  pacman  brew
python  cmd:no-python-was-found  python3,python3-venv  python3  python  python@3.13
window  lib:libGL.so.1  libgl1  libglvnd-glx  libglvnd  glvnd
window  lib:libEGL.so.1  libegl1  libglvnd-egl  libglvnd  -
sound-server  file:/nowhere/*.so|{plugins}/*_pipewire.so|{plugins}/*_pulse.so  libasound2-plugins  -  -  -
screen  cmd:Xvfb  xvfb  -  -  -
"""

UV = """\
case $1 in
  --version) echo "uv {version} (fake)" ;;
  venv)
    for folder do :; done
    mkdir -p "$folder/bin"
    cp "$FAKE_PYTHON" "$folder/bin/python"
    ;;
  pip)
    echo "index ${{UV_DEFAULT_INDEX:-of uv}}, certificates ${{UV_SYSTEM_CERTS:-of uv}}" >>"{log}"
    cp "{tool}" .venv/bin/pyside6-lrelease
    ;;
  python)
    [ -e "{downloads}/python3" ] || {{ echo "error: dns error" >&2; exit 1; }}
    [ "$2" = install ] || echo "{downloads}/python3"
    ;;
esac
[ "$1" = --version ] || echo "uv $*" >>"{log}"
"""


@dataclass(frozen=True)
class Outcome:
    """How a set-up ended: its exit code, what it said, and the calls that it made, in order."""

    code: int
    said: str
    calls: list[str]

    def called(self, start: str) -> list[str]:
        return [call for call in self.calls if call.startswith(start)]


class Machine:
    """A Linux with an administrator's rights and everything of TABLE but a sound server; tests take away and add.

    What a fake command is asked is noted in a log, which `set_up` returns and empties.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkout = folder / "my checkout"
        self.bin = folder / "bin"
        self.home = folder / "home"
        self.plugins = folder / "plugins"
        self.environment: dict[str, str] = {}
        for made in (self.checkout / "packaging", self.checkout / "app", self.bin, self.home, folder / "downloads"):
            made.mkdir(parents=True)
        self._fill_checkout()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found, f"{tool} is missing on this machine"
            (self.bin / tool).symlink_to(found)
        self.command("uname", "echo Linux")
        self.command("id", "echo 0")
        self.libraries("libGL.so.1", "libEGL.so.1")
        self.command("Xvfb", "true")
        (folder / "site-packages").mkdir()
        (folder / "site-packages/cyllama.py").touch()

    def _fill_checkout(self) -> None:
        for name in ("bootstrap.sh", "translations.sh"):
            shutil.copy(ROOT / "packaging" / name, self.checkout / "packaging")
        for name in ("requirements.txt", "requirements-test.txt", "requirements-boot.txt"):
            (self.checkout / "packaging" / name).write_text(f"{name} 1\n")
        (self.checkout / "packaging/system_packages.txt").write_text(TABLE.format(plugins=self.plugins))
        (self.checkout / "resources/translations").mkdir(parents=True)
        (self.checkout / "resources/models.json").write_text("{}\n")

    def command(self, name: str, body: str) -> Path:
        """Put a shell script on the PATH."""
        return self._script(self.bin / name, body)

    def noting_command(self, name: str, body: str = "") -> Path:
        """Put a shell script on the PATH that notes its arguments first."""
        return self.command(name, f'echo "{name} $*" >>"{self.folder}/log"\n{body}')

    def libraries(self, *names: str) -> None:
        """What the linker knows."""
        self.command("ldconfig", "\n".join(f"echo '\t{name} (libc6,x86-64) => /lib/{name}'" for name in names))

    def python(self, version: str, place: str = "bin/python3", lacks: str = "") -> Path:
        """A Python of the version below the machine's folder, perhaps built without one module."""
        return self._script(
            self.folder / place,
            f'FAKE_PYTHON="$0" exec "{sys.executable}" -S -E "{FAKE_PYTHON}" {version} "{lacks}" "{self.folder}" "$@"',
        )

    def uv(self, version: str = "0.9.1", place: str = "bin/uv") -> Path:
        """An uv that notes what it is asked to install and makes environments of the machine's first Python."""
        tool = self._script(self.folder / "lrelease", f'echo "lrelease $*" >>"{self.folder}/log"\ntouch "$4"')
        body = UV.format(version=version, log=self.folder / "log", tool=tool, downloads=self.folder / "downloads")
        return self._script(self.folder / place, f'FAKE_PYTHON="{self.folder}/environment-python"\n{body}')

    def set_up(self, profile: str = "run") -> Outcome:
        self.python("3.12.1", "environment-python")
        log = self.folder / "log"
        log.write_text("")
        done = subprocess.run(
            [self.bin / "sh", self.checkout / "packaging/bootstrap.sh", profile],
            env={"PATH": str(self.bin), "HOME": str(self.home), **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, log.read_text().splitlines())

    def _script(self, path: Path, body: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        os.chmod(path, 0o755)
        return path
