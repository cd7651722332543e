"""Latencies of a Prometheus server: what counts, what is skipped, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.errors import FeedError
from plano.wire.feeds import prometheus
from plano.wire.feeds.prometheus import parse_prometheus


def series(name: str | None, value: Any) -> dict[str, Any]:
    """One series of an instant vector."""
    return {"metric": {} if name is None else {"model_name": name}, "value": [1_755_600_000, value]}


def answer(*result: Any, **more: Any) -> bytes:
    """The body of an answer to an instant query."""
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": list(result), **more}}).encode()


def test_a_latency_by_model() -> None:
    """The number of each series, under its model."""
    body = answer(series("openai/gpt-4o", "0.8"), series("b/c", "2"), series("d/e", "1.5e-1"))
    assert parse_prometheus(body) == {"openai/gpt-4o": 0.8, "b/c": 2.0, "d/e": 0.15}


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "-1", "x", "", "1e999", "1e9", 0.8, None, [], " 1"])
def test_what_is_no_latency_is_unknown(value: Any) -> None:
    """A sample that is no number of seconds leaves its model out, and no other."""
    assert parse_prometheus(answer(series("a/b", value), series("c/d", "0.5"))) == {"c/d": 0.5}


def test_series_without_the_label_are_skipped() -> None:
    """Only where no series at all names a model is the answer of no use: then the query is wrong."""
    assert parse_prometheus(answer(series(None, "1"), series("a/b", "2"))) == {"a/b": 2.0}
    with pytest.raises(FeedError, match="model_name"):
        parse_prometheus(answer(series(None, "1"), series("", "1")))


@pytest.mark.parametrize("order", [1, -1])
def test_the_slowest_of_several_series_counts(order: int) -> None:
    """Two series of one model, in whatever order the server lists them."""
    assert parse_prometheus(answer(*[series("a/b", "1"), series("a/b", "3")][::order])) == {"a/b": 3.0}


def test_no_series_is_an_answer() -> None:
    """Nothing is measured yet: every latency is unknown."""
    assert parse_prometheus(answer()) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        answer(series("a/b", "1"))[:-9],
        b'{"status": "error", "errorType": "bad_data", "error": "parse error"}',
        answer(resultType="matrix"),
        b'{"status": "success", "data": {"resultType": "scalar", "result": [1755600000, "1"]}}',
        b'{"status": "success", "data": {"resultType": "vector", "result": {}}}',
        b'{"status": "success"}',
        b"[]",
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    """Errors, other kinds of result, half a document: nothing of it replaces what is known."""
    with pytest.raises(FeedError):
        parse_prometheus(body)


def test_the_number_of_series_is_bounded() -> None:
    """Ten thousand series are read; more than the bound are refused as a whole."""
    many = answer(*[series(f"m/{number}", "1") for number in range(10_000)])
    assert len(parse_prometheus(many)) == 10_000
    with pytest.raises(FeedError, match="50001 series"):
        parse_prometheus(answer(*[{}] * (prometheus.MAX_SERIES + 1)))


@pytest.mark.parametrize("odd", [None, 1, [], {"metric": 1}, {"metric": {"model_name": 1}}, {"value": ["1"]}])
def test_odd_series_are_skipped(odd: Any) -> None:
    """A series of another form costs no other one its place."""
    assert parse_prometheus(answer(odd, series("a/b", "1"))) == {"a/b": 1.0}
