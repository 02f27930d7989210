"""Children get the environment without keys."""

import pytest

from app.child_environment import child_environment


def test_keys_stay_with_this_program(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "GROQ_API_KEY"):
        monkeypatch.setenv(name, "sk-secret")
    monkeypatch.setenv("LANGUAGE_OF_THE_USER", "zh")
    environment = child_environment(MORE="yes")
    assert "sk-secret" not in environment.values()
    assert (environment["LANGUAGE_OF_THE_USER"], environment["MORE"]) == ("zh", "yes")
