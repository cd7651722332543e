"""Bytes of a token and tokens of an answer, as providers count them."""

from __future__ import annotations

import pytest

from plano.domain.usage import Served, Usage
from plano.signals import lengths
from plano.signals.lengths import FEWEST, Lengths


def served(size: int = 0, prompt: int | None = None, answer: int | None = None, route: str | None = "r") -> Served:
    """One answer."""
    return Served("m", route, size, Usage(input_tokens=prompt, output_tokens=answer), None, None)


def test_bytes_per_token_are_learned() -> None:
    """Believed after five answers, and then their mean."""
    one = Lengths()
    for number in range(FEWEST):
        assert one.bytes_per_token() == {}
        one.learn([served(400 + number, 100)])
    assert one.bytes_per_token() == {"m": pytest.approx(4.02)}


def test_answers_of_a_route_are_learned() -> None:
    """The mean of the first ones, then of about the last fifty."""
    one = Lengths()
    for _ in range(300):
        one.learn([served(answer=100)])
    for _ in range(300):
        one.learn([served(answer=500)])
    assert one.output_tokens() == {"r": pytest.approx(500, rel=0.01)}


@pytest.mark.parametrize(
    "odd", [served(400, None), served(400, 3), served(4_000_000, 100), served(10, 100), served(400, 0)]
)
def test_odd_counts_teach_nothing(odd: Served) -> None:
    """No count, a tiny prompt, and counts that cannot be of this text."""
    one = Lengths()
    for _ in range(10):
        one.learn([odd])
    assert one.bytes_per_token() == {}


def test_no_route_no_length() -> None:
    """What matched no route teaches nothing about routes."""
    one = Lengths()
    for _ in range(10):
        one.learn([served(answer=5, route=None)])
    assert one.output_tokens() == {}


def test_names_without_end_are_not_kept() -> None:
    """Inline routes are named by callers: their number is bounded, the one met first leaves."""
    one = Lengths()
    for number in range(lengths.REMEMBERED + 1):
        for _ in range(FEWEST):
            one.learn([served(answer=5, route=f"r{number}")])
    known = one.output_tokens()
    assert (len(known), "r0" in known, "r1" in known) == (lengths.REMEMBERED, False, True)
