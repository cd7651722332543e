"""What Prometheus' own client reads out of a scrape."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

Series = tuple[str, frozenset[tuple[str, str]]]


def read(scrape: bytes) -> dict[Series, float]:
    """Every series and its number. Fails when one stands there twice, or a line is none."""
    found: dict[Series, float] = {}
    for family in text_string_to_metric_families(scrape.decode()):
        for sample in family.samples:
            series = (sample.name, frozenset(sample.labels.items()))
            assert series not in found, series
            found[series] = sample.value
    lines = [line for line in scrape.decode().split("\n") if line and not line.startswith("#")]
    assert len(lines) == len(found)
    return found


def types(scrape: bytes) -> dict[str, str]:
    """The type of every family."""
    return {family.name: family.type for family in text_string_to_metric_families(scrape.decode())}


def number_of(scrape: bytes, name: str, **labels: str) -> float | None:
    """The number of one series, None when it is not there."""
    return read(scrape).get((name, frozenset(labels.items())))


def total(series: Mapping[Series, float], name: str) -> float:
    """The sum over all series of a name."""
    return sum(value for (known, _), value in series.items() if known == name)
