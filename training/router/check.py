"""Asks a finished router some questions, and prints its latency and how often slips of the finger change its answer.

Usage: python check.py ROUTER_FOLDER LABELLED_FOLDER [--cases N]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from random import Random
from statistics import median

from corpus import Case, labelled
from noise import slipped

from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Question
from plano.domain.route import Route
from plano.intent.embedded import EmbeddedClassifier

SETS = ("llm-dev", "clinc150-domain", "mmlu-domains")
SPOKEN = (
    "write a sorting algorithm in Python",
    "hi, how are you today?",
    "book me a flight to Rome tomorrow",
    "thanks, that's all",
)
OFFERED = (
    ("code generation", "generating new code snippets"),
    ("general questions", "casual conversation and simple queries"),
)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("router", type=Path)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--cases", type=int, default=120, help="cases of each set for the flip rate")
    options = parser.parse_args()
    router = EmbeddedClassifier.load(options.router)
    routes = tuple(Route(name, text, ("m",)) for name, text in OFFERED)
    for text in SPOKEN:
        answer = router.classify(_question(text, routes))
        print(f"{text!r}: {answer.route}", {name: round(score, 3) for name, score in answer.scores})
    sets = {name: [case for case in labelled(options.labelled, name) if case.split == "test"] for name in SETS}
    chance = Random(0)
    for name, cases in sets.items():
        print(f"flip rate {name}: {_flips(router, chance.sample(cases, options.cases), chance):.3f}")
    long = max((case.routes for cases in sets.values() for case in cases), key=len)[:10]
    print(f"200 tokens, {len(long)} cached routes: p50 {1000 * _latency(router, long):.1f} ms")


def _question(text: str, routes: tuple[Route, ...]) -> Question:
    return Question(conversation=Conversation((Turn("user", text),)), routes=routes)


def _flips(router: EmbeddedClassifier, cases: list[Case], chance: Random) -> float:
    """The share of requests whose answer differs once one letter in ten is wrong."""
    changed = 0
    for case in cases:
        plain = router.classify(_question(case.request, case.routes)).route
        changed += router.classify(_question(slipped(case.request, chance), case.routes)).route != plain
    return changed / len(cases)


def _latency(router: EmbeddedClassifier, routes: tuple[Route, ...]) -> float:
    """Median seconds of an answer that is not remembered, to a message of about 200 tokens."""
    router.warm(routes)
    words = [
        "please",
        "look",
        "at",
        "this",
        "long",
        "message",
        "about",
        "our",
        "new",
        "project",
        "plan",
        "and",
        "tell",
        "me",
        "what",
        "you",
        "would",
        "change",
        "in",
        "it",
    ]
    chance, seconds = Random(0), []
    for _ in range(60):
        text = " ".join(chance.choices(words, k=195))
        start = time.perf_counter()
        router.classify(_question(text, routes))
        seconds.append(time.perf_counter() - start)
    return median(seconds)


if __name__ == "__main__":
    main()
