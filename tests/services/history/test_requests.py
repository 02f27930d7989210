"""The log of requests."""

from __future__ import annotations

from dataclasses import replace

from app.model.chat import Timing, Usage
from app.model.requests import RequestKind, RequestOutcome
from app.services.history.store import History
from tests.services.history.conftest import Within
from tests.services.history.examples import MODEL


def test_a_request_is_noted_when_it_leaves_and_completed_when_it_ended(within: Within) -> None:
    async def story(history: History) -> None:
        begun = await history.requests.begin(RequestKind.CHAT, MODEL)
        assert await history.requests.recent() == [begun]
        ended = replace(
            begun,
            outcome=RequestOutcome.FAILED,
            timing=Timing(0.25, 2.0),
            usage=Usage(1, 2, 3, 4),
            status=503,
            error="overloaded",
            request_id="req_1",
        )
        await history.requests.finish(ended)
        second = await history.requests.begin(RequestKind.UPSCALE, MODEL)
        assert await history.requests.recent() == [second, ended]
        assert await history.requests.recent(1) == [second]

    within(story)
