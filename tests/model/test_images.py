"""Which sizes a model draws, and why not others."""

from __future__ import annotations

import pytest

from app.model.images import SizeRule

GPT_IMAGE_2 = SizeRule(
    multiple_of=16,
    shortest_edge_px=256,
    longest_edge_px=3840,
    max_ratio=3,
    min_pixels=655_360,
    max_pixels=8_294_400,
)


@pytest.mark.parametrize("size", [(1024, 1024), (3840, 2160), (2160, 3840), (1536, 512), (640, 1024)])
def test_sizes_that_fit(size: tuple[int, int]) -> None:
    assert GPT_IMAGE_2.problem(*size) is None


@pytest.mark.parametrize(
    ("size", "words", "limit"),
    [
        ((1024, 240), "at least", "256"),
        ((3856, 2048), "at most", "3,840"),
        ((1000, 1024), "multiples", "16"),
        ((1600, 512), "times the shorter", "3"),
        ((800, 800), "at least", "655,360"),
        ((3840, 2176), "at most", "8,294,400"),
    ],
)
def test_the_first_thing_that_is_wrong_is_told(size: tuple[int, int], words: str, limit: str) -> None:
    problem = GPT_IMAGE_2.problem(*size)
    assert problem is not None
    assert words in problem.text
    assert problem.arguments == {"limit": limit}


def test_without_limits_everything_sane_fits() -> None:
    assert SizeRule().problem(4096, 64) is None
    assert SizeRule().problem(63, 4096) is not None
