"""Logging: one rotating file per profile; keys never reach a line."""

from __future__ import annotations

import json
import logging
import logging.handlers
import re
from pathlib import Path
from urllib.parse import quote

_KEY_SHAPES = re.compile(
    r"(sk-[A-Za-z0-9_\-*.]{6,}|gsk_\w{6,}|AIza[\w-]{20,}|hf_\w{10,}|gh[pousr]_\w{10,}|xai-\w{10,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?<=Bearer )[^\s\"',;]+|(?<=api-key: )\S+|(?<=[Cc]ookie: )[^\r\n\"']+"
    r"|(?<=://)[^/\s:@]+:(?!\d{1,5}(?:[/\s]|$))(?:(?!://)[^\s\"'<>]){1,200}(?=@))"
)
"""A password in an address ends at the last @, whatever signs it holds; a port is none."""
_NAMED = re.compile(
    r"""(?ix)
    ((?:authorization|api[-_]?key|access[-_]?key|token|secret|passw(?:or)?d|signature)
    ["']?\s?[:=]\s?["']?(?:(?:bearer|basic)\s)?+)
    (?!\[key\ hidden\]|\d{1,9}\b)[^\s"',;&]{6,}"""
)
"""What stands behind a name that says what it is, in an address, a header or JSON; numbers of tokens are none."""
_SHORTEST_SECRET = 6
_secrets: tuple[str, ...] = ()
"""The longest first, so that a key that begins like another is hidden whole. Replaced, never changed: other threads
read it while they write lines."""


def hide(secret: str) -> None:
    """Remember a key that must not appear in any line, nor as part of an address or of JSON; short ones are not."""
    global _secrets  # noqa: PLW0603 - the log of a process is one
    stripped = secret.strip()
    if len(stripped) >= _SHORTEST_SECRET and stripped not in _secrets:
        forms = {stripped, quote(stripped, safe=""), json.dumps(stripped)[1:-1]}
        _secrets = tuple(sorted({*_secrets, *forms}, key=len, reverse=True))


def redact(text: str) -> str:
    """`text` with known keys and everything of a key's shape replaced."""
    for secret in _secrets:
        text = text.replace(secret, "[key hidden]")
    return _NAMED.sub(r"\1[key hidden]", _KEY_SHAPES.sub("[key hidden]", text))


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and hides keys in the result."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def start(folder: Path, level: int = logging.INFO) -> None:
    """Write the log of this process to `folder`/triptych.log, 1 MiB, three older files kept."""
    handler = logging.handlers.RotatingFileHandler(
        folder / "triptych.log", maxBytes=1 << 20, backupCount=3, encoding="utf-8", delay=True
    )
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
