"""Hard caps, not averages: a file of 400 lines, a function of 50, six parameters beside self. More is two ideas."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 50
PARAMETERS = 6
TREES = ("src", "tests", "scripts", "benchmarks", "catalog", "training", "examples")


def findings(path: Path) -> Iterator[str]:
    """One line per cap that the file breaks."""
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield f"{path}: {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        size = (node.end_lineno or node.lineno) - node.lineno + 1
        names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        parameters = len([name for name in names if name not in ("self", "cls")])
        if size > FUNCTION_LINES:
            yield f"{path}:{node.lineno} {node.name}: {size} lines"
        # A click command has one parameter for each of its options.
        if parameters > PARAMETERS and not any("command" in ast.dump(mark) for mark in node.decorator_list):
            yield f"{path}:{node.lineno} {node.name}: {parameters} parameters"


def main() -> int:
    """Prints every finding; 1 when there is one."""
    paths = sorted(path for tree in TREES for path in Path(tree).rglob("*.py"))
    found = [finding for path in paths for finding in findings(path)]
    for finding in found:
        print(finding)
    print(f"sizes: {len(paths)} files, {len(found)} over the caps", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
