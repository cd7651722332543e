"""The fallback loop, read as a conversation: it yields what to do, and is told how that ended."""

from __future__ import annotations

from typing import Any

import pytest

from plano.dispatch.flow import fall_back
from plano.domain.attempt import (
    Abandoned,
    Answered,
    Attempt,
    Hold,
    NoAnswer,
    Outcome,
    Pause,
    Refused,
    Throttled,
    Unfit,
)
from plano.errors import ChainFailed, InvalidRequest
from tests.dispatch.world import World, code, decision, failed, play

UNFIT = Unfit(InvalidRequest("n: 2 answers at once", param="n"))


def test_first_answer_ends_it() -> None:
    """The first model answers: nothing else happens."""
    done, receipt = play(("a", "b"), Answered(200))
    assert (done, str(receipt)) == (["a 150"], "a=200")


@pytest.mark.parametrize("ending", [401, 402, 403, 404, 408, 429, 500, 501, 502, 503, 504, 529, 302, 204])
def test_next_candidate_by_status(ending: int) -> None:
    """Whatever is not the caller's fault moves on, without waiting."""
    done, receipt = play(("a", "b"), failed(ending), Answered(200))
    assert (done, str(receipt)) == (["a 150", "b 300"], f"a={ending}, b=200")


@pytest.mark.parametrize(
    "ending", ["connect", "connect_timeout", "reset", "timeout", "protocol", "truncated", "inband"]
)
def test_next_candidate_without_answer(ending: NoAnswer) -> None:
    """No usable answer moves on as well."""
    assert str(play(("a", "b"), failed(ending), Answered(200))[1]) == f"a={ending}, b=200"


@pytest.mark.parametrize("status", [400, 405, 409, 413, 415, 422, 418])
def test_callers_mistake_ends_it(status: int) -> None:
    """The caller's own mistake is tried nowhere else."""
    _, receipt = play(("a", "b"), failed(status))
    assert (str(receipt), receipt.outcome, receipt.error) == (f"a={status}", Refused(status), None)


def test_abandoned_ends_it() -> None:
    """The caller left: nobody else is asked."""
    assert str(play(("a", "b"), Abandoned())[1]) == "a=client_closed"


@pytest.mark.parametrize("ending", ["connect", "reset", 500, 502, 503, 504, 529])
def test_last_candidate_is_asked_once_more(ending: int | NoAnswer) -> None:
    """The last one left gets one retry after a jittered wait, and only one."""
    done, receipt = play(("a",), failed(ending), failed(ending))
    assert done == ["a 300", "wait 0.5", "a 299.5"]
    assert str(receipt) == f"a={ending}, a={ending}"


@pytest.mark.parametrize(
    "ending", ["timeout", "connect_timeout", "protocol", "truncated", "inband", 401, 404, 408, 501]
)
def test_last_candidate_is_not_asked_again(ending: int | NoAnswer) -> None:
    """Silence, a cut answer or a wrong key are not retried."""
    assert play(("a",), failed(ending))[0] == ["a 300"]


def test_short_promise_is_waited_for() -> None:
    """429 with a time of at most 10 s on the last candidate: one more attempt, never early."""
    assert play(("a",), Throttled(Hold(2.0)), Answered(200))[0] == ["a 300", "wait 2", "a 298"]
    assert play(("a",), Throttled(Hold(10.5)))[0] == ["a 300"]
    assert play(("a",), Throttled(None))[0] == ["a 300"]


def test_named_time_counts_for_other_statuses() -> None:
    """503 with a time: the retry waits for it."""
    assert play(("a",), failed(503, 3.0), Answered(200))[0] == ["a 300", "wait 3", "a 297"]


def test_held_candidates_are_skipped() -> None:
    """A model under a promise is not called; when all are, the error names the soonest time."""
    world = World(holds={"a": 30.0})
    assert str(play(("a", "b"), Answered(200), world=world)[1]) == "a=held, b=200"
    world.holds["b"] = 10.0
    done, receipt = play(("a", "b"), world=world)
    assert (done, code(receipt)) == ([], (429, "no_candidate_available"))
    assert isinstance(receipt.error, ChainFailed)
    assert (receipt.error.retry_after_s, receipt.error.tried) == (10.0, False)


@pytest.mark.parametrize(("broken", "status"), [((), 429), (("a",), 503), (("a", "b"), 503)])
def test_held_for_another_reason_is_503(broken: tuple[str, ...], status: int) -> None:
    """429 only where every hold is a rate limit: an overloaded provider used to look like the caller's haste."""
    world = World(holds={"a": 30.0, "b": 10.0}, broken=frozenset(broken))
    done, receipt = play(("a", "b"), world=world)
    assert (done, code(receipt)) == ([], (status, "no_candidate_available"))


