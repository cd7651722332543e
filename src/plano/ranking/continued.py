"""Requests that go on from a response which a provider keeps: nobody else knows what was said."""

from __future__ import annotations

from msgspec.structs import replace

from plano.domain.model import Model
from plano.domain.request import Needs
from plano.domain.route import AUTHORS_ORDER
from plano.domain.snapshot import Snapshot
from plano.ranking.rank import Ranking
from plano.ranking.shortlist import assess


def kept_by(keeper: Model, ranking: Ranking, snapshot: Snapshot, needs: Needs) -> Ranking:
    """The candidates at the provider of ``keeper`` in their order, ``keeper`` itself where there is none of them.

    All others are left out.
    """
    there = [each for each in ranking.candidates if each.rank is not None and each.model.is_beside(keeper)]
    there = there or list(assess((keeper,), AUTHORS_ORDER, snapshot, needs))
    ranked = [replace(each, rank=place) for place, each in enumerate(there, 1)]
    names = {each.model.name for each in there}
    others = [
        replace(each, rank=None, reason=each.reason or "stored_elsewhere")
        for each in ranking.candidates
        if each.model.name not in names
    ]
    return Ranking((*ranked, *others), None if any(each.reason is None for each in ranked) else ranked[0].reason)
