"""What an empty conversation shows: nothing of an example is cut off without a sign, and all of it is asked."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.ui.chat.welcome import Welcome


def test_an_example_without_room_ends_in_an_ellipsis_and_is_asked_whole(qtbot: QtBot) -> None:
    welcome = Welcome()
    qtbot.addWidget(welcome)
    welcome.resize(900, 500)
    welcome.show()
    button = welcome.example_buttons[2]
    whole = button.text()
    assert whole.startswith("Translate into Chinese")
    welcome.resize(340, 500)
    qtbot.waitUntil(lambda: button.text().endswith("…"))
    assert button.toolTip() == button.accessibleName() == whole
    assert button.fontMetrics().horizontalAdvance(button.text()) < button.width()
    with qtbot.waitSignal(welcome.example_chosen) as heard:
        button.click()
    assert heard.args == [whole]
    welcome.resize(900, 500)
    qtbot.waitUntil(lambda: button.text() == whole)
