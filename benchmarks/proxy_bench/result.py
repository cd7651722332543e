"""What a run saw, as written to JSON, and the medians that are shown of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from proxy_bench.decisions import Decisions
from proxy_bench.measure import DIRECT, PlainRow, Plan, StreamRow

BASELINE = "nginx `proxy_pass`"
MOST = 64


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it ran. ``load_average``: of one minute, before and after: how much company the run had."""

    cpu: str
    cores: int
    kernel: str
    python: str
    load_average: tuple[float, float]


@dataclass(frozen=True, slots=True)
class ServerRow:
    """``starts_s``: each start to the first good answer. Resident memory then, and after all rounds."""

    stack: str
    starts_s: tuple[float, ...]
    ready_mb: float
    loaded_mb: float


@dataclass(frozen=True, slots=True)
class Result:
    """A whole run. ``missing``: stack → why it did not run."""

    date: str
    command: str
    machine: Machine
    versions: dict[str, str]
    missing: dict[str, str]
    plan: Plan
    servers: tuple[ServerRow, ...]
    plain: tuple[PlainRow, ...]
    streams: tuple[StreamRow, ...]
    decisions: Decisions | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the smallest and largest of its rounds."""

    middle: float
    low: float
    high: float


class Summary:
    """Medians over the rounds; comparisons are made within a round first."""

    def __init__(self, result: Result) -> None:
        self._plain = {(row.label, row.connections, row.round): row for row in result.plain}
        self._streams = {(row.label, row.round): row for row in result.streams}
        self._rounds = range(result.plan.rounds)

    def has(self, label: str) -> bool:
        """Did this target run?"""
        return any(name == label for name, _, _ in self._plain)

    def rate(self, label: str, connections: int) -> float:
        """Requests a second."""
        rows = (self._plain[label, connections, each] for each in self._rounds)
        return median(row.seen.requests / row.seen.seconds for row in rows)

    def cpu_s(self, label: str) -> float:
        """CPU seconds per 10,000 requests at the most connections."""
        return median(_cost(self._plain[label, MOST, each]) * 10_000 for each in self._rounds)

    def cut_share(self, label: str) -> float:
        """Share of requests that may have been cut off at the end of a round: their CPU counts, they do not."""
        return MOST / median(self._plain[label, MOST, each].seen.requests for each in self._rounds)

    def cpu_ratio(self, label: str) -> Spread:
        """CPU per request against the baseline's of the same round."""
        return _spread(
            [_cost(self._plain[label, MOST, each]) / _cost(self._plain[BASELINE, MOST, each]) for each in self._rounds]
        )

    def added_us(self, label: str, connections: int, value: Callable[[PlainRow], float]) -> Spread:
        """A time against that of no gateway in the same round."""
        return _spread(
            [
                value(self._plain[label, connections, each]) - value(self._plain[DIRECT.label, connections, each])
                for each in self._rounds
            ]
        )

    def event_cpu_us(self, label: str) -> float:
        """CPU microseconds per event."""
        return median(_event_cost(self._streams[label, each]) for each in self._rounds)

    def event_cpu_ratio(self, label: str) -> Spread:
        """CPU per event against the baseline's of the same round."""
        return _spread(
            [
                _event_cost(self._streams[label, each]) / _event_cost(self._streams[BASELINE, each])
                for each in self._rounds
            ]
        )

    def stream_added_us(self, label: str, value: Callable[[StreamRow], float]) -> Spread:
        """A time of a stream against that of no gateway in the same round."""
        return _spread(
            [value(self._streams[label, each]) - value(self._streams[DIRECT.label, each]) for each in self._rounds]
        )

    def failures(self, label: str) -> int:
        """Requests and streams without a good answer, in all rounds."""
        plain = sum(row.seen.failures for (name, _, _), row in self._plain.items() if name == label)
        return plain + sum(row.seen.failures for (name, _), row in self._streams.items() if name == label)


def _cost(row: PlainRow) -> float:
    return row.cpu_s / max(row.seen.requests, 1)


def _event_cost(row: StreamRow) -> float:
    return row.cpu_s / max(row.seen.events, 1) * 1e6


def _spread(values: list[float]) -> Spread:
    return Spread(median(values), min(values), max(values))
