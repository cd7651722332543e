"""The last hour: bounded in time and in names."""

from __future__ import annotations

from plano.observe.alike import alike
from plano.observe.series import MAX_NAMES, REST, STRETCH_S, STRETCHES, Series

from .samples import decision, entry, record, tried


class Wall:
    """A clock that is set."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.now


def test_stretches_of_ten_seconds() -> None:
    """A request is counted in the stretch of its moment; only stretches of the window are shown, the oldest first."""
    wall = Wall()
    series = Series(wall)
    for moment in (1_000_000.0, 1_000_009.9, 1_000_010.0, 1_000_400.0):
        wall.now = moment
        series.take(alike([entry(record(decision("a")))]))
    counts = [(one.begins_at, sum(tally.requests for tally in one.tallies)) for one in series.last(3600)]
    assert counts == [(1_000_000, 2), (1_000_010, 1), (1_000_400, 1)]
    assert [one.begins_at for one in series.last(60)] == [1_000_400]


def test_an_hour_and_no_more() -> None:
    """The oldest stretch gives way."""
    wall = Wall()
    series = Series(wall)
    for _ in range(STRETCHES + 10):
        series.take(alike([entry(record())]))
        wall.now += STRETCH_S
    assert len(series.last(10**6)) == STRETCHES


def test_names_are_bounded() -> None:
    """Declared names have their place; a flood of others shares one row, and nothing is lost."""
    series = Series(Wall(), routes=("r",), models=("m",))
    for number in range(MAX_NAMES * 2):
        series.take(alike([entry(record(decision(f"x/{number}", route=f"r{number}"), tried((f"x/{number}", "200"))))]))
    series.take(alike([entry(record(decision("m", route="r"), tried(("m", "200"))))]))
    (stretch,) = series.last(60)
    assert len(stretch.models) == len(stretch.routes) == MAX_NAMES + 1
    assert stretch.models["m"].served == stretch.routes["r"].requests == 1
    assert stretch.models[REST].served == stretch.routes[REST].requests == MAX_NAMES + 1


def test_every_request_is_in_one_tally() -> None:
    """With a route, with none that matched, and without a decision."""
    series = Series(Wall())
    series.take(
        alike([entry(record(decision("a"))), entry(record(decision("a", route=None))), entry(record(status=400))])
    )
    (stretch,) = series.last(60)
    assert {name: tally.requests for name, tally in stretch.routes.items()} == {"code": 1, None: 1}
    assert stretch.undecided.requests == 1
