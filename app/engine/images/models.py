"""The two kinds of picture models in memory, upscaler and Stable Diffusion; only the picture program loads them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.engine.images.request import GenerationRequest
from app.engine.images.tiles import Pixels
from app.engine.openai_errors import ApiError

log = logging.getLogger(__name__)

type Tell = Callable[[float], None]
type Show = Callable[[Image.Image], None]


class Upscaler:
    """A Real-ESRGAN ×4 file.

    Raises:
        ApiError: the file cannot be loaded.
    """

    def __init__(self, path: Path, threads: int) -> None:
        import cyllama.sd as native

        self._native = native
        try:
            self._model = native.Upscaler(str(path), n_threads=threads)
        except (OSError, ValueError, RuntimeError) as error:
            raise _refused(path, error) from error

    def enlarge_tile(self, pixels: Pixels) -> Pixels:
        image = self._native.SDImage.from_numpy(pixels)
        larger: Pixels = np.asarray(self._model.upscale(image, 4).to_numpy())
        return larger

    def close(self) -> None:
        self._model.close()


class Painter:
    """A Stable Diffusion checkpoint, with a separate decoder (TAESD) where it has none.

    Raises:
        ApiError: the file cannot be loaded.
    """

    def __init__(self, path: Path, decoder: Path | None, threads: int) -> None:
        import cyllama.sd as native

        self._native = native
        parameters = native.SDContextParams()
        parameters.model_path = str(path)
        parameters.n_threads = threads
        if decoder is not None:
            parameters.taesd_path = str(decoder)
        try:
            self._context = native.SDContext(parameters)
        except (OSError, ValueError, RuntimeError) as error:
            raise _refused(path, error) from error

    def paint(self, request: GenerationRequest, seed: int, tell: Tell, show: Show) -> Image.Image:
        """One picture. `tell` gets the done fraction, `show` up to `partial_images` rough pictures."""
        wanted = _steps_to_show(request.steps, request.partial_images)

        def on_step(step: int, steps: int, _: float) -> None:
            if steps == request.steps:  # loading of weights is reported the same way
                tell(step / steps)

        def on_preview(step: int, frames: list[Any], *_: object) -> None:
            if step in wanted and frames:
                rough = Image.fromarray(np.array(frames[0].to_numpy(), copy=True))
                show(rough.resize((request.width_px, request.height_px), Image.Resampling.BICUBIC))

        self._native.set_progress_callback(on_step)
        self._native.set_preview_callback(on_preview if wanted else None, mode=self._native.PreviewMode.PROJ)
        images = self._context.generate(
            prompt=request.prompt,
            width=request.width_px,
            height=request.height_px,
            seed=seed,
            sample_steps=request.steps,
        )
        return Image.fromarray(np.asarray(images[0].to_numpy()))

    def close(self) -> None:
        self._context.close()


def _steps_to_show(steps: int, count: int) -> frozenset[int]:
    """Evenly spread, without the last one, which is the picture itself."""
    return frozenset(step for step in (steps * part // (count + 1) for part in range(1, count + 1)) if 0 < step < steps)


def _refused(path: Path, error: Exception) -> ApiError:
    log.warning("%s cannot be loaded: %s", path, error)
    message = (
        f"The model file {path.name} cannot be loaded: it is damaged, incomplete or of a kind this engine does not "
        "know. Remove it in Settings, Models, and add another one."
    )
    return ApiError(500, message, code="model_file_broken", param="model")
