"""The profile of the screenshots, written to the disk as weeks of use would have left it."""

from __future__ import annotations

import io
import json
import sqlite3
import wave
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.model.audio import Recording, RecordingOrigin, RecordingState, Segment, Stretch, Transcript
from app.model.chat import AttachmentKind, Draft, MessageState, NewAttachment, Timing, Usage
from app.model.images import ImageSettings, PictureNote
from app.model.providers import ModelReference, Provider
from app.model.settings import AppearanceSettings, ChosenModels, Language, ThemeChoice
from app.paths import Paths
from app.services.history.store import History
from app.services.pictures.notes import embed
from app.services.settings import SettingsStore
from tests.profiles import ROOT, add_models, models_folder
from tests.showcase import drawings

TEXTS = ROOT / "tests" / "data" / "showcase"
SPEECH = ROOT / "tests" / "data" / "speech" / "dashwood.wav"
CHAT_MODELS = ("gpt-6.1-sol", "gpt-6-luna")
IMAGE_MODEL, SPEECH_MODEL = "gpt-image-2", "gpt-4o-transcribe"
REMOTE_MODELS = (*CHAT_MODELS, IMAGE_MODEL, "gpt-image-2-mini", SPEECH_MODEL, "whisper-1")
LOCAL_MODELS = ("qwen3:8b", "gemma3:12b", "llama3.3:70b")
REMOTE, LOCAL = "showcase-remote", "showcase-local"
INTERVIEW_S = 151.0
_PICTURE_PX = 1024


@dataclass(frozen=True, slots=True)
class Look:
    """One of the ways in which every picture is taken."""

    theme: ThemeChoice
    language: Language

    @property
    def name(self) -> str:
        return f"{self.theme}-{self.language.split('_')[0]}"

    def texts(self) -> dict[str, Any]:
        """What is said and written in the pictures, in the look's language."""
        found: dict[str, Any] = json.loads((TEXTS / f"{self.language}.json").read_text("utf-8"))
        return found


def set_look(paths: Paths, look: Look) -> None:
    """Theme and language of the next start; the models of the checkout are there."""
    present = [path.name for path in models_folder().iterdir() if path.suffix in (".gguf", ".bin", ".safetensors")]
    add_models(paths, present)
    store = SettingsStore(paths.settings_file)
    store.write(replace(store.read(), appearance=AppearanceSettings(look.theme, look.language)))


def connect(paths: Paths, texts: dict[str, Any], remote_url: str, local_url: str) -> None:
    """Two providers, and models chosen in every tab."""
    providers = (
        Provider(id=REMOTE, name=texts["provider"], preset="openai", base_url=remote_url),
        Provider(id=LOCAL, name=texts["local_provider"], preset="ollama", base_url=local_url),
    )
    chat, image, audio = (ModelReference(REMOTE, model) for model in (CHAT_MODELS[0], IMAGE_MODEL, SPEECH_MODEL))
    recent = (chat, ModelReference(LOCAL, LOCAL_MODELS[0]))
    store = SettingsStore(paths.settings_file)
    chosen = ChosenModels(chat, image, audio, recent)
    store.write(replace(store.read(), providers=providers, chosen=chosen))


async def furnish(paths: Paths, texts: dict[str, Any]) -> None:
    """Conversations, pictures and recordings; the conversation about the sky is the newest."""
    history = await History.open(paths)
    try:
        ages = await _small_conversations(history, texts)
        await _conversation_about_the_sky(history, texts)
        await _pictures(history, paths, texts)
        await _recordings(history, paths, texts)
    finally:
        await history.aclose()
    _make_older(paths, ages)


async def _small_conversations(history: History, texts: dict[str, Any]) -> dict[int, float]:
    """Their ids and how many hours old they are."""
    ages: dict[int, float] = {}
    model = ModelReference(REMOTE, CHAT_MODELS[1])
    for title, hours in [*texts["conversations"], [texts["pinned"], 9]]:
        conversation = await history.conversations.create(title=title, model=model)
        _, answer = await history.messages.add_turn(conversation.id, Draft(title), model)
        await history.messages.finish(replace(answer, text=texts["small_answer"], state=MessageState.COMPLETE))
        ages[conversation.id] = float(hours)
        if title == texts["pinned"]:
            await history.conversations.set_pinned(conversation.id, True)
    return ages


