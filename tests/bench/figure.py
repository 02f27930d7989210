"""One measured figure with its target and the raw values it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is a ratio to a baseline measured in the same run, unless its name carries a unit."""

    value: float
    target: float
    better: Literal["lower", "higher"] = "lower"
    raw: dict[str, float] = field(default_factory=dict)

    @property
    def is_met(self) -> bool:
        return self.value <= self.target if self.better == "lower" else self.value >= self.target

    def as_json(self) -> dict[str, object]:
        rounded = {name: round(value, 4) for name, value in self.raw.items()}
        return {"value": round(self.value, 4), "target": self.target, "better": self.better, "raw": rounded}
