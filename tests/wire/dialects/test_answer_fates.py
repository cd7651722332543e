"""The tables of answers: complete, and the lines that are made of them."""

from __future__ import annotations

import pytest

from plano.domain.model import Dialect
from plano.wire.canonical.notes import MOST, Notes
from plano.wire.dialects.answer_fates import ANSWER_TABLES, BECAUSE, lost
from plano.wire.dialects.fates import MAX_WARNINGS
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_every_member_has_a_fate(source: Dialect, target: Dialect) -> None:
    """What a target has no place for has a reason; and no reason stands there for nothing."""
    features = {field.feature for field in ANSWER_TABLES[source][0]}
    assert features - set(ANSWER_TABLES[target][1]) <= set(BECAUSE)
    used = {field.feature for fields, _ in ANSWER_TABLES.values() for field in fields}
    assert set(BECAUSE) <= used


def test_the_lines() -> None:
    """Kinds first; what the target has is no loss; names that could break a header are not shown."""
    notes = Notes()
    for path in ("id", "choices[].logprobs.content", "a: b", "usage.cost"):
        notes.member(path)
    notes.kind("image")
    assert lost(notes, CHAT, MESSAGES) == (
        "'image': dropped from the answer, only its own dialect knows it",
        "choices[].logprobs.content: dropped from the answer, the target gives no log probabilities",
        "a member with an odd name: dropped from the answer, only its own dialect knows it",
        "usage.cost: dropped from the answer, the target does not tell the price",
    )


def test_lines_are_bounded() -> None:
    """However much an upstream writes."""
    notes = Notes()
    for number in range(500):
        notes.member(f"x{number}")
        notes.kind(f"k{number}")
    lines = lost(notes, CHAT, MESSAGES)
    assert len(lines) == MAX_WARNINGS + 1
    assert lines[-1] == f"and {2 * MOST - MAX_WARNINGS} more"
