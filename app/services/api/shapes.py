"""Values out of other people's JSON: the wanted type, or the empty value of that type when it is something else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_LARGEST = 2**53
"""What JSON can carry exactly; the database holds more."""


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def object_of(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def whole_of(value: object) -> int | None:
    """A whole number that can be stored; None for everything else. Numbers in text count: some servers quote them."""
    number = number_of(value)
    return None if number is None or abs(number) > _LARGEST else int(number)


def number_of(value: object) -> float | None:
    """A finite number, also out of a text; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
