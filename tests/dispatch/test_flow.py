"""The fallback loop, read as a conversation: it yields what to do, and is told how that ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pytest

from plano.dispatch.flow import Conditions, fall_back
from plano.dispatch.verdict import judge, outcome_of
from plano.domain.attempt import (
    Abandoned,
    Answered,
    Attempt,
    Hold,
    NoAnswer,
    Outcome,
    Pause,
    Receipt,
    Refused,
    Throttled,
    Unfit,
)
from plano.domain.decision import Candidate, Decision
from plano.domain.intent import SKIPPED
from plano.domain.model import Endpoint, Model, Origin
from plano.errors import ChainFailed, InvalidRequest

UNFIT = Unfit(InvalidRequest("n: 2 answers at once", param="n"))
ENDPOINT = Endpoint(Origin("http", "h", 1), "/", "h")


@dataclass
class World:
    """A clock that only moves when told to, the promises of providers, who is ejected, and what the budget has left.

    ``sick``: models that cost something after another one.
    """

    now: float = 0.0
    deadline: float = 300.0
    holds: dict[str, float] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    ejected: frozenset[str] = frozenset()
    sick: frozenset[str] = frozenset()
    budget: int = 100
    max_retries: int = 0

    def conditions(self) -> Conditions:
        """What the loop sees of it."""
        return Conditions(
            now=lambda: self.now,
            jitter=lambda: 1.0,
            free_in_s=lambda model: max(0.0, self.holds.get(model, 0.0) - self.now),
            is_rate_limited=lambda model: model not in self.broken,
            closed=self.closed,
            pays=self.pays,
            deadline=self.deadline,
            max_retries=self.max_retries,
        )

    def closed(self, model: str) -> Literal["held", "ejected"] | None:
        """Why a model must not be asked."""
        if self.holds.get(model, 0.0) > self.now:
            return "held"
        return "ejected" if model in self.ejected else None

    def pays(self, model: str, is_retry: bool) -> bool:
        """One less, unless it is free."""
        if not is_retry and model not in self.sick:
            return True
        self.budget -= 1
        return self.budget >= 0


def decision(*names: str) -> Decision:
    """A decision for these models, in this order; ``a:100`` is model a with a limit of 100 tokens."""
    models = []
    for each in names:
        name, _, limit = each.partition(":")
        models.append(Model(name, "p", name, ENDPOINT, prompt_limit=int(limit) if limit else None))
    candidates = tuple(Candidate(model, place) for place, model in enumerate(models, start=1))
    return Decision("r", "0" * 32, candidates, SKIPPED)


def play(names: tuple[str, ...], *script: Outcome, world: World | None = None) -> tuple[list[str], Receipt]:
    """What was done, step by step, and the receipt; ``script`` holds the outcomes in order."""
    used = world or World()
    steps, done = fall_back(decision(*names), used.conditions()), []
    outcomes = iter(script)
    try:
        step = next(steps)
        while True:
            if isinstance(step, Pause):
                done.append(f"wait {step.seconds:g}")
                used.now += step.seconds
                step = steps.send(None)
            else:
                done.append(f"{step.candidate.model.name} {step.limit_s:g}")
                step = steps.send(next(outcomes))
    except StopIteration as end:
        receipt: Receipt = end.value
        assert next(outcomes, None) is None, "not every outcome was asked for"
        return done, receipt


def failed(ending: int | NoAnswer, hold_s: float | None = None) -> Outcome:
    """The outcome of an ending, by the table."""
    return outcome_of(judge(ending), ending, Hold(hold_s) if hold_s else None)


def code(receipt: Receipt) -> tuple[int, str]:
    """Status and code of a chain that failed."""
    assert receipt.error is not None
    return receipt.error.status, receipt.error.code


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
    """The next one is asked; when all are out, nobody is, and it is no rate limit."""
    world = World(ejected=frozenset("a"), broken=frozenset("ab"))
    assert str(play(("a", "b"), Answered(200), world=world)[1]) == "a=ejected, b=200"
    world.ejected = frozenset("ab")
    done, receipt = play(("a", "b"), world=world)
    assert (done, code(receipt)) == ([], (503, "no_candidate_available"))


def test_a_model_that_its_failure_ejected_is_not_asked_again() -> None:
    """The retry of the last one left is none of a model that has just been given up."""
    world = World()
    steps = fall_back(decision("a"), world.conditions())
    next(steps)
    world.ejected = frozenset("a")
    with pytest.raises(StopIteration):
        steps.send(failed(500))


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
    world = World(now=300.0)
    done, receipt = play(("a", "b"), world=world)
    assert (done, code(receipt), str(receipt)) == ([], (504, "deadline_exceeded"), "a=deadline, b=deadline")


def test_no_wait_beyond_the_deadline() -> None:
    """A retry that could not happen in time is not waited for."""
    assert play(("a",), failed(503), world=World(now=299.8))[0] == ["a 0.2"]


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
    steps = fall_back(decision("a", "b"), World().conditions())
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
    assert done == ["a 150", *(["b 300"] if behind == "unfit" else []), "wait 0.5", "a 299.5"]
    assert str(receipt) == f"a=503, b={behind}, a=200"


def test_an_unfit_one_has_no_say_in_the_error() -> None:
    """Who failed is told; a hold of the others says when to come back."""
    _, receipt = play(("a", "b"), UNFIT, failed(401))
    assert code(receipt) == (502, "upstream_account_error")
    _, receipt = play(("a", "b"), UNFIT, world=World(holds={"b": 7.0}))
    assert code(receipt) == (429, "no_candidate_available")
