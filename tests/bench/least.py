"""The least that anyone could do to read an answer: httpx, a split and json; `measured` runs it in a fresh process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time

import httpx

from tests.bench.environment import as_installed
from tests.profiles import ROOT


def measured(base_url: str, model: str) -> dict[str, float]:
    """Processor seconds, and milliseconds from the writing of the first token to its text (for the model `stamps`)."""
    command = [sys.executable, "-m", "tests.bench.least", base_url, model]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT, env=as_installed())
    found: dict[str, float] = json.loads(done.stdout)
    return found


async def main(base_url: str, model: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        await _read(client, base_url, "tokens-1000-at-0")
        cpu = time.process_time()
        text, arrived = await _read(client, base_url, model)
        found = {"cpu_s": time.process_time() - cpu}
    if model == "stamps":
        found["first_ms"] = (arrived - float(text)) * 1000
    print(json.dumps(found))


async def _read(client: httpx.AsyncClient, base_url: str, model: str) -> tuple[str, float]:
    """The text, and when its first piece could have been shown."""
    pieces, rest, arrived = list[str](), b"", 0.0
    async with client.stream("POST", f"{base_url}/chat/completions", json={"model": model}) as response:
        async for data in response.aiter_bytes():
            *events, rest = (rest + data).split(b"\n\n")
            for event in events:
                if event != b"data: [DONE]":
                    pieces.append(json.loads(event[6:])["choices"][0]["delta"].get("content", ""))
            arrived = arrived or time.perf_counter()
    return "".join(pieces), arrived


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
