"""Which requests are compared with which routes: lists of the few that the encoder finds most alike.

Every text is read once, before training, and its token states are kept (float16): the encoder does not change, so that
a step costs one layer over the pairs and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch
from corpus import Case, Task
from data import Material
from model import Encoder
from noise import noisy
from policies import route_text
from torch import Tensor

from plano.domain.conversation import Turn
from plano.intent.spelling import Speller
from plano.intent.text import shown
from plano.intent.views import views
from plano.intent.wordpiece import WordPiece

REQUESTS, SPOILT, DESCRIPTIONS = 7, 3, 4
CASES = 14
REQUEST_TOKENS, ROUTE_TOKENS = 72, 40
CHUNK_TOKENS = 4096
CANDIDATES = 3
DIALOGUE_SHARE, GATEWAY_SHARE, NONE_SHARE, DIALOGUE_NONE_SHARE = 0.33, 0.09, 0.35, 0.15
STRANGERS = 40
LAST, EARLIER, ROUTE = range(3)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the place of its text, and how many tokens of it are the last turn's."""

    text: int
    last: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A request with the places of one to three routes; ``wanted``: the last of them is the right one."""

    asked: Asked
    routes: tuple[int, ...]
    wanted: bool


class Readings:
    """Token ids, and, once ``read``, the states below the top layer and the unit vectors of every text added."""

    def __init__(self, tokenizer: WordPiece) -> None:
        self._tokenizer = tokenizer
        self._places: dict[tuple[int, ...], int] = {}
        self.states: list[Tensor] = []
        self.vectors = torch.empty(0)

    def add(self, text: str, *, limit: int) -> int:
        """The place of the text."""
        return self._places.setdefault(tuple(self._tokenizer.encode(text, limit=limit)), len(self._places))

    def length(self, text: str) -> int:
        """The tokens of a request's last turn."""
        return len(self._tokenizer.encode(text, limit=REQUEST_TOKENS))

    @torch.no_grad()
    def read(self, encoder: Encoder) -> None:
        """Reads every text, those of like lengths together."""
        texts = list(self._places)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        self.states = [torch.empty(0)] * len(texts)
        self.vectors = torch.empty(len(texts), encoder.embeddings.word_embeddings.embedding_dim)
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and (end + 1 - start) * len(texts[order[end]]) <= CHUNK_TOKENS:
                end += 1
            chunk = order[start:end]
            states, vectors = encoder.read([texts[place] for place in chunk])
            for row, place in enumerate(chunk):
                self.states[place] = states[row, : len(texts[place])].half()
                self.vectors[place] = vectors[row]
            start = end


class Lists:
    """Lists to train on, drawn from the material. ``overlap``: as for batches of the encoder's training."""

    def __init__(self, material: Material, overlap: Tensor, readings: Readings, speller: Speller) -> None:
        chance = Random(5)
        self._readings = readings
        self._overlap = overlap
        self._groups: dict[str, list[int]] = {}
        for place, task in enumerate(material.tasks):
            self._groups.setdefault(task.group, []).append(place)
        self._gateways = [group for group in self._groups if group.startswith("gateway-")]
        self._tasks = [self._read_task(task, speller, chance) for task in material.tasks]
        self._owners = [task.group for task in material.tasks]
        self._dialogues = [self._read_dialogue(group, speller, chance) for group in material.dialogues]

    def draw(self, chance: Random) -> Compared | None:
        """One list, or none where chance left no route."""
        dice = chance.random()
        if dice < DIALOGUE_SHARE:
            asked, offered, wanted = self._turn(chance)
        else:
            asked, offered, wanted = self._task(chance, coarse=dice < DIALOGUE_SHARE + GATEWAY_SHARE)
        if not offered:
            return None
        likeness = self._readings.vectors[offered] @ self._readings.vectors[asked.text]
        order = [offered[place] for place in likeness.argsort(descending=True).tolist()]
        others = [route for route in order if route != wanted][: CANDIDATES - (wanted is not None)]
        return Compared(asked, (*others, *([] if wanted is None else [wanted])), wanted is not None)

    def _turn(self, chance: Random) -> tuple[Asked, list[int], int | None]:
        asked, routes, wanted = chance.choice(chance.choice(self._dialogues))
        offered = list(routes)
        if chance.random() < 0.5:
            offered = [route for route in offered if route == wanted or chance.random() < 0.7]
        if wanted is not None and chance.random() < DIALOGUE_NONE_SHARE:
            offered, wanted = [route for route in offered if route != wanted], None
        return asked, offered, wanted

    def _task(self, chance: Random, *, coarse: bool) -> tuple[Asked, list[int], int | None]:
        """A policy of up to 16 tasks, its neighbours more often than strangers."""
        places = self._groups[chance.choice(self._gateways)] if coarse else range(len(self._tasks))
        own = chance.choice(places)
        requests, described = self._tasks[own]
        asked = chance.choice(requests)
        size = round(2 ** chance.uniform(0, 4))
        free = [other for other in chance.sample(range(len(self._tasks)), STRANGERS) if not self._overlap[own, other]]
        kin = [other for other in self._groups[self._owners[own]] if not self._overlap[own, other]]
        others = chance.sample(kin, min(len(kin), round(size * chance.choice((0, 0.5, 0.5, 1, 1)))))
        others += [other for other in free if other not in others]
        wanted = None if others and chance.random() < NONE_SHARE else chance.choice(described)
        room = max(size - (wanted is not None), wanted is None)
        offered = [chance.choice(self._tasks[other][1]) for other in others[:room]]
        return asked, [*offered, *([] if wanted is None else [wanted])], wanted

    def _read_task(self, task: Task, speller: Speller, chance: Random) -> tuple[list[Asked], list[int]]:
        texts = list(dict.fromkeys((*task.basics, *task.queries)))
        requests = []
        for number, text in enumerate(chance.sample(texts, min(REQUESTS, len(texts)))):
            turns = [Turn("user", noisy(text, chance) if number < SPOILT else text)]
            requests += [self._asked(view, view, speller) for view in views(turns)]
        described = [self._readings.add(route_text(task, chance), limit=ROUTE_TOKENS) for _ in range(DESCRIPTIONS)]
        return requests, sorted(set(described))

    def _read_dialogue(
        self, cases: Sequence[Case], speller: Speller, chance: Random
    ) -> list[tuple[Asked, list[int], int | None]]:
        places = {
            route.name: self._readings.add(f"{route.name}: {route.description}", limit=ROUTE_TOKENS)
            for route in cases[0].routes
        }
        found = []
        for case in chance.sample(cases, min(CASES, len(cases))):
            seen = views(shown(case.conversation))
            if seen:
                wanted = None if case.wanted is None else places[case.wanted]
                found.append((self._asked(seen[0], seen[-1], speller), list(places.values()), wanted))
        return found

    def _asked(self, last: str, whole: str, speller: Speller) -> Asked:
        place = self._readings.add(speller.corrected(whole), limit=REQUEST_TOKENS)
        return Asked(place, self._readings.length(speller.corrected(last)))
