"""Why decisions were made, as it is shown: worked out once for all decisions that differ in their trace alone."""

from __future__ import annotations

import hashlib

from plano.domain.decision import Decision
from plano.domain.session import Affinity
from plano.observe.entry import Considered, Explained, Stayed
from plano.observe.redactor import Redactor
from plano.wire.decision import why_ranked, why_routed

LONGEST_SUMMARY = 1_024

REMEMBERED = 256
"""Explanations, with the candidates and the router's text that belong to them."""

LONGEST_PROMPT = 16 * 1024
"""Characters of the router's text that are hashed, and kept where that is asked for."""


class Explanations:
    """Explains decisions. Many are the same but for their trace: the same intent, the same ranking.

    Both are known again by identity. ``key``, ``keeps_text``, ``redactor``: as in ``Clerk``.
    """

    __slots__ = ("_keeps_text", "_key", "_known", "_last", "_redactor")

    def __init__(self, key: bytes, *, keeps_text: bool = False, redactor: Redactor | None = None) -> None:
        self._key = key
        self._redactor = redactor or Redactor()
        self._keeps_text = keeps_text
        self._known: dict[tuple[object, ...], tuple[Decision, Explained]] = {}
        self._last: tuple[Decision, Explained] | None = None

    def of(self, decision: Decision) -> Explained:
        """Why it was made."""
        if decision.affinity is not None:
            return self._explained(decision)
        last = self._last
        if (
            last is None
            or last[0].intent is not decision.intent
            or last[0].candidates is not decision.candidates
            or last[0].route != decision.route
            or last[0].prefer != decision.prefer
        ):
            # With the decision itself: as long as it is kept, no other intent or ranking has the same identity.
            mark = id(decision.intent), id(decision.candidates), decision.route, decision.prefer
            last = self._known.get(mark)
            if last is None:
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                last = self._known[mark] = decision, self._explained(decision)
            self._last = last
        return last[1]

    def _explained(self, decision: Decision) -> Explained:
        intent, shown = decision.intent, self._redactor.name
        text = intent.text[:LONGEST_PROMPT]
        return Explained(
            summary=shown(str(decision).removesuffix(f" {decision.trace_id}"))[:LONGEST_SUMMARY],
            route=None if decision.route is None else shown(decision.route),
            router=intent.router,
            scores={shown(name): score for name, score in intent.scores},
            threshold=intent.threshold,
            margin=intent.margin,
            prefer=decision.prefer,
            candidates=tuple(
                [
                    Considered(
                        shown(one.model.name), one.rank, one.reason, one.price, one.latency, one.free_in_s, one.expected
                    )
                    for one in decision.candidates
                ]
            ),
            text_characters=len(intent.text),
            text_hash=hashlib.blake2b(text.encode(), key=self._key, digest_size=8).hexdigest(),
            text=self._redactor.text(text) if self._keeps_text else None,
            weights=decision.weights,
            lift=decision.lift,
            is_exploration=decision.is_exploration,
            trouble=intent.trouble,
            asked=intent.asked,
            escalation=intent.escalation,
            session=None if decision.affinity is None else _stayed(decision.affinity),
            decided=why_routed(decision),
            ranking=why_ranked(decision),
        )


def _stayed(affinity: Affinity) -> Stayed:
    session, bound = affinity.session, affinity.session.binding
    known = (None, 0) if bound is None else (bound.model, bound.cached_tokens)
    episode = affinity.episode
    return Stayed(
        affinity.is_pinned,
        affinity.is_switched,
        known[0],
        session.idle_s,
        known[1],
        affinity.switch,
        session.cost_usd,
        session.is_replay,
        None if episode is None else (episode.spend_usd, episode.baseline_usd, episode.switches),
    )
