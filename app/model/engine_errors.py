"""What may go wrong with the built-in engine, with the words to say; more failures are in `errors`."""

from __future__ import annotations

from app.model.errors import EngineFailed
from app.model.text import QT_TRANSLATE_NOOP


class EngineHung(EngineFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The built-in engine did not answer any more")
    explanation = QT_TRANSLATE_NOOP(
        "Errors", "It did nothing for {seconds} seconds and was ended; it is started again on the next request."
    )


class ModelUnusable(EngineFailed):
    title = QT_TRANSLATE_NOOP("Errors", "The model's file cannot be used")
    explanation = QT_TRANSLATE_NOOP(
        "Errors",
        "The file of “{model}” is gone, damaged, incomplete, or of a kind that the engine cannot run.",
    )
    hint = QT_TRANSLATE_NOOP(
        "Errors", "Remove it on the Models page and download it again, or choose another model at the top right."
    )
    retryable = False
    action = "models"


class MemoryShort(EngineFailed):
    title = QT_TRANSLATE_NOOP("Errors", "There is not enough memory for this model")
    explanation = QT_TRANSLATE_NOOP("Errors", "“{model}” does not fit into the memory that is free at the moment.")
    hint = QT_TRANSLATE_NOOP("Errors", "Close other programs and try again, or choose a smaller model.")
    action = "models"
