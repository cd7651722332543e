"""Prints reports of package.py side by side: a learning curve, or what each part of a router brought.

Usage: python curve.py REPORT...

One line a report, in the order given: the means over the sources that training never saw (made of left-out tasks and
conversations) and over the labelled sets (their test split, or the whole of one without).
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

LEFT_OUT = ("policies", "gateway", "conversations")
COLUMNS = ("all", "best", "routed", "none_p", "none_r", "r@p90", "auroc", "ece", "top1")
SHOWN = ("all", "best", "none_r", "auroc", "ece", "top1")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path, nargs="+")
    heading = "".join(f"{column:>8}" for column in SHOWN)
    print(f"{'':24}{'left out':>8}{'':40}{'sets':>8}\n{'':24}{heading}{heading}")
    for report in parser.parse_args().reports:
        rows = read(report)
        tested = {name.partition("/")[0] for name in rows if name.endswith("/test")}
        sets = [name for name in rows if name.endswith("/test") or ("/" in name and name.split("/")[0] not in tested)]
        print(f"{report.stem:24}{_means(rows, LEFT_OUT)}{_means(rows, sets)}")


def read(report: Path) -> dict[str, dict[str, float]]:
    """The figures of each source by column."""
    rows = {}
    for line in report.read_text(encoding="utf-8").splitlines()[1:]:
        name, _, *numbers = line.split()
        rows[name] = {column: float(number) for column, number in zip(COLUMNS, numbers[: len(COLUMNS)], strict=True)}
    return rows


def _means(rows: dict[str, dict[str, float]], names: tuple[str, ...] | list[str]) -> str:
    found = []
    for column in SHOWN:
        values = [rows[name][column] for name in names if not math.isnan(rows[name][column])]
        found.append(sum(values) / len(values) if values else math.nan)
    return "".join(f"{value:8.1f}" for value in found)


if __name__ == "__main__":
    main()
