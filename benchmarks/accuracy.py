"""Prints how often the embedded router is right on labelled sets, beside two baselines.

Usage: python benchmarks/accuracy.py FOLDER [--split test] [--router FOLDER] [--json]

FOLDER is a set (routes.json, cases.jsonl), a .jsonl file, or a folder of sets. The shipped calibration was fitted on
the dev splits of some public sets (docs/router-model.md): only their test splits and other sources are a fair measure.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from plano.evaluate import report
from plano.evaluate.cases import CasesError, LabelledCase, read
from plano.evaluate.run import evaluate
from plano.intent.embedded import EmbeddedClassifier


def main() -> int:
    """The exit status: 0 when something was measured, 1 when there is nothing to measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split")
    parser.add_argument("--router", type=Path, help="another router than the shipped one")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cases: list[LabelledCase] = []
    for path in _sets(options.folder):
        try:
            cases += read(path, split=options.split)
        except CasesError as error:
            print(f"left out: {error}", file=sys.stderr)
    if not cases:
        return 1
    measured = evaluate(EmbeddedClassifier.load(options.router), cases)
    shown = json.dumps(report.document(measured), indent=1) if options.json else report.text(measured)
    sys.stdout.write(shown)
    return 0


def _sets(folder: Path) -> list[Path]:
    if folder.is_file() or (folder / "cases.jsonl").exists():
        return [folder]
    return sorted(path.parent for path in folder.glob("*/cases.jsonl"))


if __name__ == "__main__":
    sys.exit(main())
