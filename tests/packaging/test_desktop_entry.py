"""The desktop entry: it opens the files that the program takes, and desktops' own checker has nothing against it."""

from __future__ import annotations

import subprocess

from app import identity
from app.model.file_types import PICTURE_TYPES, SOUND_TYPES
from tests.conftest import ROOT
from tests.packaging.requirements import needs

ENTRY = ROOT / "packaging" / "linux" / f"{identity.APPLICATION_ID}.desktop"


def test_it_names_every_file_type_that_the_program_takes() -> None:
    [types] = [line for line in ENTRY.read_text("utf-8").splitlines() if line.startswith("MimeType=")]
    named = types.removeprefix("MimeType=").rstrip(";").split(";")
    assert sorted(named) == sorted({*PICTURE_TYPES.values(), *SOUND_TYPES.values()})


@needs("desktop-file-validate", "desktop-file-utils")
def test_the_checker_of_desktops_has_nothing_against_it() -> None:
    done = subprocess.run(["desktop-file-validate", str(ENTRY)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
