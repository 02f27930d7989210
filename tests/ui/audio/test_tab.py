"""AudioTab: what a person does there, from the first start to closing it in the middle of work."""

import json
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from app.model.audio import RecordingState, Segment, TranscriptState
from app.model.errors import DeviceFailed, KeyRejected, MicrophoneRefused, NoLoudspeaker, NoMicrophone, SoundUnreadable
from app.model.file_errors import FilesUnusable
from app.model.lessons import Lesson
from app.ui import ask
from app.ui.audio import words
from app.ui.audio.tab import AudioTab
from app.ui.notices import SendWithout
from app.ui.tab import HandOver
from tests.fakes.audio import FakeSoundLibrary, tone
from tests.fakes.audio_desk import WHISPER, Desk
from tests.fakes.media import chirps, write_long_speech, write_sound
from tests.fakes.openai_server import FakeOpenAI
from tests.ui.audio.conftest import RunAsync

PATH = "/audio/transcriptions"
GREETING = ((0.0, 1.5, "Good morning."), (1.5, 3.9, "How are you?"))


def _add(tab: AudioTab, qtbot: QtBot, *paths: Path) -> None:
    before = len(tab._model.items())
    tab.take(HandOver("audio", files=paths))
    qtbot.waitUntil(lambda: len(tab._model.items()) == before + len(paths))


def _states(tab: AudioTab) -> list[TranscriptState | None]:
    return [item.headway.state if item.headway else None for item in tab._model.items()]


def _texts(tab: AudioTab) -> list[str]:
    return [segment.text for segment in tab.pane.transcript_view.segments()]


def _transcribe(tab: AudioTab, qtbot: QtBot) -> None:
    QTest.mouseClick(tab.pane.transcription_bar.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _states(tab)[0] is TranscriptState.COMPLETE and not tab.transcriptions.running)
    qtbot.waitUntil(tab.pane.transcription_bar.again_button.isVisible)


def _record(tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary, seconds: float) -> None:
    library.started.clear()
    QTest.mouseClick(tab.recorder_bar.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(library.started.is_set)
    library.speak(tone(seconds))
    shown = f"0:0{int(seconds)}"
    qtbot.waitUntil(lambda: tab.recorder_bar.title_label.text() == shown)


def test_an_empty_tab_says_what_it_is_for_and_takes_files(tab: AudioTab, qtbot: QtBot, sound: Path) -> None:
    assert tab.pages.currentWidget() is tab.empty_state
    ask.answers.append([sound])
    QTest.mouseClick(tab.empty_state.action_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab.pages.currentWidget() is tab.splitter)
    assert tab.pane.header.title_label.text() == "Talk"


def test_dropped_files_come_in_and_one_that_is_no_sound_is_told(
    tab: AudioTab, qtbot: QtBot, sound: Path, tmp_path: Path, failures: list[Any]
) -> None:
    letter = tmp_path / "letter.mp3"
    letter.write_text("Dear Sir")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (letter, sound)])
    assert tab.intake.describe_drop(data)
    assert tab.intake.describe_drop(QMimeData()) == ""
    tab.drop_overlay.dropped.emit(data)
    qtbot.waitUntil(lambda: len(tab._model.items()) == 1)
    qtbot.waitUntil(lambda: [type(error) for error, _ in failures] == [SoundUnreadable])


def test_several_files_that_are_no_sound_are_told_at_once(
    tab: AudioTab, qtbot: QtBot, tmp_path: Path, failures: list[Any]
) -> None:
    letters = [tmp_path / f"{number}.mp3" for number in range(3)]
    for letter in letters:
        letter.write_text("Dear Sir")
    tab.intake.take(letters)
    qtbot.waitUntil(lambda: [type(error) for error, _ in failures] == [FilesUnusable])
    assert "“0.mp3”, “1.mp3”, “2.mp3”" in failures[0][0].arguments["names"]


