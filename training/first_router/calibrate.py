"""The calibration: a small net from the features of a match to the probability that the best route is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from plano.intent.calibration import Calibration, Unit

HIDDEN, DECAY, SEEDS = 4, 2e-3, (0, 1, 2)
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Rows:
    """Matched cases. ``features`` (n, f); ``is_right``: is the best route the wanted one; ``is_routed``: is any wanted.

    ``gaps``: for each case the scores of its routes minus the best one, the wanted route first; None without one.
    """

    requests: tuple[str, ...]
    features: NDArray[np.float64]
    is_right: NDArray[np.bool_]
    is_routed: NDArray[np.bool_]
    gaps: tuple[tuple[float, ...] | None, ...]

    def without(self, requests: frozenset[str]) -> Rows:
        """The rows with other requests than these."""
        return self.where(np.array([request not in requests for request in self.requests], dtype=bool))

    def where(self, keep: NDArray[np.bool_]) -> Rows:
        """The chosen rows."""
        places = np.flatnonzero(keep)
        return Rows(
            tuple(self.requests[place] for place in places),
            self.features[places],
            self.is_right[places],
            self.is_routed[places],
            tuple(self.gaps[place] for place in places),
        )


def fitted(sources: Sequence[tuple[Rows, float]]) -> Calibration:
    """The calibration of these sources, each with the weight it has as a whole.

    Cases with a route where another one scores best are left out: whatever is decided there is wrong.
    """
    parts = [(rows.where(rows.is_right | ~rows.is_routed), weight) for rows, weight in sources]
    parts = [(rows, weight) for rows, weight in parts if len(rows.requests)]
    features = np.concatenate([rows.features for rows, _ in parts])
    labels = np.concatenate([rows.is_right for rows, _ in parts]).astype(np.float64)
    weights = np.concatenate([np.full(len(rows.requests), weight / len(rows.requests)) for rows, weight in parts])
    weights *= len(weights) / weights.sum()
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    nets = [_net((features - mean) / scale, labels, weights, seed=seed) for seed in SEEDS]
    share = 1 / len(nets)
    direct = sum(net["direct"] for net in nets) * share
    return Calibration(
        means=_numbers(mean),
        scales=_numbers(scale),
        direct=_numbers(direct),
        units=tuple(
            Unit(_numbers(weights), float(bias), float(out) * share)
            for net in nets
            for weights, bias, out in zip(net["weights"], net["biases"], net["outs"], strict=True)
        ),
        bias=float(sum(net["bias"] for net in nets) * share),
        threshold=THRESHOLD,
        sharpness=_sharpness([gap for rows, _ in sources for gap in rows.gaps if gap is not None]),
    )


def _net(
    features: NDArray[np.float64], labels: NDArray[np.float64], weights: NDArray[np.float64], *, seed: int
) -> dict[str, NDArray[np.float64]]:
    generator = torch.Generator().manual_seed(seed)
    width = features.shape[1]
    shapes = {"direct": (width,), "weights": (HIDDEN, width), "biases": (HIDDEN,), "outs": (HIDDEN,), "bias": ()}
    net = {
        name: (0.3 * torch.randn(shape, generator=generator, dtype=torch.float64)).requires_grad_()
        for name, shape in shapes.items()
    }
    inputs, wanted, costs = (torch.from_numpy(array) for array in (features, labels, weights))
    optimiser = torch.optim.LBFGS(list(net.values()), max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        hidden = torch.tanh(inputs @ net["weights"].T + net["biases"]) @ net["outs"]
        total = functional.binary_cross_entropy_with_logits(
            inputs @ net["direct"] + hidden + net["bias"], wanted, weight=costs
        )
        total = total + DECAY * sum((part**2).sum() for part in net.values())
        total.backward()
        return total

    optimiser.step(loss)
    return {name: part.detach().numpy() for name, part in net.items()}


def _sharpness(gaps: Sequence[tuple[float, ...]]) -> float:
    """The inverse temperature at which a softmax over the routes explains the wanted ones best."""
    tried = np.geomspace(5, 80, 60)
    costs = [np.mean([-value * gap[0] + np.log(np.exp(value * np.array(gap)).sum()) for gap in gaps]) for value in tried]
    return round(float(tried[int(np.argmin(costs))]), 3)


def _numbers(array: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in array)
