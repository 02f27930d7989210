"""Choices: what the user chose in the Audio tab, shown again at the next start."""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from app.model.settings import AudioSettings
from app.ui.audio.recorder_bar import RecorderBar
from app.ui.audio.transcription_bar import TranscriptionBar
from app.ui.job import Errands


class Memory(Protocol):
    """What is asked of the worker."""

    @property
    def options(self) -> AudioSettings: ...
    async def remember(self, **changes: Any) -> None: ...  # noqa: ANN401 - as the worker's


class Choices(QObject):
    """Device, language, vocabulary, and whether recordings are transcribed at once.

    Signals:
        failed(AppError): the settings could not be written.
    """

    failed = Signal(object)

    def __init__(self, memory: Memory, recorder: RecorderBar, transcription: TranscriptionBar) -> None:
        super().__init__(recorder)
        self._memory = memory
        self._transcription = transcription
        self._errands = Errands(self)
        self._errands.failed.connect(self.failed)
        recorder.device_picker.choose(memory.options.device_id)
        recorder.automatic_box.setChecked(memory.options.transcribe_when_stopped)
        transcription.show_options(memory.options)
        recorder.automatic_changed.connect(self._on_automatic_changed)
        recorder.device_picker.device_chosen.connect(self._on_device_chosen)
        transcription.options_changed.connect(self._on_options_changed)

    async def aclose(self) -> None:
        await self._errands.aclose()

    def _on_automatic_changed(self, automatic: bool) -> None:
        self._remember(transcribe_when_stopped=automatic)

    def _on_device_chosen(self, device_id: str) -> None:
        self._remember(device_id=device_id)

    def _on_options_changed(self) -> None:
        options = self._transcription.options()
        self._remember(language=options.language, vocabulary=options.prompt)

    def _remember(self, **changes: Any) -> None:  # noqa: ANN401 - as the worker's
        if any(getattr(self._memory.options, name) != value for name, value in changes.items()):
            self._errands.add(partial(self._memory.remember, **changes))
