"""Who drips is decided by what it sent alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.server.connections.streak import DRIPS, SEGMENT_BYTES, in_a_row

SMALLEST_SEGMENT = 1220


@pytest.mark.parametrize("size", [1, 2, 640, 1100])
def test_small_pieces_in_a_row_make_a_dripper(size: int) -> None:
    """A byte as well as the rate that a body must keep."""
    count = 0
    for number in range(1, DRIPS + 1):
        assert count < DRIPS
        count = in_a_row(count, size)
        assert count == number


@given(st.lists(st.integers(1, 1 << 20)), st.integers(SMALLEST_SEGMENT, 1 << 20))
def test_who_fills_a_segment_drips_no_more(before: list[int], size: int) -> None:
    """However much came in small pieces until then."""
    count = 0
    for each in before:
        count = in_a_row(count, each)
    assert in_a_row(count, size) == 0


def test_a_request_in_few_pieces_is_no_drip() -> None:
    """A head by itself begins the request; a body in two pieces and its end behind it have two that bring nothing."""
    assert DRIPS > 2
    assert SEGMENT_BYTES <= SMALLEST_SEGMENT
