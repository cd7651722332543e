"""Kept records under another configuration: which routes and first models would have changed, at what cost and time.

No model is called. What a router model said holds, as far as the route still exists. Where a record kept the router's
text, the built-in router is asked again; else the scores it gave then are read anew. Prices and latencies are those
that the record saw, and for models it did not consider those of the new configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from plano.assembly import Decider
from plano.catalog.cost import cost_of
from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Question
from plano.domain.model import Model
from plano.domain.request import Needs
from plano.domain.route import AUTHORS_ORDER
from plano.domain.snapshot import Pace, Snapshot
from plano.errors import ModelNotFound
from plano.intent.threshold import Thresholded
from plano.observe.entry import Entry, Explained
from plano.ranking.rank import rank

Basis = Literal["router", "model", "scores", "unscored"]
"""How the new route was found: asked again; kept, as a router model said it or would have to; read from old scores; a
route that had no score then is not among them.
"""


class Choice(msgspec.Struct, frozen=True):
    """A route, the model ranked first, and what that model would have cost and taken; None is unknown.

    ``usd``: of the tokens that were counted then. ``first_token_s``: as it was expected then.
    """

    route: str | None
    model: str
    usd: float | None
    first_token_s: float | None


class Replayed(msgspec.Struct, frozen=True):
    """One request under both configurations."""

    trace_id: str
    old: Choice
    new: Choice
    basis: Basis

    @property
    def is_rerouted(self) -> bool:
        """Did its route change?"""
        return self.old.route != self.new.route

    @property
    def is_moved(self) -> bool:
        """Did its first model change?"""
        return self.old.model != self.new.model


def replay(entries: Iterable[Entry], decider: Decider) -> Iterator[Replayed]:
    """Each entry with a decision, under the configuration of ``decider``; its model must be declared there.

    A request that followed its session is left out: it would have followed it to wherever the session began.
    """
    for entry in entries:
        explained = entry.decision
        if explained is None or not explained.models or entry.model is None:
            continue
        if explained.session is not None and explained.session.is_pinned:
            continue
        try:
            yield _replayed(entry, entry.model, explained, decider)
        except ModelNotFound:
            continue


def _replayed(entry: Entry, model: str, explained: Explained, decider: Decider) -> Replayed:
    policy = decider.gateway.policy
    own = policy.models.resolve(model)
    name, basis = _route(explained, decider)
    route = None if name is None else policy.routes.find(name)
    pool = [own] if route is None else [policy.models.resolve(one) for one in route.models]
    snapshot = _snapshot(explained, decider, [*pool, own])
    ranking = rank(
        pool,
        AUTHORS_ORDER if route is None else route.policy,
        snapshot,
        own=own,
        needs=Needs(prompt_bytes=entry.prompt_bytes),
        route=name,
    )
    # A request that measured a model would have gone to the second one otherwise.
    place = 1 if explained.is_exploration and len(explained.models) > 1 else 0
    old = explained.models[place]
    return Replayed(
        entry.trace_id,
        _choice(explained.route, old, entry, snapshot),
        _choice(name, ranking.candidates[0].model.name, entry, snapshot),
        basis,
    )


def _route(explained: Explained, decider: Decider) -> tuple[str | None, Basis]:
    """The route that matches under the new configuration, and how that is known."""
    routes = decider.gateway.policy.routes.routes
    if not routes:
        return None, "router"
    embedded = decider.routers.embedded
    is_word_of_model = explained.asked is not None and explained.asked.ending == "answered"
    if embedded is None or is_word_of_model:
        return explained.route if explained.route in [route.name for route in routes] else None, "model"
    if explained.text:
        conversation = Conversation((Turn("user", explained.text),))
        return embedded.classify(Question(conversation, routes)).route, "router"
    scores = {route.name: explained.scores[route.name] for route in routes if route.name in explained.scores}
    basis: Basis = "scores" if len(scores) == len(routes) else "unscored"
    best = max(scores, key=lambda name: scores[name], default=None)
    threshold = embedded.threshold if isinstance(embedded, Thresholded) else explained.threshold
    if best is None or threshold is None or scores[best] < threshold:
        return None, basis
    return best, basis


def _snapshot(explained: Explained, decider: Decider, models: Iterable[Model]) -> Snapshot:
    """What the record saw, and of other models what the new configuration says."""
    now = decider.board.snapshot(decider.clock.monotonic())
    prices = {one.name: quote for one in models if (quote := now.prices.get(one.name)) is not None}
    latencies: dict[str, Pace] = {}
    lengths: dict[str, float] = {}
    for each in explained.candidates:
        if each.price_usd_per_mtok is not None:
            prices[each.model] = each.price_usd_per_mtok
        if each.latency_s is not None:
            latencies[each.model] = each.latency_s
        if each.expected is not None and each.expected.output_tokens is not None and explained.route is not None:
            lengths[explained.route] = each.expected.output_tokens
    return Snapshot(now.taken_at, prices, latencies, output_tokens=lengths, facts=now.facts)


def _choice(route: str | None, model: str, entry: Entry, snapshot: Snapshot) -> Choice:
    quote, pace = snapshot.prices.get(model), snapshot.latencies.get(model)
    price = None if quote is None else quote.price
    usd = None if price is None or entry.usage is None else cost_of(entry.usage, price).usd
    return Choice(route, model, usd, None if pace is None else pace.value)
