"""What is counted of requests and of models; unknown is never 0."""

from __future__ import annotations

import msgspec
import pytest

from plano.domain.attempt import Answered, Receipt, Try
from plano.domain.usage import Usage
from plano.observe.alike import Alike, alike
from plano.observe.entry import Entry
from plano.observe.tally import ModelTally, Tally

from .samples import decision, entry, record, tried


def answered(*, cost: float | None = None, usage: Usage | None = None, first_token_s: float | None = None) -> Entry:
    """A request that a model answered, after 0.5 s in all."""
    made = entry(record(decision("a", "b"), tried(("a", "200"))))
    return msgspec.structs.replace(made, cost_usd=cost, usage=usage, first_token_s=first_token_s)


def together(*entries: Entry) -> Alike:
    """These, which are alike."""
    (group,) = alike(entries)
    return group


def test_costs_that_are_known() -> None:
    """They add up; an answer without a known cost is counted apart."""
    tally = Tally()
    for cost in (0.25, None, 0.5):
        tally.add(together(answered(cost=cost)))
    assert (tally.answers, tally.cost_usd, tally.uncosted) == (3, 0.75, 1)


def test_errors_and_fallbacks() -> None:
    """An error by status or code; a fallback when another than the first answered."""
    tally = Tally()
    tally.add(together(entry(record(status=500))))
    tally.add(together(entry(record(decision("a"), code="client_closed"))))
    tally.add(together(entry(record(decision("a", "b"), tried(("a", "429"), ("b", "200"))))))
    tally.add(together(entry(record(decision("a", "b", router="degraded")))))
    assert (tally.requests, tally.errors, tally.fallbacks, tally.degraded) == (4, 2, 1, 1)


def test_overhead_is_what_came_before_the_first_attempt() -> None:
    """Counted from the whole request; a request without an attempt has none."""
    receipt = Receipt((Try("a", "200", began_at=10.0, seconds=0.2),), Answered(200))
    made = msgspec.structs.replace(record(decision("a"), receipt), ended_at=10.3, seconds=0.5, arrived_s=0.1)
    tally = Tally()
    tally.add(together(entry(made)))
    tally.add(together(entry(record(decision("a")))))
    assert tally.overhead.count == 1
    assert tally.overhead.quantile(0.5) == pytest.approx(0.1, rel=0.04)


def test_attempts_of_a_model() -> None:
    """How they ended; a candidate that was passed over because it is held made no attempt."""
    tally = ModelTally()
    for ending, seconds in (("200", 0.1), ("429", 0.2), ("timeout", 1.0), ("held", None), ("deadline", None)):
        tally.add_attempts(ending, 1, [] if seconds is None else [seconds])
    assert (tally.attempts, tally.ok, tally.throttled) == (3, 1, 2)


def test_speed_of_a_stream() -> None:
    """Tokens over the seconds after the first one; an answer that was no stream says nothing of it."""
    tally = ModelTally()
    tally.add_answers(together(answered(usage=Usage(input_tokens=1, output_tokens=40), first_token_s=0.1)))
    tally.add_answers(together(answered(usage=Usage(input_tokens=1, output_tokens=1000))))
    tally.add_answers(together(answered(first_token_s=0.1)))
    assert tally.served == 3
    assert tally.generated / tally.generating_s == pytest.approx(100)
    assert tally.output_tokens == 1040
    assert tally.first_token.count == 2


def test_parts_add_up() -> None:
    """Counted in two parts or in one, it is the same."""
    entries = [answered(cost=0.1), answered(), entry(record(status=500))]
    whole, parts = Tally(), [Tally(), Tally()]
    for group in alike(entries):
        whole.add(group)
    for number, each in enumerate(entries):
        parts[number % 2].add(together(each))
    both = Tally.of(parts)
    for name in ("requests", "errors", "answers", "uncosted", "cost_usd"):
        assert getattr(both, name) == getattr(whole, name)
    assert both.seconds.quantile(0.5) == whole.seconds.quantile(0.5)
