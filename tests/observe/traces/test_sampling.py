"""A trace's own id decides whether it is recorded."""

from __future__ import annotations

import random

import pytest

from plano.observe.traces.sampling import is_sampled


@pytest.mark.parametrize("share", [0.0, 0.01, 0.25, 0.5, 1.0])
def test_as_many_as_asked_for(share: float) -> None:
    """Of many random traces about that share; of none none, of all all."""
    chance = random.Random(7)
    hits = sum(is_sampled(f"{chance.getrandbits(128):032x}", share) for _ in range(20_000))
    assert abs(hits / 20_000 - share) <= (0.01 if 0 < share < 1 else 0)


def test_a_larger_share_holds_the_smaller_one() -> None:
    """Whoever records more records what the others do."""
    chance = random.Random(8)
    for _ in range(1000):
        trace_id = f"{chance.getrandbits(128):032x}"
        assert is_sampled(trace_id, 0.5) >= is_sampled(trace_id, 0.1)
