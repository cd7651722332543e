"""Staying with the model of a session."""

from __future__ import annotations

import pytest

from plano.domain.catalog import Price, Rates
from plano.domain.decision import Candidate, Expected, Reason
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.session import Binding, Session
from plano.domain.snapshot import Quote
from plano.ranking.affinity import WARM_S, affinity_of, stay
from plano.ranking.rank import Ranking

HERE = Endpoint(Origin("http", "localhost", 1), "/", "localhost")
PRICE = Price(Rates(3.0, 15.0, 0.3))
QUOTE = Quote(18.0, "config", 0.0, price=PRICE)


def candidate(name: str, rank: int | None, reason: Reason | None = None) -> Candidate:
    """A candidate of 10,000 tokens in and 100 out."""
    return Candidate(Model(name, "p", name, HERE), rank, reason, QUOTE, expected=Expected(10_000, 100, 0.0315, None))


def session(model: str, *, cached: int = 0, idle_s: float = 0.0) -> Session:
    """A session that is bound to ``model``."""
    return Session("s1", b"k", Binding(model, "code", 0.0, cached), idle_s)


RANKING = Ranking((candidate("a", 1), candidate("b", 2), candidate("d", 3, "held"), candidate("c", None, "held")))


def test_the_bound_model_leads_and_the_others_follow_as_they_were() -> None:
    """Ranks are numbered anew; who is left out stays so."""
    moved = stay(session("b"), RANKING)
    assert moved is not None
    assert [(each.model.name, each.rank) for each in moved.candidates] == [("b", 1), ("a", 2), ("d", 3), ("c", None)]


@pytest.mark.parametrize("model", ["c", "d", "unknown"])
def test_a_model_that_is_not_free_to_choose_is_left(model: str) -> None:
    """Left out, a last resort, or no candidate of the route any more."""
    assert stay(session(model), RANKING) is None


@pytest.mark.parametrize(
    ("cached", "idle_s", "usd"),
    [
        (0, 0.0, 0.0315),
        (9_000, 0.0, (1_000 * 3 + 9_000 * 0.3 + 100 * 15) / 1e6),
        (99_000, 0.0, (10_000 * 0.3 + 100 * 15) / 1e6),
        (9_000, WARM_S + 1, 0.0315),
    ],
)
def test_cached_tokens_cost_what_cached_tokens_cost(cached: int, idle_s: float, usd: float) -> None:
    """At most the whole prompt, and only as long as a provider's cache lasts."""
    found = stay(session("a", cached=cached, idle_s=idle_s), RANKING)
    assert found is not None
    assert found.candidates[0].expected is not None
    assert found.candidates[0].cost == pytest.approx(usd)
    assert found.candidates[0].expected.cached_tokens == (0 if idle_s > WARM_S else min(cached, 10_000))


def test_a_switch_is_another_model_than_before() -> None:
    """A new session switches nothing."""
    assert affinity_of(session("b"), RANKING, binds=True).is_switched
    assert not affinity_of(session("a"), RANKING, binds=True).is_switched
    assert not affinity_of(Session("s1", b"k"), RANKING, binds=True).is_switched
