"""The router on labelled sets, beside "always none" and word overlap: accuracy.py [--split S] FOLDER..."""

from __future__ import annotations

import argparse
from pathlib import Path

from plano.evaluate import report
from plano.evaluate.cases import read
from plano.evaluate.run import evaluate
from plano.intent.embedded import EmbeddedClassifier


def main() -> None:
    """Prints one table for all folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split")
    parser.add_argument("folders", nargs="+", type=Path)
    chosen = parser.parse_args()
    cases = [case for folder in chosen.folders for case in read(folder, split=chosen.split)]
    print(report.text(evaluate(EmbeddedClassifier.load(), cases)), end="")


if __name__ == "__main__":
    main()
