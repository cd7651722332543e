"""Groups of entries: everything that is counted by name is the same within one, and nothing is lost."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.attempt import Abandoned, Answered, Receipt, Try
from plano.domain.usage import Usage
from plano.observe.alike import Choice, alike
from plano.observe.clerk import Clerk
from plano.observe.entry import Entry
from plano.observe.metrics import Metrics
from plano.observe.overview import overview
from plano.observe.record import Record
from plano.observe.series import Series

from .oracle import read
from .samples import TRACE_ID, decision, entry, record, tried

ANSWERED = entry(record(decision("a", "b"), tried(("a", "200"))))
OTHERS = (
    entry(record(decision("a", "b", text="another text"), tried(("a", "200")))),
    msgspec.structs.replace(ANSWERED, trace_id="1", seconds=9.0, usage=None, cost_usd=1.0, model="x"),
)
"""They differ from it in what is no name."""

STRANGERS = (
    msgspec.structs.replace(ANSWERED, path="/x"),
    msgspec.structs.replace(ANSWERED, status=201),
    msgspec.structs.replace(ANSWERED, code="x"),
    msgspec.structs.replace(ANSWERED, is_stream=True),
    msgspec.structs.replace(ANSWERED, served_by="b"),
    msgspec.structs.replace(ANSWERED, stages={"parse": 0.1}),
    msgspec.structs.replace(ANSWERED, decision=None),
    entry(record(decision("a", "b", route="other"), tried(("a", "200")))),
    entry(record(decision("a", "b", router="degraded"), tried(("a", "200")))),
    entry(record(decision("b", "a"), tried(("a", "200")))),
    entry(record(decision("a", "b"), tried(("a", "500"), ("a", "200")))),
    entry(record(decision("a", "b"), tried(("a", "201")))),
    entry(record(decision("a", "b"))),
)


def test_numbers_do_not_part_them() -> None:
    """Neither do texts, traces and what the caller named."""
    (group,) = alike((ANSWERED, *OTHERS))
    assert group.entries == [ANSWERED, *OTHERS]
    assert (group.choice, group.chain) == (Choice("code", "ok", "a"), (("a", "200"),))


def test_names_part_them() -> None:
    """Whatever is told apart by a label or a row is another group; groups and entries stay in order."""
    groups = alike((ANSWERED, *STRANGERS, *STRANGERS))
    assert [group.entries for group in groups] == [[ANSWERED], *([each, each] for each in STRANGERS)]


def test_records_fall_into_the_groups_of_their_entries() -> None:
    """Those that a batch makes as records come are those that another process makes of the entries it is told."""
    records = [
        record(decision("a", "b"), tried(("a", "200"))),
        record(decision("a", "b", text="another text"), tried(("a", "200"))),
        record(decision("a", "b"), tried(("a", "500"), ("a", "200"))),
        record(decision("a", "b"), Receipt((Try("a", "200"),), Abandoned())),
        record(decision("a", "b"), Receipt((Try("a", "held"),), Abandoned())),
        record(decision("b", "a"), tried(("a", "200"))),
        record(decision("a", "b", route="other")),
        record(decision("a", "b", router="degraded")),
        record(status=404, code="not_found", path="/x", stages=()),
        record(status=404, code="other", path="/x", stages=()),
        record(status=405, code="other", path="/y", stages=()),
        record(path=None),
    ]
    streamed = [msgspec.structs.replace(each, is_stream=True) for each in records]
    batch = Clerk(lambda: 0.0, lambda: 0.0, b"k").batch()
    for each in (*records, *streamed, *reversed(records)):
        batch.enter(each)
    assert batch.groups == alike(batch.entries)


def test_fallbacks() -> None:
    """Only where another model than the first was the last one asked."""

    def fell_back(one: Entry) -> bool:
        (group,) = alike([one])
        return group.fell_back

    assert fell_back(entry(record(decision("a", "b"), tried(("a", "500"), ("b", "200")))))
    assert not fell_back(ANSWERED)
    assert not fell_back(entry(record(decision("a"))))
    assert not fell_back(entry(record()))


def test_seconds_of_an_attempt() -> None:
    """Of each entry, in order; a candidate that was passed over took none."""
    (group,) = alike([entry(record(decision("a", "b"), tried(("a", "held"), ("b", "200"))))] * 2)
    assert group.attempts_s == ([], [0.0, 0.0])


MODELS, ENDINGS = ("a", "b"), ("200", "500", "429", "held", "connect")
USAGES = st.builds(
    Usage,
    *[st.none() | st.integers(0, 10_000)] * 5,
    is_estimated=st.booleans(),
)
SECONDS = st.floats(0.0, 300.0)
TRIES = st.lists(
    st.builds(Try, st.sampled_from(MODELS), st.sampled_from(ENDINGS), SECONDS, SECONDS), min_size=1, max_size=3
)
DECISIONS = st.sampled_from(
    (None, decision("a", "b"), decision("b", "a", route=None, router="degraded"), decision("a", router="skipped"))
)
RECORDS = st.builds(
    Record,
    trace_id=st.just(TRACE_ID),
    status=st.sampled_from((200, 404)),
    seconds=SECONDS,
    path=st.sampled_from((None, "/v1/messages", "/x")),
    code=st.sampled_from((None, "client_closed")),
    decision=DECISIONS,
    receipt=st.none() | st.builds(Receipt, TRIES.map(tuple), st.sampled_from((Answered(200), Abandoned()))),
    stages=st.dictionaries(st.sampled_from(("parse", "route", "ttft")), SECONDS),
    ended_at=st.just(1000.0),
    arrived_s=SECONDS,
    is_stream=st.booleans(),
    usage=st.sampled_from((None, lambda: None)) | USAGES.map(lambda used: lambda: used),
    cost_usd=st.none() | st.floats(0.0, 10.0),
)


@given(st.lists(RECORDS, max_size=30))
def test_together_and_one_by_one(records: list[Record]) -> None:
    """Whatever comes in one batch, the metrics and the page show what they show of the same entries one by one."""
    batch = Clerk(lambda: 0.0, lambda: 0.0, b"k").batch()
    for each in records:
        batch.enter(each)
    shown = []
    for groups in ([batch.groups], [alike([each]) for each in batch.entries]):
        metrics, series = Metrics(version="1"), Series(lambda: 100.0)
        for some in groups:
            metrics.take(some)
            series.take(some)
        seen = overview(series.last(60), window_s=60)
        by_name = sorted(seen.models, key=lambda row: row.model), sorted(seen.routes, key=lambda row: str(row.route))
        rows = _flat(msgspec.to_builtins((seen.total, *by_name)))
        shown.append((read(metrics.render()), rows))
    (numbers, page), (expected, expected_page) = shown
    # Of a sum of fractions the last bit depends on their order.
    assert numbers == pytest.approx(expected, rel=1e-12)
    assert page == pytest.approx(expected_page)


def _flat(shown: Any) -> list[Any]:
    """Every value of it, in order; what is unknown as ``?``."""
    if isinstance(shown, dict):
        return [value for each in shown.values() for value in _flat(each)]
    if isinstance(shown, list | tuple):
        return [value for each in shown for value in _flat(each)]
    return ["?" if shown is None else shown]
