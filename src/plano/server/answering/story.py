"""What answers say of how they came about: stages, models, route, attempts, each in a header field."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from plano.domain.attempt import Receipt
from plano.domain.decision import Candidate, Decision
from plano.server.answering.exchange import Fields

LONGEST_FIELD = 4096
REMEMBERED = 256

_IN_MS = (1000.0).__mul__

_PLAIN = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
"""What a field value may show as it is; everything else is percent-encoded UTF-8."""


class Storyteller:
    """Writes those fields. Most answers tell the same story: it is remembered, but for the times in it.

    Rankings are known again by identity.
    """

    __slots__ = ("_timings", "_told")

    def __init__(self) -> None:
        self._timings: dict[tuple[str, ...], str] = {}
        self._told: dict[tuple[object, ...], tuple[tuple[Candidate, ...], Fields]] = {}

    def timing(self, stages: Mapping[str, float]) -> str:
        """The value of ``server-timing`` for seconds by stage, in order (https://www.w3.org/TR/server-timing/)."""
        names = tuple(stages)
        form = self._timings.get(names)
        if form is None:
            if len(self._timings) >= REMEMBERED:
                self._timings.clear()
            form = self._timings[names] = ", ".join([f"{name};dur=%.3f" for name in names])
        return form % (*map(_IN_MS, stages.values()),)

    def of(self, decision: Decision, receipt: Receipt | None) -> Fields:
        """Who was chosen and asked; ``receipt`` None where nobody was asked."""
        intent, tries = decision.intent, () if receipt is None else receipt.tries
        asked: object = None
        ending = None
        if len(tries) == 1:
            asked, ending = tries[0].model, tries[0].ending
        elif receipt is not None:
            asked = receipt.outcome, *[(row.model, row.ending) for row in tries]
        key = id(decision.candidates), decision.route, intent.router, intent.trouble, asked, ending
        told = self._told.get(key)
        if told is None:
            if len(self._told) >= REMEMBERED:
                self._told.clear()
            # With the candidates themselves: as long as they are kept, no others have the same identity.
            told = self._told[key] = decision.candidates, _fields(decision, receipt)
        if decision.affinity is None:
            return told[1]
        return (*told[1], ("x-plano-session-id", shown(decision.affinity.session.id)))


def shown(value: str) -> str:
    """The value as a field holds it, at most ``LONGEST_FIELD`` bytes: an escaped character has up to twelve of them."""
    value = value[:LONGEST_FIELD]
    if value.isascii() and value.isprintable() and "%" not in value:
        return value
    quoted = quote(value, safe=_PLAIN)[:LONGEST_FIELD]
    return quoted[: quoted.rindex("%")] if "%" in quoted[-2:] else quoted


def _fields(decision: Decision, receipt: Receipt | None) -> Fields:
    models = decision.models
    fields = [("x-plano-model", models[0] if receipt is None else receipt.model)]
    if decision.route is not None:
        fields.append(("x-plano-route", decision.route))
    if decision.intent.router == "degraded":
        fields.append(("x-plano-router", "degraded"))
        if decision.intent.trouble is not None:
            fields.append(("x-plano-router-reason", decision.intent.trouble))
    if receipt is not None:
        fields.append(("x-plano-attempts", str(receipt)))
        fields.append(("x-plano-models", ", ".join(models)))
    absent = [f"{one.model.name}={one.reason}" for one in decision.candidates if one.rank is None and one.is_absent]
    if absent:
        # Who would have been a candidate if it were well.
        fields.append(("x-plano-left-out", ", ".join(absent)))
    return tuple([(name, shown(value)) for name, value in fields])
