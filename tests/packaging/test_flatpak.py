"""The Flatpak manifest: it can be read by the tool it is for, and lays open no more than the program needs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from ruamel.yaml import YAML

from app import identity
from tests.conftest import ROOT
from tests.packaging.requirements import needs

MANIFEST = ROOT / "packaging" / "flatpak" / f"{identity.APPLICATION_ID}.yaml"
NEEDED = {
    "--share=network", "--share=ipc", "--socket=wayland", "--socket=fallback-x11", "--socket=pulseaudio",
    "--device=dri", "--talk-name=org.freedesktop.secrets",
}  # fmt: skip


def test_it_lays_open_no_folder_of_the_user() -> None:
    told = YAML(typ="safe").load(MANIFEST)
    assert told["id"] == identity.APPLICATION_ID
    assert told["command"] == identity.PROGRAM
    assert set(told["finish-args"]) == NEEDED


@needs("flatpak-builder", "flatpak-builder")
def test_flatpak_builder_reads_it(tmp_path: Path) -> None:
    command = ["flatpak-builder", "--show-manifest", str(MANIFEST)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["modules"][0]["name"] == identity.PROGRAM
