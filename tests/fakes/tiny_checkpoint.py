"""Makes a Stable Diffusion 1 checkpoint and its decoder (TAESD) with random weights, small enough for a test.

No package ships real weights. The network has the real shape with 32 channels instead of 320; the text encoder has
its real size, because stable-diffusion.cpp insists, but is zero and written as holes. The pictures are noise.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHANNELS = 32
LEVELS = (1, 2, 4, 4)
TEXT_STATE = 768
TEXT_LAYERS = 12
VOCABULARY = 49408
TEXT_LENGTH = 77
DECODER_CHANNELS = 64

type Tensor = NDArray[np.float16]


def make_checkpoint(folder: Path) -> tuple[Path, Path]:
    """Write `tiny.safetensors` and `tiny-decoder.safetensors` into `folder`; takes about 100 MB on the disk."""
    checkpoint, decoder = folder / "tiny.safetensors", folder / "tiny-decoder.safetensors"
    network = _Weights(np.random.default_rng(0))
    _make_network(network)
    _make_text_encoder(network)
    network.save(checkpoint)
    small = _Weights(np.random.default_rng(1))
    _make_decoder(small)
    small.save(decoder)
    return checkpoint, decoder


class _Weights:
    """Collects tensors by name."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._tensors: dict[str, Tensor] = {}

    def layer(self, name: str, *shape: int, bias: bool = True) -> None:
        """Random weights that keep the size of signals."""
        values = self._random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
        self._tensors[f"{name}.weight"] = values.astype(np.float16)
        if bias:
            self._tensors[f"{name}.bias"] = np.zeros(shape[0], np.float16)

    def empty_layer(self, name: str, *shape: int) -> None:
        self._tensors[f"{name}.weight"] = np.zeros(shape, np.float16)
        self._tensors[f"{name}.bias"] = np.zeros(shape[0], np.float16)

    def norm(self, name: str, channels: int) -> None:
        self._tensors[f"{name}.weight"] = np.ones(channels, np.float16)
        self._tensors[f"{name}.bias"] = np.zeros(channels, np.float16)

    def table(self, name: str, *shape: int) -> None:
        self._tensors[f"{name}.weight"] = (self._random.standard_normal(shape) * 0.02).astype(np.float16)

    def save(self, file: Path) -> None:
        """Write safetensors; zeros become holes in the file."""
        header: dict[str, Any] = {}
        offset = 0
        for name, tensor in self._tensors.items():
            ends = [offset, offset + tensor.nbytes]
            header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": ends}
            offset = ends[1]
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with file.open("wb") as stream:
            stream.write(struct.pack("<Q", len(text)) + text)
            for tensor in self._tensors.values():
                if tensor.any():
                    stream.write(tensor.tobytes())
                else:
                    stream.seek(tensor.nbytes, 1)
            stream.truncate(8 + len(text) + offset)


def _make_network(weights: _Weights) -> None:
    """The noise predictor: down, middle, up."""
    prefix = "model.diffusion_model"
    weights.layer(f"{prefix}.time_embed.0", 4 * CHANNELS, CHANNELS)
    weights.layer(f"{prefix}.time_embed.2", 4 * CHANNELS, 4 * CHANNELS)
    weights.layer(f"{prefix}.input_blocks.0.0", CHANNELS, 4, 3, 3)
    skipped = _make_way_down(weights, prefix)
    deepest = CHANNELS * LEVELS[-1]
    _make_residual(weights, f"{prefix}.middle_block.0", deepest, deepest)
    _make_attention(weights, f"{prefix}.middle_block.1", deepest)
    _make_residual(weights, f"{prefix}.middle_block.2", deepest, deepest)
    _make_way_up(weights, prefix, skipped)
    weights.norm(f"{prefix}.out.0", CHANNELS)
    weights.layer(f"{prefix}.out.2", 4, CHANNELS, 3, 3)


def _make_way_down(weights: _Weights, prefix: str) -> list[int]:
    """Returns the channels of each block, which the way up takes in again."""
    channels, skipped, block = CHANNELS, [CHANNELS], 1
    for level, factor in enumerate(LEVELS):
        for _ in range(2):
            _make_residual(weights, f"{prefix}.input_blocks.{block}.0", channels, CHANNELS * factor)
            channels = CHANNELS * factor
            if level < 3:
                _make_attention(weights, f"{prefix}.input_blocks.{block}.1", channels)
            skipped.append(channels)
            block += 1
        if level < 3:
            weights.layer(f"{prefix}.input_blocks.{block}.0.op", channels, channels, 3, 3)
            skipped.append(channels)
            block += 1
    return skipped


