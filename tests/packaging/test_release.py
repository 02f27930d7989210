"""The release: its workflow runs nothing but what stands in this repository, and its draft holds what was built."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.identity import VERSION
from tests.conftest import ROOT
from tests.packaging.recording import Recording

sys.path.insert(0, str(ROOT / "packaging"))
from changes import CHANGELOG, changes_of  # type: ignore[import-not-found] # a script's folder

WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"
TOOLS = Path(sys.executable).parent
RELEASE = ROOT / "packaging" / "release.sh"


@pytest.fixture
def programs(tmp_path: Path) -> Recording:
    made = Recording(tmp_path)
    made.add("gh")
    return made


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What two systems left."""
    folder = tmp_path / "installers"
    for system, name in (("linux", "triptych_0.1.0_amd64.deb"), ("windows", "triptych-0.1.0-installer.exe")):
        (folder / system).mkdir(parents=True)
        content = f"an installer for {system}".encode()
        (folder / system / name).write_bytes(content)
        (folder / system / "SHA256SUMS").write_text(f"{hashlib.sha256(content).hexdigest()}  {name}\n", "utf-8")
    return folder


@pytest.mark.parametrize(
    "command",
    [
        (TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
        (TOOLS / "zizmor", "--offline", "--quiet"),
    ],
    ids=["schema", "security"],
)
def test_the_workflow_is_sound(command: tuple[Path | str, ...]) -> None:
    done = subprocess.run([*command, WORKFLOW], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_step_is_a_target_or_a_script_of_this_repository() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = [step["run"] for job in _jobs().values() for step in job["steps"] if "run" in step]
    assert len(commands) >= 7
    for command in commands:
        words = command.split()
        scripts = [word for word in words if word.startswith("packaging/")]
        assert all((ROOT / script).is_file() for script in scripts), command
        assert scripts or words[0] == "make" or words[:2] == ["sudo", "make"], command
        assert "make" not in words or words[words.index("make") + 1] in targets, command


def test_every_system_is_built_and_only_the_draft_may_write() -> None:
    jobs = _jobs()
    assert jobs["linux"]["runs-on"] == "ubuntu-22.04", "the C library there is the oldest that the wheels work with"
    assert set(jobs["macos"]["strategy"]["matrix"]["system"]) == {"macos-15", "macos-15-intel"}
    assert set(jobs["draft"]["needs"]) == jobs.keys() - {"draft"}
    assert [name for name, job in jobs.items() if job["permissions"].get("contents") == "write"] == ["draft"]


def test_the_draft_holds_all_installers_and_their_sums(built: Path, programs: Recording) -> None:
    done = _release(f"v{VERSION}", built, programs)
    assert done.returncode == 0, done.stderr
    (call,) = programs.calls
    assert call.startswith(f"gh release create v{VERSION} --draft ")
    assert call.count("triptych") == 2
    notes = built.parent / "installers-notes.md"
    assert f"--notes-file {notes} " in call
    assert notes.read_text("utf-8").strip() == changes_of(CHANGELOG.read_text("utf-8"), VERSION) != ""
    sums = (built.parent / "installers-release" / "SHA256SUMS").read_text("utf-8")
    assert [line.split()[1] for line in sums.splitlines()] == [
        "triptych_0.1.0_amd64.deb",
        "triptych-0.1.0-installer.exe",
    ]


def test_a_second_try_makes_the_same_draft(built: Path, programs: Recording) -> None:
    for _ in range(2):
        done = _release(f"v{VERSION}", built, programs)
        assert done.returncode == 0, done.stderr
    first, second = programs.calls
    assert first == second


def test_a_changed_installer_is_not_released(built: Path, programs: Recording) -> None:
    (built / "linux" / "triptych_0.1.0_amd64.deb").write_bytes(b"something else")
    assert _release(f"v{VERSION}", built, programs).returncode != 0
    assert programs.calls == []


def test_a_file_of_two_systems_is_not_chosen_from(built: Path, programs: Recording) -> None:
    for system in ("linux", "windows"):
        (built / system / "parts.json").write_text(system, "utf-8")
        with (built / system / "SHA256SUMS").open("a") as sums:
            sums.write(f"{hashlib.sha256(system.encode()).hexdigest()}  parts.json\n")
    done = _release(f"v{VERSION}", built, programs)
    assert done.returncode == 1
    assert "Two systems made a file parts.json." in done.stderr
    assert programs.calls == []


def test_the_tag_of_another_version_is_refused(built: Path, programs: Recording) -> None:
    done = _release("v99.0", built, programs)
    assert done.returncode == 1
    assert "does not belong to version" in done.stderr
    assert programs.calls == []


def test_nothing_built_is_nothing_released(tmp_path: Path, programs: Recording) -> None:
    (tmp_path / "empty").mkdir()
    assert _release(f"v{VERSION}", tmp_path / "empty", programs).returncode == 1
    assert programs.calls == []


def _jobs() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(WORKFLOW)
    return dict(loaded["jobs"])


def _release(tag: str, folder: Path, programs: Recording) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": programs.path}
    return subprocess.run([RELEASE, tag, folder], env=environment, capture_output=True, text=True, check=False)
