"""What probabilities are worth."""

from __future__ import annotations

import pytest

from plano.evaluate.confidence import Bin, bins, calibration_error, calibration_gaps, recall_at, separation


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1], [0.9], 0.0),
        ([0.5, 0.5], [0.5], 0.5),
        ([0.9, 0.3], [0.5, 0.1], 0.75),
        ([], [0.5], None),
        ([0.5], [], None),
    ],
)
def test_separation_is_the_share_of_pairs_in_order(
    inside: list[float], outside: list[float], expected: float | None
) -> None:
    """Of all pairs, those whose inside one is higher; ties count half; nothing to pair is None."""
    assert separation(inside, outside) == expected


def test_calibration_error_is_zero_when_promises_are_kept() -> None:
    """Of ten cases at 0.7 seven are right: nothing is missed, whatever the other bins are."""
    chances = [0.7] * 10 + [1.0]
    assert calibration_error(chances, [True] * 7 + [False] * 3 + [True]) == pytest.approx(0)


def test_calibration_error_does_not_let_bins_make_up_for_each_other() -> None:
    """Promising 0.9 and keeping nothing, promising 0.1 and keeping all: each misses by 0.9."""
    assert calibration_error([0.9, 0.1], [False, True]) == pytest.approx(0.9)
    assert calibration_error([], []) is None


def test_recall_at_a_precision_takes_the_best_threshold() -> None:
    """Two of three refusals right is too few for 0.9, enough for 0.6."""
    chances, outside = [0.1, 0.2, 0.3, 0.9], [True, False, True, False]
    assert recall_at(chances, outside, precision=0.9) == 0.5
    assert recall_at(chances, outside, precision=0.6) == 1.0
    assert recall_at(chances, [False] * 4, precision=0.9) is None


def test_equal_chances_are_refused_together() -> None:
    """A threshold cannot part what is equal, so its precision counts both."""
    assert recall_at([0.4, 0.4], [True, False], precision=0.9) == 0.0


def test_bins() -> None:
    """Tenths with their cases, mean claim and share that is right; empty ones are left out, 1 is in the last."""
    assert bins([0.05, 0.0, 0.95, 1.0], [True, False, True, True]) == (
        Bin(0.0, 2, 0.025, 0.5),
        Bin(0.9, 2, 0.975, 1.0),
    )
    assert bins([], []) == ()


def test_gaps_have_a_sign() -> None:
    """Two of four cases promise 0.05 too much and half too little: what a bin promises too much is above 0."""
    gaps = calibration_gaps([0.05, 0.05, 0.5, 0.5], [False, False, True, True])
    assert gaps == pytest.approx((0.025, 0, 0, 0, 0, -0.25, 0, 0, 0, 0))
    assert calibration_error([0.05, 0.05, 0.5, 0.5], [False, False, True, True]) == pytest.approx(0.275)
