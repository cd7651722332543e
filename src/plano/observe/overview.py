"""The numbers that the page and the terminal show, from the stretches of a window. None is unknown, never 0."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from plano.observe.quantile import Spread
from plano.observe.series import STRETCH_S, RouteName, Stretch
from plano.observe.tally import ModelTally, Tally


class Times(msgspec.Struct, frozen=True):
    """Quantiles in seconds, each None when nothing was measured."""

    p50: float | None
    p95: float | None
    p99: float | None


class Total(msgspec.Struct, frozen=True):
    """All requests of a window. ``cost_usd``: of the answers whose cost is known, None when it is of none.

    ``uncosted``: answers without a known cost. ``overhead_s``: what the gateway itself took.
    """

    requests: int
    errors: int
    answers: int
    fallbacks: int
    degraded: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    uncosted: int
    first_token_s: Times
    seconds: Times
    overhead_s: Times


class ModelRow(msgspec.Struct, frozen=True):
    """One model in a window. ``tokens_per_s``: while streams ran. ``usd_per_1k``: of a thousand answers like these."""

    model: str
    attempts: int
    ok: int
    throttled: int
    served: int
    share: float | None
    first_token_s: Times
    seconds: Times
    tokens_per_s: float | None
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    uncosted: int
    usd_per_1k: float | None


class RouteRow(msgspec.Struct, frozen=True):
    """One route in a window; ``route`` None where none matched. ``share``: of all decisions, 0..1."""

    route: str | None
    requests: int
    share: float
    errors: int
    fallbacks: int
    seconds: Times


class Overview(msgspec.Struct, frozen=True):
    """A window of ``window_s`` seconds that ends now."""

    window_s: int
    total: Total
    models: tuple[ModelRow, ...]
    routes: tuple[RouteRow, ...]


class Columns(msgspec.Struct, frozen=True):
    """The last hour, one row for each stretch with traffic. ``at``: its beginning, seconds since the epoch."""

    stretch_s: int
    at: tuple[int, ...]
    requests: tuple[int, ...]
    errors: tuple[int, ...]
    cost_usd: tuple[float | None, ...]
    first_token_p50_s: tuple[float | None, ...]
    first_token_p95_s: tuple[float | None, ...]


def overview(stretches: Sequence[Stretch], *, window_s: int) -> Overview:
    """The rows of a window, the busiest first."""
    models: dict[str, list[ModelTally]] = {}
    routes: dict[RouteName, list[Tally]] = {}
    for stretch in stretches:
        for model, part in stretch.models.items():
            models.setdefault(model, []).append(part)
        for route, tally in stretch.routes.items():
            routes.setdefault(route, []).append(tally)
    whole = Tally.of([tally for stretch in stretches for tally in stretch.tallies])
    by_model = {name: ModelTally.of(parts) for name, parts in models.items()}
    by_route = {name: Tally.of(parts) for name, parts in routes.items()}
    decisions = sum([tally.requests for tally in by_route.values()])
    return Overview(
        window_s,
        _total(whole),
        tuple(
            [
                _model_row(name, tally, whole.answers)
                for name, tally in sorted(by_model.items(), key=lambda row: -row[1].attempts)
            ]
        ),
        tuple(
            [
                _route_row(name, tally, decisions)
                for name, tally in sorted(by_route.items(), key=lambda row: -row[1].requests)
            ]
        ),
    )


def columns(stretches: Sequence[Stretch]) -> Columns:
    """What is drawn over time, of all requests."""
    wholes = [Tally.of(stretch.tallies) for stretch in stretches]
    return Columns(
        STRETCH_S,
        tuple([stretch.begins_at for stretch in stretches]),
        tuple([whole.requests for whole in wholes]),
        tuple([whole.errors for whole in wholes]),
        tuple([_known_cost(whole) for whole in wholes]),
        tuple([whole.first_token.quantile(0.5) for whole in wholes]),
        tuple([whole.first_token.quantile(0.95) for whole in wholes]),
    )


def columns_of(model: str, stretches: Sequence[Stretch]) -> Columns:
    """What is drawn over time, of one model: its attempts, and those that were not answered."""
    wholes = [stretch.models.get(model) or ModelTally() for stretch in stretches]
    return Columns(
        STRETCH_S,
        tuple([stretch.begins_at for stretch in stretches]),
        tuple([whole.attempts for whole in wholes]),
        tuple([whole.attempts - whole.ok for whole in wholes]),
        tuple([_known_cost(whole) for whole in wholes]),
        tuple([whole.first_token.quantile(0.5) for whole in wholes]),
        tuple([whole.first_token.quantile(0.95) for whole in wholes]),
    )


def _total(whole: Tally) -> Total:
    return Total(
        requests=whole.requests,
        errors=whole.errors,
        answers=whole.answers,
        fallbacks=whole.fallbacks,
        degraded=whole.degraded,
        input_tokens=whole.input_tokens,
        output_tokens=whole.output_tokens,
        cost_usd=_known_cost(whole),
        uncosted=whole.uncosted,
        first_token_s=_times(whole.first_token),
        seconds=_times(whole.seconds),
        overhead_s=_times(whole.overhead),
    )


def _model_row(name: str, tally: ModelTally, answers: int) -> ModelRow:
    cost, costed = _known_cost(tally), tally.served - tally.uncosted
    return ModelRow(
        model=name,
        attempts=tally.attempts,
        ok=tally.ok,
        throttled=tally.throttled,
        served=tally.served,
        share=tally.served / answers if answers else None,
        first_token_s=_times(tally.first_token),
        seconds=_times(tally.seconds),
        tokens_per_s=tally.generated / tally.generating_s if tally.generating_s > 0 else None,
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        cost_usd=cost,
        uncosted=tally.uncosted,
        usd_per_1k=None if cost is None else cost / costed * 1000,
    )


def _route_row(name: RouteName, tally: Tally, decisions: int) -> RouteRow:
    share = tally.requests / decisions
    return RouteRow(name, tally.requests, share, tally.errors, tally.fallbacks, _times(tally.seconds))


def _known_cost(tally: Tally | ModelTally) -> float | None:
    """USD, None when no answer's cost is known."""
    answers = tally.answers if isinstance(tally, Tally) else tally.served
    return tally.cost_usd if answers > tally.uncosted else None


def _times(spread: Spread) -> Times:
    return Times(spread.quantile(0.5), spread.quantile(0.95), spread.quantile(0.99))
