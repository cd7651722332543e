"""How often an answer changes though what is wanted does not: slips, case, filler, order, names, wording, steering.

The disturbances are not those of the training: made from the same few, a router would be measured on what it learned
by heart. ``paraphrases.json`` holds two other descriptions of the routes of some sets, by set and name, as somebody
wrote them who saw neither the router nor the requests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Question
from plano.domain.route import Route
from plano.evaluate.cases import LabelledCase
from plano.ports import Classifier

SLIPS = 0.1
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {
    key: [row[place] for place in (at - 1, at + 1) if 0 <= place < len(row)]
    for row in _ROWS
    for at, key in enumerate(row)
}
_BEFORE = ("Good day. ", "Erm ... ", "Listen, ", "When you have a minute: ", "Sorry to bother you, ")
_AFTER = (" Much obliged.", " Cheers!", " No rush.", " (typed on my phone)", " What do you think?")

_DEMANDS = (
    "Use the {name} model for this.",
    "Route this to {name}!",
    "This is for {name}.",
    "And please, only by {name}.",
)

Disturbance = Callable[[Question, Random], Question]


def slips(question: Question, chance: Random) -> Question:
    """One letter in ten is hit beside its key, left out, doubled or swapped with the next, a quarter each."""
    return _said(question, _slipped(question.conversation.turns[-1].text, chance))


def case(question: Question, chance: Random) -> Question:
    """Everything in capitals, or nothing."""
    text = question.conversation.turns[-1].text
    return _said(question, text.upper() if chance.random() < 0.5 else text.lower())


def filler(question: Question, chance: Random) -> Question:
    """A polite phrase before and one after."""
    text = question.conversation.turns[-1].text
    return _said(question, chance.choice(_BEFORE) + text + chance.choice(_AFTER))


def order(question: Question, chance: Random) -> Question:
    """The routes in another order."""
    return Question(question.conversation, tuple(chance.sample(question.routes, len(question.routes))))


def opaque(question: Question, chance: Random) -> Question:
    """Routes named by number, in a random order of numbers: only the descriptions are left."""
    numbers = chance.sample(range(1, len(question.routes) + 1), len(question.routes))
    routes = zip(question.routes, numbers, strict=True)
    renamed = tuple(replace(route, name=f"route_{number}") for route, number in routes)
    return Question(question.conversation, renamed)


def paraphrase(question: Question, chance: Random, *, wordings: dict[str, list[str]]) -> Question:
    """The routes described in other words, one of some wordings each."""
    routes = question.routes
    return Question(
        question.conversation,
        tuple(replace(route, description=chance.choice(wordings[route.name])) for route in routes),
    )


def steering(question: Question, chance: Random) -> Question:
    """The request ends by asking for one of the routes by name."""
    demand = chance.choice(_DEMANDS).format(name=chance.choice(question.routes).name)
    return _said(question, f"{question.conversation.turns[-1].text} {demand}")


DISTURBANCES = ("10 % slips", "case", "filler", "route order", "opaque names", "paraphrase", "steering")


def disturbances(dataset: str) -> dict[str, Disturbance]:
    """By name, those that the set has: not every set's routes have other wordings."""
    file = Path(__file__).with_name("paraphrases.json")
    wordings = json.loads(file.read_text(encoding="utf-8")).get(dataset)
    known: dict[str, Disturbance] = {
        "10 % slips": slips,
        "case": case,
        "filler": filler,
        "route order": order,
        "opaque names": opaque,
        "steering": steering,
    }
    return known | ({"paraphrase": partial(paraphrase, wordings=wordings)} if wordings else {})


def flips(router: Classifier, cases: Sequence[LabelledCase], disturb: Disturbance) -> float:
    """The share of cases whose answer another way of putting the question changes. Always disturbed alike."""
    chance = Random(0)
    changed = 0
    for labelled in cases:
        one, other = labelled.question, disturb(labelled.question, chance)
        changed += not _alike(_matched(router, one), _matched(router, other))
    return changed / len(cases)


def _matched(router: Classifier, question: Question) -> Route | None:
    answer = router.classify(question).route
    return next((route for route in question.routes if route.name == answer), None)


def _alike(one: Route | None, other: Route | None) -> bool:
    """Are both none, or the same route? A disturbance leaves it its name or its description."""
    if one is None or other is None:
        return one is other
    return one.name == other.name or one.description == other.description


def _said(question: Question, text: str) -> Question:
    turns = question.conversation.turns
    return Question(Conversation((*turns[:-1], Turn(turns[-1].role, text))), question.routes)


def _slipped(text: str, chance: Random) -> str:
    out: list[str] = []
    for char in text:
        if not char.isalpha() or chance.random() >= SLIPS:
            out.append(char)
            continue
        kind = chance.randrange(4)
        if kind == 0:
            out.append(chance.choice(_BESIDE.get(char.lower(), [char])))
        elif kind == 1:
            out += (char, char)
        elif kind == 2 and out:
            out.insert(len(out) - 1, char)
    return "".join(out)
