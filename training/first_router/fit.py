"""Fits the first router's shared space and calibration, reports it with sources left out, and writes its files.

Usage: python fit.py ROUTER_FOLDER CORPUS_FOLDER LABELLED_FOLDER [--cache FILE] [--report-only]

ROUTER_FOLDER holds encoder.onnx and vocab.txt from export.py; space.npz and router.json are written beside them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from calibrate import Rows, fitted
from corpus import Task, conversations, policies, tasks
from maps import fitted_space, steps
from matched import matched, plain
from report import report
from vectors import Vectors

from plano.evaluate.cases import LabelledCase, read
from plano.intent.calibration import Calibration
from plano.intent.encoder import Encoder
from plano.intent.matching import FEATURES, Space

NAME, VERSION = "minilm-l6-int8", "1"
FITTED_SETS = ("llm-dev", "mtbench", "switch-dev", "clinc150-intent", "clinc150-domain", "mmlu-domains")
"""Sets without a share-alike clause: coefficients may be fitted on their dev splits."""
MEASURED_SETS = (*FITTED_SETS, "sgd-domain", "sgd-intent")
FOLDS, POLICIES_PER_FOLD = 4, 1200
SPACE_SEEDS, FOLD_SEEDS = (0, 1, 2), (0,)


def main() -> None:
    """Fits, reports, writes."""
    options = _options()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    here = Path(__file__).parent
    encoder = Encoder(model=options.router / "encoder.onnx", vocabulary=(options.router / "vocab.txt").read_text())
    vectors = Vectors(encoder, options.cache)
    written = tasks(options.corpus, here / "basics.json")
    closings = (here / "closings.txt").read_text(encoding="utf-8").splitlines()
    space = fitted_space(written, vectors, closings, seeds=SPACE_SEEDS)
    sets = {name: list(read(options.labelled / name)) for name in MEASURED_SETS}
    sets["conversations"] = conversations(options.corpus)
    rows = {name: matched(cases, space, vectors) for name, cases in sets.items()}
    fit = {name: rows[name].where(_is_dev(sets[name])) for name in (*FITTED_SETS, "conversations")}
    fit["policies"] = held_out_policies(written, vectors, closings)
    baseline = {name: plain(cases, vectors) for name, cases in sets.items()}
    vectors.keep()
    print(f"{len(written)} tasks, {len(fit['policies'].requests)} policies, {len(fit['conversations'].requests)} turns")
    print(report(sets, rows, fit, baseline), end="")
    if not options.report_only:
        write(options.router, space, fitted(fit))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("router", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--cache", type=Path, help="file in which vectors are kept between runs (.npz)")
    parser.add_argument("--report-only", action="store_true")
    return parser.parse_args()


def _is_dev(cases: Sequence[LabelledCase]) -> np.ndarray:
    return np.array([case.split == "dev" for case in cases])


def held_out_policies(written: Sequence[Task], vectors: Vectors, closings: Sequence[str]) -> Rows:
    """Made-up policies, each of tasks that neither the maps nor the bank they are matched with have seen."""
    parts = []
    for fold in range(FOLDS):
        inside = [task for task in written if _fold(task) == fold]
        outside = [task for task in written if _fold(task) != fold]
        cases = list(policies(inside, count=POLICIES_PER_FOLD, seed=fold))
        parts.append(matched(cases, fitted_space(outside, vectors, closings, seeds=FOLD_SEEDS), vectors))
    return Rows.joined(parts)


def _fold(task: Task) -> int:
    return hashlib.sha256(task.id.encode()).digest()[0] % FOLDS


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
        "calibration": {**asdict(calibration), "weights": dict(zip(FEATURES, calibration.weights, strict=True))},
    }
    (folder / "router.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
