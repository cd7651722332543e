"""Entries that differ in their numbers alone, together: whoever counts them looks up their names once for all."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from plano.domain.intent import RouterState
from plano.domain.model import Dialect
from plano.observe.entry import Entry, Explained

Chain = tuple[tuple[str, str], ...]
"""Model and ending of each attempt, or reason to pass it over."""


class Choice(msgspec.Struct, frozen=True, gc=False):
    """What a decision came to. ``first``: the model that was ranked first."""

    route: str | None
    router: RouterState
    first: str


class Alike(msgspec.Struct, frozen=True, gc=False):
    """Entries in order; all of them have the same path, status, code, model that answered, choice, chain and stages.

    ``choice``: None where nothing was decided. ``chain``: empty where nobody was asked. All or none are streams.
    """

    entries: list[Entry]
    path: str | None
    dialect: Dialect | None
    served_by: str | None
    choice: Choice | None
    chain: Chain

    @property
    def one(self) -> Entry:
        """Any of them: it says what they have in common."""
        return self.entries[0]

    @property
    def fell_back(self) -> bool:
        """Did they go on to another model than the first?"""
        return self.choice is not None and bool(self.chain) and self.chain[-1][0] != self.choice.first

    def seconds_of(self, place: int) -> list[float]:
        """What the attempt at that place took, each time; empty where it was passed over."""
        return [
            seconds
            for entry in self.entries
            if entry.attempts is not None and (seconds := entry.attempts[place].seconds) is not None
        ]


def choice_of(made: Explained) -> Choice:
    """What a decision came to."""
    return Choice(made.route, made.router, made.candidates[0].model)


def alike(entries: Iterable[Entry]) -> list[Alike]:
    """Entries of another process in groups, each at the place of its first one."""
    groups: dict[tuple[object, ...], Alike] = {}
    for entry in entries:
        choice = None if entry.decision is None else choice_of(entry.decision)
        chain = tuple([(each.model, each.ending) for each in entry.attempts or ()])
        key = entry.path, entry.status, entry.code, entry.is_stream, entry.served_by, choice, chain, (*entry.stages,)
        group = groups.get(key)
        if group is None:
            group = groups[key] = Alike([], entry.path, entry.dialect, entry.served_by, choice, chain)
        group.entries.append(entry)
    return [*groups.values()]
