"""A fake OpenAI server that speaks TLS, with a certificate of an authority that no system knows."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import trustme

from tests.fakes.openai_server import FakeOpenAI


@contextmanager
def secure_server(
    authority: trustme.CA, name: str = "127.0.0.1", *, key: str = "", dates: tuple[datetime, datetime] | None = None
) -> Iterator[FakeOpenAI]:
    """The server, certified for `name`, by default for its own address and for today; with a `key` it checks keys."""
    begin, end = dates or (None, None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_before=begin, not_after=end).configure_cert(context)
    with FakeOpenAI(key=key, tls=context) as server:
        yield server
