"""How much extra work sick models may be given."""

from __future__ import annotations

from plano.signals.budget import FLOOR, Allowance, Budget


def spent(budget: Budget, now: float, wishes: int) -> int:
    """How many of so many wishes were granted."""
    return sum(budget.pays(now) for _ in range(wishes))


def test_a_fifth_of_the_requests() -> None:
    """1,000 requests in ten seconds pay for 200 extras, whoever wants them."""
    budget = Budget()
    granted = 0
    for second in range(10):
        for _ in range(100):
            budget.started(second + 0.5)
            granted += budget.pays(second + 0.5)
    assert 190 <= granted <= 200


def test_the_floor() -> None:
    """A quiet gateway may still retry now and then."""
    budget = Budget()
    budget.started(0.0)
    assert spent(budget, 0.0, 100) == FLOOR


def test_it_comes_back() -> None:
    """What was spent ten seconds ago is forgotten, and so are the requests of then."""
    budget = Budget()
    for _ in range(1_000):
        budget.started(0.0)
    assert spent(budget, 5.0, 1_000) == 200
    assert spent(budget, 9.0, 10) == 0
    assert spent(budget, 15.0, 100) == FLOOR


def test_a_brown_out_is_not_made_worse() -> None:
    """Every request would like one retry: attempts stay within 1.2 of the requests."""
    budget = Budget()
    attempts = requests = 0
    for tick in range(60_000):
        now = tick / 100
        budget.started(now)
        requests += 1
        attempts += 1 + budget.pays(now)
    assert attempts / requests <= 1.2


def test_looking_spends_nothing() -> None:
    """Whether there is enough may be asked as often as one likes."""
    budget = Budget()
    assert all(budget.can_pay(0.0) for _ in range(50))
    assert sum(budget.pays(0.0) for _ in range(50)) == FLOOR
    assert not budget.can_pay(0.0)
    assert budget.can_pay(11.0)


def test_an_allowance() -> None:
    """One in twenty requests, saved up for ten at most; nothing before anything was earned."""
    allowance, taken = Allowance(), 0
    for _ in range(1_000):
        allowance.earn(0.05)
        taken += allowance.take()
    assert 48 <= taken <= 50
    for _ in range(10_000):
        allowance.earn(0.05)
    assert sum(allowance.take() for _ in range(100)) == 10
