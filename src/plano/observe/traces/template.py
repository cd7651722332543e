"""The bytes of a request's spans. Where requests differ in their numbers, moments and ids alone, all else is written
once, with gaps for these, and remembered.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from struct import Struct, calcsize
from typing import Any, Final

from plano.observe.entry import Entry
from plano.observe.traces import otlp
from plano.observe.traces.measured import FRACTIONS, moments_of, numbers_of
from plano.observe.traces.protobuf import varint
from plano.observe.traces.span import Span
from plano.observe.traces.spans import Likenesses, Spans

REMEMBERED = 1_024
"""Templates, of some kilobytes each: callers have a say in some."""

REMEMBERED_NUMBERS = 4_096
REMEMBERED_ATTRIBUTES = 4_096
"""Of a new template most attributes have been written before: making it takes 0.1 ms instead of 0.2."""

Fact = int | float | bytes | None
Gap = tuple[str, int]
"""How ``struct`` writes what fills it, and the place of that among the facts."""

_ABOVE, _BELOW, _NUMBERS = 0, 1, 2
"""Places among the facts of a request: what its own span says of its family, what the others say, and its numbers, the
whole ones as varints. After them, span by span, its id, its beginning and its end.
"""

_OF_A_SPAN: Final = 3
_WHOLE, _FRACTION = "Q", "d"


class Templates:
    """Writes the spans of entries."""

    def __init__(self, spans: Spans) -> None:
        self._spans = spans
        self._alike = Likenesses()
        self._known: dict[Hashable, _Template] = {}
        self._varint = lru_cache(REMEMBERED_NUMBERS)(varint)
        self._writer = _Writer()

    def of(self, entry: Entry) -> bytes:
        """The spans of a request, its own first; nothing when it has no place in a trace."""
        if entry.span_id is None:
            return b""
        trace_id, span_id = bytes.fromhex(entry.trace_id), bytes.fromhex(entry.span_id)
        above = otlp.family(trace_id, bytes.fromhex(entry.parent_id or ""))
        numbers, encoded = numbers_of(entry), self._varint
        fractions = numbers[:FRACTIONS]
        counts = [b"" if one is None else encoded(one) for one in numbers[FRACTIONS:]]
        mark = (*self._alike.of(entry, fractions), len(above), *map(len, counts))
        facts = (above, otlp.family(trace_id, span_id), *fractions, *counts)
        template = self._known.get(mark)
        if template is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            template = self._known[mark] = _Template(self._spans.of(entry, numbers), facts, self._writer)
        moments = moments_of(entry, int.from_bytes(span_id, "little"))
        more = self._spans.own(entry)
        return template.filled(facts, moments, otlp.attributes(more) if more else b"")


class _Writer:
    """Writes attributes, and remembers how."""

    __slots__ = ("attribute", "before_double", "before_whole")

    def __init__(self) -> None:
        # By type as well: 1, 1.0 and True are one key, and three attributes.
        self.attribute = lru_cache(REMEMBERED_ATTRIBUTES, typed=True)(otlp.attribute)
        self.before_double = lru_cache(REMEMBERED_ATTRIBUTES)(otlp.before_double)
        self.before_whole = lru_cache(REMEMBERED_ATTRIBUTES)(otlp.before_whole)


class _Template:
    """What the spans of many requests have in common. ``facts``: those of one of them, as wide as everyone's."""

    __slots__ = ("_arranged", "_constants", "_head", "_own_size", "_struct")

    def __init__(self, spans: Sequence[Span], facts: Sequence[Fact], writer: _Writer) -> None:
        gaps = [(f"{len(fact)}s" if isinstance(fact, bytes) else _FRACTION, place) for place, fact in enumerate(facts)]
        own, *children = [[*_pieces(span, place, gaps, writer)] for place, span in enumerate(spans)]
        pieces = [*own, *[piece for child in children for piece in (otlp.before_span(_size(child)), *child)]]
        self._own_size = _size(own)
        self._head = otlp.before_span(self._own_size)
        self._constants = tuple([piece for piece in pieces if isinstance(piece, bytes)])
        self._struct = Struct("<" + "".join([_form(piece) for piece in pieces]))
        constant = iter(range(len(self._constants)))
        # What fills the gaps comes after the constants.
        self._arranged: itemgetter[Any] = itemgetter(
            *[next(constant) if isinstance(piece, bytes) else len(self._constants) + piece[1] for piece in pieces]
        )

    def filled(self, facts: Sequence[Fact], moments: Sequence[int], more: bytes) -> bytes:
        """The spans of a request. ``more``: further attributes of its own span."""
        said = self._struct.pack(*self._arranged((*self._constants, *facts, *moments)))
        if not more:
            return self._head + said
        size = self._own_size
        return b"".join((otlp.before_span(size + len(more)), said[:size], more, said[size:]))


def _pieces(span: Span, place: int, gaps: Sequence[Gap], writer: _Writer) -> Iterator[bytes | Gap]:
    """A span but for its own head: bytes, and gaps between them. ``place``: among the spans of its request."""
    first = len(gaps) + place * _OF_A_SPAN
    own_id, began, ended = [(_WHOLE, first + one) for one in range(_OF_A_SPAN)]
    yield from (gaps[_BELOW if place else _ABOVE], own_id, otlp.BEGAN, began, otlp.ENDED, ended)
    fixed = otlp.fixed(span.name, span.kind, span.attributes, error=span.error, write=writer.attribute)
    for name, number in span.measured:
        form, _ = gap = gaps[_NUMBERS + number]
        yield fixed + (writer.before_double(name) if form == _FRACTION else writer.before_whole(name, calcsize(form)))
        yield gap
        fixed = b""
    for event in span.events:
        before, after = otlp.event(event.name, event.attributes)
        yield from (fixed + before, began, after)
        fixed = b""
    yield fixed


def _form(piece: bytes | Gap) -> str:
    return f"{len(piece)}s" if isinstance(piece, bytes) else piece[0]


def _size(pieces: Sequence[bytes | Gap]) -> int:
    return calcsize("<" + "".join([_form(piece) for piece in pieces]))
