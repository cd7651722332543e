"""A request in a line and in full."""

from __future__ import annotations

import re
import time

from plano.cli.tree import clock, line

RECORD = {"trace_id": "4" * 32, "ended_at": time.time(), "status": 200, "seconds": 0.5, "model": "auto"}


def test_moments() -> None:
    """Of today by the clock alone; of another day with its date: the latest requests may be of last week."""
    assert re.fullmatch(r"\d\d:\d\d:\d\d", clock(RECORD))
    assert re.fullmatch(r"2001-09-\d\d \d\d:\d\d:\d\d", clock({**RECORD, "ended_at": 1_000_000_000.0}))


def test_the_model_of_a_decision() -> None:
    """Is the one that was ranked first where nobody was asked; before that, whoever answered."""
    candidates = [{"model": "x/left-out", "rank": None}, {"model": "a/first", "rank": 1}]
    decided = {**RECORD, "decision": {"route": "code", "candidates": candidates}}
    assert " a/first " in line(decided)
    assert " b/second " in line({**decided, "served_by": "b/second"})
    assert " auto " in line(RECORD)
