"""When a model is left alone, and when one request may find out whether it is well again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.signals.breaker import MOST_FAILING, PROBE_LEASE_S, REMEMBERED, Breaker


def fail(breaker: Breaker, now: float, *, model: str = "m", jitter: float = 1.0) -> None:
    """One attempt that fails at once."""
    breaker.failed(breaker.begin(model, now), now, jitter=jitter)


def ejected_at(now: float = 0.0) -> Breaker:
    """A breaker whose model has just failed for the fifth time."""
    breaker = Breaker()
    for _ in range(5):
        fail(breaker, now)
    return breaker


def test_five_in_a_row() -> None:
    """Four are not enough; a success in between begins the count anew; the fifth ejects for 5 s."""
    breaker = Breaker()
    for _ in range(4):
        fail(breaker, 0.0)
    breaker.succeeded(breaker.begin("m", 0.0), 0.0)
    for _ in range(4):
        fail(breaker, 0.0)
    assert not breaker.is_closed_to("m", 0.0)
    fail(breaker, 0.0)
    assert (breaker.is_closed_to("m", 0.0), breaker.is_closed_to("m", 4.9)) == (True, True)
    assert (breaker.is_closed_to("m", 5.0), breaker.is_closed_to("other", 0.0)) == (False, False)


@pytest.mark.parametrize("first", ["good", "bad"])
def test_half_of_the_latest(first: str) -> None:
    """One that fails every other time is left alone after six attempts at most; one in four is no reason."""
    for every, ejects in ((2, True), (4, False)):
        breaker, attempts = Breaker(), 0
        while not breaker.ejected and attempts < 40:
            permit = breaker.begin("m", attempts * 0.1)
            if (attempts + (first == "bad")) % every == 1 % every:
                breaker.failed(permit, attempts * 0.1, jitter=1.0)
            else:
                breaker.succeeded(permit, attempts * 0.1)
            attempts += 1
        assert (bool(breaker.ejected), breaker.flaps("m"), attempts <= 6) == (ejects, ejects, ejects)


def test_one_probe_at_a_time() -> None:
    """After the ejection one request goes out; until it ends, no other."""
    breaker = ejected_at()
    probe = breaker.begin("m", 5.0)
    assert probe.is_probe
    assert breaker.is_closed_to("m", 5.0)
    breaker.left(probe)
    assert not breaker.is_closed_to("m", 5.0)


def test_a_probe_that_succeeds_closes() -> None:
    """All requests again, and five new failures are needed."""
    breaker = ejected_at()
    breaker.succeeded(breaker.begin("m", 5.0), 5.0)
    assert breaker.ejected == {}
    for _ in range(4):
        fail(breaker, 6.0)
    assert not breaker.is_closed_to("m", 6.0)


def test_it_comes_back_by_and_by() -> None:
    """What has closed again is crowded by one attempt, then by two; one that is ejected again begins anew."""
    breaker = ejected_at()
    assert not breaker.is_crowded("m", 4.0)
    breaker.succeeded(breaker.begin("m", 5.0), 5.0)
    first = breaker.begin("m", 5.0)
    assert breaker.is_crowded("m", 5.0)
    breaker.succeeded(first, 5.0)
    second, _ = breaker.begin("m", 5.0), breaker.begin("m", 5.0)
    assert breaker.is_crowded("m", 5.0)
    breaker.left(second)
    assert not breaker.is_crowded("m", 5.0)
    for _ in range(5):
        fail(breaker, 6.0)
    assert breaker.is_closed_to("m", 6.0)
    breaker.succeeded(breaker.begin("m", 11.0), 11.0)
    breaker.begin("m", 11.0)
    assert breaker.is_crowded("m", 11.0)
    assert not breaker.is_crowded("m", 60.0)


def test_a_last_resort_is_no_probe() -> None:
    """Asked before its time, it may come back by answering; failing, it stays out no longer than it would have."""
    breaker = ejected_at()
    last_resort = breaker.begin("m", 1.0)
    assert not last_resort.is_probe
    for _ in range(10):
        breaker.failed(last_resort, 2.0, jitter=1.0)
    assert dict(breaker.ejected) == {"m": 5.0}
    probe = breaker.begin("m", 5.0)
    assert probe.is_probe
    beside = breaker.begin("m", 5.0)
    assert not beside.is_probe
    breaker.left(beside)
    assert breaker.is_closed_to("m", 5.0)
    breaker.succeeded(beside, 6.0)
    assert breaker.ejected == {}
    breaker.failed(probe, 6.0, jitter=1.0)
    assert not breaker.is_closed_to("m", 6.0)


def test_ejections_grow_and_are_capped() -> None:
    """5 s, 10 s, 15 s, 15 s, …; after a recovery 5 s again."""
    breaker, now, lengths = ejected_at(), 0.0, []
    for _ in range(4):
        lengths.append(breaker.ejected["m"] - now)
        now = breaker.ejected["m"]
        fail(breaker, now)
    assert lengths == [5.0, 10.0, 15.0, 15.0]
    now = breaker.ejected["m"]
    breaker.succeeded(breaker.begin("m", now), now)
    for _ in range(5):
        fail(breaker, now)
    assert breaker.ejected["m"] - now == 5.0


def test_jitter() -> None:
    """Gateways that ejected together do not probe together."""
    breaker = Breaker()
    for _ in range(5):
        fail(breaker, 0.0, jitter=0.8)
    assert breaker.ejected["m"] == pytest.approx(4.0)


def test_what_began_before_changes_nothing() -> None:
    """A slow success of the time before the ejection does not re-admit, a slow failure does not lengthen it."""
    breaker = Breaker()
    early = [breaker.begin("m", 0.0) for _ in range(7)]
    for permit in early[:5]:
        breaker.failed(permit, 1.0, jitter=1.0)
    until = breaker.ejected["m"]
    breaker.succeeded(early[5], 2.0)
    breaker.failed(early[6], 3.0, jitter=1.0)
    assert breaker.ejected == {"m": until}


def test_late_results_say_nothing_about_a_model_that_has_recovered() -> None:
    """Attempts of the time before the ejection neither eject it again nor wash new failures away."""
    breaker = Breaker()
    early = [breaker.begin("m", 0.0) for _ in range(11)]
    for permit in early[:5]:
        breaker.failed(permit, 0.0, jitter=1.0)
    breaker.succeeded(breaker.begin("m", 5.0), 5.0)
    for permit in early[5:10]:
        breaker.failed(permit, 6.0, jitter=1.0)
    assert not breaker.is_closed_to("m", 6.0)
    for _ in range(4):
        fail(breaker, 7.0)
    breaker.succeeded(early[10], 7.0)
    fail(breaker, 7.0)
    assert breaker.is_closed_to("m", 7.0)


def test_a_lost_probe_is_given_up() -> None:
    """Its place is a lease."""
    breaker = ejected_at()
    breaker.begin("m", 5.0)
    assert breaker.is_closed_to("m", 5.0 + PROBE_LEASE_S - 1)
    assert not breaker.is_closed_to("m", 5.0 + PROBE_LEASE_S)


def test_health_is_a_share_that_decays() -> None:
    """One failure makes a model sick until enough has gone well, or long ago."""
    breaker = Breaker()
    assert breaker.is_healthy("m", 0.0)
    fail(breaker, 0.0)
    assert not breaker.is_healthy("m", 0.0)
    for _ in range(round(1 / MOST_FAILING) - 1):
        breaker.succeeded(breaker.begin("m", 0.1), 0.1)
    assert breaker.is_healthy("m", 0.1)
    assert not ejected_at().is_healthy("m", 60.0)


def test_a_success_after_a_failure_is_forgotten() -> None:
    """What has been well for long needs no memory; an ejected one keeps it."""
    breaker = Breaker()
    fail(breaker, 0.0)
    breaker.succeeded(breaker.begin("m", 0.0), 0.0)
    breaker.sweep(0.1)
    assert not breaker.is_healthy("m", 0.1) or breaker.patients
    breaker.sweep(100.0)
    assert not breaker.patients
    sick = ejected_at()
    sick.sweep(1_000.0)
    assert sick.ejected


def test_it_is_bounded() -> None:
    """Names that callers make up do not fill the memory."""
    breaker = Breaker()
    for number in range(REMEMBERED + 5):
        fail(breaker, 0.0, model=str(number))
    assert len(breaker.patients) == REMEMBERED


@given(st.lists(st.tuples(st.sampled_from(["begin", "good", "bad", "left"]), st.floats(0, 4)), max_size=80))
def test_never_two_probes(steps: list[tuple[str, float]]) -> None:
    """Whatever happens in whatever order: where the gate is respected, at most one probe is under way."""
    breaker, now, running = ejected_at(), 0.0, []
    for step, seconds in steps:
        now += seconds
        if step == "begin":
            if not breaker.is_closed_to("m", now):
                running.append(breaker.begin("m", now))
        elif running:
            permit = running.pop(0)
            if step == "good":
                breaker.succeeded(permit, now)
            elif step == "bad":
                breaker.failed(permit, now, jitter=1.0)
            else:
                breaker.left(permit)
        probing = [permit for permit in running if permit.is_probe]
        assert len(probing) <= 1


def test_a_failure_of_another_one() -> None:
    """It counts like one's own, and changes nothing once the model is out."""
    breaker = Breaker()
    for _ in range(5):
        breaker.suspected("m", 0.0, jitter=1.0)
    assert dict(breaker.ejected) == {"m": 5.0}
    breaker.suspected("m", 1.0, jitter=1.0)
    assert dict(breaker.ejected) == {"m": 5.0}
    assert [breaker.state("m", now) for now in (0.0, 4.9, 5.0)] == ["ejected", "ejected", "probation"]
    assert breaker.state("other", 0.0) == "closed"
