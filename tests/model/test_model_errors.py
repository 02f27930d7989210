"""Failures of model downloads: each kind has words, and of several places it is said what each failed by."""

from __future__ import annotations

import pytest

from app.model.model_errors import (
    BrokenOff,
    DownloadFailed,
    FileMissing,
    IndexAddressWrong,
    SourceRefused,
    SourceUnreachable,
    WrongFile,
    together,
)


def test_every_failure_has_words() -> None:
    kinds = set(DownloadFailed.__subclasses__())
    assert len(kinds) > 7
    assert all(kind.title and kind.explanation and kind.hint for kind in kinds)
    assert len({kind.explanation for kind in kinds}) == len(kinds)


def _said(error: DownloadFailed) -> str:
    return error.explanation.format(**error.arguments)


def test_places_that_fail_alike_are_told_together() -> None:
    said = together(
        [SourceUnreachable("1: down", host="one.example"), SourceUnreachable("2: down", host="two.example")]
    )
    assert type(said) is SourceUnreachable
    assert _said(said) == "There is no connection to one.example, two.example."
    assert said.server_words == "1: down\n2: down"
    assert said.shows_words is False


def test_places_that_fail_differently_are_told_one_beside_the_other() -> None:
    said = together([SourceUnreachable("1: down", host="one.example"), FileMissing("2: 404", host="two.example")])
    assert type(said) is DownloadFailed
    assert _said(said) == "one.example cannot be reached, and two.example does not have it."
    assert said.server_words == "1: down\n2: 404"


@pytest.mark.parametrize("telling", [BrokenOff, IndexAddressWrong])
@pytest.mark.parametrize("other", [SourceUnreachable, SourceRefused, WrongFile])
def test_one_that_says_what_to_do_stands_for_all(telling: type[DownloadFailed], other: type[DownloadFailed]) -> None:
    failures = [other("x", host="one.example"), telling("y", host="two.example")]
    for told in (together(failures), together(failures[::-1])):
        assert type(told) is telling
        assert told.arguments["host"] == "two.example"


def test_any_two_failures_can_stand_beside_each_other() -> None:
    beside = set(DownloadFailed.__subclasses__()) - {BrokenOff, IndexAddressWrong}
    assert all(kind.reason for kind in beside)
