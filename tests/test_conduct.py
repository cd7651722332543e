"""What may be asked of models: limits that follow their own times, within what is settled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plano.conduct import Conduct, OfRequest, keyed_alike, names_for
from plano.dispatch.flow import Terms
from plano.dispatch.verdict import judge, outcome_of
from plano.domain.attempt import Answered, Hold, Throttled
from plano.domain.catalog import Capabilities
from plano.domain.failover import Failover, FirstToken
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.secret import Secret
from plano.domain.usage import Served, Usage
from plano.errors import StreamBroken
from plano.signals.board import Board
from tests.test_gateway import FakeClock

MODEL = Model("p/a", "p", "a", Endpoint(Origin("http", "h", 1), "/", "h"))
PLAIN = Terms(300.0, is_stream=True, prompt_bytes=100)
THINKING = Terms(300.0, is_stream=True, prompt_bytes=100, reasons=True)
LARGE = Terms(300.0, is_stream=True, prompt_bytes=100_000)


def measured(first_s: float, *, count: int = 60, facts: Capabilities | None = None) -> tuple[Conduct, Board, FakeClock]:
    """A conduct whose model was measured so often."""
    clock, board = FakeClock(), Board(facts={} if facts is None else {MODEL.name: facts})
    board.learn([Served(MODEL.name, None, 100, Usage(), first_s, None)] * count, clock.time)
    return Conduct(board, clock, lambda: 1.0), board, clock


@pytest.mark.parametrize(("first_s", "limit_s"), [(0.5, 10.0), (3.4, 10.2), (5.0, 15.0), (9.0, 27.0), (20.0, 30.0)])
def test_three_times_the_tail(first_s: float, limit_s: float) -> None:
    """Of the model's own first tokens, never below 10 s and never above 30 s."""
    conduct, _, _ = measured(first_s)
    assert conduct.first_token_s(MODEL, PLAIN, is_spare_healthy=True) == pytest.approx(limit_s, rel=0.03)


def test_without_enough_measurements() -> None:
    """49 are too few, and 50 of yesterday as well: then the longest wait counts."""
    conduct, _, clock = measured(1.0, count=49)
    assert conduct.first_token_s(MODEL, PLAIN, is_spare_healthy=True) == 30.0
    conduct, _, clock = measured(1.0, count=60)
    assert conduct.first_token_s(MODEL, PLAIN, is_spare_healthy=True) == 10.0
    clock.time += 86_400.0
    assert conduct.first_token_s(MODEL, PLAIN, is_spare_healthy=True) == 30.0


def test_a_spare_one_in_trouble() -> None:
    """Nobody is left early for one that is no better."""
    conduct, _, _ = measured(1.0)
    assert conduct.first_token_s(MODEL, PLAIN, is_spare_healthy=False) == 30.0


@pytest.mark.parametrize(
    ("terms", "facts"), [(THINKING, None), (PLAIN, Capabilities(reasoning=True)), (THINKING, Capabilities())]
)
def test_thought_takes_time(terms: Terms, facts: Capabilities | None) -> None:
    """Where it is asked for, or the model is known for it: 120 s, or what the model's own times say below that."""
    conduct, _, _ = measured(1.0, count=0, facts=facts)
    assert conduct.first_token_s(MODEL, terms, is_spare_healthy=True) == 120.0
    conduct, _, _ = measured(30.0, facts=facts)
    assert conduct.first_token_s(MODEL, terms, is_spare_healthy=True) == pytest.approx(90.0, rel=0.03)


def test_large_prompts_have_times_of_their_own() -> None:
    """What was measured of small ones says nothing about them."""
    conduct, _, _ = measured(1.0)
    assert conduct.first_token_s(MODEL, LARGE, is_spare_healthy=True) == 30.0


def test_limits_are_settings() -> None:
    """The longest wait counts even below the least one."""
    conduct = Conduct(Board(), FakeClock(), lambda: 1.0, failover=Failover(first_token=FirstToken(10.0, 4.0, 60.0)))
    assert conduct.first_token_s(MODEL, PLAIN, is_spare_healthy=True) == 4.0
    assert conduct.first_token_s(MODEL, THINKING, is_spare_healthy=True) == 60.0


def test_limits_follow_what_is_learned() -> None:
    """At the latest a second later."""
    conduct, board, clock = measured(1.0)
    assert conduct.first_token_s(MODEL, PLAIN, is_spare_healthy=True) == 10.0
    board.learn([Served(MODEL.name, None, 100, Usage(), 8.0, None)] * 60, clock.time)
    clock.time += 1.1
    assert conduct.first_token_s(MODEL, PLAIN, is_spare_healthy=True) == pytest.approx(24.0, rel=0.03)


