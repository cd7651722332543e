"""From the tree to the schema's models: every error of pydantic becomes a problem with a place and a hint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from plano.config.document import Entry, Mapping, Node, Scalar, Sequence, plain
from plano.config.findings import Place, Problem
from plano.config.kinds import Kind
from plano.config.schema import File
from plano.config.secrecy import is_secret_key
from plano.config.section import Section
from plano.config.unsupported import UNSUPPORTED_KEYS
from plano.config.wording import quoted

_KEY_MARK = "[key]"
_QUOTED = re.compile(r"'([^']*)'")
_MOST_KEYS_LISTED = 12
_ELSEWHERE: MappingABC[str, str] = MappingProxyType(
    {
        "api_key": "access_key",
        "key": "access_key",
        "api_base": "base_url",
        "url": "base_url",
        "host": "address",
        "model_list": "model_providers",
        "models": "model_providers",
        "providers": "model_providers",
        "routes": "routing_preferences",
        "aliases": "model_aliases",
        "prices": "pricing",
    }
)
"""What other programs call a key; it is meant where it may stand."""

_MOST_ERRORS = 1000


def validate(root: Mapping) -> tuple[File | None, tuple[Problem, ...]]:
    """The file as models, None when anything in it does not fit; and what does not fit."""
    try:
        return File.model_validate(plain(root)), ()
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    index = _Index()
    return None, tuple(_problem(_Spot.find(root, detail["loc"], index), detail) for detail in details[:_MOST_ERRORS])


class _Index:
    """Finds keys in large mappings, which many errors may point into."""

    def __init__(self) -> None:
        self._entries: dict[int, dict[str, Entry]] = {}

    def find(self, node: Node, key: str) -> Entry | None:
        """The first entry of that key."""
        if not isinstance(node, Mapping):
            return None
        if id(node) not in self._entries:
            self._entries[id(node)] = {entry.key: entry for entry in reversed(node.entries)}
        return self._entries[id(node)].get(key)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where an error points. ``node``: the deepest node on the way; ``entry``: the key that holds it, if one does.

    ``rest``: what the tree does not have, such as a missing key. ``path``: the way as users write it.
    """

    node: Node
    entry: Entry | None
    rest: tuple[str | int, ...]
    path: str
    is_secret: bool
    candidates: tuple[type[Section], ...]
    is_key: bool

    @classmethod
    def find(cls, root: Node, loc: tuple[int | str, ...], index: _Index) -> _Spot:
        """The spot of a pydantic location, whose names of union branches the tree does not have."""
        node, entry, path, is_secret = root, None, "", False
        candidates: tuple[type[Section], ...] = (File,)
        is_key = bool(loc) and loc[-1] == _KEY_MARK
        rest: tuple[str | int, ...] = ()
        for part in loc[: -1 if is_key else None]:
            candidates = _step(candidates, part)
            if isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
                node, entry, path, rest = node.items[part], None, f"{path}[{part}]", ()
                continue
            found = index.find(node, str(part))
            if found is None:
                rest = (*rest, part)
                continue
            node, entry, rest = found.value, found, ()
            path = f"{path}.{part}" if path else str(part)
            is_secret = is_secret or is_secret_key(str(part))
        return cls(node, entry, rest, path, is_secret, candidates, is_key)

    @property
    def place(self) -> Place:
        """Where the caret goes: the key's place when the value is empty or the key itself is meant."""
        if self.entry is not None and (self.is_key or _is_null(self.node)):
            return self.entry.key_place
        if isinstance(self.node, Mapping) and self.node.entries:
            return self.node.entries[0].key_place
        return self.node.place

    @property
    def name(self) -> str:
        """The key or item as a message names it."""
        return quoted(self.entry.key if self.entry is not None else self.path or "the file")

    @property
    def shown(self) -> str:
        """What was found there, in words that reveal nothing secret."""
        if isinstance(self.node, Sequence):
            return "found a list"
        if isinstance(self.node, Mapping):
            return "found keys"
        return "" if self.is_secret else f"found {quoted(self.node.written)}"


def _step(candidates: tuple[type[Section], ...], part: str | int) -> tuple[type[Section], ...]:
    """The sections that may stand below ``part``; the same ones when it is an item or a branch."""
    below = [
        section
        for candidate in candidates
        if (info := candidate.model_fields.get(str(part))) is not None
        for section in _sections(info.annotation)
    ]
    return tuple(dict.fromkeys(below)) or candidates


