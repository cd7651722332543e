"""What models can do, from the shipped catalog."""

from __future__ import annotations

from plano.catalog import shipped
from plano.signals import facts
from plano.signals.facts import CatalogFacts


def test_a_known_model() -> None:
    """Under its own name and under the name it is declared by."""
    known = CatalogFacts(shipped.load(), {"fast": "openai/gpt-4o-mini"})
    can = known.get("openai/gpt-4o-mini")
    assert can is not None
    assert can.tools
    assert known.get("fast") is can


def test_nothing_is_known() -> None:
    """A model that is in no catalog, and a name without a provider."""
    known = CatalogFacts(shipped.load(), {})
    assert [known.get(name) for name in ("custom/mine", "gpt-4o", "")] == [None] * 3


def test_names_without_end_are_not_kept() -> None:
    """What callers make up is bounded."""
    known = CatalogFacts(shipped.load(), {})
    for number in range(facts.REMEMBERED + 10):
        known.get(f"openai/made-up-{number}")
    assert len(known._known) <= facts.REMEMBERED
