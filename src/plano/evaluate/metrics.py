"""How many answers are right, counted in the ways that matter: by case, by span, by conversation, and for none.

None, no route, is a class like any other. A span is a run of turns of one conversation with the same right answer; a
span or conversation is right when all its turns are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from plano.evaluate.cases import LabelledCase


@dataclass(frozen=True, slots=True)
class Groups:
    """Shares 0..1 over what belongs together."""

    conversations: int
    conversation_accuracy: float
    spans: int
    span_accuracy: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """Shares 0..1, 0 where there is nothing to count.

    ``routed_accuracy``: over the cases that have a route. ``none_precision``: of the answers "none", those that are
    right. ``none_recall``: of the cases without a route, those found. ``macro_f1``: mean over the right answers that
    occur, none included. ``groups``: None when no case is part of a conversation.
    """

    cases: int
    accuracy: float
    routed_accuracy: float
    none_precision: float
    none_recall: float
    macro_f1: float
    groups: Groups | None


def measure(cases: Sequence[LabelledCase], answers: Sequence[str | None]) -> Metrics:
    """The metrics of one answer per case."""
    right = [case.wanted == answer for case, answer in zip(cases, answers, strict=True)]
    routed = [good for case, good in zip(cases, right, strict=True) if case.wanted is not None]
    without = [good for case, good in zip(cases, right, strict=True) if case.wanted is None]
    said_none = [case.wanted is None for case, answer in zip(cases, answers, strict=True) if answer is None]
    return Metrics(
        cases=len(cases),
        accuracy=_share(right),
        routed_accuracy=_share(routed),
        none_precision=_share(said_none),
        none_recall=_share(without),
        macro_f1=_macro_f1([case.wanted for case in cases], answers),
        groups=_groups(cases, right),
    )


def _macro_f1(wanted: Sequence[str | None], answers: Sequence[str | None]) -> float:
    hits = Counter(right for right, answer in zip(wanted, answers, strict=True) if right == answer)
    expected, given = Counter(wanted), Counter(answers)
    scores = [2 * hits[name] / (expected[name] + given[name]) for name in expected]
    return sum(scores) / len(scores) if scores else 0.0


def _groups(cases: Sequence[LabelledCase], right: Sequence[bool]) -> Groups | None:
    dialogues: dict[tuple[str, str], list[tuple[int, str | None, bool]]] = {}
    for case, good in zip(cases, right, strict=True):
        if case.conversation is not None:
            dialogues.setdefault((case.dataset, case.conversation), []).append((case.turn, case.wanted, good))
    if not dialogues:
        return None
    spans = []
    for turns in dialogues.values():
        turns.sort(key=lambda turn: turn[0])
        spans += [all(good for _, _, good in span) for _, span in groupby(turns, key=lambda turn: turn[1])]
    whole = [all(good for _, _, good in turns) for turns in dialogues.values()]
    return Groups(len(whole), _share(whole), len(spans), _share(spans))


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
