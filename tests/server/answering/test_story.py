"""What answers say of how they came about: remembered or not, it is the same."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from plano.domain.attempt import Answered, Receipt, Refused, Try
from plano.server.answering.story import LONGEST_FIELD, REMEMBERED, Storyteller, shown

from .test_reply import decision

ASKED = Receipt((Try("p/a", "500", 1.0, 0.5), Try("p/b", "200", 2.0, 0.5)), Answered(200))


def test_stages_in_their_order() -> None:
    """Milliseconds with three places, for whatever stages there are."""
    teller = Storyteller()
    for stages in ({"parse": 0.0015, "ttft": 1.0}, {"ttft": 0.0, "parse": 0.25}, {"parse": 0.000125, "ttft": 2.0}):
        expected = ", ".join([f"{name};dur={seconds * 1000:.3f}" for name, seconds in stages.items()])
        assert teller.timing(stages) == expected


def test_what_is_remembered_is_what_would_be_told_anew() -> None:
    """Another ranking, route, router, chain or outcome is another story; times and trace ids are not."""
    teller, one = Storyteller(), decision("p/a", "p/b", route="code")
    decisions = (one, decision("p/b", "p/a", route="code"), replace(one, route=None), replace(one, trace_id="0" * 32))
    degraded = replace(one, intent=replace(one.intent, router="degraded"))
    receipts = (
        None,
        ASKED,
        replace(ASKED, tries=ASKED.tries[:1]),
        replace(ASKED, outcome=Refused(500, overflows=True)),
        replace(ASKED, tries=(Try("p/a", "429"), ASKED.tries[1])),
    )
    for _ in range(2):
        for made in (*decisions, degraded):
            for receipt in receipts:
                assert teller.of(made, receipt) == Storyteller().of(made, receipt)
    later = replace(ASKED, tries=tuple([replace(row, began_at=9.0, seconds=8.0) for row in ASKED.tries]))
    assert teller.of(one, later) is teller.of(one, ASKED)


def test_stories_are_bounded() -> None:
    """However many rankings come, a fixed number is remembered."""
    teller = Storyteller()
    for number in range(REMEMBERED + 9):
        teller.of(decision(f"p/{number}"), None)
        teller.timing({str(number): 1.0})
        assert len(teller._told) <= REMEMBERED
        assert len(teller._timings) <= REMEMBERED


@pytest.mark.parametrize(
    ("value", "expected"),
    [("p/a=200", "p/a=200"), ("50%", "50%25"), ("é\n", "%C3%A9%0A"), ("x" * 5000, "x" * LONGEST_FIELD)],
)
def test_a_field_can_hold_anything(value: str, expected: str) -> None:
    """What may not stand there is written by its numbers; what is too long is cut."""
    assert shown(value) == expected
