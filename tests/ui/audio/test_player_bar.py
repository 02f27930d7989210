"""PlayerBar: playing, holding and moving about, with a player that does what the test says."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.model.audio import PlaybackPosition, Recording, RecordingOrigin, RecordingState
from app.model.errors import NoLoudspeaker
from app.ui.audio.player_bar import PlayerBar
from tests.ui.audio.conftest import RunAsync

TALK = Recording(1, "Talk", Path("/talk.wav"), RecordingOrigin.FILE, RecordingState.READY, datetime.now(UTC), 60.0)


class ScriptedPlayer:
    """Is at each second at once, then waits; remembers from where it was asked to play."""

    def __init__(self) -> None:
        self.asked: list[tuple[Path, float]] = []
        self.paused = False
        self.seconds = 2
        self.error: NoLoudspeaker | None = None

    def set_paused(self, paused: bool) -> None:
        self.paused = paused

    async def play(self, path: Path, start_s: float = 0.0) -> AsyncGenerator[PlaybackPosition]:
        self.asked.append((path, start_s))
        if self.error is not None:
            raise self.error
        for second in range(self.seconds):
            yield PlaybackPosition(start_s + second)
        if start_s < TALK.duration_s - 5:
            await asyncio.Event().wait()


def _playing(bar: PlayerBar) -> bool:
    return bar.is_playing


def _paused(player: ScriptedPlayer) -> bool:
    return player.paused


@pytest.fixture
def player() -> ScriptedPlayer:
    return ScriptedPlayer()


@pytest.fixture
def bar(player: ScriptedPlayer, qtbot: QtBot, run_async: RunAsync) -> PlayerBar:
    made = PlayerBar(player)
    qtbot.addWidget(made)
    made.show_sound(TALK)
    return made


def test_play_pause_and_go_on(bar: PlayerBar, player: ScriptedPlayer, qtbot: QtBot, run_async: RunAsync) -> None:
    playing: list[bool] = []
    bar.playing_changed.connect(playing.append)
    bar.toggle()
    qtbot.waitUntil(lambda: bar.waveform_view.position_s == 1)
    assert bar.time_label.text() == "0:01 / 1:00"
    bar.toggle()
    assert _paused(player)
    bar.toggle()
    assert not _paused(player)
    assert playing == [True, False, True]
    assert player.asked == [(TALK.path, 0.0)]
    run_async(bar.aclose())


def test_moving_while_it_plays_goes_on_from_there(
    bar: PlayerBar, player: ScriptedPlayer, qtbot: QtBot, run_async: RunAsync
) -> None:
    bar.toggle()
    qtbot.waitUntil(lambda: bar.waveform_view.position_s == 1)
    bar.seek(30)
    bar.follow(40)
    qtbot.waitUntil(lambda: bar.waveform_view.position_s == 41)
    assert _playing(bar)
    assert player.asked[-1] == (TALK.path, 40.0)
    run_async(bar.aclose())


def test_moving_while_it_is_held_only_moves(
    bar: PlayerBar, player: ScriptedPlayer, qtbot: QtBot, run_async: RunAsync
) -> None:
    bar.toggle()
    qtbot.waitUntil(lambda: bar.waveform_view.position_s == 1)
    bar.toggle()
    bar.seek(20)
    bar.follow(50)
    assert not _playing(bar)
    assert bar.waveform_view.position_s == 20
    bar.toggle()
    qtbot.waitUntil(lambda: player.asked[-1] == (TALK.path, 20))
    assert _playing(bar)
    run_async(bar.aclose())


def test_at_the_end_it_stops_and_begins_anew(bar: PlayerBar, player: ScriptedPlayer, qtbot: QtBot) -> None:
    player.seconds = 1
    bar.play_from(60)
    qtbot.waitUntil(lambda: player.asked == [(TALK.path, 60)] and not bar.is_playing)
    player.seconds = 2
    bar.toggle()
    qtbot.waitUntil(lambda: player.asked[-1] == (TALK.path, 0.0))
    bar.stop()
    qtbot.waitUntil(lambda: not bar.is_playing)


def test_another_sound_ends_the_one_before(
    bar: PlayerBar, player: ScriptedPlayer, qtbot: QtBot, run_async: RunAsync
) -> None:
    bar.toggle()
    qtbot.waitUntil(lambda: bar.waveform_view.position_s == 1)
    bar.show_sound(replace(TALK, id=2, path=Path("/other.wav")))
    bar.play_from(5)
    qtbot.waitUntil(lambda: player.asked[-1] == (Path("/other.wav"), 5))
    bar.show_sound(None)
    assert not bar.play_button.isEnabled()
    bar.play_from(1)
    run_async(bar.aclose())
    assert len(player.asked) == 2


def test_a_failure_is_told_and_the_button_offers_to_play_again(
    bar: PlayerBar, player: ScriptedPlayer, qtbot: QtBot
) -> None:
    player.error = NoLoudspeaker()
    with qtbot.waitSignal(bar.failed):
        bar.toggle()
    qtbot.waitUntil(lambda: not bar.is_playing)
    assert bar.play_button.accessibleName() == "Play"
