"""What the dialog needs of whatever keeps the settings; how they are stored is not its business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.model.settings import Settings


class SettingsStore(Protocol):
    """The settings of the profile; changes hold at once, and whoever made the store sees to it that they are saved."""

    @property
    def value(self) -> Settings: ...

    def update(self, change: Callable[[Settings], Settings]) -> Settings:
        """Make a change; it must be a pure function."""
        ...

    def subscribe(self, listener: Callable[[Settings], None]) -> Callable[[], None]:
        """Call `listener` with every new value; the result ends that."""
        ...
