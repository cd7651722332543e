"""Large JSON documents, part by part.

One call of the decoder holds the interpreter from its first byte to its last: 20 ms for a megabyte of small objects, in
whatever thread. Here a document is decoded level by level and in batches of 64 KiB, so that another thread may run in
between. The result, and what is refused, is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

BATCH_BYTES = 64 * 1024

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_SPACE = b" \t\n\r"
BACKSLASH = ord("\\")
"""As a number: bytes are taken for one first, and fail, which costs as much as the search."""

QUOTE_BY_NUMBER = b"\\u0022"
"""A quote inside a string that is not written as one."""


class RepeatedKey(Exception):
    """An object has the same key twice."""


class TooDeep(Exception):
    """There are more levels of containers than allowed."""


def decode(source: bytes, levels: int, small: Callable[[bytes, int], Any]) -> Any:
    """The value of ``source``, which has at most ``levels`` levels of containers.

    ``small``: decodes a part of a batch's size, checks it, and raises as this does. Raises msgspec.DecodeError,
    UnicodeDecodeError, RepeatedKey, TooDeep.
    """
    opening = source[:64].lstrip(_SPACE)[:1] or source.lstrip(_SPACE)[:1]
    if len(source) <= BATCH_BYTES or opening not in (b"{", b"["):
        return small(source, levels)
    if levels == 0:
        raise TooDeep
    if opening == b"[":
        return list(_values([bytes(raw) for raw in _LIST.decode(source)], levels - 1, small))
    members = _OBJECT.decode(source)
    sources = [bytes(raw) for raw in members.values()]
    if count_strings(source) != len(members) + sum(map(count_strings, sources)):
        raise RepeatedKey
    return dict(zip(members, _values(sources, levels - 1, small), strict=True))


def keeps_strings(source: bytes, written: bytes) -> bool:
    r"""Has ``written``, the value of ``source`` encoded again, as many strings? It never has more.

    An encoder writes a quote inside a string as ``\"``, and so did the source unless it wrote one by its number: then
    all quotes can be counted, escaped or not, in a third of the time that it takes to tell them apart.
    """
    if QUOTE_BY_NUMBER in source:
        return count_strings(source) == count_strings(written)
    return source.count(b'"') == written.count(b'"')


def count_strings(source: bytes) -> int:
    """Strings in a valid document: half of the quotes that no odd run of backslashes precedes."""
    if len(source) <= BATCH_BYTES:
        return _quotes(source) // 2
    quotes = at = 0
    while at < len(source):
        end = at + BATCH_BYTES
        # A cut never comes between a backslash and what it escapes.
        while source[end - 1 : end] == b"\\":
            end += 1
        quotes += _quotes(source[at:end])
        at = end
    return quotes // 2


def _quotes(source: bytes) -> int:
    if BACKSLASH in source:
        source = source.replace(b"\\\\", b"")
        return source.count(b'"') - source.count(b'\\"')
    return source.count(b'"')


def _values(sources: Sequence[bytes], levels: int, small: Callable[[bytes, int], Any]) -> Iterator[Any]:
    """The values of ``sources``, in order."""
    batch: list[bytes] = []
    size = 0
    for source in sources:
        if size + len(source) > BATCH_BYTES and batch:
            yield from small(b"[" + b",".join(batch) + b"]", levels + 1)
            batch, size = [], 0
        if len(source) > BATCH_BYTES:
            yield decode(source, levels, small)
        else:
            batch.append(source)
            size += len(source) + 1
    if batch:
        yield from small(b"[" + b",".join(batch) + b"]", levels + 1)
