"""The reference page of translation."""

from __future__ import annotations

from pathlib import Path

from plano.wire.dialects.reference import markdown

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "translation.md"


def test_the_page_is_up_to_date() -> None:
    """The page in the docs is what the tables say now: write ``markdown()`` over it after a change."""
    assert PAGE.read_text(encoding="utf-8") == markdown()
