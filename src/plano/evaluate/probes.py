"""The prompts that a list of routes is tried with, and what the router makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from plano.config.settings import RoutingTest
from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Question
from plano.domain.route import Route
from plano.evaluate.cases import LabelledCase
from plano.intent.views import examples, facets
from plano.intent.wording.breadth import kinds_of
from plano.intent.wording.rest import is_for_the_rest
from plano.ports import Classifier

Source = Literal["description", "example", "test", "case", "anything"]

ANYTHING = (
    "hello",
    "thanks, that's all for today",
    "what time is it in Tokyo?",
    "tell me something interesting",
    "who won the match last night?",
    "I feel a bit tired this morning",
    "how tall is the Eiffel Tower?",
    "recommend a good film for the weekend",
    "what should I cook with leeks and potatoes?",
    "my cat keeps scratching the sofa",
    "is it going to rain tomorrow?",
    "sing me a song",
)
"""Prompts that belong to few policies and to no two routes of one: whoever takes many of them takes anything."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A prompt. ``wanted``: the route it belongs to, None for no route; of ``anything`` nobody knows."""

    text: str
    wanted: str | None
    source: Source


@dataclass(frozen=True, slots=True)
class Heard:
    """What the router said to a probe.

    ``got``: the route it takes. ``scores``: of every route, the wanted one's own mention of these words left out: a
    route always wins the words it is described with.
    """

    probe: Probe
    got: str | None
    scores: Mapping[str, float]
    threshold: float

    @property
    def winner(self) -> str | None:
        """The route that these scores would take, None for no route."""
        best = max(self.scores, key=lambda name: self.scores[name])
        return best if self.scores[best] >= self.threshold else None


def probes(routes: Sequence[Route], tests: Sequence[RoutingTest], cases: Sequence[LabelledCase]) -> tuple[Probe, ...]:
    """The prompts: parts of the descriptions, examples, tests, cases, and some that belong nowhere; each once."""
    found = [
        *(
            Probe(text, one.name, "description")
            for one in routes
            if not takes_anything(one)
            for text in facets(one.description)
        ),
        *(Probe(text, one.name, "example") for one in routes for text in examples(one)),
        *(Probe(one.prompt, one.route, "test") for one in tests if one.route is not None or one.no_route),
        *(Probe(case.question.conversation.turns[-1].text, case.wanted, "case") for case in cases),
        *(Probe(text, None, "anything") for text in ANYTHING),
    ]
    return tuple({(probe.text, probe.wanted): probe for probe in reversed(found)}.values())[::-1]


def takes_anything(route: Route) -> bool:
    """Is it for nothing in particular, or for the rest? The words of its description are nothing that users say."""
    return bool(kinds_of(route.description)) or is_for_the_rest(route.description)


def heard(
    classifier: Classifier,
    routes: Sequence[Route],
    prompts: Sequence[Probe],
    *,
    asking: Callable[[Sequence[Probe]], Iterable[Probe]] = iter,
) -> tuple[Heard, ...]:
    """What the router says to each prompt that it can read. ``asking``: hands them out, and may show how far it is."""
    said = []
    for probe in asking(prompts):
        conversation = Conversation((Turn("user", probe.text),))
        intent = classifier.classify(Question(conversation, tuple(routes)))
        if not intent.scores:
            continue
        scores = dict(intent.scores)
        others = tuple([_without(route, probe) if route.name == probe.wanted else route for route in routes])
        if others != tuple(routes):
            scores = dict(classifier.classify(Question(conversation, others)).scores)
        said.append(Heard(probe, intent.route, scores, intent.threshold or 0.0))
    return tuple(said)


def _without(route: Route, probe: Probe) -> Route:
    """The route without the words of the probe; described by its name where no other words are left."""
    if probe.source == "description":
        rest = [part for part in facets(route.description) if part != probe.text]
        return replace(route, description=", ".join(rest) or route.name)
    if probe.source == "example":
        return replace(route, examples=tuple(text for text in route.examples if text[: len(probe.text)] != probe.text))
    return route