OVERFLOW = Refused(400, overflows=True)


@pytest.mark.parametrize(
    ("names", "script", "account"),
    [
        (("a:100", "b:200"), (OVERFLOW, Answered(200)), "a=400, b=200"),
        (("a:100", "b:100", "c:200"), (OVERFLOW, Answered(200)), "a=400, b=window, c=200"),
        (("a:100", "b:200", "c:300"), (OVERFLOW, OVERFLOW, Answered(200)), "a=400, b=400, c=200"),
        (("a:100", "b:100"), (OVERFLOW,), "a=400, b=window"),
        (("a:100", "b"), (OVERFLOW,), "a=400, b=window"),
        (("a", "b:200"), (OVERFLOW,), "a=400, b=window"),
        (("a:100",), (OVERFLOW,), "a=400"),
    ],
)
def test_too_long_a_prompt_goes_on_to_a_larger_window_only(
    names: tuple[str, ...], script: tuple[Outcome, ...], account: str
) -> None:
    """A limit that nobody knows is not larger; without a larger one the refusal is passed on."""
    receipt = play(names, *script)[1]
    assert str(receipt) == account
    assert receipt.outcome == script[-1]


def test_a_larger_window_that_fails() -> None:
    """Its failure is what the caller is told: the request itself was possible there."""
    receipt = play(("a:100", "b:200"), OVERFLOW, failed(500), failed(500))[1]
    assert str(receipt) == "a=400, b=500, b=500"
    assert code(receipt) == (502, "upstream_error")


def test_a_larger_window_that_is_held() -> None:
    """Nobody else was asked: the refusal is passed on."""
    receipt = play(("a:100", "b:200"), OVERFLOW, world=World(holds={"b": 5.0}))[1]
    assert (str(receipt), receipt.outcome) == ("a=400, b=held", OVERFLOW)


def test_ejected_candidates_are_skipped() -> None:
    """The next one is asked."""
    assert str(play(("a", "b"), Answered(200), world=World(ejected=frozenset("a")))[1]) == "a=ejected, b=200"


def test_who_has_just_become_well_is_spared() -> None:
    """As long as somebody else is left: the last one is asked all the same."""
    assert str(play(("a", "b"), Answered(200), world=World(crowded=frozenset("a")))[1]) == "a=ejected, b=200"
    for world in (World(crowded=frozenset("ab")), World(crowded=frozenset("b"))):
        assert str(play(("b",), Answered(200), world=world)[1]) == "b=200"
    alone = World(crowded=frozenset("a"), holds={"b": 60.0})
    assert str(play(("a", "b"), Answered(200), world=alone)[1]) == "a=200"


def test_the_last_resort() -> None:
    """Where nobody may be asked, those who failed too often are, in their order and once each; a promise is kept."""
    all_out = World(holds={"b": 60.0}, ejected=frozenset("ac"), broken=frozenset("abc"))
    done, receipt = play(("a", "b", "c"), failed(500), Answered(200), world=all_out)
    assert (done, str(receipt)) == (["a 150", "c 300"], "b=held, a=500, c=200")
    done, receipt = play(("a", "b", "c"), failed(500), failed(503), world=all_out)
    assert (len(done), str(receipt)) == (2, "b=held, a=500, c=503")
    assert code(receipt) == (503, "upstream_overloaded")


def test_the_last_resort_draws_on_the_budget() -> None:
    """So that callers do not keep a provider down: beyond it they are told at once, and it is no rate limit."""
    world = World(ejected=frozenset("ab"), broken=frozenset("ab"), budget=1)
    assert str(play(("a", "b"), failed(500), world=world)[1]) == "b=ejected, a=500"
    done, receipt = play(("a", "b"), world=world)
    assert (done, str(receipt), code(receipt)) == ([], "a=ejected, b=ejected", (503, "no_candidate_available"))


def test_no_last_resort_beside_somebody_who_was_asked() -> None:
    """One who failed just now is no reason to ask those who are left alone."""
    world = World(ejected=frozenset("b"))
    assert str(play(("a", "b"), failed(401), world=world)[1]) == "a=401, b=ejected"


