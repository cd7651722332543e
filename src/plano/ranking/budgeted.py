"""A session under a budget of switches: the router is asked at every turn, and the budget says what becomes of it."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from plano.domain.episode import Episode, Switch
from plano.domain.session import Affinity, Session
from plano.domain.snapshot import Snapshot
from plano.ranking.affinity import affinity_of, stay
from plano.ranking.rank import Ranking
from plano.ranking.switching import WARM_S, Terms, Turn, begin, weigh


class Scene(msgspec.Struct, frozen=True):
    """``tokens``: of the prompt, estimated. ``route``: that the router chose."""

    snapshot: Snapshot
    tokens: int
    route: str | None


def within_budget(
    session: Session, wanted: Ranking, bound: Ranking | None, terms: Terms, scene: Scene
) -> tuple[Ranking, Affinity]:
    """The ranking of this turn, and what the session meant for it.

    ``wanted``: as the router chose. ``bound``: with the session's own model in front, None where it cannot serve.
    """
    binding, first = session.binding, wanted.candidates[0].model.name
    before = None if binding is None else binding.episode
    if binding is None or session.idle_s > WARM_S or _has_drifted(session, before):
        episode = replace(begin(first, before, terms), prefix=session.prefix)
        return wanted, replace(affinity_of(session, wanted, binds=True), episode=episode)
    episode = replace(before or Episode(binding.model), prefix=session.prefix)
    if bound is None:
        # Health wins over habit, and costs the budget nothing.
        return wanted, replace(affinity_of(session, wanted, binds=True), episode=episode)
    names = {episode.began_on, binding.model, first}
    quotes = {name: scene.snapshot.prices.get(name) for name in names}
    prices = {name: quote.price for name, quote in quotes.items() if quote is not None and quote.price is not None}
    now = binding.used_at + session.idle_s
    verdict = weigh(episode, binding.model, first, Turn(prices, terms, scene.tokens, now))
    switch = Switch(verdict.reason, first, scene.route, verdict.ceiling_usd, verdict.cost_usd)
    stays = verdict.model == binding.model
    ranking = wanted
    if verdict.is_retained:
        ranking = _in_front(bound, wanted)
    elif stays:
        ranking = stay(session, wanted) or wanted
    return ranking, Affinity(session, is_pinned=stays, is_switched=not stays, episode=verdict.episode, switch=switch)


def _has_drifted(session: Session, before: Episode | None) -> bool:
    """Does the prompt begin in another way than what providers have in their caches?"""
    return before is not None and before.prefix is not None and session.prefix not in (None, before.prefix)


def _in_front(bound: Ranking, wanted: Ranking) -> Ranking:
    """The session's model first, then those that the router's choice would have had."""
    first = bound.candidates[0]
    others = [each for each in wanted.candidates if each.model.name != first.model.name]
    moved = [each if each.rank is None else replace(each, rank=each.rank + 1) for each in others]
    ranked = [replace(each, rank=place) for place, each in enumerate([one for one in moved if one.rank is not None], 2)]
    return replace(wanted, candidates=(first, *ranked, *[each for each in moved if each.rank is None]))
