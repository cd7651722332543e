"""Writes the words that the speller knows, by how surprising each is.

Usage: python words.py CORPUS_FOLDER VOCABULARY_FILE DICTIONARY_FILE OUTPUT_FILE

A word's share of what is written is a mixture of three: of the written tasks and conversations (left-out ones not among
them), of a dictionary with counts ("word count" lines), and of the encoder's vocabulary; of the first and the last only
the order is known, and Zipf's law gives the share. A line of the output is a surprisal, -ln of the share in tenths of a
nat, and the words that have it.

Some written texts hold slips on purpose: a word is left out in fewer than three texts, and when one in 30 times as many
is one slip away.
"""

from __future__ import annotations

import argparse
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from data import material

from plano.intent.wording.slips import one_slip_away

LEAST_TEXTS, OVERSHADOWED = 3, 30
WRITTEN, COUNTED, VOCABULARY = 0.32, 0.48, 0.2
"""What each source has in the mixture."""

_HEAD = 10
"""Zipf's law overrates the commonest words: the share of the nth is as 1 / (n + 10)."""

_WORD = re.compile(r"[A-Za-z]+")


def main() -> None:
    """Counts and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("vocabulary", type=Path)
    parser.add_argument("dictionary", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    shares: dict[str, float] = defaultdict(float)
    _add(shares, _zipf(_written(options.corpus)), WRITTEN)
    _add(shares, _counted(options.dictionary), COUNTED)
    _add(shares, _zipf(options.vocabulary.read_text(encoding="utf-8").splitlines()), VOCABULARY)
    lines: dict[int, list[str]] = defaultdict(list)
    for word, share in sorted(shares.items()):
        if len(word) > 1 and word.isascii() and word.isalpha():
            lines[round(-10 * math.log(share))].append(word)
    text = "".join(f"{tenths} {' '.join(words)}\n" for tenths, words in sorted(lines.items()))
    options.output.write_text(text, encoding="utf-8")


def _written(corpus: Path) -> list[str]:
    """The words of requests, the commonest first."""
    known = material(corpus, None)
    texts = {text for task in known.tasks for text in (*task.names, *task.descriptions, *task.queries, *task.basics)}
    texts |= {turn.text for group in known.dialogues for case in group for turn in case.conversation.turns}
    found = (word for text in texts for word in set(_WORD.findall(text)))
    counts = Counter(word.lower() for word in found if word.islower() or word.istitle())
    return [word for _, word in sorted((-count, word) for word, count in counts.items() if _is_meant(word, counts))]


def _is_meant(word: str, counts: Counter[str]) -> bool:
    count = counts[word]
    if count < LEAST_TEXTS or len(word) == 1:
        return False
    return all(counts[near] < OVERSHADOWED * count for near in one_slip_away(word))


def _zipf(words: Sequence[str]) -> dict[str, float]:
    weights = {word: 1 / (place + _HEAD) for place, word in enumerate(words)}
    return _shares(weights.items())


def _counted(dictionary: Path) -> dict[str, float]:
    lines = (line.split() for line in dictionary.read_text(encoding="utf-8-sig").splitlines())
    return _shares((word, float(count)) for word, count in lines)


def _shares(weights: Iterable[tuple[str, float]]) -> dict[str, float]:
    known = dict(weights)
    total = math.fsum(known.values())
    return {word: weight / total for word, weight in known.items()}


def _add(shares: dict[str, float], more: dict[str, float], part: float) -> None:
    for word, share in more.items():
        shares[word] += part * share


if __name__ == "__main__":
    main()
