"""What is wrong with a list of routes, shown by prompts: routes that say the same, that never win, that take too much.

A route that loses its own words, its mention of them left out, to another route will lose those of users.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from plano.domain.route import Route
from plano.evaluate.probes import ANYTHING, Heard, Probe, takes_anything

Kind = Literal["overlap", "unreachable", "vague", "broad", "catch-all"]

OFTEN = 1 / 3
"""From this share of a route's prompts on, what happens to them is no accident."""

FEWEST_TAKEN = 3
"""Prompts of others that a route takes before it is called too broad."""

MOST_SHOWN = 4

_REST = re.compile(
    r"\b(anything|everything|fallback|catch-?all|miscellaneous|the rest|fits nowhere|otherwise)\b"
    r"|\bother (questions|requests|topics|things|tasks|stuff)\b",
    re.IGNORECASE,
)
"""How a route may be described that is meant for what the others leave, whatever else it says."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A prompt, and what the router made of it. ``scores``: of the routes that the finding is about, best first."""

    probe: Probe
    got: str | None
    scores: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """``level``: a warning is worth a change; a note may be meant. ``routes``: the one it is about, then its rivals.

    ``said``: what is wrong; ``remedy``: what to do; ``prompts``: those that show it.
    """

    kind: Kind
    level: Literal["warning", "note"]
    routes: tuple[str, ...]
    said: str
    remedy: str
    prompts: tuple[Shown, ...]


def lint(routes: Sequence[Route], heard: Sequence[Heard]) -> tuple[Finding, ...]:
    """The findings, warnings first."""
    own = {route.name: [one for one in heard if one.probe.wanted == route.name] for route in routes}
    lost = tuple(_unreachable(own))
    never = {finding.routes[0] for finding in lost}
    kept = {name: prompts for name, prompts in own.items() if name not in never}
    found = (*lost, *_overlaps(kept), *_vague(kept), *_broad(heard, routes), *_catch_alls(heard, routes))
    return tuple(sorted(found, key=lambda finding: finding.level != "warning"))


def _unreachable(own: dict[str, list[Heard]]) -> Iterator[Finding]:
    """Routes of which every prompt goes to another one."""
    for name, heard in own.items():
        winners = [one.winner for one in heard]
        rivals = tuple(dict.fromkeys([winner for winner in winners if winner is not None]))
        if len(heard) < 2 or None in winners or name in winners:
            continue
        yield Finding(
            "unreachable",
            "warning",
            (name, *rivals),
            f"never wins: all {len(heard)} prompts of its own would go to {_named(rivals)}",
            "say what only this route is for, give it examples, or remove it",
            tuple([_shown(one, (name, one.winner or name)) for one in heard[:MOST_SHOWN]]),
        )


def _overlaps(own: dict[str, list[Heard]]) -> Iterator[Finding]:
    """Pairs of routes of which one takes many prompts of the other."""
    names = list(own)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            there = [one for one in own[first] if one.winner == second]
            back = [one for one in own[second] if one.winner == first]
            if not _is_often(there, own[first]) and not _is_often(back, own[second]):
                continue
            yield Finding(
                "overlap",
                "warning",
                (first, second),
                f"overlap: {len(there)} of {len(own[first])} prompts of the first would go to the second, "
                f"{len(back)} of {len(own[second])} the other way round",
                "say in each description what only that route is for, give both examples, or join them",
                tuple([_shown(one, (first, second)) for one in (*there, *back)[:MOST_SHOWN]]),
            )


def _vague(own: dict[str, list[Heard]]) -> Iterator[Finding]:
    """Routes whose own words are mostly taken for no route."""
    for name, heard in own.items():
        missed = [one for one in heard if one.got is None]
        if not heard or len(missed) <= len(heard) / 2:
            continue
        yield Finding(
            "vague",
            "warning",
            (name,),
            f"is too vague: {len(missed)} of {len(heard)} prompts of its own reach no threshold",
            "name the things users will ask for, in the words they use, or give examples",
            tuple([_shown(one, (name,)) for one in missed[:MOST_SHOWN]]),
        )


def _broad(heard: Sequence[Heard], routes: Sequence[Route]) -> Iterator[Finding]:
    """Routes that take prompts of several others, or of nobody."""
    for route in routes:
        taken = [one for one in heard if one.winner == route.name and one.probe.wanted not in (route.name, None)]
        victims = tuple(dict.fromkeys([one.probe.wanted or "" for one in taken]))
        strays = () if takes_anything(route) or _is_for_the_rest(route) else _strays(heard, route)
        if len(victims) >= 2 and len(victims) >= OFTEN * (len(routes) - 1) and len(taken) >= FEWEST_TAKEN:
            yield Finding(
                "broad",
                "warning",
                (route.name, *victims),
                f"is too broad: {len(taken)} prompts of {_named(victims)} would go to it",
                "leave out general words, and name what belongs to other routes there",
                tuple([_shown(one, (route.name, one.probe.wanted or "")) for one in taken[:MOST_SHOWN]]),
            )
        elif len(strays) >= OFTEN * len(ANYTHING):
            yield Finding(
                "broad",
                "warning",
                (route.name,),
                f"is too broad: it takes {len(strays)} of {len(ANYTHING)} prompts about nothing in particular",
                "name its subject",
                tuple([_shown(one, (route.name,)) for one in strays[:MOST_SHOWN]]),
            )


def _catch_alls(heard: Sequence[Heard], routes: Sequence[Route]) -> Iterator[Finding]:
    """Routes that are meant for the rest, and do not get it."""
    for route in routes:
        missed = [one for one in heard if one.probe.source == "anything" and one.got is None]
        if not _is_for_the_rest(route) or len(_strays(heard, route)) >= OFTEN * len(ANYTHING):
            continue
        yield Finding(
            "catch-all",
            "note",
            (route.name,),
            f"may be meant for the rest, but {len(missed)} of {len(ANYTHING)} prompts about nothing in particular "
            "have no route",
            "describe it as 'anything else', and nothing beside; or name the subjects",
            tuple([_shown(one, (route.name,)) for one in missed[:MOST_SHOWN]]),
        )


def _strays(heard: Sequence[Heard], route: Route) -> list[Heard]:
    return [one for one in heard if one.probe.source == "anything" and one.got == route.name]


def _is_for_the_rest(route: Route) -> bool:
    return _REST.search(f"{route.name} {route.description}") is not None


def _is_often(some: Sequence[Heard], all_of_them: Sequence[Heard]) -> bool:
    """Is it a third of them, and more than a single one of many?"""
    return len(some) >= OFTEN * len(all_of_them) and len(some) >= min(2, len(all_of_them)) > 0


def _shown(one: Heard, routes: Sequence[str]) -> Shown:
    scores = sorted([(name, one.scores[name]) for name in dict.fromkeys(routes)], key=lambda score: -score[1])
    return Shown(one.probe, one.got, tuple(scores))


def _named(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names[:3]]
    return " and ".join(quoted) + (" and others" if len(names) > 3 else "")
