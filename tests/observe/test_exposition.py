"""The text format, as Prometheus' own client reads it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.observe.exposition import Counter, Facts, Histogram, LabelledLive, Live, render
from plano.observe.label import Labels

from .oracle import read, types
from .test_visible import ANY_TEXT


def test_a_counter() -> None:
    """Each combination of values is a series that begins at 1; a family without series is only described."""
    counter = Counter("a_total", "How often.", ("x", "y"))
    assert counter.lines() == "# HELP a_total How often.\n# TYPE a_total counter\n"
    for values in (("1", "2"), ("1", "2"), ("1", "")):
        counter.add(values)
    assert render([counter]) == (
        b'# HELP a_total How often.\n# TYPE a_total counter\na_total{x="1",y="2"} 2\na_total{x="1",y=""} 1\n'
    )


def test_a_counter_without_labels() -> None:
    """Its line has no braces."""
    counter = Counter("a_total", "How often.", ())
    counter.add(())
    assert counter.lines().endswith("\na_total 1\n")


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=30))
def test_a_histogram(times: list[float]) -> None:
    """A bucket counts what took at most as long as it says, the last one everything; the sum is the sum."""
    bounds = (0.1, 1.0, 10.0)
    histogram = Histogram("a_seconds", "How long.", ("x",), bounds=bounds)
    for seconds in times:
        histogram.observe(("1",), [seconds])
    found = {(name, dict(labels).get("le")): value for (name, labels), value in read(render([histogram])).items()}
    for bound in bounds:
        assert found["a_seconds_bucket", repr(bound)] == len([each for each in times if each <= bound])
    assert found["a_seconds_bucket", "+Inf"] == found["a_seconds_count", None] == len(times)
    assert math.isclose(found["a_seconds_sum", None], sum(times), abs_tol=1e-9)
    assert types(render([histogram])) == {"a_seconds": "histogram"}


def test_a_live_number() -> None:
    """It is read at every scrape; while it is not known there is no series, not even a description."""
    numbers: list[float | None] = [3, None, 2.5]
    live = Live("a", "What.", lambda: numbers.pop(0))
    assert live.lines() == "# HELP a What.\n# TYPE a gauge\na 3\n"
    assert live.lines() == ""
    assert live.lines().endswith("a 2.5\n")


@pytest.mark.parametrize("kind", ["gauge", "counter"])
def test_the_kind_of_a_live_number(kind: str) -> None:
    """A number that only grows is a counter."""
    live = Live("a_total", "What.", lambda: 1, kind="counter" if kind == "counter" else "gauge")
    assert set(types(render([live])).values()) == {kind}


def test_facts() -> None:
    """What is true stands in labels, the number is 1."""
    assert Facts("a_info", "What.", (("version", "1"),)).lines().endswith('\na_info{version="1"} 1\n')


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=30))
def test_any_names_survive(pairs: list[tuple[str, str]]) -> None:
    """Whatever names labels come from, the scrape can be read, has no series twice, and loses no count."""
    labels = Labels(limit=20)
    counter = Counter("a_total", "How often.", ("x", "y"))
    for x, y in pairs:
        counter.add((labels.of(x), labels.of(y)))
    assert sum(read(render([counter])).values()) == len(pairs)


def test_numbers_by_label_that_are_read_when_asked() -> None:
    """Each scrape reads them anew; a family without a series still says what it is."""
    found: list[tuple[tuple[str, ...], float]] = []
    family = LabelledLive("n", "said", ("feed",), lambda: found, kind="counter")
    head = "# HELP n said\n# TYPE n counter\n"
    assert family.lines() == head
    found[:] = [(("a",), 1.5), (("b",), 2)]
    assert family.lines() == f'{head}n{{feed="a"}} 1.5\nn{{feed="b"}} 2\n'
