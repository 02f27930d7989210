"""What CHANGELOG.md says of a version: `changes.py VERSION` prints it, for the release's page and the release feed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def changes_of(changelog: str, version: str) -> str:
    """The section about `version`; of a version that is not named yet, what is unreleased."""
    for heading in (version, "Unreleased"):
        found = re.search(rf"^## \[{re.escape(heading)}\].*?\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
        if found:
            return found.group(1).strip()
    return ""


if __name__ == "__main__":
    print(changes_of(CHANGELOG.read_text("utf-8"), sys.argv[1]))
