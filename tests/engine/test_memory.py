from pathlib import Path

from app.engine.memory import available_bytes


def test_linux_tells_what_is_available(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       24000000 kB\nMemFree: 1 kB\nMemAvailable:    2048 kB\n")
    assert available_bytes(meminfo) == 2048 * 1024


def test_other_systems_do_not(tmp_path: Path) -> None:
    assert available_bytes(tmp_path / "nothing") is None
