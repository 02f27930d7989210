"""What the environment of a child process holds: everything but the user's keys, which are for this program alone."""

from __future__ import annotations

import os


def child_environment(**more: str) -> dict[str, str]:
    """This process's environment without `OPENAI_…` and the other key variables, with `more` added."""
    kept = {name: value for name, value in os.environ.items() if not _is_secret(name)}
    return kept | more


def _is_secret(name: str) -> bool:
    return name.startswith("OPENAI_") or name.endswith(("_API_KEY", "_ACCESS_TOKEN"))
