"""Training batches: routes, requests, which routes each request was offered, and which one it wants.

The routes of a batch are encoded once and shared: a policy is a choice among them, so one encoded request is judged
under several policies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from corpus import Case, Task
from data import Domain, Material, lines
from noise import lured, noisy
from torch import Tensor

from plano.domain.conversation import Turn
from plano.domain.route import Route
from plano.intent.text import shown
from plano.intent.views import phrases, views
from plano.intent.wording.spelling import Speller

TASKS, DIALOGUES, SETS, CASES, DENIALS, CHATTER = 36, 5, 2, 5, 6, 4
DOMAINS, STRANGE_DOMAINS = 7, 2
ASIDE_WEIGHT = 3
LURE_SHARE = 0.12
POLICIES = 8
SISTER_SHARE = 0.4
NONE_SHARE, HISTORY_SHARE, FOLLOWUP_SHARE = 0.33, 0.15, 0.10
OPAQUE_SHARE, BARE_SHARE, FACET_SHARE, COARSE_SHARE = 0.10, 0.10, 0.20, 0.25
_CATCHES_ALL = re.compile(r"\b(general|other|anything|everything|any|all|misc|rest|default|fallback)", re.IGNORECASE)
OPAQUE = ("route_{}", "r{}", "handler-{}", "model_{}", "route {}", "target{}", "class_{}", "backend-{}")


@dataclass(frozen=True, slots=True)
class Offer:
    """A policy put to a request: places of the routes, and the place of the wanted one (None for none)."""

    request: int
    routes: tuple[int, ...]
    wanted: int | None


@dataclass(frozen=True, slots=True)
class Contrast:
    """A request, its route, and the routes of the batch that do not count as wrong for it."""

    request: int
    route: int
    ignored: tuple[int, ...]


@dataclass(slots=True)
class Batch:
    """``routes``: texts. ``requests``: one or two views each. ``offers`` and ``contrasts`` point into both.

    ``compared``: how many routes, from the first on, are set against each other in the contrasts.
    """

    speller: Speller
    routes: list[str] = field(default_factory=list)
    requests: list[tuple[str, ...]] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    contrasts: list[Contrast] = field(default_factory=list)
    compared: int = 0

    def route(self, text: str) -> int:
        """The place of a new route."""
        self.routes.append(text)
        return len(self.routes) - 1

    def request(self, turns: Sequence[Turn]) -> int:
        """The place of a new request, spelt as the router will read it."""
        self.requests.append(tuple(map(self.speller.corrected, views(turns))))
        return len(self.requests) - 1


class Maker:
    """Makes batches, each from its own seed. ``overlap``: as ``overlaps`` returns it, for the tasks of ``material``."""

    def __init__(self, material: Material, overlap: Tensor, speller: Speller) -> None:
        self._material = material
        self._speller = speller
        self._overlap = overlap
        self._groups: dict[str, list[int]] = {}
        for place, task in enumerate(material.tasks):
            self._groups.setdefault(task.group, []).append(place)
        self._domain = {group: place for place, domain in enumerate(material.domains) for group in domain.groups}
        self._followups, self._replies, self._chatter = map(lines, ("followups.txt", "replies.txt", "smalltalk.txt"))

    def batch(self, seed: int) -> Batch:
        """The batch of this seed."""
        chance = Random(seed)
        batch = Batch(self._speller)
        self._add_tasks(batch, chance)
        for group in chance.choices(self._material.dialogues, k=DIALOGUES):
            add_cases(batch, chance.sample(group, min(CASES, len(group))), chance)
        for group in chance.choices(self._material.sets, k=SETS) if self._material.sets else ():
            add_cases(batch, chance.sample(group, min(CASES, len(group))), chance)
        return batch

    def _add_tasks(self, batch: Batch, chance: Random) -> None:
        chosen = self._chosen(chance)
        known = [self._material.tasks[place] for place in chosen]
        routes = [batch.route(route_text(task, chance)) for task in known]
        picked = self._picked(known, chance)
        coarse = {each: batch.route(domain_text(self._material.domains[each], chance)) for each in picked}
        for own, task in enumerate(known):
            near = [other for other in range(len(known)) if self._overlap[chosen[own], chosen[other]]]
            turns = self._turns(task, known, chance)
            lure = _lure(len(known), near, chance)
            if lure is not None:
                turns[-1] = Turn("user", lured(turns[-1].text, chance.choice(known[lure].names), chance))
            request = batch.request(turns)
            home = self._domain.get(task.group)
            kin = (coarse[home],) if home in coarse else ()
            batch.contrasts.append(Contrast(request, routes[own], (*(routes[other] for other in near), *kin)))
            for _ in range(POLICIES):
                batch.offers.append(self._offer(request, own, known, set(near), chance, lure=lure))
            if home is not None and chance.random() < COARSE_SHARE * POLICIES:
                batch.offers.append(_coarse_offer(request, home, coarse, chance))
                batch.offers.append(self._mixed_offer(request, own, known, coarse, set(near), chance))
        batch.compared = len(batch.routes)
        self._add_denials(batch, known, routes, chance)
        self._add_chatter(batch, routes, chance)

    def _chosen(self, chance: Random) -> list[int]:
        """Tasks for one batch: half from anywhere, half whole groups of neighbours."""
        found = dict.fromkeys(
            chance.sample(range(len(self._material.tasks)), min(TASKS // 2, len(self._material.tasks)))
        )
        groups = sorted(self._groups)
        tasks = self._material.tasks
        weights = [
            len(self._groups[group]) * (ASIDE_WEIGHT if tasks[self._groups[group][0]].is_aside else 1)
            for group in groups
        ]
        for group in chance.choices(groups, weights, k=TASKS):
            found.update(dict.fromkeys(chance.sample(self._groups[group], min(8, len(self._groups[group])))))
        return list(found)[:TASKS]

    def _picked(self, known: Sequence[Task], chance: Random) -> list[int]:
        """Domains to offer: most of them have tasks in the batch."""
        homes = list(dict.fromkeys(self._domain[task.group] for task in known if task.group in self._domain))
        found = chance.sample(homes, min(len(homes), DOMAINS))
        return list(dict.fromkeys((*found, *chance.sample(range(len(self._material.domains)), STRANGE_DOMAINS))))

    def _mixed_offer(
        self, request: int, own: int, known: Sequence[Task], coarse: dict[int, int], near: set[int], chance: Random
    ) -> Offer:
        """The task itself or its domain, among coarse and fine routes that have nothing to do with it."""
        home = self._domain[known[own].group]
        far = [
            other
            for other, task in enumerate(known)
            if other not in near and self._domain.get(task.group) != home and not (task.is_coarse or task.is_aside)
        ]
        offered = chance.sample(far, min(len(far), chance.randint(0, 5)))
        others = [place for domain, place in coarse.items() if domain != home]
        offered += chance.sample(others, min(len(others), chance.randint(0, 4)))
        dice = chance.random()
        wanted = None if dice < NONE_SHARE else own if dice < 0.6 or home not in coarse else coarse[home]
        return Offer(request, tuple(offered) if wanted is None else (*offered, wanted), wanted)

    def _turns(self, task: Task, known: Sequence[Task], chance: Random) -> list[Turn]:
        """A request for the task: alone, after a request for another one, or an earlier one and a follow-up."""
        asked = noisy(chance.choice((*task.basics, *task.queries)), chance)
        dice = chance.random()
        if dice < FOLLOWUP_SHARE:
            return [
                Turn("user", asked),
                self._reply(chance),
                Turn("user", noisy(chance.choice(self._followups), chance)),
            ]
        if dice < FOLLOWUP_SHARE + HISTORY_SHARE:
            before = chance.choice(chance.choice(known).queries)
            return [Turn("user", before), self._reply(chance), Turn("user", asked)]
        return [Turn("user", asked)]

    def _reply(self, chance: Random) -> Turn:
        return Turn("assistant", chance.choice(self._replies))

    def _offer(
        self, request: int, own: int, known: Sequence[Task], near: set[int], chance: Random, *, lure: int | None
    ) -> Offer:
        """A policy of 1 to 16 tasks of the batch, mostly with the wanted one; places equal those of the routes.

        ``lure``: a task that the request asks for by name without wanting it, always offered.
        """
        size = round(2 ** chance.uniform(0, 4))
        free = [other for other in range(len(known)) if other not in near]
        kin = [other for other in free if known[other].group == known[own].group]
        wanted = None if chance.random() < NONE_SHARE and free else own
        others = [] if lure is None else [lure]
        near_share = 1.0 if wanted is None and chance.random() < SISTER_SHARE else 0.5 if chance.random() < 0.6 else 0.0
        others += [other for other in chance.sample(kin, min(len(kin), round(size * near_share))) if other != lure]
        others += [other for other in chance.sample(free, min(len(free), size)) if other not in others]
        room = max(size - (wanted is not None), lure is not None)
        offered = [*others[:room], *([] if wanted is None else [own])]
        return Offer(request, tuple(offered), wanted)

    def _add_denials(self, batch: Batch, known: Sequence[Task], routes: Sequence[int], chance: Random) -> None:
        """Requests that only look like a task, offered it and tasks of other groups."""
        for own in chance.sample(range(len(known)), min(DENIALS, len(known))):
            if not known[own].hard_negatives or known[own].is_coarse:
                continue
            request = batch.request([Turn("user", noisy(chance.choice(known[own].hard_negatives), chance))])
            groups, domain = known[own].group, self._domain.get(known[own].group)
            far = [
                routes[other]
                for other, task in enumerate(known)
                if task.group != groups
                and self._domain.get(task.group) != domain
                and not task.is_coarse
                and not (task.is_aside or known[own].is_aside)
            ]
            for _ in range(2):
                others = chance.sample(far, min(len(far), chance.randint(0, 4)))
                batch.offers.append(Offer(request, (routes[own], *others), None))

    def _add_chatter(self, batch: Batch, routes: Sequence[int], chance: Random) -> None:
        """Farewells and small talk, offered tasks that are no talk."""
        free = [route for route in routes if not _is_talk(batch.routes[route])]
        for _ in range(CHATTER):
            request = batch.request([Turn("user", noisy(chance.choice(self._chatter), chance))])
            for _ in range(2):
                offered = chance.sample(free, min(len(free), round(2 ** chance.uniform(0, 4))))
                batch.offers.append(Offer(request, tuple(offered), None))


def _lure(count: int, near: Sequence[int], chance: Random) -> int | None:
    """A task of the batch that may be asked for by name without being wanted, or none."""
    place = chance.randrange(count)
    return place if chance.random() < LURE_SHARE and place not in near else None


def add_cases(batch: Batch, cases: Sequence[Case], chance: Random) -> None:
    """Labelled turns, each with all routes that they offer and with a part of them, often without the wanted one."""
    opaque = chance.random() < OPAQUE_SHARE
    places = {
        route.name: batch.route(f"{_opaque(chance) if opaque else route.name}: {route.description}")
        for route in cases[0].routes
    }
    closed = not any(_CATCHES_ALL.search(f"{route.name} {route.description}") for route in cases[0].routes)
    for case in cases:
        turns = list(shown(case.conversation))
        text = noisy(turns[-1].text, chance)
        unwanted = [name for name in places if name != case.wanted]
        if unwanted and chance.random() < LURE_SHARE:
            text = lured(text, chance.choice(unwanted), chance)
        turns[-1] = Turn("user", text)
        request = batch.request(turns)
        wanted = None if case.wanted is None else places[case.wanted]
        batch.offers.append(Offer(request, tuple(places.values()), wanted))
        offered, left = _part(tuple(places.values()), wanted, chance, closed=closed)
        if offered:
            batch.offers.append(Offer(request, offered, left))


def _part(
    routes: Sequence[int], wanted: int | None, chance: Random, *, closed: bool
) -> tuple[tuple[int, ...], int | None]:
    """Some of the routes, and the wanted one among them or none. ``closed``: no route takes what the others leave."""
    share = chance.uniform(0.3, 1.0)
    others = tuple(route for route in routes if route != wanted and chance.random() < share)
    if wanted is None or (closed and chance.random() < NONE_SHARE):
        return others, None
    return (*others, wanted), wanted


def route_text(task: Task, chance: Random) -> str:
    """One way to write the task as a route: whole, a facet, behind an opaque name, or the name alone."""
    return _written(chance.choice(task.names), task.description(chance), chance)


def domain_text(domain: Domain, chance: Random) -> str:
    """One way to write a coarse domain as a route."""
    return _written(chance.choice(domain.names), chance.choice(domain.descriptions), chance)


def _written(name: str, description: str, chance: Random) -> str:
    dice = chance.random()
    if dice < OPAQUE_SHARE:
        return f"{_opaque(chance)}: {description}"
    if dice < OPAQUE_SHARE + BARE_SHARE:
        return f"{name}: {name}"
    if dice < OPAQUE_SHARE + BARE_SHARE + FACET_SHARE:
        return chance.choice(phrases(Route(name, description, ("m",)), among=2))
    return f"{name}: {description}"


def _coarse_offer(request: int, home: int, coarse: dict[int, int], chance: Random) -> Offer:
    others = [place for domain, place in coarse.items() if domain != home]
    offered = chance.sample(others, chance.randint(1, len(others)))
    wanted = coarse.get(home)
    if wanted is None or chance.random() < NONE_SHARE / 2:
        return Offer(request, tuple(offered), None)
    return Offer(request, (*offered, wanted), wanted)


def _opaque(chance: Random) -> str:
    return chance.choice(OPAQUE).format(chance.randint(1, 20))


def _is_talk(text: str) -> bool:
    return any(
        word in text.lower() for word in ("chat", "talk", "greet", "conversation", "hello", "thank", "farewell", "bye")
    )
