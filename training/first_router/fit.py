"""Fits the first router's shared space and calibration, reports it with sources left out, and writes its files.

Usage: python fit.py ROUTER_FOLDER CORPUS_FOLDER LABELLED_FOLDER [--cache FILE] [--report-only]

ROUTER_FOLDER holds encoder.onnx and vocab.txt from export.py; space.npz and router.json are written beside them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from calibrate import Rows, fitted
from corpus import FITTED_SETS, Case, Task, conversations, labelled, policies, tasks
from maps import fitted_space, steps
from vectors import Vectors

from plano.domain.route import Route
from plano.intent.calibration import Calibration
from plano.intent.encoder import Encoder
from plano.intent.matching import FEATURES, RouteVectors, Space, Views
from plano.intent.text import shown
from plano.intent.views import phrases, views

DUMP = True
NAME, VERSION = "minilm-l6-int8", "1"
MEASURED_SETS = (*FITTED_SETS, "sgd-domain", "sgd-intent")
FAMILIES = {"clinc150-intent": "clinc150", "clinc150-domain": "clinc150"}
FOLDS, POLICIES_PER_FOLD = 4, 1200
WEIGHTS = {"policies": 2.0, "conversations": 2.0}


def main() -> None:
    """Fits, reports, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("router", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--cache", type=Path, help="file in which vectors are kept between runs (.npz)")
    parser.add_argument("--report-only", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    here = Path(__file__).parent
    encoder = Encoder(
        model=options.router / "encoder.onnx", vocabulary=(options.router / "vocab.txt").read_text()
    )
    vectors = Vectors(encoder, options.cache)
    written = tasks(options.corpus, here / "basics.json")
    closings = (here / "closings.txt").read_text(encoding="utf-8").splitlines()
    space = fitted_space(written, vectors, closings, seeds=(0, 1, 2))
    sets = {name: labelled(options.labelled, name) for name in MEASURED_SETS}
    rows = {name: matched(cases, space, vectors) for name, cases in sets.items()}
    rows["conversations"] = matched(conversations(options.corpus), space, vectors)
    rows["policies"] = held_out_policies(written, vectors, closings)
    vectors.keep()
    if DUMP: __import__("pickle").dump((rows, {n: [(c.split, c.kind) for c in cs] for n, cs in sets.items()}, space), open("/tmp/rt/rows2.pkl", "wb"))
    print(f"{len(written)} tasks, {len(rows['policies'].requests)} policies, {len(rows['conversations'].requests)} turns")
    dev = {name: rows[name].where(np.array([case.split == "dev" for case in sets[name]])) for name in FITTED_SETS}
    report(rows, dev)
    if not options.report_only:
        write(options.router, space, fitted([(part, WEIGHTS.get(name, 1.0)) for name, part in sources(rows, dev)]))


def matched(cases: Iterable[Case], space: Space, vectors: Vectors) -> Rows:
    """Every case as the router would see it."""
    known: dict[tuple[str, ...], RouteVectors] = {}

    def route(offered: Route, among: int) -> RouteVectors:
        texts = phrases(offered, among=among)
        if texts not in known:
            known[texts] = space.route(vectors(texts), None)
        return known[texts]

    requests, features, right, routed, gaps = [], [], [], [], []
    for case in cases:
        texts = views(shown(case.conversation))
        seen = Views(space.requests(vectors(texts)), length=len(texts[0]))
        match = space.match(seen, [route(offered, len(case.routes)) for offered in case.routes])
        names = [offered.name for offered in case.routes]
        best = max(match.scores)
        requests.append(case.request)
        features.append(match.features)
        right.append(names[match.scores.index(best)] == case.wanted)
        routed.append(case.wanted is not None)
        wanted = None if case.wanted is None else names.index(case.wanted)
        gaps.append(None if wanted is None else _gaps(match.scores, wanted))
    return Rows(tuple(requests), np.array(features), np.array(right), np.array(routed), tuple(gaps))


def _gaps(scores: Sequence[float], wanted: int) -> tuple[float, ...]:
    best = max(scores)
    others = (score - best for place, score in enumerate(scores) if place != wanted)
    return (scores[wanted] - best, *others)


def held_out_policies(written: Sequence[Task], vectors: Vectors, closings: Sequence[str]) -> Rows:
    """Made-up policies, each of tasks that neither the maps nor the bank they are matched with have seen."""
    parts = []
    for fold in range(FOLDS):
        inside = [task for task in written if _fold(task) == fold]
        outside = [task for task in written if _fold(task) != fold]
        cases = policies(inside, count=POLICIES_PER_FOLD, seed=fold)
        parts.append(matched(cases, fitted_space(outside, vectors, closings, seeds=(0,)), vectors))
    return Rows(
        tuple(request for part in parts for request in part.requests),
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.is_right for part in parts]),
        np.concatenate([part.is_routed for part in parts]),
        tuple(gap for part in parts for gap in part.gaps),
    )


