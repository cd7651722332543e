"""Prints how good, how steady and how fast the embedded router is on labelled sets.

Usage: python benchmarks/router.py FOLDER [--split test] [--router FOLDER] [--cases N] [--json FILE]

FOLDER is a set (routes.json, cases.jsonl), a .jsonl file, or a folder of sets; a set without the split is measured
whole. The shipped router was trained on the dev splits of some public sets (docs/router-model.md): only their test
splits and other sources are a fair measure. What a set would have without its family in the calibration is printed by
training/router/package.py.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from random import Random
from statistics import fmean

from router_bench import cost, quality, steadiness

from plano.evaluate.cases import CasesError, LabelledCase, read
from plano.evaluate.run import evaluate
from plano.intent.embedded import EmbeddedClassifier

ROUTES = (10, 100)


def main() -> int:
    """The exit status: 0 when something was measured, 1 when there is nothing to measure."""
    options = _options()
    sets = {path.stem: cases for path in _sets(options.folder) if (cases := _cases(path, options.split))}
    if not sets:
        return 1
    router = EmbeddedClassifier.load(options.router)
    print(router.version)
    found = {
        "quality": _quality(router, sets),
        "flips": _steadiness(router, sets, most=options.cases),
        "cost": _cost(router, options.router),
    }
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def _quality(router: EmbeddedClassifier, sets: dict[str, tuple[LabelledCase, ...]]) -> dict[str, object]:
    print(quality.heading())
    measured = {}
    for name, cases in sets.items():
        measured[name] = quality.quality(evaluate(router, cases, with_baselines=False).answers)
        print(quality.row(name, measured[name]), flush=True)
    if len(measured) > 1:
        measured["mean"] = quality.mean(tuple(measured.values()))
        print(quality.row("mean", measured["mean"]))
        print(quality.pooled(measured["mean"]))
    return {name: quality.document(each) for name, each in measured.items()}


def _steadiness(
    router: EmbeddedClassifier, sets: dict[str, tuple[LabelledCase, ...]], *, most: int
) -> dict[str, dict[str, float]]:
    """Percent of answers changed, by set and disturbance."""
    print(f"\n{'% of answers changed by':33}" + "".join(f"{name:>14}" for name in steadiness.DISTURBANCES))
    changed: dict[str, dict[str, float]] = {}
    for name, cases in sets.items():
        chosen = Random(0).sample(cases, min(most, len(cases)))
        changed[name] = {
            label: 100 * steadiness.flips(router, chosen, disturb)
            for label, disturb in steadiness.disturbances(name).items()
        }
        print(_row(name, len(chosen), changed[name]), flush=True)
    columns = {label: [each[label] for each in changed.values() if label in each] for label in steadiness.DISTURBANCES}
    changed["mean"] = {label: fmean(shares) for label, shares in columns.items() if shares}
    print(_row("mean", sum(min(most, len(cases)) for cases in sets.values()), changed["mean"]))
    return changed


def _row(name: str, cases: int, shares: dict[str, float]) -> str:
    cells = (f"{shares[label]:>14.1f}" if label in shares else f"{'-':>14}" for label in steadiness.DISTURBANCES)
    return f"{name[:25]:26}{cases:>7}" + "".join(cells)


def _cost(router: EmbeddedClassifier, folder: Path | None) -> dict[str, dict[str, float]]:
    costs = {f"{routes} routes": cost.latency(router, routes=routes) for routes in ROUTES}
    costs["fresh process"] = cost.loading(folder)
    print()
    for name, numbers in costs.items():
        print(f"{name:26}" + "   ".join(f"{label} {number:.2f}" for label, number in numbers.items()))
    return costs


def _sets(folder: Path) -> list[Path]:
    if folder.is_file() or (folder / "cases.jsonl").exists():
        return [folder]
    return sorted(path.parent for path in folder.glob("*/cases.jsonl"))


def _cases(path: Path, split: str | None) -> tuple[LabelledCase, ...]:
    """The cases of the split, or all of a set that has no such split; none when the set cannot be read."""
    try:
        cases = read(path)
    except CasesError as error:
        print(f"left out: {error}", file=sys.stderr)
        return ()
    return tuple(case for case in cases if case.split == split) or cases


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split")
    parser.add_argument("--router", type=Path, help="another router than the shipped one")
    parser.add_argument("--cases", type=int, default=150, help="cases of each set whose answers are disturbed")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
