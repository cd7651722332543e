"""What a budget makes of a router's wish: which model leads, and what the session keeps account of."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from plano.domain.catalog import Price, Rates
from plano.domain.decision import Candidate
from plano.domain.episode import Episode
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.session import Binding, Session
from plano.domain.snapshot import Quote, Snapshot
from plano.ranking.budgeted import Scene, within_budget
from plano.ranking.rank import Ranking
from plano.ranking.switching import Terms

ENDPOINT = Endpoint(Origin("http", "h", 1), "/", "h")
RATES = {"a": Rates(3, 15, 0.3), "b": Rates(5, 20, 0.5), "c": Rates(0.1, 0.4)}
SNAPSHOT = Snapshot(0.0, {name: Quote(1.0, "config", 0.0, price=Price(rates)) for name, rates in RATES.items()})
SCENE = Scene(SNAPSHOT, 1000, "rb")
RICH = Episode("a", 1000, baseline_usd=100.0)


def ranking(*names: str) -> Ranking:
    """These models, in this order; ``-x`` is left out."""
    ranked = [name for name in names if not name.startswith("-")]
    candidates = [Candidate(Model(name, "p", name, ENDPOINT), place) for place, name in enumerate(ranked, 1)]
    out = [Candidate(Model(name[1:], "p", name[1:], ENDPOINT), None, "held") for name in names if name[0] == "-"]
    return Ranking((*candidates, *out), None)


def session(episode: Episode | None = None, *, idle_s: float = 10.0) -> Session:
    """One that is bound to a."""
    return Session("s", b"k", Binding("a", "ra", 1000.0, 0, episode), idle_s)


def names(made: Ranking) -> list[tuple[str, int | None]]:
    """Names and ranks."""
    return [(each.model.name, each.rank) for each in made.candidates]


@pytest.mark.parametrize("wanted", [("b", "a", "c", "-d"), ("b", "c", "-d")])
def test_retained(wanted: tuple[str, ...]) -> None:
    """The session's model stands before what the router wanted, once; who is left out stays left out."""
    made, affinity = within_budget(session(), ranking(*wanted), ranking("a"), Terms(25), SCENE)
    assert names(made) == [("a", 1), ("b", 2), ("c", 3), ("d", None)]
    assert (affinity.is_pinned, affinity.is_switched) == (True, False)
    assert affinity.switch is not None
    assert (affinity.switch.reason, affinity.switch.wanted, affinity.switch.route) == ("over_cap", "b", "rb")


@pytest.mark.parametrize(
    ("wanted", "episode", "reason", "is_switched"),
    [("b", RICH, "within_cap", True), ("c", None, "free", True), ("a", None, "same_anchor", False)],
)
def test_allowed(wanted: str, episode: Episode | None, reason: str, is_switched: bool) -> None:
    """What the router wanted leads."""
    made, affinity = within_budget(session(episode), ranking(wanted, "x"), ranking("a"), Terms(25), SCENE)
    assert names(made) == [(wanted, 1), ("x", 2)]
    assert (affinity.is_pinned, affinity.is_switched) == (not is_switched, is_switched)
    assert affinity.switch is not None
    assert affinity.switch.reason == reason


@pytest.mark.parametrize(("idle_s", "is_asked"), [(300.0, True), (300.5, False)])
def test_cold(idle_s: float, is_asked: bool) -> None:
    """Once no provider has the prompt any more the budget is not asked, and an account begins."""
    made, affinity = within_budget(session(RICH, idle_s=idle_s), ranking("b"), ranking("a"), Terms(0), SCENE)
    assert (affinity.switch is not None) is is_asked
    if not is_asked:
        assert names(made) == [("b", 1)]
        assert affinity.episode == Episode("b")


def test_a_new_session() -> None:
    """It begins with the router's model."""
    made, affinity = within_budget(Session("s", b"k"), ranking("b"), None, Terms(0), SCENE)
    assert (names(made), affinity.episode) == ([("b", 1)], Episode("b"))
    assert not affinity.is_switched
    assert affinity.switch is None


def test_health_costs_the_budget_nothing() -> None:
    """A model that cannot serve is left whatever the budget says, and the account goes on."""
    made, affinity = within_budget(session(RICH), ranking("b"), None, Terms(0), SCENE)
    assert names(made) == [("b", 1)]
    assert (affinity.is_switched, affinity.switch, affinity.episode) == (True, None, RICH)


@pytest.mark.parametrize(
    ("kept", "sent", "is_asked"), [("p", "p", True), ("p", "q", False), (None, "q", True), ("p", None, True)]
)
def test_a_drifted_prompt_is_cold(kept: str | None, sent: str | None, is_asked: bool) -> None:
    """What no cache begins with costs as much anywhere; where one of the two is unknown it has not drifted."""
    before = replace(RICH, prefix=kept)
    made, affinity = within_budget(replace(session(before), prefix=sent), ranking("b"), ranking("a"), Terms(0), SCENE)
    assert (affinity.switch is not None) is is_asked
    assert affinity.episode is not None
    assert affinity.episode.prefix == sent
    assert names(made)[0] == ("a" if is_asked else "b", 1)
