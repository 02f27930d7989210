"""Names the sound sources of a PulseAudio or PipeWire server by its own tool; opens nothing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping

from app.model.audio import InputDevice

PATIENCE_S = 2.0


def sources() -> list[tuple[str, InputDevice]] | None:
    """Each source's own name with its device, microphones before monitors (what the computer plays).

    None means that no such server or no `pactl` is there, which is not the same as a server without sources.
    """
    listed = _pactl("-f", "json", "list", "sources")
    default = _pactl("get-default-source")
    if listed is None:
        return None
    try:
        entries = json.loads(listed)
        if not isinstance(entries, list):
            return None
        found = [_device(entry, (default or "").strip()) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError):  # an old pactl without JSON, or one of its known slips
        return None
    return sorted(found, key=lambda pair: pair[0].endswith(".monitor"))


def _device(entry: Mapping[str, object], default: str) -> tuple[str, InputDevice]:
    name = str(entry["name"])
    label = str(entry.get("description") or name)
    return name, InputDevice(id=f"pulse:{name}", name=label, is_default=name == default)


def _pactl(*arguments: str) -> str | None:
    environment = dict(os.environ)
    # With a decimal comma pactl writes numbers that are not JSON; LC_ALL would override LC_NUMERIC.
    environment["LANG"] = environment.pop("LC_ALL", environment.get("LANG", "C.UTF-8"))
    environment["LC_NUMERIC"] = "C"
    try:
        done = subprocess.run(  # noqa: S603 - fixed program and arguments
            ["pactl", *arguments],  # noqa: S607 - wherever the system has it
            capture_output=True, check=True, timeout=PATIENCE_S, env=environment, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
