"""Classifiers that know nothing."""

from __future__ import annotations

import pytest

from plano.domain.conversation import Conversation
from plano.domain.intent import Question
from plano.evaluate.baselines import AlwaysNone, WordOverlap
from tests.evaluate.made import ROUTES, case


def test_always_none_finds_nothing() -> None:
    """Whatever is asked."""
    question = case("code", text="writing code").question
    assert AlwaysNone().classify(question).route is None
    assert AlwaysNone().recall(question) == AlwaysNone().classify(question)


@pytest.mark.parametrize(
    ("text", "route"),
    [("I am WRITING code!", "code"), ("some casual talk", "chat"), ("nothing in common", None), ("a b c", None)],
)
def test_shared_words_decide(text: str, route: str | None) -> None:
    """The route with the larger share of its words in the text; no word in common is none."""
    question = case(route, text=text).question
    assert WordOverlap().classify(question).route == route
    assert WordOverlap().recall(question) == WordOverlap().classify(question)


def test_nothing_said_and_nothing_offered_is_none() -> None:
    """Empty questions are no error."""
    assert WordOverlap().classify(Question(Conversation(()), ROUTES)).route is None
    assert WordOverlap().classify(Question(case(None).question.conversation, ())).route is None
