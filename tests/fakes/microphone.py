"""A virtual microphone: a private PulseAudio server whose only source hears what is played into its only sink.

`norewinds=1` keeps the first samples from coming two seconds late; the remapped source is there because a monitor is
not a microphone for everybody. Everything lives in one temporary folder and ends with the fixture.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 10.0
SINK, SOURCE, NAME = "mic", "fakemic", "Studio"
_DESCRIPTION = f"source_properties=device.description={NAME} remix=no"
_CONFIGURATION = """\
load-module module-native-protocol-unix socket={folder}/native auth-anonymous=1
load-module module-null-sink sink_name=mic sink_properties=device.description=Cable rate=48000 channels=1 norewinds=1
set-default-sink mic
load-module module-remap-source master=mic.monitor source_name=fakemic {description}
set-default-source fakemic
"""


class VirtualMicrophone:
    """A running server; `PULSE_SERVER` of this process points at it."""

    def __init__(self, server: str) -> None:
        self.server = server

    def play(self, sound: Path) -> None:
        """Speak a sound file into the microphone, to its end."""
        subprocess.run(["paplay", f"--device={SINK}", str(sound)], check=True, timeout=60)

    def listen(self, socket: Path) -> None:
        """Be there for programs that cannot see the usual socket, too."""
        module = ["module-native-protocol-unix", f"socket={socket}", "auth-anonymous=1"]
        subprocess.run(["pactl", "load-module", *module], check=True, stdout=subprocess.DEVNULL)

    def unplug(self) -> None:
        """Take the microphone and its cable away."""
        subprocess.run(["pactl", "unload-module", "module-remap-source"], check=True)
        subprocess.run(["pactl", "unload-module", "module-null-sink"], check=True)


@contextmanager
def virtual_microphone() -> Iterator[VirtualMicrophone]:
    """Start the server, ready within a tenth of a second, and end it."""
    assert shutil.which("pulseaudio"), "install pulseaudio and pulseaudio-utils: packaging/system_packages.txt has them"
    folder = Path(tempfile.mkdtemp(prefix="mic."))
    configuration = folder / "default.pa"
    configuration.write_text(_CONFIGURATION.format(folder=folder, description=_DESCRIPTION))
    places = {"HOME": folder, "XDG_RUNTIME_DIR": folder, "PULSE_RUNTIME_PATH": folder, "PULSE_STATE_PATH": folder}
    private = {name: str(place) for name, place in places.items()} | {"DBUS_SESSION_BUS_ADDRESS": "disabled:"}
    options = ["--daemonize=no", "--exit-idle-time=-1", "--disallow-exit", "--use-pid-file=no", "--realtime=no"]
    options += ["--high-priority=no", "--disable-shm=yes", f"--log-target=file:{folder}/log", "-F", str(configuration)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        ["pulseaudio", "-n", *options], env={**os.environ, **private}, stdin=quiet, stdout=quiet, stderr=quiet
    )
    before = os.environ.get("PULSE_SERVER")
    os.environ["PULSE_SERVER"] = f"unix:{folder}/native"
    try:
        _wait_until_it_answers(process, folder / "log")
        yield VirtualMicrophone(os.environ["PULSE_SERVER"])
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        os.environ.pop("PULSE_SERVER")
        if before is not None:
            os.environ["PULSE_SERVER"] = before
        shutil.rmtree(folder)


def _wait_until_it_answers(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while subprocess.run(["pactl", "info"], capture_output=True, check=False).returncode:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, "the virtual microphone did not start"
        time.sleep(0.02)
