"""The 55 nasty but real cases: each has one test here, named after its number, or a reason why it can have none."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
STORIES = Path(__file__).parents[3] / "e2e"
SEEN_BY_PEOPLE = {12, 13, *range(44, 56)}
"""Cut streams, and what ends in a notice or another word on the screen."""
CASES = range(1, 56)
NOT_ASKED_FOR = {
    41: "sizes of WAV from a speech server: the program does not ask for speech",
    42: "something else than sound from a speech server: the program does not ask for speech",
    43: "`speech.audio.done` with `token_usage`: the program does not ask for speech",
    51: "embeddings in the other encoding: the program does not ask for embeddings",
}
"""What can come once the service has a call for it. Case 30 is tested with the answers that there are."""


def _numbers(folder: Path) -> Counter[int]:
    tests = "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("test_*.py")))
    return Counter(map(int, re.findall(r"^def test_case_(\d\d)_", tests, re.MULTILINE)))


def test_every_case_has_one_test() -> None:
    assert _numbers(HERE) == Counter(set(CASES) - NOT_ASKED_FOR.keys())


def test_what_people_see_of_them_has_a_story_in_both_languages() -> None:
    assert _numbers(STORIES) == Counter(SEEN_BY_PEOPLE - NOT_ASKED_FOR.keys())