def _sections(annotation: object) -> Iterable[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for argument in get_args(annotation):
        yield from _sections(argument)


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _problem(spot: _Spot, detail: ErrorDetails) -> Problem:
    if _is_null(spot.node) and not spot.rest:
        return Problem("PL-C012", f"{spot.name} has no value", spot.place, "give it a value")
    translate = _TRANSLATIONS.get(detail["type"], _other)
    return translate(spot, detail)


def _unknown_key(spot: _Spot, _detail: ErrorDetails) -> Problem:
    key = spot.entry.key if spot.entry is not None else str(spot.rest[-1] if spot.rest else "")
    place = spot.entry.key_place if spot.entry is not None else spot.place
    if key in UNSUPPORTED_KEYS:
        return Problem("PL-C016", f"{quoted(key)} is not supported", place, UNSUPPORTED_KEYS[key])
    return Problem("PL-C010", f"unknown key {quoted(key)}", place, _nearest_key(key, spot.candidates))


def _nearest_key(key: str, sections: tuple[type[Section], ...]) -> str | None:
    known = sorted({name for section in sections for name in section.model_fields} - {key})
    elsewhere = _ELSEWHERE.get(key.lower())
    close = [elsewhere] if elsewhere in known else get_close_matches(key.lower()[:64], known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {quoted(close[0])}?"
    return f"known keys: {', '.join(known)}" if len(known) <= _MOST_KEYS_LISTED else None


def _missing(spot: _Spot, detail: ErrorDetails) -> Problem:
    where = f" in {quoted(spot.path)}" if spot.path else ""
    key = str(detail["loc"][-1])
    return Problem("PL-C012", f"missing key {quoted(key)}{where}", spot.place, _example(key, spot.candidates))


def _example(key: str, sections: tuple[type[Section], ...]) -> str | None:
    """How the missing key may look, and what it accepts."""
    infos = [each.model_fields[key] for each in sections if key in each.model_fields]
    # Where each of several kinds has the key, only those that cannot do without it miss it.
    info = next((each for each in infos if each.is_required()), next(iter(infos), None))
    if info is None or not info.examples:
        return None
    title = next((kind.title for kind in info.metadata if isinstance(kind, Kind)), "text")
    example = info.examples[0]
    shown = f"[{', '.join(map(str, example))}]" if isinstance(example, list) else str(example)
    return f"add '{key}: {shown}'" + ("" if title == "text" else f" ({title})")


def _own(spot: _Spot, detail: ErrorDetails) -> Problem:
    context = detail.get("ctx", {})
    reason = str(context["reason"])
    if context.get("is_quoting") and spot.shown:
        reason = f"{reason}, {spot.shown}"
    hint = context.get("hint")
    choices = context.get("choices")
    if hint is None and choices is not None and isinstance(spot.node, Scalar):
        close = get_close_matches(spot.node.text.lower()[:64], list(choices), n=1)
        hint = f"did you mean {quoted(close[0])}?" if close else None
    return Problem(str(context["code"]), reason, spot.place, None if hint is None else str(hint))


def _not_keys(spot: _Spot, _detail: ErrorDetails) -> Problem:
    return Problem("PL-C013", _comma(f"{spot.name} wants keys below it", spot.shown), spot.place)


def _not_a_list(spot: _Spot, _detail: ErrorDetails) -> Problem:
    reason = _comma(f"{spot.name} wants a list", spot.shown)
    return Problem("PL-C013", reason, spot.place, "begin each item with '- '")


def _comma(reason: str, found: str) -> str:
    return f"{reason}, {found}" if found else reason


def _too_short(spot: _Spot, _detail: ErrorDetails) -> Problem:
    return Problem("PL-C014", f"{spot.name} is empty", spot.node.place, "it needs at least one entry")


def _too_long(spot: _Spot, detail: ErrorDetails) -> Problem:
    context = detail.get("ctx", {})
    most, found = context.get("max_length"), context.get("actual_length")
    count = "" if found is None else f", found {found}"
    return Problem("PL-C014", f"{spot.name} holds more than {most} entries{count}", spot.place)


def _wrong_branch(spot: _Spot, detail: ErrorDetails) -> Problem:
    entry = spot.node.find("type") if isinstance(spot.node, Mapping) else None
    choices = _QUOTED.findall(str(detail.get("ctx", {}).get("expected_tags", "")))
    if entry is None or not isinstance(entry.value, Scalar):
        return Problem("PL-C012", f"missing key 'type' in {quoted(spot.path)}", spot.place)
    reason = f"expected {' or '.join(choices)}, found {quoted(entry.value.written)}"
    close = get_close_matches(entry.value.text.lower()[:64], choices, n=1)
    return Problem("PL-C015", reason, entry.value.place, f"did you mean {quoted(close[0])}?" if close else None)


def _other(spot: _Spot, _detail: ErrorDetails) -> Problem:
    return Problem("PL-C013", f"{spot.name} has a value that cannot be used", spot.place)


_TRANSLATIONS: dict[str, Callable[[_Spot, ErrorDetails], Problem]] = {
    "plano": _own,
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "model_type": _not_keys,
    "model_attributes_type": _not_keys,
    "dict_type": _not_keys,
    "list_type": _not_a_list,
    "too_short": _too_short,
    "too_long": _too_long,
    "union_tag_invalid": _wrong_branch,
    "union_tag_not_found": _wrong_branch,
}
