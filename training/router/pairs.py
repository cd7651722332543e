"""Writes the pairs of words that the speller knows, by how surprising the second is after the first.

Usage: python pairs.py CORPUS_FOLDER OUTPUT_FILE

Counted in the written tasks and conversations (left-out ones not among them), each text once; pairs that were seen
fewer than three times are left out, and of every count 0.6 is kept for pairs that were never seen (absolute
discounting, Ney, Essen and Kneser 1994). A line of the output is a word, or nothing for the beginning of a sentence,
and then a surprisal, -ln of the share in tenths of a nat, and the words that have it, in turn.
"""

from __future__ import annotations

import argparse
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from data import material

LEAST, KEPT = 3, 0.6

_TOKEN = re.compile(r"[A-Za-z]+|[^A-Za-z\s]+|\n")
_SENTENCE_ENDS = frozenset(".?!\n:;")


def main() -> None:
    """Counts and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    known = material(options.corpus, None)
    texts = {text for task in known.tasks for text in (*task.descriptions, *task.queries, *task.basics)}
    texts |= {turn.text for group in known.dialogues for case in group for turn in case.conversation.turns}
    counts = Counter(pair for text in texts for pair in _pairs(text))
    totals: Counter[str] = Counter()
    for (before, _), count in counts.items():
        totals[before] += count
    lines: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (before, word), count in sorted(counts.items()):
        if count >= LEAST:
            lines[before][round(-10 * math.log((count - KEPT) / totals[before]))].append(word)
    rows = (" ".join((before, *_parts(words))) for before, words in sorted(lines.items()))
    options.output.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def _parts(words: dict[int, list[str]]) -> Iterator[str]:
    for tenths, same in sorted(words.items()):
        yield from (str(tenths), *same)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    before: str | None = ""
    for token in _TOKEN.findall(text):
        if token.isascii() and token.isalpha():
            word = token.lower()
            if before is not None:
                yield before, word
            before = word
        elif token not in ("'", "’", "-"):
            before = "" if token[0] in _SENTENCE_ENDS else None


if __name__ == "__main__":
    main()
