"""Proofs of thoughts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plano.wire.canonical.request import Reasoning
from plano.wire.dialects import seals


@given(st.text(min_size=1), st.booleans())
def test_a_proof_keeps_its_maker(seal: str, is_hidden: bool) -> None:
    """Marked and read again: the same proof, whatever is in it."""
    mark = seals.mark(seal, "anthropic", is_hidden=is_hidden)
    assert seals.thought("t", mark) == Reasoning("t", seal, "anthropic", is_hidden)


def test_a_proof_without_a_mark() -> None:
    """It is the source's own; nothing at all is no proof."""
    assert seals.thought("t", "c2ln") == Reasoning("t", "c2ln")
    assert seals.thought("t", "") == seals.thought("t", None) == Reasoning("t")
