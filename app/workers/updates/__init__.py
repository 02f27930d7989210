"""What a person can ask for about updates (worker.py), and what happens once the program has closed (finishing.py)."""

from app.workers.updates.worker import UpdateWorker

__all__ = ["UpdateWorker"]
