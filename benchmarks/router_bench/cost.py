"""What a decision costs: time to load, time to answer, memory. One thread, on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median

from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Question
from plano.domain.route import Route
from plano.intent.embedded import EmbeddedClassifier

TOKENS, ANSWERS = 200, 200
_WORDS = (
    *("please", "look", "at", "this", "long", "message", "about", "our", "new", "project", "plan", "and", "tell"),
    *("me", "what", "you", "would", "change", "in", "it", "before", "we", "send", "the", "report", "on", "monday"),
)
_TOPICS = ("write", "fix", "explain", "review", "translate", "summarise", "plan", "compare", "check", "search")
_THINGS = ("code", "contracts", "recipes", "invoices", "essays", "queries", "trips", "slides", "logs", "lessons")
_LOAD = """
import json, sys, time
from pathlib import Path

def peak():
    # What getrusage says of a new process is at least what its parent held.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

start = time.perf_counter()
from plano.intent.embedded import EmbeddedClassifier
router = EmbeddedClassifier.load(Path(sys.argv[1]) if sys.argv[1] else None)
print(json.dumps([time.perf_counter() - start, peak()]))
"""


def loading(folder: Path | None) -> dict[str, float]:
    """Seconds to load and peak MiB of a fresh process that does nothing else: the median of five."""
    runs = []
    for _ in range(5):
        command = [sys.executable, "-c", _LOAD, str(folder or "")]
        runs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return {"load_s": median(run[0] for run in runs), "memory_mib": median(run[1] for run in runs)}


def latency(router: EmbeddedClassifier, *, routes: int) -> dict[str, float]:
    """Milliseconds of answers that are not remembered: messages of 200 tokens, routes known; p50 and p99 of 200."""
    offered = _routes(routes)
    router.warm(offered)
    chance, taken = Random(routes), []
    for _ in range(ANSWERS):
        # A word of the list is one token.
        text = " ".join(chance.choices(_WORDS, k=TOKENS))
        question = Question(Conversation((Turn("user", text),)), offered)
        start = time.perf_counter()
        router.classify(question)
        taken.append(1000 * (time.perf_counter() - start))
    taken.sort()
    return {"p50_ms": median(taken), "p99_ms": taken[int(0.99 * len(taken))]}


def _routes(count: int) -> tuple[Route, ...]:
    """So many routes with descriptions of a sentence."""
    pairs: Sequence[tuple[str, str]] = [(topic, thing) for topic in _TOPICS for thing in _THINGS]
    return tuple(
        Route(f"{topic}-{thing}", f"requests to {topic} {thing}, for work or at home, in any language", ("any",))
        for topic, thing in pairs[:count]
    )
