"""What is trained on and measured with: tasks, conversations, labelled sets, policies made of tasks."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plano.domain.conversation import Conversation, Turn
from plano.domain.route import Route

FITTED_SETS = ("llm-dev", "mtbench", "switch-dev", "clinc150-intent", "clinc150-domain", "mmlu-domains")
"""Sets under licences without a share-alike clause: only their dev splits may be fitted on."""

_DESCRIPTION_WEIGHTS = (5.0, 2.0, 5.0, 1.0, 5.0, 0.5)
"""How often a description is taken, by its place: short, keywords, a sentence, as the user would say it, with what is
not meant, and by an image. The last is rare in configurations and hard to read."""

_ASIDE = frozenset(
    {
        *("difficulty", "language-routing", "dialog-acts", "lifestyle-domains", "translation-pairs"),
        *("model-tier-requests", "coarse-technical", "company-front-door"),
    }
)
_ASIDE_START = "gateway-"
"""Groups that divide all requests along a line of their own: compared only among themselves."""

_COARSE = re.compile(r"(^|-)(any|anything|general|coarse|all|misc|other)(-|$)")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that users want: ways to name and describe it, requests for it, and requests that only look like it.

    ``basics``: plain textbook requests, which the written ones avoid.
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
    def is_aside(self) -> bool:
        """Is it one of a few that share all requests among them, so that it overlaps tasks of other groups?"""
        return self.group in _ASIDE or self.group.startswith(_ASIDE_START)

    def description(self, chance: random.Random) -> str:
        """One of the descriptions, the usual kinds more often."""
        weights = _DESCRIPTION_WEIGHTS if len(self.descriptions) == len(_DESCRIPTION_WEIGHTS) else None
        return chance.choices(self.descriptions, weights)[0]

    @property
    def is_coarse(self) -> bool:
        """Does it stand for a whole theme?"""
        return _COARSE.search(self.id) is not None


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled conversation: ``wanted`` is the name of a route or None. ``source``: where it comes from."""

    conversation: Conversation
    routes: tuple[Route, ...]
    wanted: str | None
    source: str
    split: str = "dev"
    kind: str = ""

    @property
    def request(self) -> str:
        """The last turn."""
        return self.conversation.turns[-1].text


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


def conversations(folder: Path) -> list[Case]:
    """One case per user turn of every written conversation."""
    cases = []
    for path in sorted(folder.glob("conversations/*.jsonl")):
        for line in path.open(encoding="utf-8"):
            row = json.loads(line)
            routes = tuple(Route(route["name"], route["description"], ("m",)) for route in row["routes"])
            turns = tuple(Turn(turn["role"], turn["content"]) for turn in row["turns"])
            for place, turn in enumerate(row["turns"]):
                if turn["role"] == "user":
                    so_far = Conversation(turns[: place + 1])
                    cases.append(Case(so_far, routes, turn["route"], "conversations", kind=turn["kind"]))
    return cases


def labelled(folder: Path, name: str) -> list[Case]:
    """The cases of one labelled set."""
    routes = {
        row["name"]: Route(row["name"], row["description"], ("m",)) for row in _json(folder / name / "routes.json")
    }
    policies = folder / name / "policies.json"
    offered = _json(policies) if policies.exists() else None
    cases = []
    for line in (folder / name / "cases.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        names = offered[row["policy"]] if offered is not None else routes
        turns = tuple(Turn(turn["role"], turn["content"]) for turn in row["messages"])
        policy = tuple(routes[route] for route in names)
        cases.append(Case(Conversation(turns), policy, row["route"], name, row["split"], row.get("kind") or ""))
    return cases


def policies(known: Sequence[Task], *, count: int, seed: int) -> Iterator[Case]:
    """Made-up policies of 1 to 16 tasks with one request each; about a third of the requests belong to none.

    Half the policies take neighbours; tasks that stand aside are offered with their like alone. A request for none
    comes from a neighbour, from anywhere, or only looks like one of the routes; never from a theme of which a coarse
    task is offered.
    """
    chance = random.Random(seed)
    groups: dict[str, list[Task]] = {}
    for task in known:
        groups.setdefault(task.group, []).append(task)
    for _ in range(count):
        case = _policy_case(known, groups, chance)
        if case is not None:
            yield case


def farewells(turns: Iterable[Case], texts: Sequence[str]) -> Iterator[Case]:
    """After every third turn that has a route, the user says goodbye in one of these words, and wants none."""
    routed = [case for case in turns if case.wanted is not None]
    for number, case in enumerate(routed[::3]):
        said = (*case.conversation.turns, Turn("assistant", "Done."), Turn("user", texts[number % len(texts)]))
        yield Case(Conversation(said), case.routes, None, "farewells", kind="closing")


def _policy_case(known: Sequence[Task], groups: dict[str, list[Task]], chance: random.Random) -> Case | None:
    size = round(2 ** chance.uniform(0, 4))
    neighbours = groups[chance.choice(sorted(groups))] if chance.random() < 0.5 else []
    offered = chance.sample(neighbours, min(size, len(neighbours)))
    if not any(task.is_aside for task in offered):
        others = [task for task in chance.sample(known, min(2 * size, len(known))) if task not in offered]
        offered += [task for task in others if not task.is_aside][: size - len(offered)]
    if not offered:
        return None
    names = [chance.choice(task.names) for task in offered]
    if len(set(names)) < len(names):
        return None
    routes = tuple(Route(name, task.description(chance), ("m",)) for name, task in zip(names, offered, strict=True))
    wanted, request = _request(known, groups, offered, chance)
    name = None if wanted is None else names[offered.index(wanted)]
    return Case(Conversation((Turn("user", request),)), routes, name, "policies")


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
    is_aside = offered[0].is_aside
    near = groups[chance.choice(offered).group] if is_aside or chance.random() < 0.5 else []
    for pool in (near, *([] if is_aside else [known])):
        free = [
            task
            for task in pool
            if task not in offered and task.is_aside == is_aside and not task.is_coarse and task.theme not in closed
        ]
        if free:
            return None, chance.choice(chance.choice(free).queries)
    return None, "..."


def _json(path: Path) -> object:
    return json.loads(path.read_text(encoding="utf-8"))
