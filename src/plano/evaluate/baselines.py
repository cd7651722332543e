"""Classifiers that know nothing, to be better than."""

from __future__ import annotations

import re

from plano.domain.intent import Intent, Question

_WORD = re.compile(r"\w{3,}")


class AlwaysNone:
    """Never finds a route."""

    def recall(self, question: Question) -> Intent | None:
        """No route."""
        return Intent(route=None)

    def classify(self, question: Question) -> Intent:
        """No route."""
        return Intent(route=None)


class WordOverlap:
    """The first route with the most words of three letters or more in common with the last turn; none without any."""

    def recall(self, question: Question) -> Intent | None:
        """The same as ``classify``: counting is fast."""
        return self.classify(question)

    def classify(self, question: Question) -> Intent:
        """The route with the largest share of its own words in the last turn."""
        turns = question.conversation.turns
        said = _words(turns[-1].text) if turns else frozenset()
        scores = tuple(
            (route.name, _share(_words(f"{route.name} {route.description}"), said)) for route in question.routes
        )
        name, best = max(scores, key=lambda score: score[1], default=("", 0.0))
        return Intent(route=name if best > 0 else None, scores=scores)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _share(own: frozenset[str], said: frozenset[str]) -> float:
    return len(own & said) / len(own) if own else 0.0
