"""Numbers in the Prometheus text format 0.0.4: families of series whose lines are made once, but for the number.

A scrape runs on the event loop, between requests. What is dear about it, names and labels, is therefore written when a
series first appears; a scrape adds the numbers, at 0.1 µs each. Source of the form:
https://prometheus.io/docs/instrumenting/exposition_formats.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Literal, Protocol

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

LabelValues = tuple[str, ...]
"""Values in the order of a family's labels, as ``Labels`` gives them: escaped, and bounded in number."""


class Family(Protocol):
    """Series of one name. ``name`` and ``said``: what they are called, and what they count."""

    name: str
    said: str

    def lines(self) -> str:
        """The text of all series, each line with its end."""
        ...


class Counter:
    """How often something happened, by label values."""

    __slots__ = ("_counts", "_head", "_labels", "name", "said")

    def __init__(self, name: str, said: str, labels: Sequence[str]) -> None:
        self.name = name
        self.said = said
        self._labels = tuple(labels)
        self._head = _head(name, said, "counter")
        self._counts: dict[LabelValues, _Count] = {}

    def add(self, values: LabelValues, amount: float = 1) -> None:
        """It happened once more, or so much more of it came together; ``amount`` is at least 0."""
        try:
            self._counts[values].number += amount
        except KeyError:
            self._counts[values] = _Count(_series(self.name, self._labels, values), amount)

    def lines(self) -> str:
        """The text of all series."""
        return self._head + "".join([f"{count.prefix}{count.number}\n" for count in self._counts.values()])


class Histogram:
    """How long something took, by label values: ``bounds`` are upper ends of buckets in seconds, ascending."""

    __slots__ = ("_bounds", "_head", "_labels", "_spreads", "name", "said")

    def __init__(self, name: str, said: str, labels: Sequence[str], *, bounds: Sequence[float]) -> None:
        self.name = name
        self.said = said
        self._labels = tuple(labels)
        self._bounds = tuple(bounds)
        self._head = _head(name, said, "histogram")
        self._spreads: dict[LabelValues, _Spread] = {}

    def observe(self, values: LabelValues, seconds: Sequence[float]) -> None:
        """It took that long, once for each of ``seconds``."""
        spread = self._spreads.get(values)
        if spread is None:
            spread = self._spreads[values] = _Spread(self._prefixes(values), len(self._bounds))
        # Sorted, those of one bucket stand together and are counted at once.
        ascending, bounds, begin = sorted(seconds), self._bounds, 0
        while begin < len(ascending):
            bucket = bisect_left(bounds, ascending[begin])
            end = len(ascending) if bucket == len(bounds) else bisect_right(ascending, bounds[bucket], begin)
            spread.counts[bucket] += end - begin
            begin = end
        spread.seconds = sum(seconds, spread.seconds)

    def lines(self) -> str:
        """The text of all series: cumulative buckets, sum, count."""
        parts = [self._head]
        for spread in self._spreads.values():
            below = list(accumulate(spread.counts))
            *buckets, sum_prefix, count_prefix = spread.prefixes
            parts += [f"{prefix}{number}\n" for prefix, number in zip(buckets, below, strict=True)]
            parts.append(f"{sum_prefix}{spread.seconds!r}\n{count_prefix}{below[-1]}\n")
        return "".join(parts)

    def _prefixes(self, values: LabelValues) -> tuple[str, ...]:
        labels = (*self._labels, "le")
        ends = [*map(repr, self._bounds), "+Inf"]
        buckets = [_series(f"{self.name}_bucket", labels, (*values, end)) for end in ends]
        return (*buckets, *(_series(self.name + part, self._labels, values) for part in ("_sum", "_count")))


class Live:
    """A number that is read when it is asked for; ``read`` gives None when it is not known, and no series then."""

    __slots__ = ("_head", "_read", "name", "said")

    def __init__(
        self, name: str, said: str, read: Callable[[], float | None], *, kind: Literal["gauge", "counter"] = "gauge"
    ) -> None:
        self.name = name
        self.said = said
        self._head = _head(name, said, kind)
        self._read = read

    def lines(self) -> str:
        """The text of the one series."""
        number = self._read()
        return "" if number is None else f"{self._head}{self.name} {number!r}\n"


class LabelledLive:
    """Numbers that are read when they are asked for; ``read`` gives (label values, number) for each series.

    Only a ``summary`` may have the label ``quantile``; it need not have a sum and a count.
    """

    __slots__ = ("_head", "_labels", "_read", "name", "said")

    def __init__(
        self,
        name: str,
        said: str,
        labels: Sequence[str],
        read: Callable[[], Iterable[tuple[LabelValues, float]]],
        *,
        kind: Literal["gauge", "counter", "summary"] = "gauge",
    ) -> None:
        self.name = name
        self.said = said
        self._labels = tuple(labels)
        self._head = _head(name, said, kind)
        self._read = read

    def lines(self) -> str:
        """The text of all series."""
        series = [f"{_series(self.name, self._labels, values)}{number!r}\n" for values, number in self._read()]
        return self._head + "".join(series)


class Facts:
    """What is true of this process, as the labels of a series that is always 1."""

    __slots__ = ("_text", "name", "said")

    def __init__(self, name: str, said: str, facts: Sequence[tuple[str, str]]) -> None:
        self.name = name
        self.said = said
        prefix = _series(name, [label for label, _ in facts], tuple(value for _, value in facts))
        self._text = f"{_head(name, said, 'gauge')}{prefix}1\n"

    def lines(self) -> str:
        """The text of the one series."""
        return self._text


def render(families: Iterable[Family]) -> bytes:
    """The answer to a scrape."""
    return "".join([family.lines() for family in families]).encode()


class _Count:
    """A counter's series: its line up to the number, and the number."""

    __slots__ = ("number", "prefix")

    def __init__(self, prefix: str, number: float) -> None:
        self.prefix = prefix
        self.number = number


class _Spread:
    """A histogram's series: their lines up to the numbers (buckets, sum, count), counts by bucket, seconds in all."""

    __slots__ = ("counts", "prefixes", "seconds")

    def __init__(self, prefixes: tuple[str, ...], bounds: int) -> None:
        self.prefixes = prefixes
        self.counts = [0] * (bounds + 1)
        self.seconds = 0.0


def _head(name: str, said: str, kind: Literal["gauge", "counter", "histogram", "summary"]) -> str:
    return f"# HELP {name} {said}\n# TYPE {name} {kind}\n"


def _series(name: str, labels: Sequence[str], values: LabelValues) -> str:
    """A line up to its number."""
    pairs = ",".join([f'{label}="{value}"' for label, value in zip(labels, values, strict=True)])
    return f"{name}{{{pairs}}} " if pairs else f"{name} "
