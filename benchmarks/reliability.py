"""``scripts/bench reliability [--page FILE]``: all fault tests in full, and the page that shows them.

The matrix, the cuts and the failover faults run by a clock that jumps over waiting; the chaos runs in real time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvloop

# The fault tests themselves are what is run here.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chaos import chaos
from chaos_bench.page import Figures, rendered
from tests.faults.cases import APIS, CASES, cases_of
from tests.faults.cutting import HOWS, Cut, broken, stream_of
from tests.faults.modes import MODES
from tests.faults.test_client import FAULTS as CLIENT_PLAYS
from tests.faults.test_client import staged
from tests.faults.test_failover import HELD, PLAYS, TUNED, Form, graded
from tests.faults.test_matrix import test_case, test_nothing_is_left
from tests.faults.timelapse import run_in_timelapse

Checked = TypeVar("Checked")

TEXTS = (
    "Yes.", "The answer is 42.", "Grüße aus Köln", "日本語 の 答え です", "🙂 🚀 👩‍👩‍👧 done", "שלום עולם",
    "مرحبا بالعالم",
    "line one\nline two", 'quotes " and \\ backslash', "data: [DONE]", '{"error": null}', "a b c d e f g h i j",
    "tab\tand\u2028separator", "café ÀÉÎÕÜ naïve", "한국어 대답 입니다", "1 2 3", "<b>html</b> &amp; co", "Ω ≈ ç √ ∫",
    "finish_reason: stop", "the last of twenty",
)  # fmt: skip
"""Each becomes a stream of one API, in turn."""


def matrix() -> tuple[dict[str, int], int]:
    """For each mode how many of its cases are as they must be; and how many cases there are."""
    passed = {
        mode.id: sum(_holds(test_case, case) for case in cases_of(mode)) if _holds(test_nothing_is_left, mode) else 0
        for mode in MODES
    }
    return passed, len(CASES)


def _holds(check: Callable[[Checked], None], what: Checked) -> bool:
    try:
        check(what)
    except AssertionError as error:
        print("   ", str(error).partition("\n")[0], file=sys.stderr)
        return False
    return True


def cuts() -> tuple[int, Counter[str]]:
    """How many cut points there are over all streams, and what was told wrongly."""
    count, wrong = 0, Counter[str]()
    callers = cycle(APIS)
    for number, text in enumerate(TEXTS):
        stream = stream_of(APIS[number % 3], text)
        caller = stream.api if number % 2 else next(callers)
        all_cuts = [Cut(stream, caller, at, HOWS[at % 3]) for at in range(len(stream.body) + 1)]
        count += len(all_cuts)
        wrong.update(what for _, what in _told_wrongly(all_cuts))
    return count, wrong


def _told_wrongly(all_cuts: list[Cut]) -> list[tuple[Cut, str]]:
    return run_in_timelapse(lambda _loop: broken(all_cuts))


def settled() -> dict[str, dict[str, str]]:
    """The grades of all failover faults with options set, and of the Python clients."""
    form = Form("chat", is_stream=True)
    found: dict[str, dict[str, str]] = {
        what: {name: str(graded(name, form, failover)) for name in PLAYS}
        for what, failover in (("retry, 10 s", TUNED), ("withheld", HELD))
    }
    for what, is_async in (("plano.run", False), ("plano.run, asyncio", True)):
        found[what] = {name: _by_client(name, is_async=is_async) for name in CLIENT_PLAYS}
    return found


def _by_client(name: str, *, is_async: bool) -> str:
    with pytest.MonkeyPatch.context() as patch, staged(patch, is_async=is_async) as stage:
        return CLIENT_PLAYS[name](stage)


def reconciled(kept: Sequence[Path], requests: int, seed: int) -> dict[str, Any]:
    """The figures of the three ledgers: of runs that were kept, added up, or of one that is made now."""
    if not kept:
        found, _ = uvloop.run(chaos(requests, seed))
        off = {what: count for what, count in found.off.items() if count}
        tallies = {"outcomes": found.outcomes, "off": off}
        return {"requests": requests, "attempts": found.attempts, "tokens": found.tokens, **tallies}
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in kept]
    sums = {name: sum(run[name] for run in runs) for name in ("requests", "attempts", "tokens")}
    return sums | {name: dict(sum((Counter(run[name]) for run in runs), Counter())) for name in ("outcomes", "off")}


def measured(kept: Sequence[Path], requests: int, seed: int) -> Figures:
    """All figures of the page."""
    began = time.monotonic()
    passed, total = matrix()
    print(f"matrix: {sum(passed.values())} of {total}, {time.monotonic() - began:.0f} s", file=sys.stderr)
    grades = {
        str(form): {name: graded(name, form) for name in PLAYS}
        for form in (Form(api, is_stream=is_stream) for is_stream in (True, False) for api in APIS)
    }
    with_options = settled()
    print(f"failover faults: {time.monotonic() - began:.0f} s", file=sys.stderr)
    points, wrong = cuts()
    print(f"cuts: {points} points, {sum(wrong.values())} wrong, {time.monotonic() - began:.0f} s", file=sys.stderr)
    ledgers = reconciled(kept, requests, seed)
    return Figures(
        passed=passed,
        grades=grades,
        settled=with_options,
        streams=len(TEXTS),
        cut_points=points,
        cuts_wrong=dict(wrong),
        requests=ledgers["requests"],
        attempts=ledgers["attempts"],
        tokens=ledgers["tokens"],
        outcomes=dict(Counter(ledgers["outcomes"]).most_common()),
        off=ledgers["off"],
        seconds=time.monotonic() - began,
    )


def main() -> int:
    """Runs all of it; 0 when nothing was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="chaotic requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chaos", type=Path, nargs="*", default=[], help="what 'scripts/bench chaos --json' has kept")
    parser.add_argument("--page", type=Path, help="write the page there")
    chosen = parser.parse_args()
    figures = measured(chosen.chaos, chosen.requests, chosen.seed)
    runs = " ".join(path.name for path in chosen.chaos)
    given = f"--chaos {runs}" if runs else f"--requests {chosen.requests} --seed {chosen.seed}"
    text = rendered(figures, f"scripts/bench reliability {given}")
    if chosen.page is not None:
        chosen.page.write_text(text, encoding="utf-8")
    print(text)
    return 0 if figures.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
