"""A fake OpenAI server on loopback that behaves like the real one, remembers what it was asked and errs on request.

It runs in a thread with a loop of its own, so Qt tests, `asyncio.run` and other processes can all talk to it::

    with FakeOpenAI() as server:                 # FakeOpenAI(key="sk-test") also checks keys
        endpoint = Endpoint(server.base_url, key="sk-test")     # http://127.0.0.1:PORT/v1

It serves GET /models, POST /chat/completions, /completions, /responses, /images/generations, /images/edits,
/images/upscale (as the built-in engine), /audio/transcriptions, /audio/translations. With nothing scripted a chat
echoes ("You said: ..."), pictures are real PNG files of the wanted size, a transcript has two segments.

Scripting; everything is used in the order it was queued:

- ``server.answer("text", pieces=("te", "xt"), reasoning=..., refusal=..., finish_reason=..., calls=...)``:
  the next text answer, whichever of the three text routes is asked. ``hold_after=2`` sends two pieces and waits,
  ``pause_s=0.02`` waits so long before each piece.
- ``server.transcript(((0.0, 1.5, "Hello"), ...), language=..., hold_after=n)``: the next transcript.
- ``server.hold()`` makes every streamed picture wait before it is finished; ``server.release()`` lets everything that
  waits go on and stops holding.
- ``server.reply(status, body, headers)``, ``server.reply_error(status, code, type_, message)``,
  ``server.reply_bytes(chunks)`` (chunks of an event stream: bytes or `Action`), ``server.reply_raw(chunks)`` (all bytes
  of the answer, status line included): for the next POST whatever its path; ``path="/models"`` for the next request
  whose path ends so; ``times=3`` for more than one.

Options that may be changed at any time: ``models`` (list of ids or of whole model objects; asking for another is a 404
as at OpenAI unless ``accepts_any_model``), ``key``, ``engine_events`` (transcripts stream the engine's extra events),
``pictures_by_url`` (images are answered with addresses on this server), ``upscaled`` (the PNG that upscaling returns).

Looking back: ``server.requests`` (`Received`: method, path, query, headers, body, ``.json``, ``.parts``, ``.fields``,
``.files``, ``.key``), ``server.posts("/chat/completions")``, ``server.wait_for_requests(n, path)``,
``server.wait_for_departures(n)``: clients that left while they were being answered; ``server.sent``: the pieces of
streamed answers with the times at which they went out.
"""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Callable, Sequence
from typing import Any

from tests.fakes.openai_answers import CREATED, Answer, chat_reply, completion_reply, echo, responses_reply
from tests.fakes.openai_http import Action, Chunk, Received, Reply, error_reply, event, json_reply
from tests.fakes.openai_listener import Listener
from tests.fakes.openai_media import Transcript, images_reply, transcript_reply, upscale_reply
from tests.fakes.openai_pictures import png
from tests.fakes.openai_script import Script

__all__ = ["Action", "Answer", "Chunk", "FakeOpenAI", "Received", "Reply", "Transcript", "event", "png"]

DEFAULT_MODELS = ("gpt-6-luna", "gpt-4o", "gpt-image-2", "whisper-1", "gpt-transcribe")


class FakeOpenAI(Script, Listener):
    """The server; see the module's docstring for how to use it."""

    def __init__(
        self,
        *,
        key: str = "",
        models: Sequence[Any] = DEFAULT_MODELS,
        tls: ssl.SSLContext | None = None,
        prefix: str = "/v1",
        place: tuple[str, int] = ("127.0.0.1", 0),
    ) -> None:
        Script.__init__(self)
        Listener.__init__(self, tls, place)
        self.key = key
        self.models = list(models)
        self.accepts_any_model = False
        self.engine_events = False
        self.pictures_by_url = False
        self.upscaled = png(280, 184)
        self._prefix = prefix
        self._holds = False

    @property
    def base_url(self) -> str:
        return self.origin + self._prefix

    def hold(self) -> None:
        """Let pictures wait before they are finished, until `release`."""
        self._holds = True

    def release(self) -> None:
        self._holds = False
        super().release()

    def reply_to(self, request: Received) -> Reply:
        scripted = self.next_reply(request)
        if scripted is not None:
            return scripted
        if self.key and request.key != self.key:
            masked = f"{request.key[:8]}...{request.key[-4:]}"
            words = f"Incorrect API key provided: {masked}. You can find your API key at https://platform.openai.com."
            return error_reply(401, words, code="invalid_api_key", type_="invalid_request_error")
        route = self._routes().get((request.method, request.path.removeprefix(self._prefix)))
        if route is None or not request.path.startswith(self._prefix):
            words = f"Invalid URL ({request.method} {request.path})"
            return error_reply(404, words, type_="invalid_request_error")
        return route(request)

    def _routes(self) -> dict[tuple[str, str], Callable[[Received], Reply]]:
        pictures = {("GET", f"/pictures/{i}.png"): self._picture for i in range(10)}
        return {
            ("GET", "/models"): self._list_models,
            ("POST", "/chat/completions"): lambda request: self._text(request, "messages", chat_reply),
            ("POST", "/completions"): lambda request: self._text(request, "prompt", completion_reply),
            ("POST", "/responses"): lambda request: self._text(request, "input", responses_reply),
            ("POST", "/images/generations"): self._images,
            ("POST", "/images/edits"): self._images,
            ("POST", "/images/upscale"): self._upscale,
            ("POST", "/audio/transcriptions"): self._transcribe,
            ("POST", "/audio/translations"): self._transcribe,
            **pictures,
        }

    def _list_models(self, _: Received) -> Reply:
        shell = {"object": "model", "created": CREATED, "owned_by": "fake", "shutdown_date": None}
        data = [{"id": model, **shell} if isinstance(model, str) else model for model in self.models]
        return json_reply({"object": "list", "data": data})

    def _text(self, request: Received, needed: str, make: Callable[[dict[str, Any], Answer], Reply]) -> Reply:
        body = _json_object(request)
        problem = self._problem(body, needed)
        if problem is not None:
            return problem
        said = body[needed]
        messages = [{"role": "user", "content": said}] if isinstance(said, str) else said
        return make(body, self.next_answer() or echo(messages))

    def _images(self, request: Received) -> Reply:
        by_url = f"{self.base_url}/pictures" if self.pictures_by_url else ""
        return images_reply(request, hold=self._holds, by_url=by_url)

    def _picture(self, _: Received) -> Reply:
        return Reply(200, {"Content-Type": "image/png"}, png())

    def _upscale(self, request: Received) -> Reply:
        return upscale_reply(request, self.upscaled, hold=self._holds)

    def _transcribe(self, request: Received) -> Reply:
        return transcript_reply(request, self.next_transcript(), engine_events=self.engine_events)

    def _problem(self, body: dict[str, Any], needed: str) -> Reply | None:
        for name in ("model", needed):
            if not body.get(name):
                words = f"Missing required parameter: '{name}'."
                code = "missing_required_parameter"
                return error_reply(400, words, code=code, type_="invalid_request_error", param=name)
        known = {model if isinstance(model, str) else model["id"] for model in self.models}
        if body["model"] in known or self.accepts_any_model:
            return None
        words = f"The model `{body['model']}` does not exist or you do not have access to it."
        return error_reply(404, words, code="model_not_found", type_="invalid_request_error")


def _json_object(request: Received) -> dict[str, Any]:
    """The request's body; empty when it is not a JSON object."""
    with contextlib.suppress(json.JSONDecodeError, UnicodeDecodeError):
        if isinstance(request.json, dict):
            return dict(request.json)
    return {}
