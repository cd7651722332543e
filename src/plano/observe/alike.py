"""Entries that differ in their numbers alone, together: whoever counts them looks up their names once for all."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from plano.domain.intent import RouterState
from plano.observe.entry import Entry

Chain = tuple[tuple[str, str], ...]
"""Model and ending of each attempt, or reason to pass it over."""


class Choice(msgspec.Struct, frozen=True, gc=False):
    """What a decision came to. ``first``: the model that was ranked first."""

    route: str | None
    router: RouterState
    first: str


class Alike(msgspec.Struct, frozen=True, gc=False):
    """At least one entry, in order; all of them have the same path, ending, choice, chain and stages.

    ``choice``: None where nothing was decided. ``chain``: empty where nobody was asked. All or none are streams.
    """

    entries: list[Entry]
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


def alike(entries: Iterable[Entry]) -> list[Alike]:
    """The entries in groups, each at the place of its first one."""
    groups: dict[tuple[object, ...], Alike] = {}
    for entry in entries:
        made, chain = entry.decision, entry.attempts
        choice = None if made is None else (made.route, made.router, made.candidates[0].model)
        links: Chain = ()
        if chain:
            one = chain[0]
            links = ((one.model, one.ending),)
            if len(chain) > 1:
                links = tuple([(each.model, each.ending) for each in chain])
        key = entry.path, entry.status, entry.code, entry.is_stream, entry.served_by, choice, links, (*entry.stages,)
        group = groups.get(key)
        if group is None:
            groups[key] = Alike([entry], None if choice is None else Choice(*choice), links)
        else:
            group.entries.append(entry)
    return [*groups.values()]
