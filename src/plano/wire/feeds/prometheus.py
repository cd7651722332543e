"""Latencies in the answer of a Prometheus server to an instant query.

Source of the form: https://prometheus.io/docs/prometheus/latest/querying/api (instant queries).
"""

from __future__ import annotations

import math
import re
from typing import Any

from plano.errors import FeedError
from plano.wire.feeds.document import MAX_KEY_CHARS, objects, read

MAX_SERIES = 50_000
MAX_LATENCY = 1_000_000.0
"""Beyond it a number is no latency in any unit that makes sense."""

MODEL_LABEL = "model_name"
_NUMBER = re.compile(r"[0-9]{1,32}(?:\.[0-9]{1,32})?(?:e[-+]?[0-9]{1,3})?", re.IGNORECASE)


def parse_prometheus(body: bytes) -> dict[str, float]:
    """Latencies by the label ``model_name``; of several series of one model the slowest counts.

    A sample that is no number of seconds (``NaN``, text, negative) is unknown and left out, a series without the label
    is skipped. Raises FeedError when the answer is none, is no vector, is over the bounds, or has series of which not
    one can be used: such an answer must not wipe what is known. No series at all is an answer.
    """
    answer = read(body)
    data = objects(answer.get("data"))
    if answer.get("status") not in ("success", None) or data.get("resultType") not in ("vector", None):
        raise FeedError("the answer of Prometheus is an error or no instant vector")
    series = data.get("result")
    if not isinstance(series, list):
        raise FeedError("the answer of Prometheus has no list of series")
    if len(series) > MAX_SERIES:
        raise FeedError(f"the answer of Prometheus has {len(series)} series, at most {MAX_SERIES} are read")
    found, named = _slowest(series)
    if series and not named:
        raise FeedError(f"no series of the answer of Prometheus has the label '{MODEL_LABEL}'")
    return found


def _slowest(series: list[Any]) -> tuple[dict[str, float], int]:
    """The latencies, and how many series name a model."""
    found: dict[str, float] = {}
    named = 0
    for each in map(objects, series):
        name = objects(each.get("metric")).get(MODEL_LABEL)
        if not isinstance(name, str) or not 0 < len(name) <= MAX_KEY_CHARS:
            continue
        named += 1
        latency = _seconds(each.get("value"))
        if latency is not None:
            found[name] = max(latency, found.get(name, 0.0))
    return found, named


def _seconds(sample: Any) -> float | None:
    """The number of a sample ``[time, "number"]``."""
    if not isinstance(sample, list) or len(sample) != 2 or not isinstance(sample[1], str):
        return None
    if _NUMBER.fullmatch(sample[1]) is None:
        return None
    seconds = float(sample[1])
    return seconds if math.isfinite(seconds) and seconds <= MAX_LATENCY else None
