"""Another threshold than the shipped one, without asking again: the probabilities stay as they are."""

from __future__ import annotations

from msgspec.structs import replace

from plano.domain.intent import Intent, Question
from plano.ports import Classifier

REMEMBERED = 4_096


class Thresholded:
    """The answers of ``inner`` with a route from ``threshold`` (0..1) on.

    An answer that was given before is the same object again, as those of ``inner`` are.
    """

    def __init__(self, inner: Classifier, threshold: float) -> None:
        self.inner = inner
        self.threshold = threshold
        self._known: dict[int, tuple[Intent, Intent]] = {}

    def recall(self, question: Question) -> Intent | None:
        """The remembered answer, or None."""
        intent = self.inner.recall(question)
        return None if intent is None else self._judged(intent)

    def classify(self, question: Question) -> Intent:
        """The answer, and remember it."""
        return self._judged(self.inner.classify(question))

    def _judged(self, intent: Intent) -> Intent:
        known = self._known.get(id(intent))
        if known is not None and known[0] is intent:
            return known[1]
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        made = at_threshold(intent, self.threshold)
        self._known[id(intent)] = intent, made
        return made


def at_threshold(intent: Intent, threshold: float) -> Intent:
    """The intent as it would be with that threshold; one without scores stays as it is."""
    name, best = max(intent.scores, key=lambda score: score[1], default=("", 0.0))
    if not intent.scores:
        return intent
    return replace(intent, route=name if best >= threshold else None, threshold=threshold)
