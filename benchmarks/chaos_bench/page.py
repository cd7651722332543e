"""The page that shows what the fault tests found."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.faults.cases import cases_of
from tests.faults.modes import MODES, Breaks, Fails, Fate, Mode, PassedOn

GRADES = ("pass", "partial", "safe", "fail")


@dataclass(frozen=True, slots=True)
class Figures:
    """``passed``: cases by mode. ``grades``: by form of the request and fault; ``settled``: by setting and fault.

    ``off``: where the ledgers disagree.
    """

    passed: Mapping[str, int]
    grades: Mapping[str, Mapping[str, str]]
    settled: Mapping[str, Mapping[str, str]]
    streams: int
    cut_points: int
    cuts_wrong: Mapping[str, int]
    requests: int
    attempts: int
    tokens: int
    outcomes: Mapping[str, int]
    off: Mapping[str, int]
    seconds: float

    @property
    def is_clean(self) -> bool:
        """Was nothing wrong?"""
        whole = all(self.passed[mode.id] == _size(mode) for mode in MODES)
        return whole and not self.cuts_wrong and not self.off and not self.failed

    @property
    def failed(self) -> int:
        """Failover faults with the grade ``fail``."""
        tables = (*self.grades.values(), *self.settled.values())
        return sum(grade == "fail" for grades in tables for grade in grades.values())


def rendered(figures: Figures, command: str) -> str:
    """The page, in Markdown."""
    day, minutes = datetime.now(UTC).strftime("%Y-%m-%d"), f"{figures.seconds / 60:.0f}"
    made = f"Made by `{command} --page docs/reliability.md` on {day} in {minutes} minutes; do not edit by hand."
    parts = ["# Reliability", _wrapped(made), _wrapped(PROMISES)]
    parts += [*_matrix(figures), *_failover(figures), *_cuts(figures), *_chaos(figures)]
    return "\n\n".join(parts) + "\n"


PROMISES = """
What a caller may rely on when a provider fails: a cut answer never looks like a whole one; before the first byte
another candidate answers, after it none does; a provider's "come back later" is kept; the caller's own mistake is
answered once; every request is accounted for. `plano mock` plays every fault on this page; `plano mock --words` lists
them.
"""

MATRIX = """
**{passed:,} of {total:,} cases** end as the outcome table says: each fault with three APIs, streamed and not, from
providers of two dialects, as the only candidate, as the first of two, and with both failing alike. Judged are the
caller's answer, the attempts and their order, the bytes sent upstream, times that were named, the row of the log,
secrets, and what is left of tasks. The cases of a fault share one gateway on real sockets; its clock jumps over
waiting, so that limits of minutes keep their proportions.
"""

NEXT = """
`next`: another candidate answers where there is one, else that code. `error event`: the stream had begun, so that
nobody else is asked.
"""

FAILOVER = """
After FailoverBench, method 0.1; one fallback, no option set. `partial`: answered, but the troubled model was not asked
again, or not left early enough, where that would have been best. `safe`: no answer, but a clean error in time.
"""

SETTLED = """
The same with options set, chat completions streamed. `retry, 10 s`: `max_retries: 1` and `failover.first_token.most:
10s`. `withheld`: the same with `failover.buffer_streams: true`. `plano.run`: the Python client around an official
client, without a gateway in between.
"""

CUTS = """
{streams} streams broken off after each of their bytes, by a missing last chunk, a close and a reset in turn:
**{points:,} cut points, {wrong} told wrongly**. A part never passes for the whole, nor the whole for a part.
"""

CHAOS = """
{requests:,} requests with faults drawn by chance, 5 % of the callers leaving; {attempts:,} attempts, and {tokens:,}
tokens of whole answers. The caller's view, the gateway's log and the provider's ledger are compared for every request:
one row, the same outcome, every attempt, the delivered text, the tokens. **{agreed}.**
"""


def _wrapped(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), 118, break_long_words=False, break_on_hyphens=False)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _matrix(figures: Figures) -> list[str]:
    rows = [
        (mode.id, mode.what, _told(mode.plain), _told(mode.stream), f"{figures.passed[mode.id]} of {_size(mode)}")
        for mode in MODES
    ]
    said = MATRIX.format(passed=sum(figures.passed.values()), total=sum(map(_size, MODES)))
    head = ("", "The first provider", "not streamed", "streamed", "cases")
    return ["## Fault matrix", _wrapped(said), _table(head, rows), _wrapped(NEXT)]


def _told(fate: Fate) -> str:
    match fate:
        case Fails():
            return f"next; `{fate.codes[0]}`"
        case PassedOn():
            larger = "; next only if its window is larger" if fate.goes_on_to_larger else ""
            return f"{fate.status} passed on{larger}"
        case Breaks():
            return f"error event `{fate.code}`"
        case _:
            return "200"


def _failover(figures: Figures) -> list[str]:
    tables = [_graded(figures.grades), _wrapped(SETTLED), _graded(figures.settled)]
    return ["## 16 failover faults", _wrapped(FAILOVER), *tables]


def _graded(grades: Mapping[str, Mapping[str, str]]) -> str:
    faults = list(next(iter(grades.values())))
    counts = [Counter(each.values()) for each in grades.values()]
    rows = [(fault, *[each[fault] for each in grades.values()]) for fault in faults]
    sums = (" / ".join(GRADES), *["/".join(str(count[grade]) for grade in GRADES) for count in counts])
    return _table(("", *grades), [*rows, sums])


def _cuts(figures: Figures) -> list[str]:
    wrong = sum(figures.cuts_wrong.values())
    said = CUTS.format(streams=figures.streams, points=figures.cut_points, wrong=wrong)
    return ["## Cut at every byte", _wrapped(said)]


def _chaos(figures: Figures) -> list[str]:
    agreed = "All agree" if not figures.off else f"Disagreements: {dict(figures.off)}"
    said = CHAOS.format(requests=figures.requests, attempts=figures.attempts, tokens=figures.tokens, agreed=agreed)
    rows = [(outcome, f"{count:,}") for outcome, count in figures.outcomes.items()]
    return ["## Three ledgers", _wrapped(said), _table(("outcome", "requests"), rows)]


def _size(mode: Mode) -> int:
    return sum(1 for _ in cases_of(mode))
