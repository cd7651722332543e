"""Requests that go on from a stored response."""

from __future__ import annotations

from dataclasses import replace

from plano.domain.model import Endpoint, Model, Origin
from plano.domain.request import NO_NEEDS
from plano.domain.route import AUTHORS_ORDER
from plano.domain.secret import Secret
from plano.domain.snapshot import Snapshot
from plano.ranking.continued import kept_by
from plano.ranking.rank import Ranking, rank

HERE = Endpoint(Origin("http", "localhost", 1), "/", "localhost", key=Secret("one"))
A, B = Model("p/a", "p", "a", HERE), Model("p/b", "p", "b", HERE)
ELSEWHERE = Model("q/c", "q", "c", replace(HERE, key=Secret("two")))
NOW = Snapshot(0.0)


def ranked(*models: Model, snapshot: Snapshot = NOW) -> Ranking:
    """These models in their author's order."""
    return rank(models, AUTHORS_ORDER, snapshot, own=models[0])


def shown(ranking: Ranking) -> list[tuple[str, int | None, str | None]]:
    """Name, rank and reason of each candidate."""
    return [(each.model.name, each.rank, each.reason) for each in ranking.candidates]


def test_candidates_of_that_provider_in_their_order() -> None:
    """All others are left out, and it is said why."""
    made = kept_by(A, ranked(ELSEWHERE, B, A), NOW, NO_NEEDS)
    assert shown(made) == [("p/b", 1, None), ("p/a", 2, None), ("q/c", None, "stored_elsewhere")]
    assert made.lift is None


def test_whoever_made_the_response_where_no_candidate_is_there() -> None:
    """It alone can go on from it."""
    assert shown(kept_by(A, ranked(ELSEWHERE), NOW, NO_NEEDS)) == [("p/a", 1, None), ("q/c", None, "stored_elsewhere")]


def test_whoever_made_the_response_is_held() -> None:
    """It is listed all the same, with the reason: another provider would be no help."""
    held = Snapshot(0.0, holds={"p/a": 9.0})
    made = kept_by(A, ranked(ELSEWHERE, snapshot=held), held, NO_NEEDS)
    assert shown(made)[0] == ("p/a", 1, "held")
    assert made.lift == "held"


def test_an_account_is_a_place_and_a_key() -> None:
    """Another key is another account, another host another provider; the model's name does not matter."""
    assert A.is_beside(B)
    assert not A.is_beside(ELSEWHERE)
    assert not A.is_beside(replace(A, endpoint=replace(HERE, origin=Origin("http", "localhost", 2))))