@pytest.mark.parametrize(
    ("world", "limit_s"),
    [
        (World(is_stream=True), 10.0),
        (World(is_stream=True, sick=frozenset("b")), 20.0),
        (World(is_stream=True, holds={"b": 60.0}), None),
        (World(is_stream=True, ejected=frozenset("b")), None),
        (World(), None),
    ],
)
def test_the_first_token_of_a_stream(world: World, limit_s: float | None) -> None:
    """Limited while somebody is left who may be asked; whoever is the last one left has all of the time."""
    step = next(fall_back(decision("a", "b"), world.terms, world))
    assert isinstance(step, Attempt)
    assert step.first_token_s == limit_s
    assert step.is_last == bool(world.holds or world.ejected)


def test_a_model_that_its_failure_ejected_is_not_asked_again() -> None:
    """The retry of the last one left is none of a model that has just been given up."""
    world = World()
    steps = fall_back(decision("a"), world.terms, world)
    next(steps)
    world.ejected = frozenset("a")
    with pytest.raises(StopIteration):
        steps.send(failed(500))


def test_a_retry_pays_when_it_begins() -> None:
    """Nothing is spent on a wait that a caller leaves, and nothing where others took the rest in the meantime."""
    world = World(budget=1)
    steps = fall_back(decision("a"), world.terms, world)
    next(steps)
    assert isinstance(steps.send(failed(500)), Pause)
    with pytest.raises(StopIteration):
        steps.send(Abandoned())
    assert world.budget == 1
    steps = fall_back(decision("a"), world.terms, world)
    next(steps)
    steps.send(failed(500))
    world.budget = 0
    with pytest.raises(StopIteration) as end:
        steps.send(None)
    assert str(end.value.value) == "a=500, a=budget"


def test_the_budget() -> None:
    """A retry costs one, a sick model after another one too; a healthy one is free. Then it is said why."""
    assert str(play(("a",), failed(500), world=World(budget=0))[1]) == "a=500, a=budget"
    sick = World(budget=0, sick=frozenset("ab"))
    assert str(play(("a", "b", "c"), failed(401), Answered(200), world=sick)[1]) == "a=401, b=budget, c=200"
    assert (
        str(play(("a", "b"), failed(401), Answered(200), world=World(budget=1, sick=frozenset("ab")))[1])
        == "a=401, b=200"
    )


@pytest.mark.parametrize(
    ("script", "account"),
    [
        ((failed(500), Answered(200)), "a=500, a=200"),
        ((failed(500), failed(503), Answered(200)), "a=500, a=503, a=200"),
        ((failed(500), failed(500), failed(500), Answered(200)), "a=500, a=500, a=500, b=200"),
        ((Throttled(Hold(2.0)), Answered(200)), "a=429, a=200"),
        ((failed("timeout"), Answered(200)), "a=timeout, b=200"),
        ((UNFIT, failed(500), Answered(200)), "a=unfit, b=500, b=200"),
        ((Throttled(None), failed(500), failed(500), failed(500)), "a=429, b=500, b=500, b=500"),
    ],
)
def test_configured_retries_come_before_the_next_model(script: tuple[Outcome, ...], account: str) -> None:
    """Two retries on every model where the table allows them, and none beyond them on the last one."""
    assert str(play(("a", "b"), *script, world=World(max_retries=2))[1]) == account


def test_half_of_the_time_while_somebody_is_left() -> None:
    """Each attempt may take half of what remains, the last one all of it."""
    assert play(("a", "b", "c"), failed(401), failed(401), Answered(200))[0] == ["a 150", "b 150", "c 300"]


def test_deadline_ends_it() -> None:
    """After the deadline nobody is called, and the error says so."""
    world = World(time=300.0)
    done, receipt = play(("a", "b"), world=world)
    assert (done, code(receipt), str(receipt)) == ([], (504, "deadline_exceeded"), "a=deadline, b=deadline")


def test_no_wait_beyond_the_deadline() -> None:
    """A retry that could not happen in time is not waited for."""
    assert play(("a",), failed(503), world=World(time=299.8))[0] == ["a 0.2"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (500, 429, (429, "upstream_rate_limited")),
        (500, 503, (503, "upstream_overloaded")),
        (401, "timeout", (504, "upstream_timeout")),
        (401, "protocol", (502, "upstream_invalid_response")),
        (404, 401, (502, "upstream_model_missing")),
        ("truncated", "inband", (502, "upstream_error")),
        (401, 402, (502, "upstream_account_error")),
    ],
)
def test_worst_news_first(first: int | NoAnswer, second: int | NoAnswer, expected: tuple[int, str]) -> None:
    """Different failures: the answer is the first of the fixed order that occurred."""
    world = World(deadline=0.4)
    assert code(play(("a", "b"), failed(first), failed(second), world=world)[1]) == expected