def test_the_transcript_appears_while_it_is_made_and_is_there_after_a_restart(
    tab: AudioTab, at: Desk, qtbot: QtBot, server: FakeOpenAI, sound: Path
) -> None:
    working: list[bool] = []
    tab.working_changed.connect(working.append)
    server.transcript(GREETING, hold_after=2)
    _add(tab, qtbot, sound)
    QTest.mouseClick(tab.pane.transcription_bar.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _texts(tab) == ["Good morning."])
    assert tab.pane.transcript_view.edit.isReadOnly()
    assert tab.pane.transcription_bar.cancel_button.isVisible()
    qtbot.waitUntil(lambda: tab.pane.transcription_bar.status_label.text() == "0:01 of 0:04 transcribed")
    server.release()
    qtbot.waitUntil(lambda: _texts(tab) == ["Good morning.", "How are you?"])
    qtbot.waitUntil(lambda: working == [True, False])
    assert not tab.pane.transcript_view.edit.isReadOnly()
    again = AudioTab(at.worker, at.leave_out)
    qtbot.addWidget(again)
    again.show()
    qtbot.waitUntil(lambda: _texts(again) == ["Good morning.", "How are you?"])
    again.hide()


def test_cancel_keeps_what_came_and_continue_does_the_rest(
    tab: AudioTab, qtbot: QtBot, server: FakeOpenAI, sound: Path, failures: list[Any]
) -> None:
    server.transcript(GREETING, hold_after=2)
    _add(tab, qtbot, sound)
    bar = tab.pane.transcription_bar
    QTest.mouseClick(bar.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _texts(tab) == ["Good morning."])
    QTest.mouseClick(bar.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(bar.resume_button.isVisible)
    assert _texts(tab) == ["Good morning."]
    assert _states(tab) == [TranscriptState.STOPPED]
    server.release()
    server.transcript(((0.0, 2.0, "And the rest."),))
    QTest.mouseClick(bar.resume_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _texts(tab) == ["Good morning.", "And the rest."])
    qtbot.waitUntil(lambda: _states(tab) == [TranscriptState.COMPLETE])
    assert not failures


def test_a_failure_is_told_with_a_way_to_try_again(
    tab: AudioTab, qtbot: QtBot, server: FakeOpenAI, sound: Path, failures: list[Any]
) -> None:
    server.reply_error(401, "invalid_api_key", "invalid_request_error", "Incorrect API key", path=PATH)
    _add(tab, qtbot, sound)
    QTest.mouseClick(tab.pane.transcription_bar.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(failures) == 1)
    error, retry = failures[0]
    assert isinstance(error, KeyRejected)
    qtbot.waitUntil(lambda: _states(tab) == [TranscriptState.FAILED])
    server.transcript(GREETING)
    retry()
    qtbot.waitUntil(lambda: _texts(tab) == ["Good morning.", "How are you?"])


def test_what_only_the_user_can_give_up_is_offered_and_then_told_with_the_transcript(
    tab: AudioTab, at: Desk, qtbot: QtBot, server: FakeOpenAI, sound: Path, failures: list[Any]
) -> None:
    words = "Unsupported parameter: 'language' is not supported with this model."
    server.reply_error(400, "unsupported_parameter", "invalid_request_error", words, param="language", path=PATH)
    tab.set_model(WHISPER)
    _add(tab, qtbot, sound)
    box = tab.pane.transcription_bar.language_box
    box.setCurrentIndex(box.findData("de"))
    QTest.mouseClick(tab.pane.transcription_bar.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(failures) == 1)
    error, retry = failures[0]
    assert isinstance(retry, SendWithout)
    assert (error.removable, retry.field) == ("language", "language")
    qtbot.waitUntil(lambda: not tab.transcriptions.running)
    server.transcript(GREETING)
    retry()
    qtbot.waitUntil(lambda: _texts(tab) == ["Good morning.", "How are you?"])
    qtbot.waitUntil(lambda: _states(tab) == [TranscriptState.COMPLETE])
    assert at.left_out == {WHISPER: "language"}
    assert ["language" in post.fields for post in server.posts(PATH)] == [True, False]
    assert tab.pane.header.facts_label.text().endswith("sent without language")
    qtbot.waitUntil(lambda: tab.pane.header._versions[0].adjustments == (Lesson("language"),))


def test_several_files_are_transcribed_one_after_the_other(
    tab: AudioTab, qtbot: QtBot, server: FakeOpenAI, sound: Path, tmp_path: Path
) -> None:
    other = write_sound(tmp_path / "b.ogg", chirps(2))
    third = write_sound(tmp_path / "c.wav", chirps(2))
    server.transcript(GREETING, hold_after=2)
    _add(tab, qtbot, sound, other, third)
    assert tab.queue_panel.all_button.isVisible()
    QTest.mouseClick(tab.queue_panel.all_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab._model.items()[2].activity == "0:01 of 0:04 transcribed")
    assert [item.activity for item in tab._model.items()[:2]] == ["Waiting for its turn"] * 2
    waiting = next(item.recording for item in tab._model.items() if item.recording.name == "c")
    tab.queue_panel.select(waiting.id)
    tab.queue_panel.cancel_action.trigger()
    server.release()
    qtbot.waitUntil(lambda: _states(tab) == [None, TranscriptState.COMPLETE, TranscriptState.COMPLETE])


def test_a_recording_is_transcribed_when_it_is_stopped(
    tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary, server: FakeOpenAI
) -> None:
    server.transcript(GREETING)
    _record(tab, qtbot, library, 1.2)
    assert tab.right.currentWidget() is tab.live_page
    assert tab.live_page.time_label.text() == "0:01"
    assert tab._model.items()[0].recording.state is RecordingState.RECORDING
    QTest.mouseClick(tab.recorder_bar.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _states(tab) == [TranscriptState.COMPLETE])
    qtbot.waitUntil(lambda: _texts(tab)[:1] == ["Good morning."])
    recording = tab._model.items()[0].recording
    with wave.open(str(recording.path)) as kept:
        assert kept.readframes(-1) == tone(1.2)
    assert recording.duration_s == pytest.approx(1.2)


def test_not_transcribing_at_once_is_remembered(
    tab: AudioTab, at: Desk, qtbot: QtBot, library: FakeSoundLibrary, server: FakeOpenAI
) -> None:
    QTest.mouseClick(tab.recorder_bar.automatic_box, Qt.MouseButton.LeftButton, pos=QPoint(10, 12))
    qtbot.waitUntil(lambda: not at.settings.value.audio.transcribe_when_stopped)
    _record(tab, qtbot, library, 1.2)
    QTest.mouseClick(tab.recorder_bar.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not tab.session.running)
    assert _states(tab) == [None]
    assert not server.posts(PATH)


def test_quitting_ends_a_recording(tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary) -> None:
    assert tab.unfinished() == ""
    _record(tab, qtbot, library, 0.2)
    assert tab.unfinished() == "A recording is running. It ends here; what was recorded is kept."
    QTest.mouseClick(tab.recorder_bar.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not tab.session.running)
    assert tab.unfinished() == ""


def test_a_slip_of_the_finger_is_kept_but_sent_nowhere(
    tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary, server: FakeOpenAI
) -> None:
    _record(tab, qtbot, library, 0.2)
    QTest.mouseClick(tab.recorder_bar.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not tab.session.running)
    assert _states(tab) == [None]
    assert not tab.transcriptions.running
    assert not server.posts()


def test_the_header_tells_the_length_that_was_found(tab: AudioTab, qtbot: QtBot, sound: Path) -> None:
    _add(tab, qtbot, sound)
    recording = tab.pane.recording
    assert recording is not None
    tab.pane.show_recording(None)
    tab.pane.show_recording(replace(recording, duration_s=99.0))
    assert tab.pane.header.facts_label.text().startswith("1:39")
    qtbot.waitUntil(lambda: tab.pane.header.facts_label.text().startswith(words.clock(recording.duration_s)))


def test_a_pause_is_shown_and_leaves_a_gap(tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary) -> None:
    _record(tab, qtbot, library, 1.2)
    QTest.mouseClick(tab.recorder_bar.pause_button, Qt.MouseButton.LeftButton)
    assert tab.recorder_bar.hint_label.text() == "Paused"
    library.speak(tone(3))
    QTest.mouseClick(tab.recorder_bar.pause_button, Qt.MouseButton.LeftButton)
    library.speak(tone(0.9))
    qtbot.waitUntil(lambda: tab.recorder_bar.title_label.text() == "0:02")


def test_silence_and_clipping_are_warned_of(tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary) -> None:
    _record(tab, qtbot, library, 1.2)
    library.speak(tone(5.1, volume=0))
    qtbot.waitUntil(lambda: "Nothing is heard" in tab.recorder_bar.hint_label.text())
    library.speak(tone(0.3, volume=1.0))
    qtbot.waitUntil(lambda: "Too loud" in tab.recorder_bar.hint_label.text())
    library.speak(tone(3.3))
    qtbot.waitUntil(lambda: tab.recorder_bar.hint_label.text() == "Recording")


def test_an_unplugged_microphone_keeps_the_recording(
    tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary, failures: list[Any]
) -> None:
    _record(tab, qtbot, library, 1.2)
    library.unplug()
    qtbot.waitUntil(lambda: len(failures) == 1)
    assert isinstance(failures[0][0], DeviceFailed)
    assert tab._model.items()[0].recording.state is RecordingState.READY
    qtbot.waitUntil(lambda: tab.recorder_bar.device_picker.currentText() == "No microphone found")


@pytest.mark.parametrize(("refused", "expected"), [(False, NoMicrophone), (True, MicrophoneRefused)])
def test_no_microphone_and_a_refused_one_are_said_and_leave_nothing(
    tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary, failures: list[Any], refused: bool, expected: type
) -> None:
    library.refuses_to_open = refused
    library.inputs = library.inputs if refused else ()
    QTest.mouseClick(tab.recorder_bar.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [type(error) for error, _ in failures] == [expected])
    assert failures[0][1] is not None, "it can be tried again when the microphone is there"
    assert tab._model.items() == []
    assert not tab.recorder_bar.is_recording


def test_recordings_of_one_minute_have_names_of_their_own_and_take_old_failures_away(
    tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary
) -> None:
    for _ in range(3):
        with qtbot.waitSignal(tab.recovered):
            _record(tab, qtbot, library, 0.2)
        QTest.mouseClick(tab.recorder_bar.record_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not tab.session.running)
    names = [item.recording.name for item in reversed(tab._model.items())]
    assert len(set(names)) == 3
    assert names[1] == f"{names[0]} (2)" or names[2] == f"{names[1]} (2)"  # unless the minute ended between them


def test_a_recording_without_sound_leaves_the_list(tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary) -> None:
    library.started.clear()
    tab.session.toggle()
    qtbot.waitUntil(library.started.is_set)
    qtbot.waitUntil(lambda: len(tab._model.items()) == 1)
    tab.session.toggle()
    qtbot.waitUntil(lambda: tab._model.items() == [])


def test_testing_the_microphone_shows_its_level_and_gives_way_to_a_recording(
    tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary
) -> None:
    library.started.clear()
    QTest.mouseClick(tab.recorder_bar.test_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(library.started.is_set)
    library.speak(tone(0.03, volume=0.5))
    qtbot.waitUntil(lambda: tab.recorder_bar.level_meter.position > 0.8)
    _record(tab, qtbot, library, 1.2)
    assert len(library.streams) == 1
    assert not tab.recorder_bar.test_button.isVisible()


def test_leaving_the_tab_lets_go_of_a_microphone_that_is_only_tested(
    tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary
) -> None:
    library.started.clear()
    QTest.mouseClick(tab.recorder_bar.test_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(library.started.is_set)
    tab.hide()
    qtbot.waitUntil(lambda: not library.streams)


def test_the_chosen_microphone_and_language_are_remembered(
    tab: AudioTab, at: Desk, qtbot: QtBot, library: FakeSoundLibrary
) -> None:
    library.inputs = ("Desk microphone", "Headset")
    tab.activated()
    picker = tab.recorder_bar.device_picker
    qtbot.waitUntil(lambda: picker.count() == 3)
    picker.setCurrentIndex(2)
    picker.activated.emit(2)
    language_box = tab.pane.transcription_bar.language_box
    language_box.setCurrentIndex(language_box.findData("de"))
    language_box.activated.emit(language_box.currentIndex())
    qtbot.waitUntil(lambda: at.settings.value.audio.language == "de")
    qtbot.waitUntil(lambda: at.settings.value.audio.device_id == "portaudio:Headset")
    again = AudioTab(at.worker, at.leave_out)
    qtbot.addWidget(again)
    assert again.recorder_bar.device_picker.device_id == "portaudio:Headset"
    assert again.pane.transcription_bar.language == "de"


def test_playing_follows_the_text_and_a_click_on_a_time_plays_from_there(
    tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary, server: FakeOpenAI, sound: Path
) -> None:
    server.transcript(GREETING)
    _add(tab, qtbot, sound)
    _transcribe(tab, qtbot)
    view = tab.pane.transcript_view
    top, bottom = view.edit.span_of(view.edit.document().findBlockByNumber(1))
    place = QPoint(view.gutter.width() // 2, round((top + bottom) / 2))
    QTest.mouseClick(view.gutter, Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: any(stream.running for stream in library.streams))
    assert tab.pane.player.is_playing
    assert view.gutter.playing == 1
    QTest.mouseClick(tab.pane.player.waveform_view, Qt.MouseButton.LeftButton, pos=QPoint(2, 10))
    qtbot.waitUntil(lambda: view.gutter.playing == 0)

    def heard() -> bool:
        library.listen(0.2)
        return view.gutter.playing == 1

    qtbot.waitUntil(heard)
    QTest.mouseClick(tab.pane.player.play_button, Qt.MouseButton.LeftButton)
    assert not tab.pane.player.is_playing


def test_without_a_loudspeaker_playing_says_so(
    tab: AudioTab, qtbot: QtBot, library: FakeSoundLibrary, sound: Path, failures: list[Any]
) -> None:
    library.outputs = ()
    _add(tab, qtbot, sound)
    QTest.mouseClick(tab.pane.player.play_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [type(error) for error, _ in failures] == [NoLoudspeaker])
    assert not tab.pane.player.is_playing


def test_corrections_are_stored_while_they_are_made(
    tab: AudioTab, at: Desk, qtbot: QtBot, server: FakeOpenAI, sound: Path, run_async: RunAsync
) -> None:
    server.transcript(GREETING)
    _add(tab, qtbot, sound)
    _transcribe(tab, qtbot)
    QTest.keyClicks(tab.pane.transcript_view.edit, "Dear all! ")

    def stored() -> bool:
        (transcript,) = run_async(at.worker.queue.transcripts(tab._model.items()[0].recording))
        return bool(transcript.segments[0] == Segment(0.0, 1.5, "Dear all! Good morning."))

    qtbot.waitUntil(stored)


def test_a_correction_made_just_before_closing_is_not_lost(
    tab: AudioTab, at: Desk, qtbot: QtBot, server: FakeOpenAI, sound: Path, run_async: RunAsync
) -> None:
    server.transcript(GREETING)
    _add(tab, qtbot, sound)
    _transcribe(tab, qtbot)
    QTest.keyClicks(tab.pane.transcript_view.edit, "X")
    run_async(tab.aclose())
    (transcript,) = run_async(at.worker.queue.transcripts(tab._model.items()[0].recording))
    assert transcript.segments[0].text == "XGood morning."


def test_copy_export_and_chat_take_the_corrected_text(
    tab: AudioTab, qtbot: QtBot, server: FakeOpenAI, sound: Path, tmp_path: Path, clipboard: Any
) -> None:
    handed: list[HandOver] = []
    tab.handed_over.connect(handed.append)
    server.transcript(GREETING)
    _add(tab, qtbot, sound)
    header = tab.pane.header
    assert not header.copy_button.isEnabled()
    _transcribe(tab, qtbot)
    QTest.keyClicks(tab.pane.transcript_view.edit, "Oh, ")
    QTest.mouseClick(header.copy_button, Qt.MouseButton.LeftButton)
    assert clipboard.text() == "Oh, Good morning. How are you?"
    QTest.mouseClick(header.chat_button, Qt.MouseButton.LeftButton)
    assert handed == [HandOver("chat", text="Oh, Good morning. How are you?")]
    for form, action in header.export_actions.items():
        target = tmp_path / f"out.{form}"
        ask.answers.append(target)
        action.trigger()
        qtbot.waitUntil(target.exists)
        qtbot.waitUntil(lambda: header.export_button.text() == "Saved")
    assert "00:00:01,500 --> 00:00:03,900" in (tmp_path / "out.srt").read_text()
    assert json.loads((tmp_path / "out.json").read_text())["segments"][0]["text"] == "Oh, Good morning."


def test_removing_can_be_undone(tab: AudioTab, at: Desk, qtbot: QtBot, sound: Path, run_async: RunAsync) -> None:
    _add(tab, qtbot, sound)
    tab.activateWindow()
    tab.queue_panel.list_view.setFocus()
    QTest.keyClick(tab.queue_panel.list_view, Qt.Key.Key_Delete)
    assert tab._model.items() == []
    assert tab.undo_bar.isVisible()
    tab.undo_bar.take_back()
    qtbot.waitUntil(lambda: len(tab._model.items()) == 1)
    assert len(run_async(at.worker.queue.all())) == 1


def test_a_name_is_changed_in_the_list(tab: AudioTab, qtbot: QtBot, sound: Path) -> None:
    _add(tab, qtbot, sound)
    tab.queue_panel.rename_current()
    editor = tab.queue_panel.list_view.findChild(QLineEdit)
    assert editor is not None
    editor.clear()
    QTest.keyClicks(editor, "Interview")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: tab._model.items()[0].recording.name == "Interview")
    qtbot.waitUntil(lambda: tab.pane.header.title_label.text() == "Interview")


def test_without_a_model_nothing_can_be_started(tab: AudioTab, qtbot: QtBot, sound: Path, server: FakeOpenAI) -> None:
    tab.set_model(None)
    _add(tab, qtbot, sound)
    assert not tab.pane.transcription_bar.start_button.isEnabled()
    tab.pane.transcription_bar.start()
    assert not tab.transcriptions.running


def test_transcribing_again_keeps_the_earlier_transcript_at_hand(
    tab: AudioTab, qtbot: QtBot, server: FakeOpenAI, sound: Path
) -> None:
    server.transcript(GREETING)
    _add(tab, qtbot, sound)
    _transcribe(tab, qtbot)
    assert tab.pane.header.facts_label.text().endswith(" · Whisper base")
    server.transcript(((0.0, 3.0, "Better."),))
    QTest.mouseClick(tab.pane.transcription_bar.again_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(tab.pane.header.versions_button.isVisible)
    assert _texts(tab) == ["Better."]
    earlier = tab.pane.header._versions[1]
    tab.pane.header.version_chosen.emit(earlier.id)
    qtbot.waitUntil(lambda: _texts(tab) == ["Good morning.", "How are you?"])


def test_closing_in_the_middle_of_everything_is_quick_and_keeps_it_all(
    tab: AudioTab, at: Desk, qtbot: QtBot, library: FakeSoundLibrary, server: FakeOpenAI, run_async: RunAsync
) -> None:
    server.transcript(GREETING, hold_after=2)
    _add(tab, qtbot, write_long_speech(at.folder / "long.wav", 120))
    QTest.mouseClick(tab.pane.transcription_bar.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _texts(tab) == ["Good morning."])
    _record(tab, qtbot, library, 1.2)
    run_async(tab.aclose())
    assert not library.streams
    recording, file = (entry.recording for entry in run_async(at.worker.queue.all()))
    assert (recording.state, recording.duration_s) == (RecordingState.READY, pytest.approx(1.2))
    (transcript,) = run_async(at.worker.queue.transcripts(file))
    assert (transcript.state, transcript.text) == (TranscriptState.STOPPED, "Good morning.")


def test_every_control_has_a_name_for_those_who_do_not_see_it(tab: AudioTab, qtbot: QtBot, sound: Path) -> None:
    _add(tab, qtbot, sound)
    nameless = [
        widget.objectName() or type(widget).__name__
        for kind in (QAbstractButton, QComboBox, QLineEdit)
        for widget in tab.findChildren(kind)
        if not (widget.accessibleName() or getattr(widget, "text", str)() or widget.toolTip())
        and widget.isVisibleTo(tab)
    ]
    assert nameless == []


def test_commands_are_listed_with_their_shortcuts(tab: AudioTab) -> None:
    shortcuts = [command.shortcut for command in tab.commands() if command.shortcut]
    assert len(shortcuts) == len(set(shortcuts))
    assert all(callable(command.run) for command in tab.commands())
