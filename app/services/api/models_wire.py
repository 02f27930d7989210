"""Model lists in the shapes that servers send them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.model.errors import WrongAddress
from app.model.providers import Capability, Endpoint, ModelInfo
from app.services.api.address import shown_host
from app.services.api.calls import Call
from app.services.api.shapes import list_of, object_of, text_of, whole_of

MODELS_CALL = Call("/models", method="GET")

_TASKS = {
    "automatic-speech-recognition": Capability.TRANSCRIPTION,
    "text-to-speech": Capability.SPEECH,
}
MOST_MODELS = 10_000
"""More than any server has; the rest of a longer list is left out, for nobody could choose from it."""

_LENGTHS = ("context_length", "max_model_len", "context_window", "max_context_length")


def models_of(endpoint: Endpoint, body: object) -> list[ModelInfo]:
    """The models in the answer of GET /models. Raises WrongAddress for JSON that is no list of models."""
    entries = body
    if isinstance(body, dict) and ("data" in body or "models" in body):
        entries = body.get("data") or body.get("models") or []  # Ollama says null when there are none
    elif not isinstance(body, list):
        raise WrongAddress(host=shown_host(endpoint.base_url))
    found = [_model(endpoint, entry) for entry in list_of(entries)[:MOST_MODELS]]
    return list({model.id: model for model in found if model.id}.values())


def _model(endpoint: Endpoint, entry: object) -> ModelInfo:
    if isinstance(entry, str):
        return ModelInfo(entry, endpoint.provider_id)
    facts = object_of(entry)
    model_id = text_of(facts.get("id")) or text_of(facts.get("name"))
    name = text_of(facts.get("name"))
    return ModelInfo(
        id=model_id,
        provider_id=endpoint.provider_id,
        shutdown_date=text_of(facts.get("shutdown_date")) or text_of(facts.get("expiration_date")) or None,
        name="" if name == model_id else name,
        context_tokens=_context(facts),
        capabilities=_told(facts),
    )


def _told(facts: Mapping[str, Any]) -> frozenset[Capability]:
    """What the server says that the model can do; empty where it says nothing, as most.

    OpenRouter tells modalities and parameters, speaches the task. What a model draws is not taken from the
    modalities: OpenRouter draws by a route of its own.
    """
    task = _TASKS.get(text_of(facts.get("task")))
    if task is not None:
        return frozenset({task})
    architecture = object_of(facts.get("architecture"))
    if "text" not in list_of(architecture.get("output_modalities")):
        return frozenset()
    sees = "image" in list_of(architecture.get("input_modalities"))
    reasons = "reasoning" in list_of(facts.get("supported_parameters"))
    told = {Capability.CHAT: True, Capability.VISION: sees, Capability.REASONING: reasons}
    return frozenset(capability for capability, is_so in told.items() if is_so)


def _context(facts: Mapping[str, Any]) -> int | None:
    """Tokens that fit the model, under the names of OpenRouter, vLLM, Groq, LM Studio and llama.cpp."""
    counts = [whole_of(facts.get(name)) for name in _LENGTHS]
    counts.append(whole_of(object_of(facts.get("meta")).get("n_ctx_train")))
    return next((count for count in counts if count), None)