def _fold(task: Task) -> int:
    return hashlib.sha256(task.id.encode()).digest()[0] % FOLDS


def sources(rows: dict[str, Rows], dev: dict[str, Rows], *, without: str | None = None) -> list[tuple[str, Rows]]:
    """What coefficients are fitted on: all sources, or all but a family of sets and every request that stands in it."""
    chosen = {"policies": rows["policies"], "conversations": rows["conversations"], **dev}
    if without is None:
        return list(chosen.items())
    family = FAMILIES.get(without, without)
    hidden = frozenset(rows[without].requests)
    return [(name, part.without(hidden)) for name, part in chosen.items() if FAMILIES.get(name, name) != family]


def report(rows: dict[str, Rows], dev: dict[str, Rows]) -> None:
    """Prints what a calibration fitted without a set makes of that set."""
    print(f"{'set, left out of the fit':26}{'n':>6}{'all':>7}{'(best)':>8}{'routed':>8}{'none p':>8}{'none r':>8}{'auroc':>7}")
    for name in (*MEASURED_SETS, "conversations"):
        parts = [(part, WEIGHTS.get(source, 1.0)) for source, part in sources(rows, dev, without=name)]
        calibration = fitted(parts)
        part = rows[name]
        chance = np.array([calibration.probability(features) for features in part.features])
        taken = chance >= calibration.threshold
        none = ~part.is_routed
        best = max(_accuracy(part, chance >= limit) for limit in np.quantile(chance, np.linspace(0, 1, 101)))
        figures = (
            _accuracy(part, taken),
            best,
            (taken & part.is_right)[part.is_routed].mean(),
            none[~taken].mean() if (~taken).any() else 0.0,
            (~taken)[none].mean() if none.any() else 0.0,
            _auroc(chance[part.is_routed], chance[none]),
        )
        print(f"{name:26}{len(chance):6}" + "".join(f"{100 * value:{width}.1f}" for value, width in zip(figures, (7, 8, 8, 8, 8, 7))))


def _accuracy(part: Rows, taken: np.ndarray) -> float:
    return float(((taken & part.is_right) | (~taken & ~part.is_routed)).mean())


def _auroc(inside: np.ndarray, outside: np.ndarray) -> float:
    """The chance that a request with a route scores above one without (ties count half)."""
    above = (inside[:, None] > outside[None, :]).mean() + 0.5 * (inside[:, None] == outside[None, :]).mean()
    return float(above)


def write(folder: Path, space: Space, calibration: Calibration) -> None:
    """Writes space.npz and router.json."""
    arrays = {
        "request_map": space.request_map.astype(np.float16),
        "text_map": space.text_map.astype(np.float16),
        "closings": steps(space.closings),
        "bank_texts": steps(space.bank.texts),
        "bank_requests": space.bank.requests,
        "bank_starts": space.bank.starts,
    }
    np.savez(folder / "space.npz", **arrays)
    names = ("encoder.onnx", "vocab.txt", "space.npz")
    document = {
        "name": NAME,
        "version": VERSION,
        "dimensions": int(space.request_map.shape[0]),
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
        "calibration": {"features": list(FEATURES), **asdict(calibration)},
    }
    (folder / "router.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
