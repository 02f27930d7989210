"""LessonBook: what servers taught about their models, kept for the next request; learning happens elsewhere."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from app.files import write_whole
from app.model.lessons import Lesson, LessonKind
from app.model.providers import BUILT_IN_ID, Provider

log = logging.getLogger(__name__)

type _Pages = dict[str, dict[str, Any]]
"""Provider id to its address and, for each model, its lessons."""


class LessonBook:
    """A file in the cache folder; lost or damaged it costs one refusal for each lesson.

    Lessons hold for the address at which they were taught: another one is another server.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "lessons.json"
        self._writing = asyncio.Lock()
        self._pages: _Pages | None = None
        self._is_saved = True

    def of(self, provider: Provider, model_id: str) -> tuple[Lesson, ...]:
        """What is known of one model."""
        return self.all_of(provider).get(model_id, ())

    def all_of(self, provider: Provider) -> dict[str, tuple[Lesson, ...]]:
        """What is known of each model of a provider, in the order in which the models taught something."""
        if self._pages is None:
            self._pages = self._read()
        page = self._pages.get(provider.id, {})
        return _lessons(page) if page.get("address") == provider.base_url else {}

    async def learn(self, provider: Provider, model_id: str, lessons: Iterable[Lesson]) -> None:
        """Remember `lessons`; the newest about a field counts. A disk that refuses costs only the memory."""
        if provider.id == BUILT_IN_ID:
            return

        def change(pages: _Pages) -> None:
            page = pages.get(provider.id, {})
            known = _lessons(page) if page.get("address") == provider.base_url else {}
            known[model_id] = _merged(known.get(model_id, ()), lessons)
            models = {model: [_to_json(lesson) for lesson in found] for model, found in known.items()}
            pages[provider.id] = {"address": provider.base_url, "models": models}

        await self._change(change)

    async def forget(self, provider_id: str) -> None:
        """Forget everything about a provider; its server is asked for all again."""
        await self._change(lambda pages: pages.pop(provider_id, None))

    async def _change(self, change: Callable[[_Pages], object]) -> None:
        async with self._writing:
            # As it is on the disk now, for the command line may have written as well.
            pages = await asyncio.to_thread(self._read) if self._is_saved or self._pages is None else self._pages
            change(pages)
            self._pages = pages
            try:
                await asyncio.to_thread(write_whole, self._file, json.dumps(pages).encode())
                self._is_saved = True
            except OSError as error:
                self._is_saved = False
                log.info("lessons hold for this session only: %s", error)

    def _read(self) -> _Pages:
        try:
            pages = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        is_book = isinstance(pages, dict) and all(isinstance(page, dict) for page in pages.values())
        return pages if is_book else {}


def _merged(known: Iterable[Lesson], new: Iterable[Lesson]) -> tuple[Lesson, ...]:
    """`new` in place of older lessons about the same fields, and of those that gave a field the name refused now."""
    new = tuple(new)
    fields = {lesson.field for lesson in new}
    kept = [
        old
        for old in known
        if old.field not in fields and not (old.kind is LessonKind.RENAMED and old.instead in fields)
    ]
    return (*kept, *new)


def _lessons(page: Mapping[str, Any]) -> dict[str, tuple[Lesson, ...]]:
    """The lessons on a page; what is none is passed over."""
    models = page.get("models")
    found = {
        model: tuple(lesson for entry in entries if (lesson := _from_json(entry)) is not None)
        for model, entries in (models.items() if isinstance(models, dict) else ())
        if isinstance(entries, list)
    }
    return {model: lessons for model, lessons in found.items() if lessons}


def _to_json(lesson: Lesson) -> dict[str, str]:
    return {"field": lesson.field, "kind": lesson.kind.value, "instead": lesson.instead}


def _from_json(entry: object) -> Lesson | None:
    if not isinstance(entry, dict):
        return None
    try:
        return Lesson(str(entry["field"]), LessonKind(entry["kind"]), str(entry["instead"]))
    except (KeyError, ValueError):
        return None
