"""Labelled cases: what was said, which routes were offered, and which one is right.

Three forms are read:

- a folder with ``routes.json`` (a list of name and description), ``cases.jsonl`` and, where each case offers only the
  routes of its policy, ``policies.json`` (policy to route names);
- a ``.jsonl`` file whose lines carry their own ``routes``;
- a ``.jsonl`` file of ``{"prompt": ..., "route": ...}`` lines, asked with the routes given by the caller.

A line has ``messages`` (or ``prompt``), ``route`` (a name, or null for none), and may have ``id``, ``split``,
``conversation`` with ``turn``, and ``kind``. Other keys are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plano.domain.conversation import Conversation, Role, Turn
from plano.domain.intent import Question
from plano.domain.route import Route
from plano.errors import PlanoError

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}
_NOT_READ = frozenset({"system", "developer", "tool"})
_NO_MODELS = ("labelled",)


class CasesError(PlanoError):
    """Labelled cases cannot be used. The message begins with ``file:line:``."""

    code = "invalid_cases"


@dataclass(frozen=True, slots=True)
class LabelledCase:
    """One question and its right answer.

    ``wanted``: a route's name, None for no route. ``dataset``: the name of the folder or file. ``conversation``: what
    the turns of one dialogue have in common, None for a single question; ``turn``: its place there.
    """

    id: str
    dataset: str
    question: Question
    wanted: str | None
    split: str | None = None
    conversation: str | None = None
    turn: int = 0
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class _Offer:
    """Routes by name; by policy, when the folder has policies; those for lines that name neither."""

    known: Mapping[str, Route]
    policies: Mapping[str, tuple[Route, ...]] | None


def read(path: Path, *, routes: Sequence[Route] = (), split: str | None = None) -> tuple[LabelledCase, ...]:
    """The cases of a folder or file, in its order. ``split``: only those of this split.

    Raises CasesError with file and line for what cannot be read, for a wanted route that is not offered, and when
    there is no case at all.
    """
    if path.is_dir():
        offer, lines = _folder_offer(path), path / "cases.jsonl"
    else:
        offer, lines = _Offer({route.name: route for route in routes}, None), path
    dataset = path.name if path.is_dir() else path.stem
    cases = []
    for number, row in _rows(lines):
        case = _case(row, offer, dataset=dataset, place=f"{lines}:{number}")
        if split is None or case.split == split:
            cases.append(case)
    if not cases:
        raise CasesError(f"{lines}:1: there is no case" + (f" of split {split!r}" if split is not None else ""))
    return tuple(cases)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CasesError(f"{place}: not JSON ({error})") from error
        yield number, _mapping(row, "a case", place=place)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CasesError(f"{path}:1: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise CasesError(f"{path}:1: not UTF-8 ({error.reason} at byte {error.start})") from error


def _folder_offer(folder: Path) -> _Offer:
    file = folder / "routes.json"
    known = {route.name: route for route in _routes(_document(file), place=f"{file}:1")}
    policy_file = folder / "policies.json"
    if not policy_file.exists():
        return _Offer(known, None)
    place = f"{policy_file}:1"
    policies = {}
    for policy, names in _mapping(_document(policy_file), "the file", place=place).items():
        listed = [_string(name, "a route name", place=place) for name in _list(names, repr(policy), place=place)]
        unknown = [name for name in listed if name not in known]
        if unknown:
            raise CasesError(f"{place}: policy {policy!r} offers {unknown[0]!r}, which routes.json does not have")
        policies[policy] = tuple(known[name] for name in listed)
    return _Offer(known, policies)


def _document(path: Path) -> object:
    try:
        document: object = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise CasesError(f"{path}:{error.lineno}: not JSON ({error.msg})") from error
    return document


def _case(row: Mapping[str, object], offer: _Offer, *, dataset: str, place: str) -> LabelledCase:
    routes = _offered(row, offer, place=place)
    if "route" not in row:
        raise CasesError(f"{place}: 'route' is missing (null stands for no route)")
    wanted = _optional(row, "route", place=place)
    if wanted is not None and all(route.name != wanted for route in routes):
        raise CasesError(f"{place}: route {wanted!r} is not offered")
    turn = row.get("turn") or 0
    if not isinstance(turn, int):
        raise CasesError(f"{place}: 'turn' must be a whole number")
    return LabelledCase(
        id=_optional(row, "id", place=place) or place,
        dataset=dataset,
        question=Question(_conversation(row, place=place), routes),
        wanted=wanted,
        split=_optional(row, "split", place=place),
        conversation=_optional(row, "conversation", place=place),
        turn=turn,
        kind=_optional(row, "kind", place=place),
    )


def _offered(row: Mapping[str, object], offer: _Offer, *, place: str) -> tuple[Route, ...]:
    if "routes" in row:
        return tuple(_routes(row["routes"], place=place))
    if offer.policies is not None:
        policy = _string(row.get("policy"), "'policy'", place=place)
        if policy not in offer.policies:
            raise CasesError(f"{place}: policy {policy!r} is not in policies.json")
        return offer.policies[policy]
    if not offer.known:
        raise CasesError(f"{place}: the line has no 'routes', and none are configured")
    return tuple(offer.known.values())


def _routes(value: object, *, place: str) -> list[Route]:
    routes: list[Route] = []
    for entry in _list(value, "routes", place=place):
        row = _mapping(entry, "a route", place=place)
        name = _string(row.get("name"), "'name' of a route", place=place)
        if any(route.name == name for route in routes):
            raise CasesError(f"{place}: route {name!r} stands there twice")
        listed = _list(row.get("examples") or [], "'examples' of a route", place=place)
        examples = tuple(_string(text, "an example", place=place) for text in listed)
        described = _string(row.get("description"), "'description' of a route", place=place)
        routes.append(Route(name, described, _NO_MODELS, examples=examples))
    return routes


def _conversation(row: Mapping[str, object], *, place: str) -> Conversation:
    if "messages" not in row:
        return Conversation((Turn("user", _string(row.get("prompt"), "'prompt' (or 'messages')", place=place)),))
    turns = []
    for entry in _list(row["messages"], "'messages'", place=place):
        message = _mapping(entry, "a message", place=place)
        role = _string(message.get("role"), "'role' of a message", place=place)
        if role in _NOT_READ:
            continue
        if role not in _ROLES:
            raise CasesError(f"{place}: role {role!r} is not known")
        text = _string(message.get("content"), "'content' of a message", place=place)
        if text:
            turns.append(Turn(_ROLES[role], text))
    return Conversation(tuple(turns))


def _mapping(value: object, what: str, *, place: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise CasesError(f"{place}: {what} must be an object")
    return value


def _list(value: object, what: str, *, place: str) -> list[object]:
    if not isinstance(value, list):
        raise CasesError(f"{place}: {what} must be a list")
    return value


def _string(value: object, what: str, *, place: str) -> str:
    if not isinstance(value, str):
        raise CasesError(f"{place}: {what} must be a text")
    return value


def _optional(row: Mapping[str, object], key: str, *, place: str) -> str | None:
    return None if row.get(key) is None else _string(row[key], repr(key), place=place)
