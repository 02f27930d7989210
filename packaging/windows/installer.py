"""Makes the installer for Windows of the bundle, with NSIS, and what PyInstaller wants to know of the version."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from windows import signing

from app import identity
from app.model.file_types import PICTURE_TYPES, SOUND_TYPES

HERE = Path(__file__).parent
COMPANY = identity.MAINTAINER.partition(" <")[0]
COPYRIGHT = f"{COMPANY}, MIT licence"
_LANGUAGE_AND_CODE_PAGE = (0x0409, 1200)
"""American English in UTF-16, the pair that Windows looks for first."""


def make_installer(bundle: Path, icon: Path, work: Path, result: Path, *, can_shrink: bool, target: str = "") -> None:
    """Write `result`. `target` is NSIS's name of a processor: empty for what every Windows runs.

    The programs of the bundle and the uninstaller are signed if there is a certificate (`signing`).

    Raises:
        subprocess.CalledProcessError: makensis or the signing failed and said why.
    """
    work.mkdir(parents=True, exist_ok=True)
    signing.sign(sorted(bundle.glob("*.exe")))
    types = work / "file_types.nsh"
    types.write_text("".join(f'!insertmacro ${{ENDING_MACRO}} "{ending}"\n' for ending in offered()), "utf-8")
    values = {
        "NAME": identity.NAME,
        "PROGRAM": identity.PROGRAM,
        "VERSION": identity.VERSION,
        "COMPANY": COMPANY,
        "COPYRIGHT": COPYRIGHT,
        "HOMEPAGE": identity.HOMEPAGE,
        "BUNDLE": bundle,
        "ICON": icon,
        "FILE_TYPES": types,
        "RESULT": result,
    }
    if not can_shrink:
        values["STORED"] = "yes"
    if target:
        values["TARGET"] = target
    if signing.is_possible():
        values["SIGN"] = f'"{sys.executable}" "{HERE / "signing.py"}"'
    defined = [f"-D{name}={value}" for name, value in values.items()]
    command = ["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *defined, str(HERE / "triptych.nsi")]
    subprocess.run(command, check=True)  # noqa: S603
    signing.sign([result])


def offered() -> list[str]:
    """The endings of files for which the program stands in "Open with"."""
    return [*PICTURE_TYPES, *SOUND_TYPES]


def version_information(description: str) -> str:
    """What the properties of a program show, in PyInstaller's form."""
    numbers = (*map(int, identity.VERSION.split(".")), 0)
    shown = {
        "CompanyName": COMPANY,
        "FileDescription": description,
        "FileVersion": identity.VERSION,
        "InternalName": identity.PROGRAM,
        "LegalCopyright": COPYRIGHT,
        "ProductName": identity.NAME,
        "ProductVersion": identity.VERSION,
    }
    language, code_page = _LANGUAGE_AND_CODE_PAGE
    strings = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in shown.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}), kids=[\n"
        f"  StringFileInfo([StringTable('{language:04X}{code_page:04X}', [{strings}])]),\n"
        f"  VarFileInfo([VarStruct('Translation', [{language}, {code_page}])]),\n"
        "])\n"
    )
