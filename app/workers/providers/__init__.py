"""Providers: profiles, keys, endpoints, model lists and what models can do; no Qt and no HTTP of its own."""

from app.workers.providers.model_lists import ProviderModels
from app.workers.providers.worker import ProviderWorker

__all__ = ["ProviderModels", "ProviderWorker"]
