"""The Flatpak manifest: it can be read by the tool it is for, and lays open no more than the program needs."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from ruamel.yaml import YAML

from app import identity
from tests.conftest import ROOT

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


@pytest.mark.skipif(
    shutil.which("flatpak-builder") is None, reason="needs flatpak-builder: apt-get install flatpak-builder"
)
def test_flatpak_builder_reads_it() -> None:
    done = subprocess.run(["flatpak-builder", "--show-manifest", MANIFEST], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["modules"][0]["name"] == identity.PROGRAM
