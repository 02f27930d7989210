"""Who may talk to the engine: only programs on this machine that know the key, never a web page."""

from __future__ import annotations

import hmac

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.engine.openai_errors import ApiError

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Guard:
    """Plain ASGI middleware: a Starlette one would hide that a client hung up.

    A page in a browser could reach a loopback port under a name of its own (DNS rebinding) or from its own origin,
    so the Host must be loopback and no request may carry an Origin.
    """

    def __init__(self, inner: ASGIApp, key: str) -> None:
        self._inner = inner
        self._expected = b"Bearer " + key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(dict(scope["headers"])) if scope["type"] == "http" else None
        if refusal is None:
            await self._inner(scope, receive, send)
        else:
            await JSONResponse(refusal.body, refusal.status)(scope, receive, send)

    def _refusal(self, headers: dict[bytes, bytes]) -> ApiError | None:
        name = headers.get(b"host", b"").decode("latin-1").rpartition(":")
        host = name[0] if name[2].isdigit() and name[0] else name[0] + name[1] + name[2]
        if host.lower() not in LOOPBACK_NAMES:
            return ApiError(403, "This server answers only under the address of this computer.", code="foreign_host")
        if b"origin" in headers:
            return ApiError(403, "This server does not answer web pages.", code="foreign_origin")
        if not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            return ApiError(401, "Incorrect API key provided.", code="invalid_api_key")
        return None
