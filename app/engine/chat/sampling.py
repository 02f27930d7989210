"""How the next token is chosen: llama.cpp's chain of samplers for one request, and the probabilities of its choices."""

from __future__ import annotations

import secrets

import numpy as np

from app.engine.chat.items import TokenProbability
from app.engine.chat.request import GenerationOptions
from app.engine.native import Native, llama
from app.engine.openai_errors import invalid

PENALTY_WINDOW_TOKENS = 64
REPETITION_PENALTY = 1.1
"""As Qwen's makers advise: without it about one story of ten gets stuck in a sentence that repeats for ever.

An answer in a given form has to repeat: names of fields, brackets.
"""
TOP_K = 40
MIN_P = 0.05
SEED_MASK = 0xFFFFFFFF
"""llama.cpp's seeds have 32 bits."""


def make_sampler(vocabulary: Native, options: GenerationOptions) -> Native:
    """The chain for `options`; the same seed makes the same choices.

    Raises:
        ApiError: the grammar cannot be used.
    """
    native = llama()
    sampler = native.LlamaSampler(native.LlamaSamplerChainParams())
    repetition = REPETITION_PENALTY if options.grammar is None else 1.0
    if options.grammar is None or options.frequency_penalty or options.presence_penalty:
        sampler.add_penalties(
            vocabulary.n_vocab, PENALTY_WINDOW_TOKENS, repetition, options.frequency_penalty, options.presence_penalty
        )
    if options.grammar is not None:
        _add_grammar(sampler, vocabulary, options)
    if options.temperature <= 0:
        sampler.add_greedy()
        return sampler
    sampler.add_top_k(TOP_K)
    sampler.add_top_p(options.top_p, 1)
    sampler.add_min_p(MIN_P, 1)
    sampler.add_temp(options.temperature)
    seed = secrets.randbits(32) if options.seed is None else options.seed & SEED_MASK
    sampler.add_dist(seed)
    return sampler


def _add_grammar(sampler: Native, vocabulary: Native, options: GenerationOptions) -> None:
    """llama.cpp only prints that a grammar is wrong; the link that is then missing tells."""
    links = 1 if options.frequency_penalty or options.presence_penalty else 0
    sampler.add_grammar(vocabulary, options.grammar, "root")
    try:
        sampler.chain_get(links)
    except RuntimeError as error:
        message = "This JSON schema cannot be followed: it leads to a grammar that is too large or wrong."
        raise invalid(message, "response_format", "invalid_json_schema") from error


def probability_of(token: int, logits: list[float], top: int, vocabulary: Native) -> TokenProbability:
    """What the model thought of `token` and of the `top` likeliest tokens in its place."""
    values = np.asarray(logits, dtype=np.float32)
    highest = values.max()
    logprobs = values - highest - np.log(np.exp(values - highest).sum())
    best = np.argpartition(logprobs, -top)[-top:] if top else np.empty(0, dtype=np.intp)
    ranked = sorted(best.tolist(), key=lambda candidate: -logprobs[candidate])
    return TokenProbability(
        vocabulary.token_to_bytes(token, special=True),
        float(logprobs[token]),
        tuple((vocabulary.token_to_bytes(each, special=True), float(logprobs[each])) for each in ranked),
    )
