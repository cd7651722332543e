"""Averages that forget."""

from __future__ import annotations

import random

import pytest

from plano.signals.decay import FIRST_TOKEN_WORTH, DecayedLine, DecayedMean


def test_a_half_life_ago_counts_half() -> None:
    """Two samples a half-life apart stand one to two."""
    mean = DecayedMean(10.0)
    assert mean.mean is None
    mean.add(4.0, 0.0)
    mean.add(1.0, 10.0)
    assert mean.mean == pytest.approx((4.0 * 0.5 + 1.0) / 1.5)
    assert mean.weight == pytest.approx(1.5)


def test_samples_of_one_moment_count_alike() -> None:
    """Without time between them it is the plain mean, whatever the moment."""
    mean = DecayedMean(10.0)
    for value in (1.0, 2.0, 6.0):
        mean.add(value, 1e6)
    assert mean.mean == pytest.approx(3.0)


def test_a_very_long_silence() -> None:
    """What is forgotten altogether leaves the new sample alone, and no number overflows."""
    mean = DecayedMean(10.0)
    mean.add(4.0, 0.0)
    mean.add(1.0, 1e9)
    assert mean.mean == 1.0


def test_a_line_is_found() -> None:
    """Whole answers of many lengths tell first token and further tokens apart."""
    line, chance = DecayedLine(1e9), random.Random(1)
    for moment in range(500):
        tokens = chance.randint(10, 800)
        line.add([tokens], [0.4 + 0.02 * tokens * chance.uniform(0.9, 1.1)], float(moment))
    found = line.line
    assert found is not None
    assert found.first_s == pytest.approx(0.4, abs=0.15)
    assert found.token_s == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize(("tokens", "seconds"), [(100, 3.0), (0, 0.5), (1, 0.0)])
def test_lengths_that_are_all_alike(tokens: int, seconds: float) -> None:
    """Nothing tells the parts apart, but an answer of that length takes as long as it took."""
    line = DecayedLine(60.0)
    assert line.line is None
    for moment in range(20):
        line.add([tokens], [seconds], float(moment))
    found = line.line
    assert found is not None
    assert found.first_s + tokens * found.token_s == pytest.approx(seconds)
    assert found.first_s == pytest.approx(FIRST_TOKEN_WORTH * found.token_s)


def test_no_part_is_negative() -> None:
    """Longer answers that took less time make no negative slope."""
    line = DecayedLine(60.0)
    for moment, (tokens, seconds) in enumerate([(10, 9.0), (500, 1.0)] * 10):
        line.add([tokens], [seconds], float(moment))
    found = line.line
    assert found is not None
    assert found.first_s >= 0.0
    assert found.token_s >= 0.0


def test_an_answer_a_half_life_ago_counts_half() -> None:
    """However late the first one came, and whether others came in the same moment."""
    line = DecayedLine(10.0)
    for tokens, seconds, at in [(10, 4.0, 100.0), (10, 4.0, 100.0), (10, 1.0, 110.0)]:
        line.add([tokens], [seconds], at)
    found = line.line
    assert found is not None
    assert found.first_s + 10 * found.token_s == pytest.approx((2 * 4.0 * 0.5 + 1.0) / 2.0)
