"""The world outside a policy: described tasks, with requests for them, that the router knows from its training.

It serves twice. A request and a description are different sorts of text and compare badly, but a request compares well
with requests, and a description with descriptions: the bank leads from one to the other. And a task of the bank that
fits a request better than every offered route speaks for no route.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from plano.intent.encoders.geometry import dots, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plano.intent.encoders.geometry import Floats

NEIGHBOURS = 20
_TASKS_SEARCHED = 32
_SOFTNESS = 0.1


@dataclass(frozen=True, slots=True)
class Bank:
    """b tasks and r requests. ``texts`` (b, d): each task by its descriptions. ``centres`` (b, d): by its requests.

    ``requests`` (r, d) int8, of any length; ``shrinks`` (r,): one by their length. Those of task i are rows
    ``starts[i]`` to ``starts[i + 1]``.
    """

    texts: Floats
    centres: Floats
    requests: NDArray[np.int8]
    shrinks: Floats
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Floats, requests: NDArray[np.int8], starts: NDArray[np.int64]) -> Bank:
        """A bank whose centres are the means of each task's requests."""
        # Task by task: all requests at once would take ten times the memory that is kept.
        parts = (requests[start:end] for start, end in pairwise(starts.tolist()))
        centres = np.stack([unit(part.astype(np.float32)).mean(axis=0) for part in parts])
        squares = np.einsum("rd,rd->r", requests, requests, dtype=np.int32)
        shrinks = 1 / np.sqrt(np.maximum(squares, 1)).astype(np.float32)
        return cls(unit(texts), unit(centres), requests, shrinks, starts)

    def likeliest(self, views: Floats, weights: Floats) -> NDArray[np.int64]:
        """The tasks (up to 32,) whose requests are in the mean most like these views, the likeliest first."""
        return np.argsort(-(dots(self.centres, views) @ weights), kind="stable")[:_TASKS_SEARCHED]

    def nearby(self, tasks: NDArray[np.int64], views: Floats, weights: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Those of the tasks that the twenty requests most like these views belong to (20,), and a share of 1 for each.

        Equal requests are taken in the order of the tasks.
        """
        rows = np.concatenate([np.arange(self.starts[task], self.starts[task + 1]) for task in tasks])
        owners = np.repeat(tasks, self.starts[tasks + 1] - self.starts[tasks])
        likeness = (dots(self.requests[rows].astype(np.float32), views) @ weights) * self.shrinks[rows]
        best = np.argsort(-likeness, kind="stable")[:NEIGHBOURS]
        shares = np.exp((likeness[best] - likeness[best[0]]) / np.float32(_SOFTNESS))
        return owners[best], shares / shares.sum()
