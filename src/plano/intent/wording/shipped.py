"""The words and pairs of words that the speller knows, as they came with the package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files

from plano.intent.wording.language import Language
from plano.intent.wording.lexicon import Lexicon
from plano.intent.wording.spelling import Speller


def speller(known: Mapping[str, int]) -> Speller:
    """Of ``known`` words, which are ``words()``, and the shipped pairs."""
    return Speller(Language(known, pairs()), Lexicon(known))


def words() -> dict[str, int]:
    """Each by itself: -ln of its share of what is written, in tenths of a nat."""
    return _surprisals(_read("words.txt").split())


def pairs() -> dict[str, dict[str, int]]:
    """By the word before, "" at the beginning of a sentence: -ln of the share that each has of what comes after it."""
    lines = (line.split(" ") for line in _read("pairs.txt").splitlines())
    return {before: _surprisals(rest) for before, *rest in lines}


def _surprisals(parts: Iterable[str]) -> dict[str, int]:
    """Words by the number in front of them."""
    read: dict[str, int] = {}
    tenths = 0
    for part in parts:
        if part.isdecimal():
            tenths = int(part)
        else:
            read[part] = tenths
    return read


def _read(name: str) -> str:
    return files("plano.intent.wording").joinpath(name).read_text(encoding="ascii")
