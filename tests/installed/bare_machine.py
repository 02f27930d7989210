"""Bare Debian machines without Python: roots of debootstrap's, entered with namespaces of their own."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT

DIST = ROOT / "dist"
ROOTS = ROOT / "build" / "roots"
USUAL_MIRROR = "http://deb.debian.org/debian"
SCRIPT = "/usr/share/debootstrap/scripts/sid"
"""What debootstrap does for every Debian since 2008; by name it knows only those that are older than itself."""
SOUND = "libasound2-plugins, pulseaudio-utils"
"""What a desktop has for sound; the program asks for none of it."""
USER, HOME = "person", Path("/home/person")
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
# A machine whose clock is off gets lists too old; nothing here depends on their age.
APT = ("apt-get", "-q", "-y", "-o", "Acquire::Check-Valid-Until=false", "-o", "Acquire::Retries=3")
ENTER = """
set -e
root=$1; shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root/tmp/.X11-unix"
if [ -d /tmp/.X11-unix ]; then mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"; fi
chroot "$@"
exit
"""
"""The shell stays, as the first process of the namespace: it ends with the command that entered and takes all others
along. A process that became another user would outlive it."""
HOUSEKEEPING = ("var/cache", "var/lib/apt", "var/lib/dpkg", "var/log", "tmp", "proc", "dev", "run", "home", "sys")
"""Where the package manager itself keeps books, and what is the user's or no file."""


def why_not_here() -> str:
    """Why there can be no bare machine here; empty where there can."""
    if sys.platform != "linux":
        return "bare Debian machines are made on Linux only"
    if os.geteuid() != 0:
        return "debootstrap and chroot need an administrator: run make test-package as root"
    tools = ("debootstrap", "unshare", "nsenter", "chroot", "ip", "Xvfb", "xdotool")
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        return f"missing here: {', '.join(missing)}"
    tried = subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "true"], check=False)
    return "" if tried.returncode == 0 else "this kernel or container allows no namespaces"


@contextmanager
def loopback_only() -> Iterator[int]:
    """A network with nothing but this machine in it; gives the process that `nsenter --net` finds it by."""
    command = ["unshare", "--net", "sh", "-c", "ip link set lo up && echo && exec sleep infinity"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            yield holder.pid
        finally:
            holder.kill()


@dataclass
class BareMachine:
    """One root; programs run in it as an ordinary user or as the administrator."""

    root: Path
    network_of: int = 0
    """The process whose network is used; 0: this machine's."""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The user's home folder as seen from outside."""
        return self.inside(HOME)

    def inside(self, path: Path) -> Path:
        """A path of the machine as seen from outside."""
        return self.root / path.relative_to("/")

    def command(self, *words: str, as_user: bool = True) -> list[str]:
        """What runs a command in here when it is started outside."""
        entered = ["nsenter", f"--net=/proc/{self.network_of}/ns/net"] if self.network_of else []
        entered += ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh", str(self.root)]
        home = str(HOME) if as_user else "/root"
        who = [f"--userspec={USER}:{USER}"] if as_user else []
        told = {"HOME": home, "PATH": PATH, "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **self.environment}
        variables = [f"{name}={value}" for name, value in told.items()]
        return [*entered, *who, str(self.root), "env", "--ignore-environment", f"--chdir={home}", *variables, *words]

    def run(self, *words: str, as_user: bool = True, within_s: float = 600.0) -> str:
        """Run a command to its end and return what it printed; it must succeed."""
        done = subprocess.run(
            self.command(*words, as_user=as_user), check=False, capture_output=True, text=True, timeout=within_s
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def files(self) -> set[str]:
        """Every file, link and folder but what `HOUSEKEEPING` names."""
        found = set()
        for folder, folders, names in os.walk(self.root):
            here = os.path.relpath(folder, self.root)
            folders[:] = [name for name in folders if os.path.normpath(f"{here}/{name}") not in HOUSEKEEPING]
            found |= {os.path.normpath(f"{here}/{name}") for name in (*folders, *names)}
        return found


def bare_machine(suite: str, target: Path) -> BareMachine:
    """A fresh copy of a suite's root, which is made once.

    There are an ordinary user, a desktop's sound, the libraries that the .deb asks for, and no Python.
    """
    libraries = subprocess.run(
        ["dpkg-deb", "--field", str(installer("triptych_*.deb")), "Depends"], check=True, capture_output=True, text=True
    ).stdout.strip()
    libraries += f", {SOUND}"
    kept = ROOTS / suite
    with _alone(kept):
        made = kept / "made"
        if not made.exists() or made.read_text("utf-8") != libraries:
            _make(suite, kept, libraries)
            made.write_text(libraries, "utf-8")
    subprocess.run(["cp", "--archive", "--reflink=auto", str(kept / "root"), str(target)], check=True)
    machine = BareMachine(target)
    assert not [file for file in machine.files() if file.startswith("usr/bin/python")]
    return machine


def installer(pattern: str) -> Path:
    """The one file of `make package` with such a name."""
    found = sorted(DIST.glob(pattern))
    assert len(found) == 1, f"{len(found)} files {pattern} in {DIST}: run make package"
    return found[0]


@contextmanager
def _alone(kept: Path) -> Iterator[None]:
    """Of several processes that run tests, one makes a root and the others wait for it."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _mirror() -> str:
    """Where this machine gets its own packages, if it is a Debian."""
    if not shutil.which("apt-get"):
        return USUAL_MIRROR
    command = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    places = [line.removeprefix("Debian ") for line in told.splitlines() if line.startswith("Debian ")]
    return next((place for place in places if place.rstrip("/").endswith("/debian")), USUAL_MIRROR)


def _make(suite: str, kept: Path, libraries: str) -> None:
    if kept.exists():
        subprocess.run(["rm", "-r", "--one-file-system", str(kept)], check=True)
    root = kept / "root"
    root.mkdir(parents=True)
    command = ["debootstrap", "--variant=minbase", suite, str(root), _mirror(), SCRIPT]
    subprocess.run(command, check=True, stdout=sys.stderr)
    for name in ("resolv.conf", "hosts"):
        shutil.copy(f"/etc/{name}", root / "etc" / name)
    machine = BareMachine(root)
    machine.run(*APT, "update", as_user=False)
    machine.run(*APT, "satisfy", "--no-install-recommends", libraries, as_user=False)
    machine.run("useradd", "--create-home", "--shell", "/bin/sh", USER, as_user=False)
