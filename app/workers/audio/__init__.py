"""What a person can ask for with sound: record, play, keep, transcribe; no Qt, and nothing of sound libraries."""

from app.workers.audio.worker import AudioWorker

__all__ = ["AudioWorker"]
