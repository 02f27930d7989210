"""Words for what the protocol and the model call by codes; English sources with their translations."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale

from app.model.errors import AppError
from app.model.images import Picture, PictureOrigin, SizeProblem
from app.model.text import QT_TRANSLATE_NOOP
from app.ui.translation import error_text, hint_text, translated

_CHOICES = {
    "": QT_TRANSLATE_NOOP("ImageChoices", "Automatic"),
    "auto": QT_TRANSLATE_NOOP("ImageChoices", "Automatic"),
    "low": QT_TRANSLATE_NOOP("ImageChoices", "Low"),
    "medium": QT_TRANSLATE_NOOP("ImageChoices", "Medium"),
    "high": QT_TRANSLATE_NOOP("ImageChoices", "High"),
    "xhigh": QT_TRANSLATE_NOOP("ImageChoices", "Very high"),
    "max": QT_TRANSLATE_NOOP("ImageChoices", "Highest"),
    "standard": QT_TRANSLATE_NOOP("ImageChoices", "Standard"),
    "hd": QT_TRANSLATE_NOOP("ImageChoices", "HD"),
    "opaque": QT_TRANSLATE_NOOP("ImageChoices", "Opaque"),
    "transparent": QT_TRANSLATE_NOOP("ImageChoices", "Transparent"),
    "png": "PNG",
    "webp": "WebP",
    "jpeg": "JPEG",
}
_ORIGINS = {
    PictureOrigin.GENERATED: QT_TRANSLATE_NOOP("ImageChoices", "Made from words"),
    PictureOrigin.EDITED: QT_TRANSLATE_NOOP("ImageChoices", "Made from pictures"),
    PictureOrigin.UPSCALED: QT_TRANSLATE_NOOP("ImageChoices", "Enlarged"),
}


def choice(value: str) -> str:
    """What the user reads for a value of a setting; unknown ones as they are."""
    return translated("ImageChoices", _CHOICES.get(value, value))


def origin(picture: Picture) -> str:
    return translated("ImageChoices", _ORIGINS[picture.origin])


def size(value: str) -> str:
    """ "1024x1024" as "1024 × 1024"."""
    return value.replace("x", " × ") if value else choice("")


def size_problem(problem: SizeProblem) -> str:
    return translated("ImageSizes", problem.text, problem.arguments)


def moment(when: datetime) -> str:
    """Date and time as the user's country writes them."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(when.timestamp())), QLocale.FormatType.ShortFormat)


def day(when: datetime) -> str:
    """The date as the user's country writes it."""
    return QLocale().toString(
        QDateTime.fromSecsSinceEpoch(int(when.timestamp())).date(), QLocale.FormatType.ShortFormat
    )


def failure_title(error: AppError) -> str:
    return error_text(error, error.title)


def failure_text(error: AppError) -> str:
    """What it means and what helps, and in a paragraph of its own what the server said."""
    ours = (error_text(error, error.explanation), hint_text(error))
    return "\n\n".join(filter(None, (" ".join(filter(None, ours)), error.server_words)))
