"""From features to probabilities."""

from __future__ import annotations

import math

import pytest

from plano.intent.calibration import Calibration, raised

PLAIN = Calibration(weights=(0.5, 0.0), bias=-0.5, threshold=0.5, sharpness=10.0)


def test_the_weighted_sum_is_squashed() -> None:
    """A sum of 0 is one half; a sum of 1 is the logistic of 1."""
    assert PLAIN.probability((1.0, 9.0)) == 0.5
    assert PLAIN.probability((3.0, 9.0)) == pytest.approx(1 / (1 + math.exp(-1)))


@pytest.mark.parametrize("value", [1e9, -1e9, 0.0])
def test_a_probability_stays_between_none_and_all(value: float) -> None:
    """Features far outside what was fitted are no overflow."""
    assert 0 <= PLAIN.probability((value, 0.0)) <= 1


def test_routes_share_the_probability_of_the_best() -> None:
    """Equal scores have equal probabilities, lower ones fall off, and a lone route has the whole."""
    assert PLAIN.probabilities((0.4,), (1.0, 0.0)) == (0.5,)
    best, twin, lower = PLAIN.probabilities((0.4, 0.4, 0.3), (1.0, 0.0))
    assert best == twin == 0.5
    assert lower == pytest.approx(0.5 * math.exp(-1))


def test_log_odds_are_raised() -> None:
    """One half rises to the logistic of what was added; what is certain stays; nothing added changes nothing."""
    assert raised(0.5, by=1.0) == pytest.approx(1 / (1 + math.exp(-1)))
    assert raised(raised(0.3, by=2.0), by=-2.0) == pytest.approx(0.3)
    assert (raised(0.0, by=3.0), raised(1.0, by=3.0), raised(0.3, by=0.0)) == (0.0, 1.0, 0.3)
