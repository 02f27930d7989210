"""A stand-in for the engine's process: says it is ready, or dies in one of the ways an engine can die."""

from __future__ import annotations

import json
import os
import sys
import time


def main(behaviour: str) -> int:
    """`behaviour`: ready, dies (with words), unsuitable (processor), garbage (a line that is not the ready line),
    slow SECONDS (ready after so long).
    """
    if behaviour.startswith("slow "):
        time.sleep(float(behaviour.removeprefix("slow ")))
    if behaviour == "dies":
        print("could not load: the file is broken", file=sys.stderr)
        return 1
    if behaviour == "unsuitable":
        print("this processor has no AVX2", file=sys.stderr)
        return 3
    if behaviour == "garbage":
        print("hello", flush=True)
        return 0
    told = {"event": "ready", "port": 1, "key": os.environ["ENGINE_API_KEY"], "omp": os.environ["OMP_WAIT_POLICY"]}
    assert not [name for name in os.environ if name.startswith("OPENAI_")]
    print("ready and waiting", file=sys.stderr, flush=True)
    print(json.dumps(told), flush=True)
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
