"""How much a model thinks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plano.wire.canonical.request import Effort
from plano.wire.dialects import efforts


@given(st.integers(1025, 10**6), st.sampled_from(["minimal", "low", "medium", "high", "xhigh", "max", "odd"]))
def test_budgets_leave_room(limit: int, word: str) -> None:
    """1024 <= budget < limit, and the order of the words is the order of the budgets."""
    found = efforts.budget(Effort(effort=word), limit)
    assert found is not None
    assert 1024 <= found < limit


def test_efforts() -> None:
    """No room, no budget; a budget becomes the word that is at least as much."""
    assert efforts.budget(Effort(effort="low"), 1024) is None
    assert efforts.budget(Effort(budget=5000), 6000) == 5000
    assert efforts.budget(Effort(budget=50_000), 8000) == 6000
    assert [efforts.word(Effort(budget=budget)) for budget in (1024, 3000, 8192, 99_999)] == [
        "low",
        "medium",
        "medium",
        "high",
    ]
    assert efforts.word(Effort("adaptive")) is None
