"""How the model service starts its short-lived child processes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any


def without_console() -> dict[str, Any]:
    """Arguments for a child that must not open a console window on Windows."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    return {}
