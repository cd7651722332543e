"""Groups of entries: everything that is counted by name is the same within one, and nothing is lost."""

from __future__ import annotations

import msgspec

from plano.domain.attempt import Abandoned, Receipt, Try
from plano.observe.alike import Choice, alike
from plano.observe.clerk import Clerk
from plano.observe.entry import Entry

from .samples import decision, entry, record, tried

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
    assert group.seconds_of(0) == []
    assert group.seconds_of(1) == [0.0, 0.0]
