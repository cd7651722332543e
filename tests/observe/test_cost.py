"""What an answer cost: known or unknown, never made up."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from plano.domain.catalog import Price, Rates, Tier
from plano.domain.decision import Decision
from plano.domain.snapshot import Quote
from plano.domain.usage import Usage
from plano.observe.cost import answer_cost

from .samples import decision

PRICE = Price(Rates(3.0, 15.0, 0.3, 3.75), (Tier(2000, Rates(6.0, 22.5)),), reasoning=20.0)


def priced(price: Price | None) -> Decision:
    """A decision for one model at that price."""
    made = decision("a")
    return replace(made, candidates=(replace(made.candidates[0], price=Quote(18.0, "config", 0.0, price=price)),))


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        (Usage(1000, 200), 0.006),
        (Usage(1000, 200, cached_input_tokens=400), 0.00492),
        (Usage(1000, 200, cache_write_tokens=400), 0.0063),
        (Usage(1000, 200, reasoning_tokens=100), 0.0065),
        (Usage(2001, 0), 0.012006),
        (Usage(0, 0), 0.0),
    ],
)
def test_by_what_was_counted(usage: Usage, usd: float) -> None:
    """Fresh, cached, written, reasoning, long: each token at its own rate."""
    assert answer_cost(priced(PRICE), "a", usage) == pytest.approx(usd, abs=1e-10)


@pytest.mark.parametrize(
    ("made", "model", "usage"),
    [
        (priced(PRICE), "a", None),
        (priced(PRICE), "a", Usage(1000, None)),
        (priced(PRICE), "a", Usage(None, 200)),
        (priced(PRICE), "b", Usage(1000, 200)),
        (priced(None), "a", Usage(1000, 200)),
        (None, "a", Usage(1000, 200)),
    ],
)
def test_unknown(made: Decision | None, model: str, usage: Usage | None) -> None:
    """Without a count, without a price, for a model that was not considered: None and never 0."""
    assert answer_cost(made, model, usage) is None