OWN = replace(MODEL, endpoint=replace(MODEL.endpoint, passthrough_auth=True))


def of_caller(conduct: Conduct, key: str, model: Model = OWN) -> OfRequest:
    """The conduct of a caller with a key of its own."""
    return OfRequest(conduct, names_for(Secret(key), [model]), None)


def test_a_promise_to_one_callers_key() -> None:
    """It binds that caller, in later requests too, and nobody else; a model that is broken is so for all."""
    conduct, _, _ = measured(1.0)
    mine, another = of_caller(conduct, "k1"), of_caller(conduct, "k2")
    mine.note(mine.begin(OWN.name), Throttled(Hold(30.0)))
    assert (mine.closed(OWN.name), of_caller(conduct, "k1").closed(OWN.name)) == ("held", "held")
    assert (another.closed(OWN.name), conduct.closed(OWN.name)) == (None, None)
    assert (mine.free_in_s(OWN.name), another.free_in_s(OWN.name)) == (30.0, 0.0)
    assert (mine.is_rate_limited(OWN.name), another.is_rate_limited(OWN.name)) == (True, False)
    another.ended(another.begin(OWN.name), StreamBroken("m", status=429, code="upstream_rate_limited", counts=False))
    assert (another.closed(OWN.name), conduct.closed(OWN.name)) == ("held", None)
    for _ in range(5):
        another.note(another.begin(OWN.name), outcome_of(judge(500), 500, None))
    assert conduct.closed(OWN.name) == "ejected"


def test_a_key_of_the_operators_own_is_everybodys() -> None:
    """The caller's key goes to no provider that has one of ours: a promise binds all."""
    conduct, _, _ = measured(1.0)
    mine = of_caller(conduct, "k1", MODEL)
    mine.note(mine.begin(MODEL.name), Throttled(Hold(30.0)))
    assert conduct.closed(MODEL.name) == "held"


HERE, THERE = Origin("http", "h", 1), Origin("http", "h", 2)


def with_key(name: str, origin: Origin, key: str | None) -> Model:
    """A model at that place."""
    return Model(name, "p", name, Endpoint(origin, "/", "h", key=None if key is None else Secret(key)))


def test_models_with_the_same_key() -> None:
    """At the same place; where there is no key, they have none in common."""
    models = [
        *(with_key("a", HERE, "k"), with_key("b", HERE, "k"), with_key("c", HERE, "other")),
        *(with_key("d", THERE, "k"), with_key("e", HERE, None), with_key("f", HERE, None)),
    ]
    assert keyed_alike(models) == {"a": ("b",), "b": ("a",), "c": (), "d": ()}


@pytest.mark.parametrize(("status", "closed"), [(401, "ejected"), (402, "ejected"), (403, None), (404, None)])
def test_a_key_that_is_no_longer_taken(status: int, closed: str | None) -> None:
    """Counts for every model with that key; what may be about one model does not."""
    conduct = Conduct(Board(), FakeClock(), lambda: 1.0, keyed_alike={"a": ("b",)})
    for _ in range(5):
        conduct.note(conduct.begin("a"), outcome_of(judge(status), status, None))
    assert (conduct.closed("a"), conduct.closed("b"), conduct.closed("c")) == ("ejected", closed, None)


def test_one_that_has_just_become_well() -> None:
    """Gets one request at first, beside which it is crowded."""
    clock = FakeClock()
    conduct = Conduct(Board(), clock, lambda: 1.0)
    for _ in range(5):
        conduct.note(conduct.begin("a"), outcome_of(judge(500), 500, None))
    clock.time += 5.0
    conduct.note(conduct.begin("a"), Answered(200))
    assert not conduct.is_crowded("a")
    permit = conduct.begin("a")
    assert conduct.is_crowded("a")
    conduct.note(permit, Answered(200))
    assert not conduct.is_crowded("a")


def test_it_is_calm_while_nothing_is_known_against_anybody() -> None:
    """One promise or one failure, and every model is asked about again; a caller with limits of its own always is."""
    board = Board()
    conduct = Conduct(board, FakeClock(), lambda: 1.0)
    assert conduct.is_calm()
    assert not OfRequest(conduct, {"a": "a 1"}, None).is_calm()
    conduct.note(conduct.begin("a"), outcome_of(judge(500), 500, None))
    assert not conduct.is_calm()
    other = Board()
    other.throttle("a", Hold(1.0), now=0.0, jitter=1.0)
    assert not Conduct(other, FakeClock(), lambda: 1.0).is_calm()
