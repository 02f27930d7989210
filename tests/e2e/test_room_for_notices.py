"""A notice above a tab is shown whole, its buttons too, while the tab has room to give."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.model.errors import DeviceFailed
from app.ui.window import USUAL_PX
from tests.driving import Driver, run_story


def test_above_every_tab_and_its_offer_of_a_model(qapp: QApplication, profile: Path) -> None:
    async def story(driver: Driver) -> None:
        host = driver.window
        host.resize(*USUAL_PX)
        for tab in range(host.tabs.count()):
            host.tabs.setCurrentIndex(tab)
            host.notices.show_error(DeviceFailed("Error querying device -1"))
            await driver.picture()
            bar = host.notices
            assert bar.height() == bar.sizeHint().height(), host.tabs.current_id()
            assert not bar.verticalScrollBar().isVisible()

    run_story(profile, story)
