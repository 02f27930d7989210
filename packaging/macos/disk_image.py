"""Makes the disk image for macOS: the signed bundle beside a link to Applications, notarised if it may be."""

from __future__ import annotations

from pathlib import Path

import icons
from macos import signing

from app import identity

HERE = Path(__file__).parent
WINDOW = ((200, 200), (600, 400))
"""Where the window of the image opens and how large it is, in points; the background has its size."""
PROGRAM_AT, FOLDER_AT = (150, 190), (450, 190)
ICON_POINTS = 112


def make_disk_image(application: Path, work: Path, result: Path) -> None:
    """Write `result` from the bundle `application` (Triptych.app), which PyInstaller signed if it could.

    Raises:
        subprocess.CalledProcessError: a tool of Apple's failed and said why.
    """
    import dmgbuild  # there is none for other systems

    work.mkdir(parents=True, exist_ok=True)
    signing.check(application)
    settings = layout(application, _background(work))
    dmgbuild.build_dmg(str(result), identity.NAME, settings=settings)
    signing.sign(result)
    signing.notarise(result)


def layout(application: Path, background: Path) -> dict[str, object]:
    """What dmgbuild wants to know, https://dmgbuild.readthedocs.io/en/latest/settings.html."""
    return {
        "format": "ULFO",
        "files": [str(application)],
        "symlinks": {"Applications": "/Applications"},
        "background": str(background),
        "window_rect": WINDOW,
        "icon_size": ICON_POINTS,
        "icon_locations": {application.name: PROGRAM_AT, "Applications": FOLDER_AT},
    }


def _background(work: Path) -> Path:
    """The drawing in both resolutions; dmgbuild finds the sharp one by its name."""
    (width, height) = WINDOW[1]
    for factor, name in ((1, "background.png"), (2, "background@2x.png")):
        (work / name).write_bytes(icons.drawn(HERE / "background.svg", width * factor, height * factor))
    return work / "background.png"
