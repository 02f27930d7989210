"""Can this processor run the native code? It is compiled for AVX2, FMA, F16C and BMI2 and dies without them."""

from __future__ import annotations

import ctypes
import platform
import re
import subprocess
from pathlib import Path

NEEDED = frozenset({"avx2", "fma", "f16c", "bmi2"})
X86 = frozenset({"x86_64", "amd64"})
PF_AVX2_INSTRUCTIONS_AVAILABLE = 40
"""Windows tells of AVX2 only; processors that have it have the others too."""


def missing_features(flags: frozenset[str] | None) -> list[str]:
    """What the processor lacks; `flags` None means that the system does not tell, and nothing is held against it."""
    return [] if flags is None else sorted(NEEDED - flags)


def explanation(missing: list[str]) -> str:
    """One sentence for the user."""
    names = ", ".join(name.upper() for name in missing)
    return (
        f"The built-in engine cannot run on this computer: its processor lacks {names}. "
        "Everything else works, with a provider on the network."
    )


def processor_flags() -> frozenset[str] | None:
    """The features of this processor, in Linux's spelling; None where they are not told or do not matter."""
    if platform.machine().lower() not in X86:
        return None
    system = platform.system()
    if system == "Linux":
        return parse_cpuinfo(Path("/proc/cpuinfo").read_text("utf-8", "replace"))
    if system == "Darwin":
        return _mac_flags()
    return _windows_flags() if system == "Windows" else None


def parse_cpuinfo(text: str) -> frozenset[str] | None:
    """The flags of the first processor in Linux's `/proc/cpuinfo`."""
    found = re.search(r"^flags\s*:\s*(.*)$", text, re.MULTILINE)
    return frozenset(found.group(1).split()) if found else None


def _mac_flags() -> frozenset[str] | None:
    command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.features", "machdep.cpu.leaf7_features"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # fixed words
    return frozenset(told.stdout.lower().split()) if told.returncode == 0 else None


def _windows_flags() -> frozenset[str]:
    has_avx2 = ctypes.CDLL("kernel32").IsProcessorFeaturePresent(PF_AVX2_INSTRUCTIONS_AVAILABLE)
    return NEEDED if has_avx2 else frozenset()
