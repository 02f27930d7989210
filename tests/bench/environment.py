"""What measured processes see of the environment: bytecode is kept, as in an installation; no keys and no proxies."""

from __future__ import annotations

import os

from tests.profiles import ROOT


def as_installed(**more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "PYTHONDONTWRITE")) and not name.lower().endswith("_proxy")
    }
    return kept | {
        "PYTHONPYCACHEPREFIX": str(ROOT / "build" / "pycache"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        **more,
    }
