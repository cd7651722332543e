"""The fallback loop where a second candidate may begin beside one that is late."""

from __future__ import annotations

import pytest

from plano.dispatch.flow import fall_back
from plano.domain.attempt import Answered, Attempt, Outcome, Outpaced, Raced, Receipt, Refused
from tests.dispatch.world import World, decision, failed


def raced(*told: Outcome | Raced, names: tuple[str, ...] = ("a", "b", "c")) -> tuple[list[Attempt], Receipt]:
    """The attempts that were yielded, and the receipt."""
    world = World(is_stream=True, rival_after=2.0)
    steps, attempts = fall_back(decision(*names), world.terms, world), []
    try:
        step = next(steps)
        for each in told:
            assert isinstance(step, Attempt)
            attempts.append(step)
            step = steps.send(each)
    except StopIteration as end:
        receipt: Receipt = end.value
        return attempts, receipt
    raise AssertionError("the chain goes on")


def test_the_next_one_is_the_rival() -> None:
    """It may have what is left of the time, and waits for its content; the last one has none."""
    (first,), _ = raced(Answered(200))
    assert first.rival is not None
    assert (first.rival.after_s, first.rival.attempt.candidate.model.name) == (2.0, "b")
    assert (first.rival.attempt.limit_s, first.rival.attempt.is_last) == (298.0, False)
    (alone,), _ = raced(Answered(200), names=("a",))
    assert alone.rival is None


@pytest.mark.parametrize(
    ("told", "account", "model"),
    [
        (Raced(Outpaced(), Answered(200)), "a=outpaced, b=200", "b"),
        (Raced(Answered(200), Outpaced()), "b=outpaced, a=200", "a"),
        (Raced(failed(503), Answered(200)), "a=503, b=200", "b"),
        (Raced(Outpaced(), Refused(400)), "a=outpaced, b=400", "b"),
    ],
)
def test_the_winner_stands_last(told: Raced, account: str, model: str) -> None:
    """Rows stand in the order in which they ended; whoever was given up is named, as it may be billed."""
    _, receipt = raced(told)
    assert (str(receipt), receipt.model) == (account, model)


def test_both_failed() -> None:
    """Both had their turn: the one behind them is next, and has nobody left beside it."""
    attempts, receipt = raced(Raced(failed("timeout"), failed(401)), Answered(200))
    assert str(receipt) == "a=timeout, b=401, c=200"
    assert attempts[1].rival is None