def _make_way_up(weights: _Weights, prefix: str, skipped: list[int]) -> None:
    channels, block = CHANNELS * LEVELS[-1], 0
    for level, factor in reversed(list(enumerate(LEVELS))):
        for position in range(3):
            name = f"{prefix}.output_blocks.{block}"
            _make_residual(weights, f"{name}.0", channels + skipped.pop(), CHANNELS * factor)
            channels = CHANNELS * factor
            if level < 3:
                _make_attention(weights, f"{name}.1", channels)
            if level and position == 2:
                weights.layer(f"{name}.{2 if level < 3 else 1}.conv", channels, channels, 3, 3)
            block += 1


def _make_residual(weights: _Weights, name: str, inputs: int, outputs: int) -> None:
    weights.norm(f"{name}.in_layers.0", inputs)
    weights.layer(f"{name}.in_layers.2", outputs, inputs, 3, 3)
    weights.layer(f"{name}.emb_layers.1", outputs, 4 * CHANNELS)
    weights.norm(f"{name}.out_layers.0", outputs)
    weights.layer(f"{name}.out_layers.3", outputs, outputs, 3, 3)
    if inputs != outputs:
        weights.layer(f"{name}.skip_connection", outputs, inputs, 1, 1)


def _make_attention(weights: _Weights, name: str, channels: int) -> None:
    weights.norm(f"{name}.norm", channels)
    weights.layer(f"{name}.proj_in", channels, channels, 1, 1)
    block = f"{name}.transformer_blocks.0"
    for attention, source in (("attn1", channels), ("attn2", TEXT_STATE)):
        weights.layer(f"{block}.{attention}.to_q", channels, channels, bias=False)
        weights.layer(f"{block}.{attention}.to_k", channels, source, bias=False)
        weights.layer(f"{block}.{attention}.to_v", channels, source, bias=False)
        weights.layer(f"{block}.{attention}.to_out.0", channels, channels)
    weights.layer(f"{block}.ff.net.0.proj", 8 * channels, channels)
    weights.layer(f"{block}.ff.net.2", channels, 4 * channels)
    for number in (1, 2, 3):
        weights.norm(f"{block}.norm{number}", channels)
    weights.layer(f"{name}.proj_out", channels, channels, 1, 1)


def _make_text_encoder(weights: _Weights) -> None:
    prefix = "cond_stage_model.transformer.text_model"
    weights.table(f"{prefix}.embeddings.token_embedding", VOCABULARY, TEXT_STATE)
    weights.table(f"{prefix}.embeddings.position_embedding", TEXT_LENGTH, TEXT_STATE)
    for layer in range(TEXT_LAYERS):
        name = f"{prefix}.encoder.layers.{layer}"
        for projection in ("q_proj", "k_proj", "v_proj", "out_proj"):
            weights.empty_layer(f"{name}.self_attn.{projection}", TEXT_STATE, TEXT_STATE)
        weights.norm(f"{name}.layer_norm1", TEXT_STATE)
        weights.norm(f"{name}.layer_norm2", TEXT_STATE)
        weights.empty_layer(f"{name}.mlp.fc1", 4 * TEXT_STATE, TEXT_STATE)
        weights.empty_layer(f"{name}.mlp.fc2", TEXT_STATE, 4 * TEXT_STATE)
    weights.norm(f"{prefix}.final_layer_norm", TEXT_STATE)


def _make_decoder(weights: _Weights) -> None:
    """TAESD: a small convolutional network from latents to pixels, and its mirror image."""
    wide = DECODER_CHANNELS
    weights.layer("decoder.layers.0", wide, 4, 3, 3)
    layer = 2
    for _ in range(3):
        for _ in range(3):
            _make_decoder_block(weights, f"decoder.layers.{layer}")
            layer += 1
        weights.layer(f"decoder.layers.{layer + 1}", wide, wide, 3, 3, bias=False)
        layer += 2
    _make_decoder_block(weights, f"decoder.layers.{layer}")
    weights.layer(f"decoder.layers.{layer + 1}", 3, wide, 3, 3)
    weights.layer("encoder.layers.0", wide, 3, 3, 3)
    _make_decoder_block(weights, "encoder.layers.1")
    layer = 2
    for _ in range(3):
        weights.layer(f"encoder.layers.{layer}", wide, wide, 3, 3, bias=False)
        layer += 1
        for _ in range(3):
            _make_decoder_block(weights, f"encoder.layers.{layer}")
            layer += 1
    weights.layer(f"encoder.layers.{layer}", 4, wide, 3, 3)


def _make_decoder_block(weights: _Weights, name: str) -> None:
    for number in (0, 2, 4):
        weights.layer(f"{name}.conv.{number}", DECODER_CHANNELS, DECODER_CHANNELS, 3, 3)
