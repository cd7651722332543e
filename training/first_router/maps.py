"""The shared space: two linear maps learned from written tasks, and the bank made of the same tasks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from corpus import Task
from numpy.typing import NDArray
from torch.nn import functional
from vectors import Vectors

from plano.intent.bank import Bank
from plano.intent.geometry import Floats, unit
from plano.intent.matching import Space

STEPS, BATCH, RATE = 800, 96, 2e-4
BANK_REQUESTS = 8
"""Requests of a task that are kept beside the basic ones: twice as many were measured to gain nothing."""

TEMPERATURE = 0.05
NAMES_PER_DESCRIPTION = 2


def fitted_space(tasks: Sequence[Task], vectors: Vectors, closings: Sequence[str], *, seeds: Sequence[int]) -> Space:
    """The space of these tasks, its maps the means over the seeds, exactly as it will be read from its file."""
    runs = [_fit(tasks, vectors, seed=seed) for seed in seeds]
    request_map, text_map = (_half(np.mean([run[side] for run in runs], axis=0)) for side in (0, 1))
    said = [_moved(vectors(requests(task)[: len(task.basics) + BANK_REQUESTS]), request_map) for task in tasks]
    described = np.stack([_moved(vectors(titled(task)), text_map).mean(axis=0) for task in tasks])
    starts = np.cumsum([0, *(len(rows) for rows in said)]).astype(np.int64)
    return Space(
        request_map=request_map,
        text_map=text_map,
        closings=unit(steps(_moved(vectors(closings), request_map)).astype(np.float32)),
        bank=Bank.of(steps(described).astype(np.float32), steps(np.concatenate(said)), starts),
    )


def steps(rows: Floats) -> NDArray[np.int8]:
    """The rows in int8, each stretched to the whole range: only their directions count."""
    return np.rint(rows * (127 / np.abs(rows).max(axis=1, keepdims=True))).astype(np.int8)


def _half(learned: Floats) -> Floats:
    """The map rounded to half precision, as it is stored."""
    return learned.astype(np.float16).astype(np.float32)


def _moved(rows: Floats, learned: Floats) -> Floats:
    return unit(rows + rows @ learned)


def titled(task: Task) -> list[str]:
    """The descriptions of a task, each behind two of its names in turn, as a route would be read."""
    return [
        f"{task.names[(place + shift) % len(task.names)]}: {description}"
        for place, description in enumerate(task.descriptions)
        for shift in range(NAMES_PER_DESCRIPTION)
    ]


def requests(task: Task) -> list[str]:
    """The requests of a task, as long as the router reads them."""
    return [query[:400] for query in (*task.basics, *task.queries)]


def _fit(tasks: Sequence[Task], vectors: Vectors, *, seed: int) -> tuple[Floats, Floats]:
    """Both maps, by the contrastive loss over batches in which half the tasks are neighbours (van den Oord 2018)."""
    chance = np.random.default_rng(seed)
    said = [torch.from_numpy(vectors(requests(task))) for task in tasks]
    alike = [torch.from_numpy(vectors([text[:400] for text in task.hard_negatives])) for task in tasks]
    written = [torch.from_numpy(vectors([*titled(task), *task.names])) for task in tasks]
    width = said[0].shape[1]
    maps = [torch.zeros(width, width, requires_grad=True) for _ in range(2)]
    scale = torch.tensor(float(-np.log(TEMPERATURE)), requires_grad=True)
    optimiser = torch.optim.AdamW([*maps, scale], lr=RATE, weight_decay=0.01)
    groups: dict[str, list[int]] = {}
    for place, task in enumerate(tasks):
        groups.setdefault(task.group, []).append(place)
    for step in range(STEPS):
        chosen = _batch(len(tasks), list(groups.values()), chance)
        asked = _mapped(torch.cat((_draw(said, chosen, chance), _draw(alike, chosen, chance))), maps[0])
        offered = _mapped(_draw(written, chosen, chance), maps[1])
        logits = asked @ offered.T * scale.exp()
        own = torch.arange(len(chosen))
        right, wrong = logits[: len(chosen)], logits[len(chosen) :]
        by_text = torch.cat((right.T, wrong.diagonal()[:, None]), dim=1)
        loss = functional.cross_entropy(right, own) + 0.5 * functional.cross_entropy(by_text, own)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / STEPS)
    request_map, text_map = (learned.detach().numpy() for learned in maps)
    return request_map, text_map


def _batch(count: int, groups: list[list[int]], chance: np.random.Generator) -> list[int]:
    wanted = min(BATCH, count)
    chosen = [int(place) for place in chance.choice(count, wanted // 2, replace=False)]
    while len(set(chosen)) < wanted:
        group = groups[int(chance.integers(len(groups)))]
        chosen += [group[int(place)] for place in chance.permutation(len(group))[:10]]
    return list(dict.fromkeys(chosen))[:wanted]


def _draw(rows: list[torch.Tensor], chosen: list[int], chance: np.random.Generator) -> torch.Tensor:
    return torch.stack([rows[place][int(chance.integers(len(rows[place])))] for place in chosen])


def _mapped(rows: torch.Tensor, learned: torch.Tensor) -> torch.Tensor:
    return functional.normalize(rows + rows @ learned, dim=1)
