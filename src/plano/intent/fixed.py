"""A classifier that says what it was told to: for tests of whatever stands behind a router."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plano.domain.intent import Intent, Question


@dataclass(slots=True)
class FixedClassifier:
    """``answers``: text of the last user turn to route name; any other text has ``default``. Counts its ``questions``.

    ``fault``: raised instead of answering, as a broken router would.
    """

    answers: Mapping[str, str | None] = field(default_factory=dict)
    default: str | None = None
    fault: Exception | None = None
    questions: list[Question] = field(default_factory=list)

    def recall(self, question: Question) -> Intent | None:
        """Nothing is remembered, so that every question is counted."""
        return None

    def classify(self, question: Question) -> Intent:
        """The answer it was told."""
        self.questions.append(question)
        if self.fault is not None:
            raise self.fault
        text = question.conversation.turns[-1].text
        route = self.answers.get(text, self.default)
        scores = tuple((each.name, 1.0 if each.name == route else 0.0) for each in question.routes)
        return Intent(route, scores, threshold=0.5, margin=1.0 if route else 0.0, text=text)
