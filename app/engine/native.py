"""Loads the native libraries once, quietly, one at a time: their registration of backends is not thread-safe."""

from __future__ import annotations

import os
import threading
from functools import cache
from typing import Any

type Native = Any
"""A module or object of cyllama, which publishes no types."""

_loading = threading.Lock()


def default_threads() -> int:
    """Half the processors this process may use: OpenMP threads that all wait for one busy core are far slower."""
    try:
        usable = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        usable = os.cpu_count() or 2
    return max(1, usable // 2)


def llama() -> Native:
    """cyllama's llama.cpp module."""
    with _loading:
        return _llama()


def whisper() -> Native:
    """cyllama's whisper.cpp module."""
    with _loading:
        return _whisper()


@cache
def _llama() -> Native:
    import cyllama.llama.llama_cpp as module

    module.disable_logging()  # 60 KB for each model otherwise
    module.ggml_backend_load_all()
    return module


@cache
def _whisper() -> Native:
    import cyllama.whisper.whisper_cpp as module

    module.disable_logging()
    module.ggml_backend_load_all()
    return module
