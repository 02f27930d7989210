"""What measured conversations are made of: words as frequent as in real texts, and Markdown as models write it."""

from __future__ import annotations

import random
import re
from functools import cache

LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
_TOKEN = re.compile(r"\s?\S{1,5}|\s")
"""About as long as the pieces in which servers send text."""


class Language:
    """Invented words; the n-th most frequent one is n times rarer than the first."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = chance = random.Random(seed)
        self._latin = ["".join(chance.choices(LETTERS, k=chance.randint(2, 10))) for _ in range(30_000)]
        self._han = [chr(0x4E00 + number) for number in chance.sample(range(6_000), 3_500)]
        self._latin_weights = [1 / rank for rank in range(1, len(self._latin) + 1)]
        self._han_weights = [1 / (rank + 5) for rank in range(len(self._han))]

    def english(self, words: int) -> str:
        return " ".join(self._chance.choices(self._latin, self._latin_weights, k=words))

    def chinese(self, characters: int) -> str:
        return "".join(self._chance.choices(self._han, self._han_weights, k=characters))

    def code(self) -> str:
        """A line or two with the signs that programs consist of."""
        one, two, three = (self.english(1) for _ in range(3))
        return self._chance.choice((f"{one}->{two}({three});", f"if {one} == {two}:", f"{one} = [{two}, {three}]"))

    def answer(self) -> str:
        """A heading, a paragraph, a list, a block of code and, at times, a table."""
        items = "\n".join(f"- **{self.english(2)}**: {self.english(12)}" for _ in range(4))
        code = "\n".join(f"def {self.english(1)}(value: int) -> str:\n    return '{self.english(3)}'" for _ in range(4))
        parts = [
            f"## {self.english(4)}",
            f"{self.english(45)} `{self.english(1)}` {self.english(25)}.",
            items,
            f"{self.english(60)}.",
            f"```python\n{code}\n```",
        ]
        if self._chance.random() < 0.3:
            rows = "\n".join(f"| {self.english(1)} | {self.english(2)} | {self.english(3)} |" for _ in range(3))
            parts.append(f"| {self.english(1)} | {self.english(1)} | {self.english(1)} |\n|---|---|---|\n{rows}")
        return "\n\n".join(parts)


@cache
def tokens(count: int) -> tuple[str, ...]:
    """The beginning of an endless answer, in `count` pieces."""
    language, found = Language(2), list[str]()
    while len(found) < count:
        found += _TOKEN.findall(language.answer() + "\n\n")
    return tuple(found[:count])
