"""Everything a person made into one file of open formats, and back out of it or of another program's export."""

from app.workers.transfer.worker import TransferEvent, TransferWorker

__all__ = ["TransferEvent", "TransferWorker"]
