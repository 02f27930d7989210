"""Every option of the program with its type, default, label and help; where it is stored is not decided here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.model.providers import BUILT_IN_ID, ModelReference, Provider
from app.model.text import QT_TRANSLATE_NOOP

SCHEMA = 1
"""Version of the stored form; raised with an upgrade step in services/settings.py."""


class ThemeChoice(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Language(StrEnum):
    """The interface's language; `SYSTEM` follows the desktop."""

    SYSTEM = "system"
    ENGLISH = "en"
    CHINESE = "zh_CN"


CHOICE_LABELS: dict[StrEnum, str] = {
    ThemeChoice.SYSTEM: QT_TRANSLATE_NOOP("Settings", "Like the system"),
    ThemeChoice.LIGHT: QT_TRANSLATE_NOOP("Settings", "Light"),
    ThemeChoice.DARK: QT_TRANSLATE_NOOP("Settings", "Dark"),
    Language.SYSTEM: QT_TRANSLATE_NOOP("Settings", "Like the system"),
    Language.ENGLISH: "English",
    Language.CHINESE: "简体中文",
}


def _option(default: object, label: str, help_text: str = "", **limits: object) -> Any:  # noqa: ANN401 - as dataclasses.field
    """A field whose metadata the settings dialog draws: label, help and, for numbers, minimum, maximum, unit."""
    metadata = {"label": label, "help": help_text, **limits}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class AppearanceSettings:
    """What the window looks like, and in which language."""

    theme: ThemeChoice = _option(ThemeChoice.SYSTEM, QT_TRANSLATE_NOOP("Settings", "Theme"))
    language: Language = _option(Language.SYSTEM, QT_TRANSLATE_NOOP("Settings", "Language"))
    zoom_percent: int = _option(
        100, QT_TRANSLATE_NOOP("Settings", "Zoom"), "", minimum=60, maximum=240, step=10, unit="%"
    )


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """The Chat tab."""

    enter_sends: bool = _option(
        True,
        QT_TRANSLATE_NOOP("Settings", "Enter sends the message"),
        QT_TRANSLATE_NOOP("Settings", "When off, Ctrl+Enter sends and Enter starts a new line."),
    )
    original_images: bool = _option(
        False,
        QT_TRANSLATE_NOOP("Settings", "Send pictures in their original size"),
        QT_TRANSLATE_NOOP("Settings", "When off, pictures are scaled down to at most 2048 pixels before sending."),
    )


@dataclass(frozen=True, slots=True)
class ImagesSettings:
    """The Images tab."""

    folder: str = _option(
        "",
        QT_TRANSLATE_NOOP("Settings", "Folder for pictures"),
        QT_TRANSLATE_NOOP("Settings", "Where new pictures are saved; empty means the program's own folder."),
        kind="folder",
    )


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """The Audio tab."""

    device_id: str = _option(
        "",
        QT_TRANSLATE_NOOP("Settings", "Microphone"),
        QT_TRANSLATE_NOOP("Settings", "Empty means the system's default microphone."),
        hidden=True,
    )
    language: str = _option(
        "",
        QT_TRANSLATE_NOOP("Settings", "Spoken language"),
        QT_TRANSLATE_NOOP(
            "Settings", "Two letters such as en or zh; empty means that it is detected, which is slower."
        ),
        hidden=True,
    )
    vocabulary: str = _option(
        "",
        QT_TRANSLATE_NOOP("Settings", "Vocabulary"),
        QT_TRANSLATE_NOOP("Settings", "Names and special words that the speech model should expect."),
        hidden=True,
    )
    transcribe_when_stopped: bool = _option(
        True,
        QT_TRANSLATE_NOOP("Settings", "Transcribe when a recording is stopped"),
        hidden=True,
    )


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The engine inside."""

    unload_minutes: int = _option(
        10,
        QT_TRANSLATE_NOOP("Settings", "Free the engine's memory after"),
        QT_TRANSLATE_NOOP("Settings", "Models of the built-in engine that were not used for this long are unloaded."),
        minimum=1,
        maximum=240,
        unit=QT_TRANSLATE_NOOP("Settings", "min"),
    )


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Copies of everything that was made."""

    daily: bool = _option(
        True,
        QT_TRANSLATE_NOOP("Settings", "Make a backup every day"),
        QT_TRANSLATE_NOOP(
            "Settings", "What you delete stays in backups for up to five weeks. Keys are never in a backup."
        ),
    )


@dataclass(frozen=True, slots=True)
class UpdateSettings:
    """Newer versions of the program; the page of updates shows it."""

    daily: bool = _option(
        False,
        QT_TRANSLATE_NOOP("Settings", "Look for a newer version once a day"),
        QT_TRANSLATE_NOOP(
            "Settings", "Asks one web page for the newest version. Nothing about you or your computer is sent."
        ),
        hidden=True,
    )
    asked: bool = _option(False, QT_TRANSLATE_NOOP("Settings", "Asked about that"), hidden=True)


@dataclass(frozen=True, slots=True)
class ChosenModels:
    """The model each tab used last; None means the built-in engine's."""

    chat: ModelReference | None = None
    image: ModelReference | None = None
    audio: ModelReference | None = None
    recent: tuple[ModelReference, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowState:
    """Where the window was; restored at the next start. Base64 of Qt's own state."""

    geometry: str = ""
    splitters: dict[str, str] = field(default_factory=dict)
    tab: str = "chat"
    conversation_id: int | None = None
    shows_conversations: bool = True
    shows_parameters: bool = False
    drafts: dict[str, str] = field(default_factory=dict)
    """By tab, what was typed and not stored anywhere else."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it. Fields without a label in their metadata are not drawn as options."""

    schema: int = SCHEMA
    appearance: AppearanceSettings = field(
        default_factory=AppearanceSettings, metadata={"label": QT_TRANSLATE_NOOP("Settings", "Appearance")}
    )
    chat: ChatSettings = field(default_factory=ChatSettings, metadata={"label": QT_TRANSLATE_NOOP("Settings", "Chat")})
    images: ImagesSettings = field(
        default_factory=ImagesSettings, metadata={"label": QT_TRANSLATE_NOOP("Settings", "Images")}
    )
    audio: AudioSettings = field(
        default_factory=AudioSettings, metadata={"label": QT_TRANSLATE_NOOP("Settings", "Audio")}
    )
    engine: EngineSettings = field(
        default_factory=EngineSettings, metadata={"label": QT_TRANSLATE_NOOP("Settings", "Built-in engine")}
    )
    backups: BackupSettings = field(
        default_factory=BackupSettings, metadata={"label": QT_TRANSLATE_NOOP("Settings", "Backups")}
    )
    updates: UpdateSettings = field(
        default_factory=UpdateSettings, metadata={"label": QT_TRANSLATE_NOOP("Settings", "Updates")}
    )
    providers: tuple[Provider, ...] = ()
    declined_environment: bool = False
    """The user said no to the provider that the environment variables offer."""
    chosen: ChosenModels = field(default_factory=ChosenModels)
    window: WindowState = field(default_factory=WindowState)


def built_in_provider() -> Provider:
    """The provider of the engine inside; its address is known only while the engine runs."""
    return Provider(
        id=BUILT_IN_ID, name=QT_TRANSLATE_NOOP("Providers", "Built-in engine"), preset="built-in", base_url=""
    )
