"""The real program, driven for a measurement in a process of its own; what is measured goes out as one line of JSON.

`python -m tests.bench.chat_program TASK PROFILE ARGUMENTS`; `measured` starts it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from PySide6.QtCore import QObject, Qt, QTimer

from app.model.chat import Draft
from app.model.providers import ModelReference
from app.ui.chat.tab import ChatTab
from app.ui.chat.transcript import Transcript
from app.ui.chat.transcript_model import MessageRow
from tests.bench.environment import as_installed
from tests.driving import Driver, run_story
from tests.profiles import PROVIDER, ROOT

TICK_MS = 16
PATIENCE_S = 120.0
_IDLE_S = 3.0
_SAMPLE_CHARACTERS = 500

type Measured = dict[str, Any]


def measured(task: str, profile: Path, **arguments: object) -> Measured:
    """What `task` found in a fresh process."""
    command = [sys.executable, "-m", "tests.bench.chat_program", task, str(profile), json.dumps(arguments)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, cwd=ROOT, env=as_installed(), timeout=PATIENCE_S * 2
    )
    found: Measured = json.loads(done.stdout.splitlines()[-1])
    return found


async def flood(driver: Driver, model: str, **_: object) -> Measured:
    """Processor seconds of everything from Send to the finished, stored and painted answer."""
    chat = await _ready(driver)
    await _answer(chat, "tokens-1000-at-0")  # modules are imported, connections are open
    gc.collect()
    started, cpu = time.perf_counter(), time.process_time()
    await _answer(chat, model)
    return {"cpu_s": time.process_time() - cpu, "s": time.perf_counter() - started}


async def pace(driver: Driver, model: str, conversation: int, **_: object) -> Measured:
    """What a steady stream into a long conversation costs, and what it does to a timer beside it."""
    chat = await _ready(driver)
    await _open(chat, conversation)
    await driver.until(lambda: next(iter(chat.view.messages.values())).parent_id is None, "all is there")
    await _answer(chat, "tokens-1000-at-0")
    await asyncio.sleep(1.0)
    with _ticking() as idle:
        await asyncio.sleep(_IDLE_S)
    frames, computed = list[float](), list[float]()
    chat.view.transcript.stream.drawn.connect(lambda took_ms, _: frames.append(took_ms))
    chat.view.transcript.stream.drawn.connect(lambda _, computed_ms: computed.append(computed_ms))
    started, cpu = time.perf_counter(), time.process_time()
    with _ticking() as busy:
        await _answer(chat, model)
    cpu_share = (time.process_time() - cpu) / (time.perf_counter() - started)
    with _ticking() as idle_again:
        await asyncio.sleep(_IDLE_S)
    idle += idle_again
    return {
        "cpu_share": cpu_share,
        "frame_p50_ms": median(computed),
        "frame_p99_ms": percentile(computed, 99),
        "frame_p99_by_the_clock_ms": percentile(frames, 99),
        "frames": len(frames),
        "idle_tick_p99_ms": percentile(idle, 99),
        "tick_p99_ms": percentile(busy, 99),
        "idle_longest_ms": max(idle),
        "longest_ms": max(busy),
    }


async def first_token(driver: Driver, model: str, times: int, **_: object) -> Measured:
    """Milliseconds from the moment the server wrote the first token until it is on the screen."""
    chat = await _ready(driver)
    await _answer(chat, model)
    found = []
    for _round in range(times):
        drawn = list[float]()
        listening = chat.view.transcript.stream.drawn.connect(lambda *_, seen=drawn: seen.append(time.perf_counter()))
        await asyncio.sleep(0.1)
        await _answer(chat, model)
        chat.view.transcript.stream.drawn.disconnect(listening)
        written = float(list(chat.view.messages.values())[-1].text)
        found.append((drawn[0] - written) * 1000)
    return {"ms": found}


async def opening(driver: Driver, conversations: list[int], rounds: int, **_: object) -> Measured:
    """Milliseconds from the click to the painted end of each conversation, by its id, and until it is there whole."""
    chat = await _ready(driver)
    found: dict[str, list[float]] = {str(conversation): [] for conversation in conversations}
    for number in range(rounds + 1):
        for conversation in conversations:
            started = time.perf_counter()
            took_ms = await _open(chat, conversation)
            await driver.until(lambda: next(iter(chat.view.messages.values())).parent_id is None, "all is there")
            whole_ms = (time.perf_counter() - started) * 1000
            await asyncio.sleep(0.2)  # what follows is not part of the next measurement
            if number:
                found[str(conversation)].append(took_ms)
                found.setdefault(f"{conversation} whole", []).append(whole_ms)
    return found


async def memory(driver: Driver, conversation: int, **_: object) -> Measured:
    """Megabytes that the transcript of a long conversation takes, read from its end to its beginning."""
    chat = await _ready(driver)
    await asyncio.sleep(_IDLE_S)
    idle_mb = _pss_mb()
    await _open(chat, conversation)
    await driver.until(lambda: next(iter(chat.view.messages.values())).parent_id is None, "all is there")
    opened_mb = _pss_mb()
    bar = chat.view.transcript.verticalScrollBar()
    for place in range(200, -1, -1):
        bar.setValue(bar.maximum() * place // 200)
        await asyncio.sleep(0)
    await asyncio.sleep(1.5)  # a round of the garbage collector
    return {"idle_mb": idle_mb, "opened_mb": opened_mb - idle_mb, "read_mb": _pss_mb() - idle_mb}


async def appending(driver: Driver, conversation: int, count: int, **_: object) -> Measured:
    """Processor milliseconds that one more message takes at the end of a conversation, painting included."""
    chat = await _ready(driver)
    await _open(chat, conversation)
    await driver.until(lambda: next(iter(chat.view.messages.values())).parent_id is None, "all is there")
    transcript, found = chat.view.transcript, []
    for number in range(count):
        cpu = time.process_time()
        transcript.append_message(MessageRow(1_000_000 + number, "assistant", f"An answer, number {number}."))
        await _painted(transcript)
        found.append((time.process_time() - cpu) * 1000)
    return {"ms": median(found)}


async def growing(driver: Driver, model: str, sizes: list[int], **_: object) -> Measured:
    """Processor milliseconds of a token when an answer has so many of them, by their number."""
    chat = await _ready(driver)
    await _answer(chat, "tokens-1000-at-0")
    characters, reached = 0, [(0, time.process_time())]

    def note(_: int, event: object) -> None:
        nonlocal characters
        characters += len(getattr(event, "text", ""))
        if characters - reached[-1][0] >= _SAMPLE_CHARACTERS:
            reached.append((characters, time.process_time()))

    chat.talk.answers.arrived.connect(note)
    await _answer(chat, model)
    whole = int(model.split("-")[1])
    found = {}
    for size in sizes:
        last = max(1, min(len(reached) - 1, len(reached) * size // whole))
        first = max(0, last - max(1, len(reached) * min(sizes) // whole))
        (begun, cpu), (ended, cpu_then) = reached[first], reached[last]
        found[str(size)] = (cpu_then - cpu) * 1000 / ((ended - begun) * whole / characters)
    return found


TASKS: dict[str, Callable[..., Awaitable[Measured]]] = {
    task.__name__: task for task in (flood, pace, first_token, opening, memory, appending, growing)
}


def percentile(values: list[float], share: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


async def _ready(driver: Driver) -> ChatTab:
    chat = driver.tab(ChatTab)
    await driver.until(lambda: chat.talk.current.model is not None, "a model is chosen", PATIENCE_S)
    await asyncio.sleep(1.0)  # lists of models are asked for, modules imported
    return chat


async def _answer(chat: ChatTab, model: str) -> None:
    """Ask, and wait until the answer is stored and painted."""
    ended = asyncio.Event()
    listening = chat.talk.answers.ended.connect(lambda _: ended.set())
    chat.talk.current.choose_model(ModelReference(PROVIDER, model))
    chat.talk.submit(Draft("Go on."))
    async with asyncio.timeout(PATIENCE_S):
        await ended.wait()
    chat.talk.answers.ended.disconnect(listening)
    await asyncio.sleep(0.05)  # the stored end is read back and shown
    await _painted(chat.view.transcript)


async def _open(chat: ChatTab, conversation: int) -> float:
    """Put a conversation on show; the milliseconds until it is painted."""
    shown = asyncio.Event()
    listening = chat.talk.opening.shown.connect(lambda _: shown.set())
    started = time.perf_counter()
    chat.open(conversation)
    async with asyncio.timeout(PATIENCE_S):
        await shown.wait()
    await _painted(chat.view.transcript)
    took_ms = (time.perf_counter() - started) * 1000
    chat.talk.opening.shown.disconnect(listening)
    return took_ms


async def _painted(transcript: Transcript) -> None:
    """What was changed is laid out and on the screen: a timer's turn comes after the events of painting."""
    painted = asyncio.Event()
    QTimer.singleShot(0, transcript, painted.set)
    await painted.wait()


@contextmanager
def _ticking() -> Any:
    """Milliseconds between the ticks of a timer, in a list that grows."""
    found, last = list[float](), [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        found.append((now - last[0]) * 1000)
        last[0] = now

    owner = QObject()
    timer = QTimer(owner, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start()
    yield found
    timer.stop()


def _pss_mb() -> float:
    return float(psutil.Process().memory_full_info().pss) / 1e6


def main(task: str, profile: str, arguments: str) -> None:
    found: Measured = {}

    async def story(driver: Driver) -> None:
        found.update(await TASKS[task](driver, **json.loads(arguments)))

    run_story(Path(profile), story)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
