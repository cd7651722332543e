"""Writes the words that requests are made of, the commonest first: what the speller knows beside the vocabulary.

Usage: python words.py CORPUS_FOLDER OUTPUT_FILE

Counted are the lower-case words of the written tasks and conversations, left-out ones not among them. Some texts hold
slips on purpose: a word is left out in fewer than three texts, and when one in 30 times as many is one slip away.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path

from data import material

from plano.intent.spelling import one_slip_away

LEAST_TEXTS, OVERSHADOWED = 3, 30
_WORD = re.compile(r"[A-Za-z]+")


def main() -> None:
    """Counts and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    known = material(options.corpus, None)
    texts = {text for task in known.tasks for text in (*task.names, *task.descriptions, *task.queries, *task.basics)}
    texts |= {turn.text for group in known.dialogues for case in group for turn in case.conversation.turns}
    found = (word for text in texts for word in set(_WORD.findall(text)))
    counts = Counter(word.lower() for word in found if word.islower() or word.istitle())
    words = sorted((-count, word) for word, count in counts.items() if _is_meant(word, counts))
    options.output.write_text("".join(f"{word}\n" for _, word in words), encoding="utf-8")


def _is_meant(word: str, counts: Counter[str]) -> bool:
    count = counts[word]
    if count < LEAST_TEXTS or len(word) == 1:
        return False
    return all(counts[near] < OVERSHADOWED * count for near in one_slip_away(word))


if __name__ == "__main__":
    main()
