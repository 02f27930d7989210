"""The package index: which one is asked; what it answers is in test_store.py, where wheels are fetched from it."""

from __future__ import annotations

import pytest

from app.services.models.package_index import MIRROR_VARIABLES, PYPI, usual_index


def test_the_mirror_that_uv_or_pip_use_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MIRROR_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert usual_index() == PYPI
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple\n")
    assert usual_index() == "https://mirror.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://nearer.example/simple")
    assert usual_index() == "https://nearer.example/simple"
