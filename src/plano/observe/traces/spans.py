"""An entry as spans: one for the request, and below it intent, ranking, each attempt and the relay.

Times are those that were measured while the request was served; nothing is measured for the spans' sake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from plano.observe.entry import Attempted, Entry
from plano.observe.traces import names

Value = str | int | float | bool
Kind = Literal["server", "client", "internal"]

LONGEST_VALUE = 1024
_SPREAD = 0x9E3779B97F4A7C15
"""2⁶⁴ divided by the golden ratio: multiples of it are far apart (Knuth, TAOCP 3, 6.4)."""


class Span(msgspec.Struct, frozen=True):
    """One span. ``began_s``, ``ended_s``: seconds since the epoch. ``error``: what failed, None when nothing did.

    ``losses``: one line for each part that a translation could not carry, each an event at its beginning.
    """

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: Kind
    began_s: float
    ended_s: float
    attributes: Mapping[str, Value]
    error: str | None = None
    losses: tuple[str, ...] = ()


def spans_of(entry: Entry, common: Mapping[str, Value], header_prefixes: tuple[str, ...] = ()) -> tuple[Span, ...]:
    """The spans of a request, that of the request first; none when it has no place in a trace.

    ``common``: attributes of every span. ``header_prefixes``: what is taken off the names of the shown header fields.
    """
    if entry.span_id is None:
        return ()
    began = entry.ended_at - entry.seconds
    whole = Span(
        trace_id=entry.trace_id,
        span_id=entry.span_id,
        parent_id=entry.parent_id,
        name=_name(entry),
        kind="server",
        began_s=began,
        ended_s=entry.ended_at,
        attributes=_known({**common, **_headers(entry, header_prefixes), **_request(entry)}),
        error=_failure(entry),
    )
    return (whole, *_children(entry, whole, common))


def _children(entry: Entry, whole: Span, common: Mapping[str, Value]) -> Iterator[Span]:
    number = 0

    def child(
        name: str, began_s: float, seconds: float, attributes: Mapping[str, Value | None], *, kind: Kind = "internal"
    ) -> Span:
        nonlocal number
        number += 1
        began = whole.began_s + began_s
        known = _known({**common, **attributes})
        return Span(
            whole.trace_id, _child_id(whole.span_id, number), whole.span_id, name, kind, began, began + seconds, known
        )

    at = entry.arrived_s + entry.stages.get("parse", 0.0)
    if entry.decision is not None and "route" in entry.stages:
        yield child(names.INTENT_SPAN, at, entry.stages["route"], _intent(entry))
        at += entry.stages["route"]
    if entry.decision is not None and "rank" in entry.stages:
        yield child(names.RANKING_SPAN, at, entry.stages["rank"], _ranking(entry))
        at += entry.stages["rank"]
    for place, attempt in enumerate(entry.attempts or (), 1):
        if attempt.seconds is not None:
            made = child(
                f"{names.OPERATIONS.get(entry.dialect or '', 'chat')} {_upstream_id(attempt.model)}",
                attempt.began_s,
                attempt.seconds,
                _attempt(entry, attempt, place),
                kind="client",
            )
            at = attempt.began_s + attempt.seconds
            if attempt.ending != "200":
                made = msgspec.structs.replace(made, error=attempt.ending)
            elif entry.warnings:
                made = msgspec.structs.replace(made, losses=entry.warnings)
            yield made
    if entry.served_by is not None:
        yield child(names.RELAY_SPAN, at, max(0.0, entry.seconds - at), {names.LLM_BYTES: entry.answer_bytes})


def _name(entry: Entry) -> str:
    """As the other gateway names it: what was asked for, and what answered where that is another."""
    if entry.path is None:
        return "no request"
    method = "POST" if entry.dialect is not None else "GET"
    if entry.model is None:
        return f"{method} {entry.path}"
    answered = entry.served_by
    arrow = f" -> {answered}" if answered is not None and answered != entry.model else ""
    return f"{method} {entry.path} {entry.model}{arrow}"


def _request(entry: Entry) -> dict[str, Value | None]:
    usage, decision, answered = entry.usage, entry.decision, entry.served_by
    selected = None if decision is None else decision.models[0]
    return {
        names.PATH: entry.path,
        names.STATUS: entry.status,
        names.CODE: entry.code,
        names.REQUEST_ID: entry.request_id,
        names.ASKED_MODEL: entry.model,
        names.SELECTED_MODEL: selected,
        names.ROUTE: None if decision is None else decision.route,
        names.ROUTING_MS: _ms(entry.stages.get("route")),
        names.ROUTER_TEXT: None if decision is None else decision.text,
        names.LLM_MODEL: answered,
        names.LLM_PROVIDER: None if answered is None else answered.partition("/")[0],
        names.LLM_STREAMING: entry.is_stream,
        names.LLM_MS: _ms(entry.seconds),
        names.LLM_FIRST_TOKEN_MS: _ms(entry.first_token_s),
        names.LLM_BYTES: entry.answer_bytes,
        names.LLM_INPUT: None if usage is None else usage.input_tokens,
        names.LLM_OUTPUT: None if usage is None else usage.output_tokens,
        names.LLM_CACHED: None if usage is None else usage.cached_input_tokens,
        names.LLM_USD: entry.cost_usd,
    }


def _intent(entry: Entry) -> dict[str, Value | None]:
    decision = entry.decision
    assert decision is not None
    asked = decision.asked
    return {
        names.ROUTE: decision.route,
        names.ROUTER: decision.router,
        names.SCORE: None if decision.route is None else decision.scores.get(decision.route),
        names.THRESHOLD: decision.threshold,
        names.MARGIN: decision.margin,
        names.TROUBLE: decision.trouble,
        names.ESCALATION: decision.escalation,
        names.ROUTER_MODEL: None if asked is None else asked.model,
        names.ROUTER_MODEL_MS: None if asked is None else _ms(asked.seconds),
        names.ROUTER_MODEL_ENDING: None if asked is None else asked.ending,
    }


def _ranking(entry: Entry) -> dict[str, Value | None]:
    decision = entry.decision
    assert decision is not None
    return {
        names.PREFER: decision.prefer,
        names.CANDIDATES: ", ".join(decision.models),
        names.SELECTED_MODEL: decision.models[0],
    }


def _attempt(entry: Entry, attempt: Attempted, place: int) -> dict[str, Value | None]:
    provider = names.provider_of(attempt.model)
    made: dict[str, Value | None] = {
        names.OPERATION: names.OPERATIONS.get(entry.dialect or "", "chat"),
        names.SYSTEM: provider,
        names.PROVIDER: provider,
        names.REQUEST_MODEL: _upstream_id(attempt.model),
        names.ATTEMPT: place,
        names.ENDING: attempt.ending,
    }
    if attempt.ending != "200" or attempt.model != entry.served_by:
        return {**made, names.ERROR: attempt.ending}
    usage = entry.usage
    made[names.RESPONSE_MODEL] = _upstream_id(attempt.model)
    made[names.FIRST_CHUNK_S] = attempt.seconds if entry.is_stream else None
    if usage is not None:
        made[names.INPUT_TOKENS] = usage.input_tokens
        made[names.OUTPUT_TOKENS] = usage.output_tokens
        made[names.CACHE_READ_TOKENS] = usage.cached_input_tokens
        made[names.CACHE_WRITE_TOKENS] = usage.cache_write_tokens
        made[names.REASONING_TOKENS] = usage.reasoning_tokens
    return made


def _failure(entry: Entry) -> str | None:
    """A server's span has failed when the server did (conventions for HTTP): the caller's own mistake is none."""
    return entry.code or str(entry.status) if entry.status >= 500 or (entry.status < 400 and entry.code) else None


def _headers(entry: Entry, prefixes: tuple[str, ...]) -> dict[str, Value | None]:
    """The shown header fields as attributes: without their prefix, with dots for hyphens."""
    found: dict[str, Value | None] = {}
    for name, value in entry.headers.items():
        prefix = next((one for one in prefixes if name.startswith(one)), "")
        rest = name.removeprefix(prefix).lstrip("-").replace("-", ".")
        if rest:
            found[rest] = value
    return found


def _known(attributes: Mapping[str, Value | None]) -> dict[str, Value]:
    """Without what is not known; long text cut."""
    return {
        name: value[:LONGEST_VALUE] if isinstance(value, str) else value
        for name, value in attributes.items()
        if value is not None
    }


def _child_id(span_id: str, number: int) -> str:
    """16 hex digits: another id for each child, and the same one whenever it is asked for."""
    return f"{(int(span_id, 16) + number * _SPREAD) % 2**64 or 1:016x}"


def _upstream_id(model: str) -> str:
    return model.partition("/")[2] or model


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
