"""Asks the server at argv[2] in the profile at argv[1] and prints each word of the answer as it comes: a program."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path

from app.model.chat import Draft, TextDelta
from app.model.providers import Endpoint, ModelReference
from app.paths import Paths
from app.services.api.client import ApiService
from app.services.history.store import History
from app.workers.chat import ChatWorker

MODEL = ModelReference("fake", "gpt-6-luna")


async def main(root: Path, base_url: str) -> None:
    history = await History.open(Paths.under(root))
    api = ApiService()

    async def access() -> ApiService:
        return api

    async def endpoint_for(_: ModelReference) -> Endpoint:
        return Endpoint(base_url)

    conversation = await history.conversations.create(model=MODEL)
    worker = ChatWorker(history, access, endpoint_for)
    async with aclosing(worker.send(conversation.id, Draft("Count"), MODEL)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                print(event.text, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
