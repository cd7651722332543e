"""Time and chance."""

from __future__ import annotations

import pytest

from plano.clock import SystemClock, jitter, new_ids


def test_ids_have_their_form() -> None:
    """32 and 16 lower-case hex digits, not all zero, and no two alike."""
    for ids, size in zip(map(set, zip(*[new_ids() for _ in range(1000)], strict=True)), (32, 16), strict=True):
        assert len(ids) == 1000
        assert all(len(one) == size and set(one) <= set("0123456789abcdef") and one.strip("0") for one in ids)


def test_jitter_is_around_one() -> None:
    """Between 0.8 and 1.2, on both sides of 1."""
    factors = [jitter() for _ in range(1000)]
    assert 0.8 <= min(factors) < 1.0 < max(factors) <= 1.2


async def test_clocks_go_on() -> None:
    """A sleep of no time comes back; neither clock goes backwards in between."""
    clock = SystemClock()
    before = clock.monotonic(), clock.wall()
    await clock.sleep(0)
    assert clock.monotonic() >= before[0]
    assert clock.wall() > 1_700_000_000


def test_ids_of_zeros_are_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither id is ever all zero, which W3C Trace Context calls invalid."""
    drawn = [0, 1, 1 << 64, (1 << 64) + 1]
    monkeypatch.setattr("random.getrandbits", lambda _bits: drawn.pop(0))
    assert new_ids() == ("0" * 31 + "1", "0" * 15 + "1")
    assert drawn == []
