"""Transcripts on the command line: one file after the other, and where each goes; which model makes them is given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli_words import WrongArgument, explain, tell, tell_waiting
from app.model.audio import ExportFormat, Recording, Transcript, TranscriptionOptions, TranscriptionProgress
from app.model.chat import EngineStarting, RetryPending
from app.model.errors import AppError, UnreadableFile, storage_failure
from app.model.lessons import lesson_words
from app.model.providers import ModelReference
from app.model.subtitles import export
from app.model.visible import one_line
from app.terminal import Printer, ProgressLine

if TYPE_CHECKING:
    from app.workers.audio import AudioWorker

_SUBTITLES = (ExportFormat.SRT, ExportFormat.VTT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who transcribes, how, and whether the result enters the history."""

    model: ModelReference
    options: TranscriptionOptions
    keep: bool


class Output:
    """Where transcripts go: one after the other to stdout, or each into a file of its own in `folder`."""

    def __init__(self, form: ExportFormat, folder: Path | None) -> None:
        self._form = form
        self._folder = folder
        self._gap = ""

    def prepare(self, files: int) -> None:
        """Before anything is paid for; OSError says that there can be no such folder.

        Raises:
            WrongArgument: subtitles of several files, one after the other, are no subtitles of anything.
        """
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        elif files > 1 and self._form in _SUBTITLES:
            raise WrongArgument(
                f"Subtitles of several files cannot be printed one after the other: as {self._form.value} they would"
                " be a single film. Name a folder with --into; it gets a file for each."
            )

    def put(self, path: Path, transcript: Transcript) -> None:
        """Give out the transcript of `path`.

        Raises:
            StorageFailed: its file cannot be written; it is printed instead.
        """
        text = export(transcript, self._form)
        if self._folder is None:
            self._print(text)
            return
        try:
            written = _write_new(self._folder, path.stem, self._form.value, text)
        except OSError as error:
            self._print(text)
            raise storage_failure(error, self._folder) from error
        tell(f"{one_line(path.name)}: {one_line(str(written))}")

    def _print(self, text: str) -> None:
        Printer().print(self._gap + text, end="")
        self._gap = "\n"


async def transcribe_files(worker: AudioWorker, files: Sequence[Path], wanted: Wanted, output: Output) -> bool:
    """Transcribe `files` and end the worker; False when one failed, which was told."""
    all_done = True
    try:
        for path in files:
            try:
                transcript = await _transcribed(worker, path, wanted)
                if transcript.adjustments:
                    tell(f"{one_line(path.name)}: {', '.join(lesson_words(transcript.adjustments))}")
                output.put(path, transcript)
            except AppError as error:
                tell(f"{one_line(path.name)}: {explain(error)}")
                all_done = False
    finally:
        await worker.aclose()
    return all_done


def _write_new(folder: Path, name: str, ending: str, text: str) -> Path:
    """Write a file that was not there before; where the name is taken it gets a number.

    Raises:
        OSError: it cannot be written; nothing of it stays.
    """
    for number in count(1):
        path = folder / (f"{name}.{ending}" if number == 1 else f"{name} ({number}).{ending}")
        try:
            file = path.open("x", encoding="utf-8", newline="\n")
        except FileExistsError:
            continue
        try:
            with file:
                file.write(text)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path
    raise AssertionError("numbers do not end")


async def _transcribed(worker: AudioWorker, path: Path, wanted: Wanted) -> Transcript:
    if wanted.keep:
        recording = await _added(worker, path)
        events = worker.transcriber.transcribe(recording, wanted.model, wanted.options)
    else:
        events = worker.transcriber.transcribe_file(path, wanted.model, wanted.options)
    last: Transcript | None = None
    try:
        with ProgressLine() as progress:
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, Transcript):
                        last = event
                    else:
                        _show_transcribing(progress, path, event)
    except asyncio.CancelledError:
        if last is not None:
            Printer().print(last.text)
        raise
    assert last is not None
    return last


def _show_transcribing(
    progress: ProgressLine, path: Path, event: TranscriptionProgress | RetryPending | EngineStarting
) -> None:
    if isinstance(event, TranscriptionProgress):
        doing = "read" if event.reading else "transcribed"
        progress.show(f"{one_line(path.name)}: {event.done_s:.0f} of {event.duration_s:.0f} s {doing}")
    else:
        progress.clear()
        tell_waiting(event)


async def _added(worker: AudioWorker, path: Path) -> Recording:
    async with aclosing(worker.queue.add([path])) as added:
        async for result in added:
            if isinstance(result, AppError):
                raise result
            return result
    raise UnreadableFile(name=path.name, expected="sound")
