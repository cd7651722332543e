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


class Common(msgspec.Struct, frozen=True, gc=False):
    """What entries that are alike have in common, beside what any of them says.

    ``choice``: None where nothing was decided. ``chain``: empty where nobody was asked.
    """

    path: str | None
    dialect: Dialect | None
    served_by: str | None
    choice: Choice | None
    chain: Chain


class Alike(msgspec.Struct, frozen=True, gc=False):
    """At least one entry, in order, and their numbers, each of which is taken from them once for all who count.

    All have the same path, status, code, model that answered, choice, chain and stages; all or none are streams, and
    the tokens of all or none are estimated. ``one``: any of them. ``attempts_s``: by place in the chain the seconds of
    that attempt, each time, none where it was passed over. ``costs_usd``: those that are known. ``counted``: answers
    whose tokens are known. ``tokens``: all of them together: input, output, and of these read from a cache, written to
    one, reasoning.
    """

    entries: list[Entry]
    one: Entry
    choice: Choice | None
    chain: Chain
    is_estimated: bool
    seconds: list[float]
    first_tokens_s: list[float]
    attempts_s: tuple[list[float], ...]
    costs_usd: list[float]
    counted: int
    tokens: tuple[int, int, int, int, int]

    @property
    def fell_back(self) -> bool:
        """Did they go on to another model than the first?"""
        return self.choice is not None and bool(self.chain) and self.chain[-1][0] != self.choice.first

    @classmethod
    def of(cls, common: Common, entries: list[Entry]) -> Alike:
        """These entries."""
        one = entries[0]
        used = [each.usage for each in entries if each.usage is not None]
        accounts = [each.attempts for each in entries if each.attempts is not None]
        return cls(
            entries,
            one,
            common.choice,
            common.chain,
            used[0].is_estimated if used else False,
            [each.seconds for each in entries],
            [each.first_token_s for each in entries if each.first_token_s is not None] if one.is_stream else [],
            tuple(
                [
                    [tries[place].seconds or 0.0 for tries in accounts]
                    if accounts[0][place].seconds is not None
                    else []
                    for place in range(len(common.chain))
                ]
            ),
            [each.cost_usd for each in entries if each.cost_usd is not None],
            len(used),
            (
                sum([each.input_tokens or 0 for each in used]),
                sum([each.output_tokens or 0 for each in used]),
                sum([each.cached_input_tokens or 0 for each in used]),
                sum([each.cache_write_tokens or 0 for each in used]),
                sum([each.reasoning_tokens or 0 for each in used]),
            ),
        )


def choice_of(made: Explained) -> Choice:
    """What a decision came to."""
    return Choice(made.route, made.router, made.candidates[0].model)


def alike(entries: Iterable[Entry]) -> list[Alike]:
    """Entries of another process in groups, each at the place of its first one."""
    groups: dict[tuple[object, ...], tuple[Common, list[Entry]]] = {}
    for entry in entries:
        common = Common(
            entry.path,
            entry.dialect,
            entry.served_by,
            None if entry.decision is None else choice_of(entry.decision),
            tuple([(each.model, each.ending) for each in entry.attempts or ()]),
        )
        is_estimated = entry.usage is not None and entry.usage.is_estimated
        key = common, entry.status, entry.code, entry.is_stream, is_estimated, tuple(entry.stages)
        groups.setdefault(key, (common, []))[1].append(entry)
    return [Alike.of(*group) for group in groups.values()]
