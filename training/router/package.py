"""Turns trained checkpoints into the files of a router, and reports them with whole sources left out of calibration.

Usage: python package.py PLAIN_FOLDER CORPUS_FOLDER LABELLED_FOLDER OUTPUT_FOLDER --transformer FILE=SHARE...
    --published FILE --pieces FOLDER --windows FILE=SHARE... [options]

PLAIN_FOLDER: model.safetensors, config.json and vocab.txt of the plain transformer. FILE=SHARE: a checkpoint from
train.py, and its share in the mean of the weights; the rest of 1 is the plain encoder's. ``--published``: weights.npz
of the second encoder as published; ``--pieces``: what pieces.py wrote. Writes the files of a router and router.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from random import Random

import numpy as np
from calibrate import Rows, fitted, threshold
from corpus import FITTED_SETS, Case, farewells, labelled, policies
from data import is_left_out, left_out, lines, share, written
from export import build as build_transformer
from export_windows import build as build_windows
from grams import published
from measures import COLUMNS, figures, spans
from rows import bank_space, matched, stored
from safetensors.numpy import load_file
from vectors import Vectors

from plano.intent.calibration import Calibration
from plano.intent.encoders.encoder import Encoder
from plano.intent.encoders.geometry import Floats
from plano.intent.encoders.pieces import Pieces
from plano.intent.encoders.transformer import Transformer
from plano.intent.encoders.windows import Windows
from plano.intent.matching import FEATURES, Space
from plano.intent.wording import shipped

NAME, VERSION = "plano-router-l6-w5-int8", "3"
LEVELS = 63
MEASURED_SETS = (*FITTED_SETS, "sgd-domain", "sgd-intent")
FAMILIES = {"clinc150-intent": "clinc150", "clinc150-domain": "clinc150"}
POLICIES = 500
BANK_SHARE = 0.3
"""Of the tasks that stand in the bank: more of them were measured to gain nothing."""
LEFT_OUT = ("policies", "gateway", "conversations", "farewells")
"""Sources made of what training never saw."""
WEIGHTS = {"policies": 0.5, "gateway": 0.5, "conversations": 0.5, "farewells": 0.1}
"""Of a source in the calibration; 1 where none is named. What is written is harder than what is asked, and farewells
have but one answer."""


def main() -> None:
    """Mixes, exports, calibrates, reports, writes."""
    options = _options()
    options.output.mkdir(parents=True, exist_ok=True)
    _export(options)
    vocabulary = (options.output / "vocab.txt").read_text("utf-8")
    encoder = Encoder(
        Transformer(model=options.output / "encoder.onnx", vocabulary=vocabulary),
        Windows(
            model=options.output / "windows.onnx",
            pieces=Pieces(model=options.output / "pieces.model", table=options.output / "pieces.npy"),
        ),
        share=options.share,
    )
    speller = shipped.speller(shipped.words())
    vectors = Vectors(encoder)
    known = [task for task in written(options.corpus) if not is_left_out(task.group)]
    space = bank_space([task for task in known if share(task.id) < BANK_SHARE], vectors, lines("closings.txt"))
    cases = _cases(options)
    rows = {
        name: matched(part, space, vectors, speller=speller, facets=not options.whole_only)
        for name, part in cases.items()
    }
    parts = _sources(rows, hidden=frozenset(), without=None)
    apart = _apart(rows)
    limit = threshold({name: (part, apart[_family(name)]) for name, part in parts.items() if name != "farewells"})
    _write(options, space, replace(_weighed(parts), threshold=options.threshold or limit))
    report = _report(cases, rows, {name: replace(each, threshold=limit) for name, each in apart.items()})
    if options.report:
        options.report.write_text("\n".join(report) + "\n", encoding="utf-8")


def _export(options: argparse.Namespace) -> None:
    plain = {key.removeprefix("bert."): value for key, value in load_file(options.plain / "model.safetensors").items()}
    config = json.loads((options.plain / "config.json").read_text(encoding="utf-8"))
    second = {key: value.numpy() for key, value in published(options.published).items()}
    graphs = {
        "encoder.onnx": build_transformer(_mean(plain, options.transformer), config, levels=LEVELS),
        "windows.onnx": build_windows(_mean(second, options.windows), levels=LEVELS),
    }
    for name, graph in graphs.items():
        (options.output / name).write_bytes(graph.SerializeToString(deterministic=True))
    shutil.copyfile(options.plain / "vocab.txt", options.output / "vocab.txt")
    for name in ("pieces.model", "pieces.npy"):
        shutil.copyfile(options.pieces / name, options.output / name)


def _mean(plain: dict[str, Floats], trained: Sequence[tuple[Path, float]]) -> dict[str, Floats]:
    """The weighted mean of the checkpoints, and of the plain weights for what is missing to 1."""
    state = {key: (1 - sum(share for _, share in trained)) * value for key, value in plain.items()}
    for file, part in trained:
        checkpoint = load_file(file)
        state = {key: value + part * checkpoint.get(key, plain[key]) for key, value in state.items()}
    return {key: value.astype(np.float32) for key, value in state.items()}


def _cases(options: argparse.Namespace) -> dict[str, list[Case]]:
    """Everything that is measured: labelled sets by split (at most ``--most`` cases of each), and what was left out."""
    found: dict[str, list[Case]] = {}
    for name in MEASURED_SETS:
        for split in ("dev", "test"):
            part = [case for case in labelled(options.labelled, name) if case.split == split]
            if part:
                found[f"{name}/{split}"] = _some(part, options.most)
    apart, turns = left_out(options.corpus)
    fine, coarse = ([task for task in apart if task.is_aside is aside] for aside in (False, True))
    found["policies"] = list(policies(fine, count=POLICIES, seed=0))
    found["gateway"] = list(policies(coarse, count=POLICIES, seed=0))
    found["conversations"] = turns
    found["farewells"] = list(farewells(turns, lines("farewells.txt")))
    return found


def _some(cases: list[Case], most: int) -> list[Case]:
    if len(cases) <= most or len(cases[-1].conversation.turns) > 1:
        return cases
    places = sorted(Random(0).sample(range(len(cases)), most))
    return [cases[place] for place in places]


def _sources(rows: dict[str, Rows], *, hidden: frozenset[str], without: str | None) -> dict[str, Rows]:
    """What a calibration is fitted on: dev splits of FITTED_SETS and what was left out of training, less one family."""
    chosen = {}
    for name, part in rows.items():
        source, _, split = name.partition("/")
        is_fitted = source in LEFT_OUT or (source in FITTED_SETS and split == "dev")
        if is_fitted and _family(source) != without:
            chosen[source] = part.without(hidden) if hidden else part
    return chosen


def _family(name: str) -> str:
    source = name.partition("/")[0]
    return FAMILIES.get(source, source)


def _apart(rows: dict[str, Rows]) -> dict[str, Calibration]:
    """For each family of sets the calibration that is fitted without it and without its requests."""
    made: dict[str, Calibration] = {}
    for family in dict.fromkeys(map(_family, rows)):
        hidden = frozenset(
            request for other, each in rows.items() if _family(other) == family for request in each.requests
        )
        made[family] = _weighed(_sources(rows, hidden=hidden, without=family))
    return made


def _weighed(sources: dict[str, Rows]) -> Calibration:
    return fitted([(part, WEIGHTS.get(name, 1.0)) for name, part in sources.items()])


def _report(cases: dict[str, list[Case]], rows: dict[str, Rows], apart: dict[str, Calibration]) -> list[str]:
    """Prints and returns one line a set, each under the calibration of ``apart`` that does not know it."""
    table = [f"{'calibrated without it':24}{'n':>6}" + "".join(f"{column:>8}" for column in COLUMNS)]
    print(table[0])
    for name, part in rows.items():
        found = figures(part, apart[_family(name)])
        line = f"{name:24}{found.line()}{_spans(cases[name], found.right)}"
        print(line, flush=True)
        table.append(line)
    return table


def _spans(cases: Sequence[Case], right: np.ndarray) -> str:
    """Figures of conversations, where the cases are turns of some: a longer history that continues the one before."""
    if not any(len(case.conversation.turns) > 1 for case in cases):
        return ""
    places, number, before = [], 0, ()
    for case in cases:
        turns = case.conversation.turns
        number += not (before and turns[: len(before)] == before)
        before = turns
        places.append((str(number), case.wanted))
    span, whole = spans(places, right)
    return f"  span {100 * span:.1f} conversation {100 * whole:.1f} ({number})"


def _write(options: argparse.Namespace, space: Space, calibration: Calibration) -> None:
    folder = options.output
    arrays = {
        "closings": stored(space.closings),
        "bank_texts": stored(space.bank.texts),
        "bank_requests": space.bank.requests,
        "bank_starts": space.bank.starts,
    }
    np.savez_compressed(folder / "space.npz", **arrays)
    names = ("encoder.onnx", "vocab.txt", "windows.onnx", "pieces.model", "pieces.npy", "space.npz")
    document = {
        "name": NAME,
        "version": VERSION,
        "dimensions": int(space.closings.shape[1]),
        "share": options.share,
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
        "calibration": {**asdict(calibration), "weights": dict(zip(FEATURES, calibration.weights, strict=True))},
    }
    (folder / "router.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _shared(text: str) -> tuple[Path, float]:
    file, _, share = text.rpartition("=")
    return Path(file), float(share)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("plain", "corpus", "labelled", "output"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--transformer", type=_shared, nargs="+", required=True, metavar="FILE=SHARE")
    parser.add_argument("--windows", type=_shared, nargs="+", required=True, metavar="FILE=SHARE")
    parser.add_argument("--published", type=Path, required=True)
    parser.add_argument("--pieces", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.3, help="how much the second encoder counts in a cosine")
    parser.add_argument("--most", type=int, default=700, help="single-turn cases of a split that are measured")
    parser.add_argument("--whole-only", action="store_true", help="compare with whole descriptions only, no facets")
    parser.add_argument("--threshold", type=float, help="the shipped one, instead of the fitted one")
    parser.add_argument("--report", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
