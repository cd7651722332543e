"""The bank leads from a request to the tasks it is like."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plano.intent.bank import NEIGHBOURS, Bank
from plano.intent.encoders.geometry import Floats

DIMENSIONS = 40
ONE_VIEW = np.ones(1, dtype=np.float32)


def bank_of(tasks: int, *, requests: int) -> Bank:
    """Task i lies along axis i; all its requests are alike."""
    axes = np.eye(DIMENSIONS, dtype=np.float32)[:tasks]
    starts = np.arange(0, tasks * requests + 1, requests)
    return Bank.of(axes, np.repeat((axes * 127).astype(np.int8), requests, axis=0), starts)


def axis(place: int) -> Floats:
    """A view along one axis."""
    return np.eye(DIMENSIONS, dtype=np.float32)[place : place + 1]


def nearby(bank: Bank, views: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Tasks and shares for one view."""
    return bank.nearby(bank.likeliest(views, ONE_VIEW), views, ONE_VIEW)


def test_the_likeliest_tasks_come_first() -> None:
    """At most 32 of them, by the likeness of their requests."""
    likeliest = bank_of(40, requests=1).likeliest(axis(35), ONE_VIEW)
    assert list(likeliest) == [35, *range(31)]


def test_requests_of_the_right_task_come_first() -> None:
    """A view along task 3 finds the requests of task 3, and the shares make 1."""
    tasks, shares = nearby(bank_of(20, requests=6), axis(3))
    assert len(tasks) == len(shares) == NEIGHBOURS
    assert list(tasks[:6]) == [3] * 6
    assert 3 not in tasks[6:]
    assert np.isclose(shares.sum(), 1)
    assert shares[:6].sum() > 0.99


def test_ties_are_broken_by_the_order_of_the_bank() -> None:
    """A view that is like nothing finds the first tasks, every time."""
    tasks, _ = nearby(bank_of(20, requests=2), axis(30))
    assert list(tasks) == [place // 2 for place in range(NEIGHBOURS)]


def test_centres_are_the_directions_of_the_requests() -> None:
    """The length of a stored request does not matter, only where it points."""
    rows = np.array([[127, 0], [0, 10]], dtype=np.int8)
    bank = Bank.of(np.eye(1, 2, dtype=np.float32), rows, np.array([0, 2]))
    assert np.allclose(bank.centres, [[0.70710678, 0.70710678]])


def test_a_small_bank_has_fewer_neighbours() -> None:
    """Three requests in all are three neighbours, not an error."""
    tasks, shares = nearby(bank_of(3, requests=1), axis(1))
    assert list(tasks) == [1, 0, 2]
    assert len(shares) == 3


def test_only_directions_of_requests_are_compared() -> None:
    """A short row that points where the view does comes before a long one that points half away."""
    rows = np.array([[90, 90], [10, 0]], dtype=np.int8)
    bank = Bank.of(np.eye(2, dtype=np.float32), rows, np.array([0, 1, 2]))
    tasks, _ = nearby(bank, np.array([[1, 0]], dtype=np.float32))
    assert list(tasks) == [1, 0]
