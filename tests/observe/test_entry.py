"""What an entry says beside what it shows: what can be learned from it."""

from __future__ import annotations

from plano.domain.attempt import Abandoned, Receipt, Try
from plano.observe.clerk import Clerk
from plano.observe.entry import served_of

from .samples import decision, record


def test_nothing_is_learned_without_a_good_answer() -> None:
    """A caller that left, a chain that failed, a decision."""
    clerk = Clerk(lambda: 1000.0, lambda: 50.0, b"k")
    left = record(decision("a"), Receipt((Try("a", "client_closed"),), Abandoned()))
    assert served_of([clerk.enter(each) for each in (left, record(decision("a")), record())]) == []
