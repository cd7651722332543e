"""Staying with the model that a session is bound to."""

from __future__ import annotations

from msgspec.structs import replace

from plano.catalog.cost import cost_of
from plano.domain.decision import Candidate
from plano.domain.session import Affinity, Session
from plano.domain.usage import Usage
from plano.ranking.rank import Ranking

WARM_S = 300.0
"""How long a prompt stays in a provider's cache after it was used last: five minutes with those that say so."""


def stay(session: Session, ranking: Ranking) -> Ranking | None:
    """The ranking with the session's model in front; None where that model is not one to choose freely.

    A model that is held, ejected, over a ceiling or not able to serve the request is left: health wins over habit.
    """
    binding = session.binding
    assert binding is not None
    bound = next((each for each in ranking.candidates if each.model.name == binding.model), None)
    if bound is None or bound.rank is None or bound.reason is not None:
        return None
    cached = binding.cached_tokens if session.idle_s <= WARM_S else 0
    first = _with_cache(bound, cached)
    if first.rank == 1:
        return replace(ranking, candidates=(first, *ranking.candidates[1:]))
    others = [each for each in ranking.candidates if each is not bound]
    moved = [each if each.rank is None else replace(each, rank=place) for place, each in enumerate(others, start=2)]
    return replace(ranking, candidates=(replace(first, rank=1), *moved))


def affinity_of(session: Session, ranking: Ranking, *, binds: bool) -> Affinity:
    """What the session meant for a ranking that was made without it; ``binds`` as in ``Affinity``."""
    bound = session.binding
    is_switched = bound is not None and ranking.candidates[0].model.name != bound.model
    return Affinity(session, is_switched=is_switched, binds=binds)


def _with_cache(candidate: Candidate, cached_tokens: int) -> Candidate:
    """The candidate, its expected cost counted with that much of the prompt at the rate of cached tokens."""
    expected = candidate.expected
    if expected is None or cached_tokens <= 0:
        return candidate
    cached, usd = min(cached_tokens, expected.input_tokens), None
    price = None if candidate.price is None else candidate.price.price
    if price is not None and expected.output_tokens is not None:
        usd = cost_of(Usage(expected.input_tokens, expected.output_tokens, cached), price).usd
    return replace(candidate, expected=replace(expected, usd=usd, cached_tokens=cached))
