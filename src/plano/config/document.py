"""The configuration as written: YAML with the place of every key and value. What it means is decided elsewhere.

Scalars stay text, as written: whether ``0.10`` is a number or a version is decided by the key that holds it. The tree
is built from parser events, with bounded depth and size, so that no input can exhaust the stack or the memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from plano.config.findings import Place, Problem
from plano.config.wording import quoted
from plano.config.yaml_errors import explain

MAX_BYTES = 1_048_576
"""Size of a configuration file."""
MAX_DEPTH = 64
MAX_NODES = 100_000
"""Keys, values and containers, each alias counted with everything it stands for."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TEXT_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. ``text``: what it stands for; ``written``: the same before variables were filled in.

    ``variables``: the names used in it. ``is_known``: False when one of them is unset.
    """

    text: str
    place: Place
    is_plain: bool
    written: str
    variables: tuple[str, ...] = ()
    is_known: bool = True

    @property
    def is_null(self) -> bool:
        """Is it empty, or a plain ``null``?"""
        return self.is_plain and not self.variables and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value."""

    key: str
    key_place: Place
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file. A key that stands twice is there twice; the first one counts."""

    entries: tuple[Entry, ...]
    place: Place

    def find(self, key: str) -> Entry | None:
        """The entry of that key."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def by_key(self) -> dict[str, Node]:
        """The value of each key, in the order of the file."""
        values: dict[str, Node] = {}
        for entry in self.entries:
            values.setdefault(entry.key, entry.value)
        return values


Node: TypeAlias = Scalar | Sequence | Mapping
Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"


def plain(node: Node) -> Plain:
    """The bare data: text, None, lists and dicts."""
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.by_key().items()}


def split_lines(text: str) -> tuple[str, ...]:
    """The lines as YAML counts them."""
    return tuple(_BREAK.split(text))


def read(text: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """The tree and what is wrong with its form; the tree is None when the text cannot be read to its end."""
    bad = _FORBIDDEN.search(text)
    if bad is not None:
        return None, (_control_character(text, bad.start()),)
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except _Stop as stop:
        return None, (*builder.problems, stop.problem)
    except yaml.YAMLError as error:
        return None, (*builder.problems, explain(error, split_lines(text)))
    return builder.root, tuple(builder.problems)


def _control_character(text: str, at: int) -> Problem:
    lines = _BREAK.split(text[:at])
    place = Place(len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 2)
    return Problem("PL-C002", f"the file holds the character U+{ord(text[at]):04X}, which YAML does not allow", place)


class _Stop(Exception):
    """Reading on makes no sense."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


@dataclass(slots=True)
class _Open:
    """A container whose end has not come yet. ``size``: its nodes so far; ``height``: levels below it."""

    is_mapping: bool
    place: Place
    anchor: str | None
    children: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 0


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    size: int
    height: int


class _Builder:
    """Takes parser events, leaves a tree in ``root`` and mistakes of form in ``problems``."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._nodes = 0
        self._documents = 0
        self._handlers: dict[str, Callable[[Any], None]] = {
            "DocumentStartEvent": self._document,
            "ScalarEvent": self._scalar,
            "AliasEvent": self._alias,
            "MappingStartEvent": self._open,
            "SequenceStartEvent": self._open,
            "MappingEndEvent": self._close,
            "SequenceEndEvent": self._close,
        }

    def take(self, event: Any) -> None:
        """Nothing; handles one event."""
        handler = self._handlers.get(type(event).__name__)
        if handler is not None:
            handler(event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            hint = "keep one document and remove the '---' line"
            raise _Stop(Problem("PL-C006", "the file holds more than one YAML document", _place(event), hint))

    def _scalar(self, event: Any) -> None:
        place = _place(event)
        if event.tag not in _TEXT_TAGS:
            self.problems.append(_tag_problem(place))
        is_plain = event.implicit[0] and not event.style
        node = Scalar(event.value, place, is_plain, event.value)
        self._add(node, 1, 0)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(node, 1, 0)

    def _alias(self, event: Any) -> None:
        if any(container.anchor == event.anchor for container in self._stack):
            raise _Stop(Problem("PL-C007", f"the alias '*{event.anchor}' stands inside what it names", _place(event)))
        target = self._anchors.get(event.anchor)
        if target is None:
            raise _Stop(Problem("PL-C007", f"the alias '*{event.anchor}' names nothing above it", _place(event)))
        if len(self._stack) + target.height > MAX_DEPTH:
            raise _Stop(_too_deep(_place(event)))
        self._count(target.size, event)
        self._add(target.node, target.size, target.height)

    def _open(self, event: Any) -> None:
        if event.tag is not None:
            self.problems.append(_tag_problem(_place(event)))
        if len(self._stack) >= MAX_DEPTH:
            raise _Stop(_too_deep(_place(event)))
        is_mapping = type(event).__name__ == "MappingStartEvent"
        self._stack.append(_Open(is_mapping, _place(event), event.anchor))
        self._count(1, event)

    def _close(self, event: Any) -> None:
        container = self._stack.pop()
        start, end = container.place, _place(event)
        place = Place(start.line, start.column, end.end_line, end.end_column)
        node: Node
        if container.is_mapping:
            node = Mapping(tuple(self._entries(container.children)), place)
        else:
            node = Sequence(tuple(container.children), place)
        if container.anchor is not None:
            self._anchors[container.anchor] = _Anchored(node, container.size, container.height)
        self._add(node, container.size, container.height)

    def _entries(self, children: list[Node]) -> Iterator[Entry]:
        first_lines: dict[str, int] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.problems.append(Problem("PL-C006", "a key has to be text", key.place))
                continue
            if key.text == "<<" and key.is_plain:
                reason = "merge keys ('<<') are not read"
                self.problems.append(Problem("PL-C006", reason, key.place, "write the keys out"))
                continue
            if key.text in first_lines:
                hint = f"first defined on line {first_lines[key.text]}"
                self.problems.append(Problem("PL-C011", f"duplicate key {quoted(key.text)}", key.place, hint))
            else:
                first_lines[key.text] = key.place.line
            yield Entry(key.text, key.place, value)

    def _add(self, node: Node, size: int, height: int) -> None:
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        parent.children.append(node)
        parent.size += size
        parent.height = max(parent.height, height + 1)

    def _count(self, size: int, event: Any) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            reason = f"the file stands for more than {MAX_NODES} keys and values"
            raise _Stop(Problem("PL-C003", reason, _place(event)))


def _place(event: Any) -> Place:
    start, end = event.start_mark, event.end_mark
    return Place(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _tag_problem(place: Place) -> Problem:
    return Problem("PL-C006", "YAML tags ('!…') are not read", place, "remove the tag; the key decides the type")


def _too_deep(place: Place) -> Problem:
    return Problem("PL-C003", f"the file is nested deeper than {MAX_DEPTH} levels", place)