def test_attempts_know_whether_they_are_the_last() -> None:
    """Only the last candidate's attempts are marked so."""
    steps = fall_back(decision("a", "b"), World().terms, World())
    first = next(steps)
    second = steps.send(failed(401))
    assert isinstance(first, Attempt)
    assert isinstance(second, Attempt)
    assert (first.is_last, first.number, second.is_last, second.number) == (False, 1, True, 2)


def test_who_cannot_be_told_is_passed_over() -> None:
    """A dialect without words for the request costs nothing, and is named in the account."""
    done, receipt = play(("a", "b"), UNFIT, Answered(200))
    assert (done, str(receipt)) == (["a 150", "b 300"], "a=unfit, b=200")


def test_nobody_can_be_told() -> None:
    """When no candidate has words for the request, it is the caller's: the first one's reason, with its place."""
    _, receipt = play(("a", "b"), UNFIT, Unfit(InvalidRequest("other", param="x")))
    assert receipt.error is UNFIT.error


@pytest.mark.parametrize("behind", ["unfit", "held"])
def test_the_last_one_left_is_asked_once_more(behind: str) -> None:
    """Whoever stands behind it cannot help: then it has the retry of the last one."""
    world = World(holds={"b": 100.0} if behind == "held" else {})
    outcomes = [failed(503), *([UNFIT] if behind == "unfit" else []), Answered(200)]
    done, receipt = play(("a", "b"), *outcomes, world=world)
    assert done == [*(["a 150", "b 300"] if behind == "unfit" else ["a 300"]), "wait 0.5", "a 299.5"]
    assert str(receipt) == f"a=503, b={behind}, a=200"


def test_an_unfit_one_has_no_say_in_the_error() -> None:
    """Who failed is told; a hold of the others says when to come back."""
    _, receipt = play(("a", "b"), UNFIT, failed(401))
    assert code(receipt) == (502, "upstream_account_error")
    _, receipt = play(("a", "b"), UNFIT, world=World(holds={"b": 7.0}))
    assert code(receipt) == (429, "no_candidate_available")


@pytest.mark.parametrize(
    ("names", "script", "account"),
    [
        (("a", "q/b", "c"), (failed(503), Answered(200)), "a=503, q/b=stored_elsewhere, c=200"),
        (("a", "q/b"), (failed(503), failed(503)), "a=503, q/b=stored_elsewhere, a=503"),
        (("a", "q/b"), (failed(404),), "a=404, q/b=stored_elsewhere"),
        (("a", "q/b"), (UNFIT, Answered(200)), "a=unfit, q/b=200"),
    ],
)
def test_what_one_account_keeps_is_asked_for_there(
    names: tuple[str, ...], script: tuple[Outcome, ...], account: str
) -> None:
    """Files, conversations and containers: once an account was asked, no other one is, as it has none of them."""
    done, receipt = play(names, *script, world=World(is_bound=True))
    assert str(receipt) == account
    assert receipt.error is None or "q/b does not keep what the request refers to" in str(receipt.error)
    assert done[0] == ("a 150" if "c" in names else "a 300")


class Wary(World):
    """A world that never says that all is calm."""

    def is_calm(self) -> bool:
        """Never."""
        return False


@pytest.mark.parametrize("names", [("a",), ("a", "b"), ("a", "b", "c"), ("a:100", "b:100", "c:200")])
@pytest.mark.parametrize(
    "script",
    [
        (Answered(200),),
        (failed(401), Answered(200)),
        (failed(401), failed(401), Answered(200)),
        (Refused(400),),
        (OVERFLOW, Answered(200)),
    ],
)
@pytest.mark.parametrize("kind", [{}, {"deadline": 0.0}, {"is_bound": True}, {"is_stream": True}])
def test_it_is_the_same_whether_anybody_is_asked_about_or_not(
    names: tuple[str, ...], script: tuple[Outcome, ...], kind: dict[str, Any]
) -> None:
    """Where nothing is known against anybody, not to ask changes no step and no word of the account."""

    def told(world: World) -> object:
        try:
            steps, receipt = play(names, *script, world=world)
        except (AssertionError, RuntimeError) as odd:
            # A script that is too long or too short for these models is so in both worlds.
            return type(odd)
        return steps, receipt.tries, receipt.outcome, receipt.error and code(receipt)

    assert told(World(**kind)) == told(Wary(**kind))
