"""What the first router is fitted on: the written tasks and conversations, and policies made of the tasks."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Question
from plano.domain.route import Route
from plano.evaluate.cases import LabelledCase

_MODELS = ("any",)
_COARSE = re.compile(r"(^|-)(any|anything|general|coarse|all|misc|other)(-|$)")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that users want: ways to name and describe it, requests for it, and requests that only look like it.

    ``basics``: plain textbook requests, which the written ones avoid and a small encoder does not get by itself.
    """

    id: str
    group: str
    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    queries: tuple[str, ...]
    hard_negatives: tuple[str, ...]
    basics: tuple[str, ...] = ()

    @property
    def theme(self) -> str:
        """The first word of the id: tasks of one theme may contain each other."""
        return self.id.split("-")[0]

    @property
    def is_coarse(self) -> bool:
        """Does it stand for a whole theme?"""
        return _COARSE.search(self.id) is not None


def tasks(folder: Path, basics: Path) -> list[Task]:
    """Every task under ``folder``, in a fixed order, with its basic requests."""
    plain = json.loads(basics.read_text(encoding="utf-8"))
    rows = [json.loads(line) for path in sorted(folder.glob("tasks/*.jsonl")) for line in path.open(encoding="utf-8")]
    return [
        Task(
            id=row["id"],
            group=row["group"],
            names=tuple(row["names"]),
            descriptions=tuple(row["descriptions"]),
            queries=tuple(row["queries"]),
            hard_negatives=tuple(row["hard_negatives"]),
            basics=tuple(plain.get(row["id"], ())),
        )
        for row in rows
    ]


def conversations(folder: Path) -> list[LabelledCase]:
    """One case per user turn of every written conversation."""
    cases = []
    for path in sorted(folder.glob("conversations/*.jsonl")):
        for line in path.open(encoding="utf-8"):
            row = json.loads(line)
            routes = tuple(Route(route["name"], route["description"], _MODELS) for route in row["routes"])
            turns = tuple(Turn(turn["role"], turn["content"]) for turn in row["turns"])
            for place, turn in enumerate(row["turns"]):
                if turn["role"] == "user":
                    question = Question(Conversation(turns[: place + 1]), routes)
                    name, said = f"{row['id']}-{place}", turn["route"]
                    cases.append(LabelledCase(name, "conversations", question, said, "dev", row["id"], place))
    return cases


def policies(known: Sequence[Task], *, count: int, seed: int) -> Iterator[LabelledCase]:
    """Made-up policies of 1 to 16 tasks with one request each; about a third of the requests belong to none.

    Half the policies take neighbours. A request for none comes from a neighbour, from anywhere, or only looks like one
    of the routes; never from a theme of which a coarse task is offered.
    """
    chance = random.Random(seed)
    groups: dict[str, list[Task]] = {}
    for task in known:
        groups.setdefault(task.group, []).append(task)
    for _ in range(count):
        case = _policy_case(known, groups, chance)
        if case is not None:
            yield case


def _policy_case(known: Sequence[Task], groups: dict[str, list[Task]], chance: random.Random) -> LabelledCase | None:
    size = round(2 ** chance.uniform(0, 4))
    neighbours = groups[chance.choice(sorted(groups))] if chance.random() < 0.5 else []
    offered = chance.sample(neighbours, min(size, len(neighbours)))
    others = [task for task in chance.sample(known, min(2 * size, len(known))) if task not in offered]
    offered += others[: size - len(offered)]
    names = [chance.choice(task.names) for task in offered]
    if len(set(names)) < len(names):
        return None
    routes = tuple(
        Route(name, chance.choice(task.descriptions), _MODELS) for name, task in zip(names, offered, strict=True)
    )
    wanted, request = _request(known, groups, offered, chance)
    name = None if wanted is None else names[offered.index(wanted)]
    question = Question(Conversation((Turn("user", request),)), routes)
    return LabelledCase("+".join(task.id for task in offered), "policies", question, name, "dev")


def _request(
    known: Sequence[Task], groups: dict[str, list[Task]], offered: list[Task], chance: random.Random
) -> tuple[Task | None, str]:
    if chance.random() > 0.35:
        task = chance.choice(offered)
        return task, chance.choice(task.queries)
    themes = {task.theme for task in offered}
    if len(themes) == len(offered) <= 3 and chance.random() < 0.3:
        return None, chance.choice(chance.choice(offered).hard_negatives)
    closed = {task.theme for task in offered if task.is_coarse}
    near = groups[chance.choice(offered).group] if chance.random() < 0.5 else []
    for pool in (near, known):
        free = [task for task in pool if task not in offered and not task.is_coarse and task.theme not in closed]
        if free:
            return None, chance.choice(chance.choice(free).queries)
    return None, "hello"