async def _conversation_about_the_sky(history: History, texts: dict[str, Any]) -> None:
    model = ModelReference(REMOTE, CHAT_MODELS[0])
    conversation = await history.conversations.create(model=model)
    photograph = io.BytesIO()
    drawings.dawn_mountains().crop((0, 160, 1024, 880)).save(photograph, "JPEG", quality=90)
    attachment = await history.attachments.add(
        conversation.id,
        NewAttachment(AttachmentKind.IMAGE, "evening.jpg", "image/jpeg", photograph.getvalue(), 1024, 720),
    )
    _, answer = await history.messages.add_turn(conversation.id, Draft(texts["question"], (attachment,)), model)
    ended = replace(
        answer,
        text=texts["answer"],
        reasoning=texts["reasoning"],
        reasoning_s=3.4,
        state=MessageState.COMPLETE,
        usage=Usage(1_214, 336, 92, 0),
        timing=Timing(3.8, 9.1),
    )
    await history.messages.finish(ended)


async def _pictures(history: History, paths: Paths, texts: dict[str, Any]) -> None:
    model = ModelReference(REMOTE, IMAGE_MODEL)
    settings = ImageSettings(size=f"{_PICTURE_PX}x{_PICTURE_PX}", quality="medium", output_format="png")
    made = datetime.now(UTC) - timedelta(days=3)
    for number, (draw, prompt) in enumerate(zip(drawings.GALLERY, texts["pictures"], strict=True)):
        encoded = io.BytesIO()
        draw().save(encoded, "PNG")
        note = PictureNote(prompt, model, made - timedelta(hours=5 * number), settings=settings)
        data = embed(encoded.getvalue(), note)
        path = paths.pictures / f"{number:02}.png"
        path.write_bytes(data)
        await history.pictures.add(note.as_picture(path, (_PICTURE_PX, _PICTURE_PX), len(data)))


async def _recordings(history: History, paths: Paths, texts: dict[str, Any]) -> None:
    sound = paths.recordings / "interview.wav"
    _write_speech(sound, INTERVIEW_S)
    now = datetime.now(UTC)
    for number, (name, seconds) in enumerate(texts["other_recordings"], 1):
        older = now - timedelta(days=2 * number)
        path = paths.recordings / f"{number}.wav"
        _write_speech(path, float(seconds))
        added = await history.recordings.add(
            Recording(0, name, path, RecordingOrigin.FILE, RecordingState.READY, older, float(seconds))
        )
        if number != 2:
            await history.transcripts.add(_transcript(added, texts["segments"][:2], float(seconds)))
    interview = await history.recordings.add(
        Recording(
            0, texts["recording"], sound, RecordingOrigin.MICROPHONE, RecordingState.READY, now, INTERVIEW_S,
            texts["language"],
        )
    )  # fmt: skip
    await history.transcripts.add(_transcript(interview, texts["segments"], INTERVIEW_S))


def _transcript(recording: Recording, sentences: list[str], duration_s: float) -> Transcript:
    """Each sentence has its share of the time."""
    segments: list[Segment] = []
    start, per_sign = 0.0, duration_s / sum(map(len, sentences))
    for sentence in sentences:
        end = start + len(sentence) * per_sign
        segments.append(Segment(start, end, sentence))
        start = end
    model = ModelReference(REMOTE, "whisper-1")
    return Transcript(
        0, recording.id, tuple(segments), recording.language, model, recording.created_at,
        done=(Stretch(0.0, duration_s),),
    )  # fmt: skip


def _write_speech(path: Path, seconds: float) -> None:
    """A human voice for so long."""
    with wave.open(str(SPEECH)) as source:
        parameters = source.getparams()
        clip = source.readframes(source.getnframes())
    wanted = int(seconds * parameters.framerate) * parameters.sampwidth
    with wave.open(str(path), "wb") as target:
        target.setparams(parameters)
        target.writeframes((clip * (wanted // len(clip) + 1))[:wanted])


def _make_older(paths: Paths, ages: dict[int, float]) -> None:
    """Conversations are always of now when they are made; these are of other hours and days."""
    now = datetime.now(UTC)
    connection = sqlite3.connect(paths.database_file)
    with connection:
        for conversation_id, hours in ages.items():
            moment = int((now - timedelta(hours=hours)).timestamp() * 1_000_000)
            connection.execute("UPDATE conversations SET updated_at = ? WHERE id = ?", (moment, conversation_id))
    connection.close()
