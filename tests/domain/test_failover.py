"""How a chain goes on, as it is settled."""

from __future__ import annotations

from plano.domain.failover import FirstToken


def test_the_longest_wait() -> None:
    """Thought never makes it shorter."""
    assert [FirstToken().longest_s(reasons=reasons) for reasons in (False, True)] == [30.0, 120.0]
    assert FirstToken(most_s=200.0).longest_s(reasons=True) == 200.0
