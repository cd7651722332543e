"""May a session leave its model? A switch is paid out of what staying has cost so far.

Staying reads the prompt from the provider's cache; another model has to read it anew. What that costs more is held
against a share of what the session would have cost without any switch, the setting
``max_switch_spend_pct``. Tokens of answers are left out: both models have to write one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from plano.catalog.cost import CACHE_READ_DISCOUNT
from plano.domain.catalog import Price
from plano.domain.episode import Episode, SwitchReason

WARM_S = 300.0
"""How long a provider keeps a prompt after it was read last."""

_TOKENS_PER_RATE = 1_000_000
_ROUNDING_USD = 1e-12
"""Sums of a hundred turns differ by less; a cost that equals its ceiling is within it."""

Prices = Mapping[str, Price]


class Terms(msgspec.Struct, frozen=True):
    """``max_spend_pct``: 0..100, of the baseline. ``discount``: of a cached token where its price is not known (0..1).

    ``replenishes``: does a session that went cold begin with an account of its own?
    """

    max_spend_pct: float
    discount: float = CACHE_READ_DISCOUNT
    replenishes: bool = True


class Verdict(msgspec.Struct, frozen=True):
    """Who serves this turn, and the account after it.

    ``ceiling_usd``: what may be spent in all. ``cost_usd``: of the switch, None where a price is missing.
    """

    model: str
    episode: Episode
    reason: SwitchReason
    ceiling_usd: float
    cost_usd: float | None = None
    warm_tokens: int = 0

    @property
    def is_retained(self) -> bool:
        """Does the session stay although another model was chosen?"""
        return self.reason == "over_cap"


def begin(model: str, before: Episode | None, terms: Terms) -> Episode:
    """The episode of a session that is new or went cold; ``before``: the one that ended."""
    if before is None or terms.replenishes:
        return Episode(model)
    return Episode(model, tokens=before.tokens, baseline_usd=before.baseline_usd, spend_usd=before.spend_usd)


class Turn(msgspec.Struct, frozen=True):
    """What holds for one turn of a warm session.

    ``tokens``: of the prompt, estimated: they count until an answer was counted. ``now``: seconds since the epoch.
    """

    prices: Prices
    terms: Terms
    tokens: int
    now: float


def weigh(episode: Episode, anchor: str, candidate: str, turn: Turn) -> Verdict:
    """The verdict for a session that is at ``anchor`` and whose router chose ``candidate``."""
    prices, terms = turn.prices, turn.terms
    context = episode.tokens or turn.tokens
    stayed = prices.get(episode.began_on)
    grown = 0.0 if stayed is None else context * cached_rate(stayed, context, terms) / _TOKENS_PER_RATE
    episode = replace(episode, baseline_usd=episode.baseline_usd + grown)
    ceiling = terms.max_spend_pct / 100.0 * episode.baseline_usd
    if candidate == anchor:
        return Verdict(anchor, episode, "same_anchor", ceiling)
    switched = replace(episode, switches=episode.switches + 1)
    old, new = prices.get(anchor), prices.get(candidate)
    if old is None or new is None:
        return Verdict(candidate, switched, "no_pricing", ceiling)
    warm = warm_tokens(episode, candidate, context, turn.now)
    read = (context - warm) * new.at(context).input + warm * cached_rate(new, context, terms)
    cost = (read - context * cached_rate(old, context, terms)) / _TOKENS_PER_RATE
    if cost <= 0:
        return Verdict(candidate, switched, "free", ceiling, cost, warm)
    if episode.spend_usd + cost > ceiling + _ROUNDING_USD:
        return Verdict(anchor, episode, "over_cap", ceiling, cost, warm)
    paid = replace(switched, spend_usd=episode.spend_usd + cost)
    return Verdict(candidate, paid, "within_cap", ceiling, cost, warm)


def cached_rate(price: Price, tokens: int, terms: Terms) -> float:
    """USD per million tokens that are read from the provider's cache, in a prompt of ``tokens``."""
    rates = price.at(tokens)
    return rates.input * terms.discount if rates.cached_input is None else rates.cached_input


def warm_tokens(episode: Episode, model: str, context: int, now: float) -> int:
    """How much of a prompt ``model`` still has, because it served the session a short while ago."""
    for visit in episode.visits:
        if visit.model == model and now - visit.used_at <= WARM_S:
            return min(visit.tokens, context)
    return 0


def tightened(configured: Terms | None, header: str | None) -> Terms | None:
    """The terms of one request whose caller sent ``header``: it may lower the share, and set one where none is.

    What is no number from 0 to 100 counts for nothing.
    """
    given = _share(header)
    if given is None:
        return configured
    if configured is None:
        return Terms(given)
    return replace(configured, max_spend_pct=min(configured.max_spend_pct, given))


def _share(header: str | None) -> float | None:
    try:
        share = float(header or "")
    except ValueError:
        return None
    return share if math.isfinite(share) and 0 <= share <= 100 else None
