"""What routes for nothing in particular mean."""

from __future__ import annotations

import pytest

from plano.intent.wording.breadth import Kind
from plano.intent.wording.everyday import meanings, requests


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_meanings_and_requests(kind: Kind) -> None:
    """Some of each, and none twice."""
    for texts in (meanings({kind}), requests({kind})):
        assert len(texts) >= 2
        assert len(set(texts)) == len(texts)


def test_questions_of_any_kind_are_about_facts_too() -> None:
    """General questions hold those of general knowledge."""
    assert set(meanings({Kind.QUESTIONS})) > set(meanings({Kind.FACTS}))
    assert set(requests({Kind.QUESTIONS})) > set(requests({Kind.FACTS}))
    assert set(requests({Kind.QUESTIONS})).isdisjoint(requests({Kind.TALK}))


def test_no_kind_means_nothing() -> None:
    """Nothing is added to a route with a subject."""
    assert (meanings(()), requests(())) == ((), ())
