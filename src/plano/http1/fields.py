"""Field lines: bytes to names and values, and back. What a field means is said beside the code that knows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from plano.http1 import grammar
from plano.http1.violation import Violation

Fields = Mapping[str, str]
"""Lower-case name to value, both decoded as Latin-1; repeated fields are joined as lists."""

REMEMBERED_LINES = 512
LONGEST_REMEMBERED = 128

_NEVER_REMEMBERED = re.compile(
    "auth|key|token|secret|cookie|session|password|traceparent|tracestate|request-id|^date$|server-timing"
)
"""Names of what is secret, and of what is different each time."""


_NOT_WRITTEN = "a field name or value holds bytes that may not stand there"


class FieldReader:
    """Reads the field lines of heads.

    A peer sends most of its lines again and again: those it has checked before cost a look-up (0.9 µs for nine fields
    instead of 2.8). ``limit``: lines in one head. ``single``: names that may stand there only once.
    """

    __slots__ = ("_known", "limit", "single")

    def __init__(self, limit: int, *, single: frozenset[str] = frozenset()) -> None:
        self.limit = limit
        self.single = single
        self._known: dict[str, tuple[str, str]] = {}

    def read(self, text: str) -> dict[str, str]:
        """The fields in ``text``: any number of lines, each with its line end.

        Raises Violation: over ``limit`` lines, a line that is no field line, a single field twice.
        """
        lines = text.split("\r\n")
        lines.pop()
        if len(lines) > self.limit and grammar.FIELD_LINES.fullmatch(text):
            raise Violation("head_size", f"more than {self.limit} fields")
        known = self._known
        fields = {}
        for line in lines:
            try:
                name, value = known[line]
            except KeyError:
                name, value = self._learn(line, text)
            fields[name] = value
        return fields if len(fields) == len(lines) else self._join_repeated(lines)

    def _learn(self, line: str, text: str) -> tuple[str, str]:
        match = grammar.FIELD_LINE.fullmatch(line)
        if match is None:
            raise Violation("syntax", _mistake(text))
        name = match[1].lower()
        field = name, match[2].strip(" \t")
        if len(line) <= LONGEST_REMEMBERED and not _NEVER_REMEMBERED.search(name):
            if len(self._known) >= REMEMBERED_LINES:
                self._known.clear()
            self._known[line] = field
        return field

    def _join_repeated(self, lines: Sequence[str]) -> dict[str, str]:
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip(" \t")
            if name not in fields:
                fields[name] = value
            elif name in self.single:
                raise Violation("syntax", f"{name} appears twice")
            else:
                fields[name] += f"; {value}" if name == "cookie" else f", {value}"
        return fields


class FieldWriter:
    """Writes the field lines of heads.

    Most of what is written is written again and again: a line that was checked before costs a look-up. ``reserved``:
    lower-case names that are not for whoever uses this.
    """

    __slots__ = ("_known", "_names", "_reserved")

    def __init__(self, reserved: frozenset[str] = frozenset()) -> None:
        self._reserved = reserved
        self._known: dict[tuple[str, str], str] = {}
        self._names: dict[str, bool] = {}

    def write(self, fields: Iterable[tuple[str, str]]) -> str:
        """The field lines, each with its line end.

        Raises ValueError for a reserved name, and for a name or value that is none (CR, LF, NUL, …).
        """
        known, kept, lines = self._known.get, self._names, []
        for field in fields:
            line = known(field)
            if line is None:
                name, value = field
                if name in kept and not kept[name] and value.isascii() and value.isprintable():
                    # As nearly every line that is not remembered.
                    line = f"{name}: {value}\r\n"
                else:
                    line = self._learn(field)
            lines.append(line)
        return "".join(lines)

    def _learn(self, field: tuple[str, str]) -> str:
        name, value = field
        is_kept = self._names.get(name)
        if is_kept is None:
            is_kept = self._learn_name(name)
        # Nearly all values are plain, which is seen in half the time.
        if not (value.isascii() and value.isprintable()) and not grammar.FIELD_VALUE.fullmatch(value):
            raise ValueError(_NOT_WRITTEN)
        line = f"{name}: {value}\r\n"
        if is_kept and len(line) <= LONGEST_REMEMBERED:
            if len(self._known) >= REMEMBERED_LINES:
                self._known.clear()
            self._known[field] = line
        return line

    def _learn_name(self, name: str) -> bool:
        """May lines of this name be remembered?"""
        if not grammar.FIELD_NAME.fullmatch(name):
            raise ValueError(_NOT_WRITTEN)
        if name.lower() in self._reserved:
            raise ValueError(f"{name} is not set here")
        if len(self._names) >= REMEMBERED_LINES:
            self._names.clear()
        is_kept = self._names[name] = not _NEVER_REMEMBERED.search(name.lower())
        return is_kept


def _mistake(text: str) -> str:
    if grammar.ILLEGAL.search(text.encode("latin-1")):
        return grammar.ILLEGAL_REASON
    return next(
        (reason for pattern, reason in grammar.FIELD_MISTAKES if pattern.search(text)), "a field name is no token"
    )
