"""Latencies: measured by the gateway itself, or said by a source; too old is unknown."""

from __future__ import annotations

import pytest

from plano.domain.snapshot import LARGE_PROMPT_BYTES, Pace
from plano.domain.usage import Served, Usage
from plano.signals import latencies
from plano.signals.latencies import TTL_S, MeasuredLatencies, ReportedLatencies


def served(
    first_s: float | None, whole_s: float | None, tokens: int | None = 101, *, model: str = "m", size: int = 100
) -> Served:
    """One answer."""
    return Served(model, None, size, Usage(output_tokens=tokens), first_s, whole_s)


def test_a_stream_tells_both_parts() -> None:
    """Seconds to the first token, and for each further one."""
    one = MeasuredLatencies()
    assert (one.is_live, one.at(0.0, is_large=False).get("m")) == (False, None)
    one.learn([served(0.5, 2.5)], 10.0)
    assert one.is_live
    assert one.at(12.0, is_large=False).get("m") == Pace(0.5, "measured", 2.0, tpot_s=0.02)


def test_the_mean_follows() -> None:
    """After a few half-lives only the newer answers count."""
    one = MeasuredLatencies()
    for moment in range(100):
        one.learn([served(5.0, None)], float(moment))
    for moment in range(100):
        one.learn([served(1.0, None)], 2_000.0 + moment)
    pace = one.at(2_100.0, is_large=False).get("m")
    assert pace is not None
    assert pace.value == pytest.approx(1.0, abs=0.01)


def test_large_prompts_apart() -> None:
    """Each size has its numbers; a size without any takes those of the other."""
    one = MeasuredLatencies()
    one.learn([served(3.0, None, size=LARGE_PROMPT_BYTES)], 0.0)
    small, large = one.at(0.0, is_large=False), one.at(0.0, is_large=True)
    assert small.get("m") == large.get("m")
    one.learn([served(0.5, None, size=LARGE_PROMPT_BYTES - 1)], 0.0)
    found = [one.at(0.0, is_large=is_large).get("m") for is_large in (False, True)]
    assert [pace.value for pace in found if pace is not None] == [0.5, 3.0]


def test_answers_that_come_whole() -> None:
    """Without a stream the time of the answer is split; with one, the stream's first token counts."""
    one = MeasuredLatencies()
    for moment in range(20):
        one.learn([served(None, 1.0 + 0.01 * (moment * 50), moment * 50)], float(moment))
    pace = one.at(20.0, is_large=False).get("m")
    assert pace is not None
    assert pace.value == pytest.approx(1.0, abs=0.01)
    assert pace.tpot_s == pytest.approx(0.01, rel=0.01)
    one.learn([served(0.3, None)], 20.0)
    pace = one.at(20.0, is_large=False).get("m")
    assert pace is not None
    assert pace.value == 0.3
    assert pace.tpot_s == pytest.approx(0.01, rel=0.01)


@pytest.mark.parametrize(
    ("first_s", "whole_s", "tokens", "tpot_s"),
    [
        (0.5, None, 101, None),
        (0.5, 2.5, None, None),
        (0.5, 2.5, 3, None),
        (0.5, 0.4, 101, 0.0),
        (None, None, 9, "none"),
    ],
)
def test_what_is_not_known_of_an_answer(
    first_s: float | None, whole_s: float | None, tokens: int | None, tpot_s: float | str | None
) -> None:
    """A slow caller, no usage, a very short answer: no time per token is made up. Nothing measured: nothing."""
    one = MeasuredLatencies()
    one.learn([served(first_s, whole_s, tokens)], 0.0)
    pace = one.at(0.0, is_large=False).get("m")
    assert (pace.tpot_s if pace is not None else "none") == tpot_s


def test_too_old_is_unknown() -> None:
    """From half an hour after the last answer on nothing is known."""
    one = MeasuredLatencies()
    one.learn([served(0.5, None)], 0.0)
    assert one.at(TTL_S - 0.1, is_large=False).get("m") is not None
    assert one.at(TTL_S, is_large=False).get("m") is None


def test_a_photograph_does_not_change() -> None:
    """What is learned after it is not in it."""
    one = MeasuredLatencies()
    one.learn([served(0.5, None)], 0.0)
    before = one.at(1.0, is_large=False)
    one.learn([served(9.0, None)], 2.0)
    pace = before.get("m")
    assert pace is not None
    assert (pace.value, pace.age_s) == (0.5, 1.0)


def test_models_without_end_are_not_kept() -> None:
    """What callers make up is bounded."""
    one = MeasuredLatencies()
    for number in range(latencies.REMEMBERED + 10):
        one.learn([served(0.5, None, model=f"m{number}")], 0.0)
    one.at(0.0, is_large=False)
    assert len(one._tracks) == len(one._known) == latencies.REMEMBERED
    assert one.at(0.0, is_large=False).get("m0") is None


def test_quantiles() -> None:
    """Of the first tokens of streams; newer ones weigh more, over days as well."""
    one = MeasuredLatencies()
    assert one.quantiles("m", (0.5,)) == ()
    for moment in range(100):
        one.learn([served(5.0, None)], float(moment))
    for moment in range(100):
        one.learn([served(1.0, None)], 400_000.0 + moment)
    assert one.quantiles("m", (0.5, 0.99)) == pytest.approx((1.0, 1.0), rel=0.021)


def test_a_source() -> None:
    """Its numbers with its name and their age; a failure marks them, a time to live ends them."""
    one = ReportedLatencies("prometheus", 60.0)
    one.hear({"a/b": 0.8}, at=100.0)
    before = one.at(110.0)
    one.doubt()
    assert before.get("a/b") == Pace(0.8, "prometheus", 10.0)
    assert one.at(110.0).get("a/b") == Pace(0.8, "prometheus", 10.0, is_stale=True)
    assert (one.at(159.9).get("a/b") is None, one.at(160.0).get("a/b")) == (False, None)
    one.hear({"c/d": 1.0}, at=200.0)
    assert (one.at(200.0).get("a/b"), one.at(200.0).get("c/d")) == (None, Pace(1.0, "prometheus", 0.0))
