"""One speech model of one server: what it is sent, in which form it answers, and how much it takes at once."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from app.model.audio import (
    TranscriptDelta,
    TranscriptionOptions,
    TranscriptionProgress,
    TranscriptionRequest,
    TranscriptionResult,
)
from app.model.chat import RequestAdjusted, RetryPending
from app.model.errors import AppError, ModelMissing
from app.model.providers import BUILT_IN_ID, Endpoint, ModelReference
from app.services.api.address import host_of

if TYPE_CHECKING:
    from app.services.api.client import ApiService
    from app.services.media import CutLimits, EncodedSound, SoundKind

_TEXT_ONLY = re.compile(r"gpt-.*transcribe|voxtral", re.I)
"""Models that give no times; OpenAI refuses `verbose_json` for them."""
_NOT_INSTALLED = "not_installed"
"""The engine's error code for a model that would have to be downloaded first."""

type Answer = TranscriptDelta | TranscriptionProgress | RetryPending | RequestAdjusted | TranscriptionResult


class SpeechServer:
    """Asks for times where the model may give them, and learns from its answers whether it does."""

    def __init__(self, api: ApiService, endpoint: Endpoint, model: ModelReference) -> None:
        self._api = api
        self._endpoint = endpoint
        self._model = model
        self._gives_times = not _TEXT_ONLY.search(model.model_id)

    @property
    def is_built_in(self) -> bool:
        return self._model.provider_id == BUILT_IN_ID

    @property
    def is_local(self) -> bool:
        """Whether the sound stays on this computer, where sending it costs nothing."""
        host = host_of(self._endpoint.base_url)
        return self.is_built_in or host == "localhost" or host.startswith("127.") or host == "::1"

    @property
    def uploads_at_once(self) -> int:
        """A computer that transcribes itself is not faster with two parts at a time."""
        return 1 if self.is_local else 2

    def limits(self) -> CutLimits:
        """How long parts are: every part is below the server's limit, and what is lost with a failed one is small."""
        from app.services.media import CutLimits

        if self.is_built_in:
            return CutLimits(120, 240)
        if self._gives_times:
            return CutLimits(300, 600)
        # These models stop writing after some 2,000 tokens, and a part is all the time we get.
        return CutLimits(120, 300)

    def kind(self) -> SoundKind:
        from app.services.media import SoundKind

        return SoundKind.WAV if self.is_local else SoundKind.MP3

    async def transcribe(self, sound: EncodedSound, options: TranscriptionOptions) -> AsyncGenerator[Answer]:
        """Everything the server says about one part; the last item is its result. Times count from the part's start.

        Raises:
            AppError: as the API service does.
        """
        response_format = "verbose_json" if self._gives_times else "json"
        streams = self.is_built_in or (self._endpoint.is_openai and not self._gives_times)
        request = TranscriptionRequest(
            self._model.model_id,
            f"sound{sound.suffix}",
            sound.media_type,
            sound.data,
            options,
            response_format,
            streams,
        )
        try:
            async with aclosing(self._api.transcribe(self._endpoint, request)) as answers:
                async for answer in answers:
                    if isinstance(answer, TranscriptionResult) and answer.text and not answer.segments:
                        self._gives_times = False  # not asked for again: a refusal costs a second upload
                    yield answer
        except AppError as error:
            if error.code != _NOT_INSTALLED:
                raise
            missing = ModelMissing(error.server_words, status=error.status, model=self._model.model_id)
            raise missing from error
