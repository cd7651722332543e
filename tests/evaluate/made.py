"""Labelled cases made for tests."""

from __future__ import annotations

from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Question
from plano.domain.route import Route
from plano.evaluate.cases import LabelledCase

ROUTES = (Route("code", "writing code", ("m",)), Route("chat", "casual talk", ("m",)))


def case(
    wanted: str | None, *, text: str = "hello", dataset: str = "made", conversation: str | None = None, turn: int = 0
) -> LabelledCase:
    """One case over two routes."""
    question = Question(Conversation((Turn("user", text),)), ROUTES)
    return LabelledCase(f"{dataset}-{text}-{turn}", dataset, question, wanted, conversation=conversation, turn=turn)
