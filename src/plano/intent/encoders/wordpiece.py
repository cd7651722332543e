"""Text to token ids: the uncased WordPiece tokenizer of BERT, without the dependency.

Follows Wu et al. 2016 (arXiv 1609.08144) as BERT uses it: clean, split at white space, punctuation and CJK, take
accents off, lower the case, then the longest known piece first. Differs on purpose in one point: ``[SEP]`` and its like
inside a text are plain text and cannot end it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

_CACHED_WORDS = 16_384
_LONGEST_WORD = 100
_UNKNOWN, _START, _END = "[UNK]", "[CLS]", "[SEP]"

_CHUNK = re.compile("[^\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_ASCII_WORD = re.compile(r"[0-9a-z]+|[!-/:-@\[-`{-~]")
_ASCII_CONTROLS = {code: None for code in (*range(32), 127) if chr(code) not in "\t\n\r"}
_REMOVED = frozenset({"Cc", "Cf", "Co", "Cs"})
_CJK = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """A tokenizer over a fixed vocabulary. Safe in any thread: what it remembers of words is a plain, bounded cache."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._ids = dict(vocabulary)
        self._longest_piece = max(map(len, self._ids))
        self._unknown = self._ids[_UNKNOWN]
        self._start = self._ids[_START]
        self._end = self._ids[_END]
        self._pieces: dict[str, tuple[int, ...]] = {}

    @classmethod
    def parse(cls, vocabulary: str) -> WordPiece:
        """A tokenizer from the text of a ``vocab.txt``: one piece a line, its id is its line number from 0."""
        return cls({piece: number for number, piece in enumerate(vocabulary.splitlines())})

    @classmethod
    def read(cls, path: Path) -> WordPiece:
        """A tokenizer from a ``vocab.txt``."""
        return cls.parse(path.read_text(encoding="utf-8"))

    def encode(self, text: str, *, limit: int) -> list[int]:
        """Ids from start mark to end mark, at most ``limit`` (>= 2) of them. Text beyond the limit is not looked at."""
        ids = [self._start]
        for word in _words(text):
            ids += self._pieces.get(word) or self._split(word)
            if len(ids) >= limit:
                break
        del ids[limit - 1 :]
        ids.append(self._end)
        return ids

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > _LONGEST_WORD:
            return (self._unknown,)
        pieces = self._greedy(word)
        if len(self._pieces) >= _CACHED_WORDS:
            self._pieces.clear()
        self._pieces[word] = pieces
        return pieces

    def _greedy(self, word: str) -> tuple[int, ...]:
        pieces: list[int] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            for end in range(min(len(word), start + self._longest_piece), start, -1):
                found = self._ids.get(mark + word[start:end])
                if found is not None:
                    pieces.append(found)
                    start = end
                    break
            else:
                return (self._unknown,)
        return tuple(pieces)


def _words(text: str) -> Iterator[str]:
    if text.isascii():
        for match in _ASCII_WORD.finditer(text.translate(_ASCII_CONTROLS).lower()):
            yield match.group()
        return
    for chunk in _CHUNK.finditer(text):
        yield from _plain(chunk.group()).split()


def _plain(chunk: str) -> str:
    """The chunk without controls and accents, in lower case, with blanks around punctuation and CJK characters."""
    spaced = "".join(map(_cleaned, chunk))
    bare = "".join(char for char in unicodedata.normalize("NFD", spaced) if unicodedata.category(char) != "Mn")
    # Character by character: str.lower() makes another letter of a capital sigma at the end of a word.
    return "".join(f" {char} " if _is_punctuation(char) else char.lower() for char in bare)


def _cleaned(char: str) -> str:
    if char == "\ufffd" or unicodedata.category(char) in _REMOVED:
        return ""
    code = ord(char)
    return f" {char} " if code >= _CJK[0][0] and any(low <= code <= high for low, high in _CJK) else char


def _is_punctuation(char: str) -> bool:
    if char.isascii():
        return char.isprintable() and not char.isalnum() and char != " "
    return unicodedata.category(char).startswith("P")
