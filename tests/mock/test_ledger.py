"""What was served."""

from __future__ import annotations

from plano.mock.ledger import Ledger


def test_attempts_are_counted_by_trace() -> None:
    """From 1 for each trace; a call without one is a first attempt."""
    ledger = Ledger()
    assert [ledger.number(trace) for trace in ("a", "b", "a", None, None)] == [1, 1, 2, 1, 1]
    ledger.clear()
    assert ledger.number("a") == 1


def test_it_is_bounded() -> None:
    """The trace that was seen longest ago is forgotten."""
    ledger = Ledger(most=2)
    for trace in ("a", "b", "a", "c"):
        ledger.number(trace)
    assert (ledger.number("a"), ledger.number("b")) == (3, 1)
