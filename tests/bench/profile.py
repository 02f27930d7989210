"""Profiles with as many conversations and messages as a measurement wants, written straight into the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from app.paths import Paths
from app.services.history.opening import open_database
from tests.bench.texts import Language
from tests.profiles import connect

EMPTY_SERVER = "http://127.0.0.1:9/v1"
"""Nobody listens there."""
_MINUTE_US = 60_000_000


def make_profile(folder: Path, sizes: Sequence[int], base_url: str = EMPTY_SERVER, model: str = "gpt-4o") -> list[int]:
    """Conversations of so many messages each, questions and answers in turn; their ids in the same order."""
    paths = Paths.under(folder)
    paths.ensure()
    connect(paths, base_url, chat_model=model)
    language = Language()
    answers = [language.answer() for _ in range(min(200, sum(sizes)))]
    with closing(open_database(paths.database_file, [])) as connection:
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, 0, ?)",
            [(number, language.english(5), number * _MINUTE_US) for number in range(1, len(sizes) + 1)],
        )

        def messages() -> Iterator[tuple[int, int, int | None, str, str, int]]:
            message = 0
            for conversation, size in enumerate(sizes, 1):
                for place in range(size):
                    message += 1
                    is_answer = bool(place % 2)
                    text = answers[message % len(answers)] if is_answer else f"{answers[message % 7][3:90]}?"
                    parent = message - 1 if place else None
                    role = "assistant" if is_answer else "user"
                    yield message, conversation, parent, role, text, place + 1

        connection.executemany(
            "INSERT INTO messages (id, conversation_id, parent_id, role, text, state, created_at, last_use,"
            " provider_id, model_id, output_tokens, first_token_s, total_s)"
            " VALUES (?1, ?2, ?3, ?4, ?5, 'complete', ?1, ?6, 'loopback', 'gpt-4o', 250, 0.3, 4.2)",
            messages(),
        )
        connection.execute(
            "UPDATE conversations SET leaf_id = (SELECT max(id) FROM messages WHERE conversation_id = conversations.id)"
        )
        connection.execute("COMMIT")
    return list(range(1, len(sizes) + 1))
