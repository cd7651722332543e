"""The router that ships with Plano: one encoder pass a turn, a comparison with every route, a calibrated decision.

It runs in this process, on one core, opens no connection, and gives the same answer to the same question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plano.domain.conversation import Turn
from plano.domain.intent import Intent, Question
from plano.domain.route import Route
from plano.intent.calibration import raised
from plano.intent.memory import Memory, digest
from plano.intent.reading import read, repaired
from plano.intent.text import MAX_TURNS, is_blank, shown
from plano.intent.views import closes, everyday, examples, excluded_phrases, facet_limit, phrases, views
from plano.intent.wording.anaphora import leans_back
from plano.intent.wording.purpose import purpose, spoken
from plano.intent.wording.rest import is_for_the_rest
from plano.intent.wording.terms import Terms, in_common
from plano.intent.wording.tongue import is_foreign

if TYPE_CHECKING:
    from plano.intent.matching import RouteVectors
    from plano.intent.package import Parts

REMEMBERED_ANSWERS = 4_096
REMEMBERED_ROUTES = 1_024
REMEMBERED_PHRASES = 8_192
REMEMBERED_VIEWS = 1_024
REMEMBERED_POLICIES = 1_024

_CARRIED = 1.3
"""Log odds that a turn which leans on the one before gains for a route that has that one for certain.

Measured from 0.7 to 3 on four development sets and three exams: flat from 1 to 1.8.
"""

_UNSEEN = Intent(route=None)


@dataclass(frozen=True, slots=True)
class ReadRoute:
    """What is kept of a route. ``terms``: what it says by its words; ``is_for_the_rest``: for what no other is for?"""

    vectors: RouteVectors
    terms: Terms
    is_for_the_rest: bool


class EmbeddedClassifier:
    """A Classifier over the parts of a router.

    Remembers answers, routes, phrases and views, each in a bounded memory whose keys are digests: no text is kept
    but what ``Intent.text`` shows of the last answers.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._answers: Memory[bytes, Intent] = Memory(REMEMBERED_ANSWERS)
        self._routes: Memory[bytes, ReadRoute] = Memory(REMEMBERED_ROUTES)
        self._phrases = parts.encoder.remembering(REMEMBERED_PHRASES)
        self._policies: dict[int, tuple[tuple[Route, ...], str]] = {}
        self._views = parts.encoder.remembering(REMEMBERED_VIEWS)

    @classmethod
    def load(cls, folder: Path | None = None) -> EmbeddedClassifier:
        """The shipped router, or the one in ``folder``. Raises InternalError when its files are not the right ones."""
        # The numeric libraries take 0.1 s and 40 MB to load: only those who route by this router pay.
        from plano.intent import package  # noqa: PLC0415

        return cls(package.load(folder or package.SHIPPED))

    @property
    def version(self) -> str:
        """Name and version of the router, as shown to people."""
        return self._parts.version

    def recall(self, question: Question) -> Intent | None:
        """The remembered answer, or None."""
        return self._answers.get(self._key(question))

    def classify(self, question: Question) -> Intent:
        """The answer, and remember it."""
        key = self._key(question)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answer(question)
            self._answers.put(key, answer)
        return answer

    def warm(self, routes: Sequence[Route]) -> None:
        """Encodes the routes now, so that their first request does not wait for it."""
        for route in routes:
            self._route(route, among=len(routes))

    def _key(self, question: Question) -> bytes:
        """What an answer is remembered by: what was said, and the policy, whose digest is made once."""
        routes = question.routes
        policy = self._policies.get(id(routes))
        if policy is None or policy[0] is not routes:
            if len(self._policies) >= REMEMBERED_POLICIES:
                self._policies.clear()
            policy = self._policies[id(routes)] = routes, _policy_key(routes)
        said = [policy[1]]
        for turn in question.conversation.turns[-MAX_TURNS:]:
            said += (turn.role, turn.text)
        return digest(said)

    def _answer(self, question: Question) -> Intent:
        turns = shown(question.conversation)
        names = [route.name for route in question.routes]
        texts = views(turns, names)
        if not texts or not names:
            return _UNSEEN
        routes = [self._route(route, among=len(names)) for route in question.routes]
        scores, is_farewell = self._scores(texts, routes, is_closing=closes(turns))
        if not is_farewell:
            led = before(turns, last=texts[0])
            if led:
                scores = carried(scores, self._scores(views(led, names), routes, is_closing=closes(led))[0])
            scores = shared_out(scores, [route.is_for_the_rest for route in routes])
        return decided(question.routes, scores, threshold=self._parts.calibration.threshold, text=views(turns)[-1])

    def _scores(
        self, texts: Sequence[str], routes: Sequence[ReadRoute], *, is_closing: bool
    ) -> tuple[tuple[float, ...], bool]:
        """The probability of each route, by what is said alone, and whether it ends the conversation."""
        space = self._parts.space
        texts, length = repaired(texts, self._parts.speller), len(texts[0])
        seen = space.read(read(texts, self._views), length=length, is_closing=is_closing)
        common = in_common(self._parts.rarity.terms(texts[0]), [route.terms for route in routes])
        match = space.match(seen, [route.vectors for route in routes], common)
        return self._parts.calibration.probabilities(match.scores, match.features), match.is_farewell

    def _route(self, route: Route, *, among: int) -> ReadRoute:
        key = digest((str(facet_limit(among)), route.name, route.description, *route.examples))
        known = self._routes.get(key)
        if known is None:
            space, encode = self._parts.space, self._phrases.encode
            described, (meant, usual) = phrases(route, among=among), everyday(route, among=among)
            liked, unlike = examples(route) + usual, excluded_phrases(route, among=among)
            vectors = space.route(
                encode(described),
                encode(liked) if liked else None,
                meant=encode(meant) if meant else None,
                excluded=encode(unlike) if unlike else None,
                known_by=self._phrases.foreign(described[:1]) if is_foreign(route.description) else None,
            )
            terms = self._parts.rarity.terms(f"{spoken(route.name)} {purpose(route.description)}")
            known = ReadRoute(vectors, terms, is_for_the_rest(route.description))
            self._routes.put(key, known)
        return known


def before(turns: Sequence[Turn], *, last: str) -> Sequence[Turn]:
    """The conversation up to the user turn before the last one, when the last one leans on it; else nothing.

    ``last``: what is read of the last one. What else it says, a demand for a route or a courtesy, makes nothing lean.
    """
    users = [place for place, turn in enumerate(turns) if turn.role == "user" and not is_blank(turn.text)]
    if len(users) <= 1 or not leans_back(last):
        return ()
    return turns[: users[-2] + 1]


def carried(scores: Sequence[float], earlier: Sequence[float]) -> tuple[float, ...]:
    """The scores, where the log odds of each route rise by what the turn before belonged to it."""
    return tuple(raised(score, by=_CARRIED * led) for score, led in zip(scores, earlier, strict=True))


def shared_out(scores: tuple[float, ...], are_rest: Sequence[bool]) -> tuple[float, ...]:
    """The scores, where the first route for the rest has at least the probability that the best other one is wrong."""
    if True not in are_rest:
        return scores
    place = are_rest.index(True)
    left = 1.0 - max([score for score, is_rest in zip(scores, are_rest, strict=True) if not is_rest], default=0.0)
    return *scores[:place], max(scores[place], left), *scores[place + 1 :]


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


def _policy_key(routes: Sequence[Route]) -> str:
    parts: list[str] = []
    for route in routes:
        parts += ("", route.name, route.description, *route.examples)
    return digest(parts).hex()
