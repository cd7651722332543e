"""The router that ships with Plano: one encoder pass a turn, a comparison with every route, a calibrated decision.

It runs in this process, on one core, opens no connection, and gives the same answer to the same question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plano.domain.intent import Intent, Question
from plano.domain.route import Route
from plano.intent.memory import Memory
from plano.intent.package import SHIPPED, Parts, load
from plano.intent.text import MAX_TURNS, shown
from plano.intent.views import examples, phrases, views

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from plano.intent.matching import RouteVectors, Views

REMEMBERED_ANSWERS = 4_096
REMEMBERED_ROUTES = 1_024
REMEMBERED_PHRASES = 8_192
REMEMBERED_VIEWS = 1_024

_UNSEEN = Intent(route=None)


class EmbeddedClassifier:
    """A Classifier over the parts of a router.

    Remembers answers, routes, phrases and views, each in a bounded memory whose keys are digests: no text is kept
    but what ``Intent.text`` shows of the last answers.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._answers: Memory[bytes, Intent] = Memory(REMEMBERED_ANSWERS)
        self._routes: Memory[bytes, RouteVectors] = Memory(REMEMBERED_ROUTES)
        self._phrases: Memory[bytes, NDArray[np.float32]] = Memory(REMEMBERED_PHRASES)
        self._views: Memory[bytes, NDArray[np.float32]] = Memory(REMEMBERED_VIEWS)

    @classmethod
    def load(cls, folder: Path | None = None) -> EmbeddedClassifier:
        """The shipped router, or the one in ``folder``. Raises InternalError when its files are not the right ones."""
        return cls(load(folder or SHIPPED))

    @property
    def version(self) -> str:
        """Name and version of the router, as shown to people."""
        return self._parts.version

    def recall(self, question: Question) -> Intent | None:
        """The remembered answer, or None."""
        return self._answers.get(_question_key(question))

    def classify(self, question: Question) -> Intent:
        """The answer, and remember it."""
        key = _question_key(question)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answer(question)
            self._answers.put(key, answer)
        return answer

    def warm(self, routes: Sequence[Route]) -> None:
        """Encodes the routes now, so that their first request does not wait for it."""
        for route in routes:
            self._route(route, among=len(routes))

    def _answer(self, question: Question) -> Intent:
        texts = views(shown(question.conversation))
        if not texts or not question.routes:
            return _UNSEEN
        routes = [self._route(route, among=len(question.routes)) for route in question.routes]
        match = self._parts.space.match(self._read(texts), routes)
        scores = self._parts.calibration.probabilities(match.scores, match.features)
        return decided(question.routes, scores, threshold=self._parts.calibration.threshold, text=texts[-1])

    def _read(self, texts: tuple[str, ...]) -> Views:
        from plano.intent.matching import Views

        vectors = self._encoded(texts, self._views)
        return Views(self._parts.space.requests(vectors), length=len(texts[0]))

    def _route(self, route: Route, *, among: int) -> RouteVectors:
        described, liked = phrases(route, among=among), examples(route)
        key = _key((*described, "", *liked))
        known = self._routes.get(key)
        if known is None:
            vectors = self._encoded(described, self._phrases)
            known = self._parts.space.route(vectors, self._encoded(liked, self._phrases) if liked else None)
            self._routes.put(key, known)
        return known

    def _encoded(self, texts: tuple[str, ...], memory: Memory[bytes, NDArray[np.float32]]) -> NDArray[np.float32]:
        """The encoder's vectors of the texts, only the new ones computed."""
        import numpy as np

        rows = []
        for text in texts:
            key = _key((text,))
            row = memory.get(key)
            if row is None:
                row = self._parts.encoder.encode((text,))[0]
                memory.put(key, row)
            rows.append(row)
        return np.stack(rows)


def decided(routes: Sequence[Route], scores: tuple[float, ...], *, threshold: float, text: str) -> Intent:
    """The answer: the first of the best routes when it reaches the threshold, else none."""
    best = max(scores)
    place = scores.index(best)
    second = max((score for other, score in enumerate(scores) if other != place), default=0.0)
    return Intent(
        route=routes[place].name if best >= threshold else None,
        scores=tuple((route.name, score) for route, score in zip(routes, scores, strict=True)),
        threshold=threshold,
        margin=best - second,
        text=text,
    )


def _question_key(question: Question) -> bytes:
    parts: list[str] = []
    for turn in question.conversation.turns[-MAX_TURNS:]:
        parts += (turn.role, turn.text)
    for route in question.routes:
        parts += ("", route.name, route.description, *route.examples)
    return _key(parts)


def _key(parts: Sequence[str]) -> bytes:
    """A digest that differs whenever a part, or a boundary between parts, does."""
    lengths = ",".join([str(len(part)) for part in parts])
    text = f"{lengths}|{''.join(parts)}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
