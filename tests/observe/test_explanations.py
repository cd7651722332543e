"""Why decisions were made is worked out once for many."""

from __future__ import annotations

import msgspec

from plano.observe.clerk import Clerk
from plano.observe.explanations import REMEMBERED

from .samples import decision, record


def clerk() -> Clerk:
    """One that knows nothing yet."""
    return Clerk(lambda: 1000.0, lambda: 50.0, b"k")


def test_decisions_that_differ_in_their_trace_alone() -> None:
    """They are explained alike, each with its own line; another intent or ranking is explained anew."""
    one = clerk()
    first = decision("a", "b")
    again = msgspec.structs.replace(first, trace_id="0" * 31 + "1")
    others = (
        decision("b", "a"),
        msgspec.structs.replace(first, intent=msgspec.structs.replace(first.intent, margin=0.1)),
        msgspec.structs.replace(first, route=None),
    )
    for made in (first, again, *others, first):
        explained = one.enter(record(made)).decision
        assert explained == clerk().enter(record(made)).decision
        assert explained is not None
        assert f"{explained.summary} {made.trace_id}" == str(made)


def test_explanations_are_bounded() -> None:
    """However many decisions come, a fixed number of them is remembered."""
    one = clerk()
    for _ in range(REMEMBERED + 9):
        one.enter(record(decision("a")))
        assert len(one.explanations._known) <= REMEMBERED
