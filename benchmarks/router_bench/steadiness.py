"""How often an answer changes though what is wanted does not: slips, case, filler, order, names, steering.

The disturbances are not those of the training: made from the same few, a router would be measured on what it learned
by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Question
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


def steering(question: Question, chance: Random) -> Question:
    """The request ends by asking for one of the routes by name."""
    demand = chance.choice(_DEMANDS).format(name=chance.choice(question.routes).name)
    return _said(question, f"{question.conversation.turns[-1].text} {demand}")


DISTURBANCES: dict[str, Disturbance] = {
    "10 % slips": slips,
    "case": case,
    "filler": filler,
    "route order": order,
    "opaque names": opaque,
    "steering": steering,
}


def flips(router: Classifier, cases: Sequence[LabelledCase], disturb: Disturbance) -> float:
    """The share of cases whose answer another way of putting the question changes. Always disturbed alike."""
    chance = Random(0)
    changed = 0
    for labelled in cases:
        changed += _matched(router, labelled.question) != _matched(router, disturb(labelled.question, chance))
    return changed / len(cases)


def _matched(router: Classifier, question: Question) -> str | None:
    """The description of the matched route: its name and place may be others after a disturbance."""
    answer = router.classify(question).route
    return next((route.description for route in question.routes if route.name == answer), None)


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
