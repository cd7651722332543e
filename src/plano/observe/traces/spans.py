"""An entry as spans: one for the request, and below it intent, ranking, each attempt and the relay.

Times are those that were measured while the request was served; nothing is measured for the spans' sake. What is the
same in many requests, names of models and routes and what became of them, is written once and remembered.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Final

from plano.catalog.cost import Cost
from plano.domain.usage import Usage
from plano.observe.entry import Attempted, Entry, Explained
from plano.observe.traces import names
from plano.observe.traces.costs import cost_of_answer, of_session
from plano.observe.traces.otlp import Kind, Value, attributes, event, family, fixed, key, span
from plano.observe.visible import visible

REMEMBERED = 1_024
"""Parts of spans, of a kilobyte or less each: callers have a say in some."""

_SPREAD = 0x9E3779B97F4A7C15
"""2⁶⁴ divided by the golden ratio: multiples of it are far apart (Knuth, TAOCP 3, 6.4)."""

_ROUTING_MS, _LLM_MS, _FIRST_TOKEN_MS = key(names.ROUTING_MS), key(names.LLM_MS), key(names.LLM_FIRST_TOKEN_MS)
_BYTES, _USD, _REQUEST_ID = key(names.LLM_BYTES), key(names.LLM_USD), key(names.REQUEST_ID)
_SCORE, _MARGIN, _FIRST_CHUNK_S = key(names.SCORE), key(names.MARGIN), key(names.FIRST_CHUNK_S)
_ROUTER_MODEL_MS: Final = key(names.ROUTER_MODEL_MS)

_LLM_TOKENS: Final = (
    *(key(names.LLM_INPUT), key(names.LLM_OUTPUT), key(names.LLM_TOTAL)),
    *(key(names.LLM_CACHED), key(names.LLM_WRITTEN), key(names.LLM_REASONING)),
)
_LLM_PARTS_USD: Final = (key(names.LLM_INPUT_USD), key(names.LLM_OUTPUT_USD))
_TOKENS: Final = (
    *(key(names.INPUT_TOKENS), key(names.OUTPUT_TOKENS), key(names.CACHE_READ_TOKENS)),
    *(key(names.CACHE_WRITE_TOKENS), key(names.REASONING_TOKENS)),
)


class Spans:
    """Writes the spans of entries.

    ``common``: attributes of every span. ``header_prefixes``: what is taken off the names of the shown header fields.
    ``shows_counterfactual``: also the model that a budget of switches has kept away.
    """

    def __init__(
        self, common: Mapping[str, Value], header_prefixes: tuple[str, ...] = (), *, shows_counterfactual: bool = False
    ) -> None:
        self._shows_counterfactual = shows_counterfactual
        self._common = {name: value for name, value in common.items() if name not in names.OWN}
        self._header_prefixes = header_prefixes
        self._known: dict[Hashable, bytes] = {}
        self._relay = fixed(names.RELAY_SPAN, "internal", self._common)

    def of(self, entry: Entry) -> bytes:
        """The spans of a request, its own first; nothing when it has no place in a trace."""
        if entry.span_id is None:
            return b""
        trace_id, span_id = bytes.fromhex(entry.trace_id), bytes.fromhex(entry.span_id)
        above = family(trace_id, None if entry.parent_id is None else bytes.fromhex(entry.parent_id))
        below = family(trace_id, span_id)
        began = round((entry.ended_at - entry.seconds) * 1e9)
        number = int.from_bytes(span_id, "little")
        written = [span(above, number, (began, began + round(entry.seconds * 1e9)), self._request(entry))]
        for began_s, seconds, said in self._parts(entry):
            number = (number + _SPREAD) % 2**64 or 1
            at = began + round(began_s * 1e9)
            written.append(span(below, number, (at, at + round(seconds * 1e9)), said))
        return b"".join(written)

    def _parts(self, entry: Entry) -> Iterator[tuple[float, float, bytes]]:
        """Of each child: seconds from the beginning of the request, seconds it took, and what it says."""
        stages, decision = entry.stages, entry.decision
        at = entry.arrived_s + stages.get("parse", 0.0)
        if decision is not None and "route" in stages:
            yield at, stages["route"], self._intent(decision)
            at += stages["route"]
        if decision is not None and "rank" in stages:
            yield at, stages["rank"], self._ranking(decision)
            at += stages["rank"]
        for place, attempt in enumerate(entry.attempts or (), 1):
            if attempt.seconds is not None:
                yield attempt.began_s, attempt.seconds, self._attempt(entry, attempt, place)
                at = attempt.began_s + attempt.seconds
        if entry.served_by is not None:
            yield at, max(0.0, entry.seconds - at), self._relay + _BYTES.whole(entry.answer_bytes)

    def _request(self, entry: Entry) -> bytes:
        decision, usage = entry.decision, entry.usage
        route = None if decision is None else decision.route
        selected = None if decision is None else decision.models[0]
        about = (entry.path, entry.dialect, entry.status, entry.code, entry.model, entry.served_by, entry.is_stream)
        mark = about, route, selected
        said = [self._known.get(mark) or self._remember(mark, _request(entry, selected, self._common))]
        said.append(_LLM_MS.double(entry.seconds * 1000))
        said.append(_BYTES.whole(entry.answer_bytes))
        if "route" in entry.stages:
            said.append(_ROUTING_MS.double(entry.stages["route"] * 1000))
        if entry.first_token_s is not None:
            said.append(_FIRST_TOKEN_MS.double(entry.first_token_s * 1000))
        if entry.cost_usd is not None:
            said.append(_USD.double(entry.cost_usd))
        if entry.request_id is not None:
            said.append(_REQUEST_ID.text(entry.request_id))
        if usage is not None:
            said += _used(usage, cost_of_answer(entry))
        if decision is not None and decision.session is not None:
            said.append(attributes(of_session(decision.session, shows_counterfactual=self._shows_counterfactual)))
        if entry.headers or (decision is not None and decision.text is not None):
            kept = {names.ROUTER_TEXT: None if decision is None else decision.text}
            said.append(attributes({**kept, **_headers(entry, self._header_prefixes)}))
        return b"".join(said)

    def _intent(self, decision: Explained) -> bytes:
        route, margin, asked = decision.route, decision.margin, decision.asked
        of_model = None if asked is None else (asked.model, asked.ending)
        mark = route, decision.router, decision.threshold, decision.trouble, decision.escalation, of_model
        said = self._known.get(mark) or self._remember(mark, _intent(decision, self._common))
        score = None if route is None else decision.scores.get(route)
        if score is not None:
            said += _SCORE.double(score)
        if asked is not None:
            said += _ROUTER_MODEL_MS.double(asked.seconds * 1000)
        return said if margin is None else said + _MARGIN.double(margin)

    def _ranking(self, decision: Explained) -> bytes:
        models = decision.models
        mark = decision.prefer, models
        return self._known.get(mark) or self._remember(mark, _ranking(decision.prefer, models, self._common))

    def _attempt(self, entry: Entry, attempt: Attempted, place: int) -> bytes:
        has_answered = attempt.ending == "200" and attempt.model == entry.served_by
        mark = entry.dialect, attempt.model, attempt.ending, has_answered, place
        said = self._known.get(mark) or self._remember(mark, _attempt(entry, attempt, place, self._common))
        if not has_answered or attempt.seconds is None:
            return said
        measured = [said, *_losses(entry, attempt)]
        if entry.is_stream:
            measured.append(_FIRST_CHUNK_S.double(attempt.seconds))
        usage = entry.usage
        if usage is not None:
            counts = (
                *(usage.input_tokens, usage.output_tokens, usage.cached_input_tokens),
                *(usage.cache_write_tokens, usage.reasoning_tokens),
            )
            measured += [key.whole(count) for key, count in zip(_TOKENS, counts, strict=True) if count is not None]
        return b"".join(measured)

    def _remember(self, mark: Hashable, part: bytes) -> bytes:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[mark] = part
        return part


def _fixed(name: str, kind: Kind, values: Mapping[str, Value | None], *, error: str | None = None) -> bytes:
    """Name, kind and attributes with every text in one line: names of callers are among them."""
    shown = {key: visible(value) if isinstance(value, str) else value for key, value in values.items()}
    return fixed(visible(name), kind, shown, error=error)


def _name(entry: Entry) -> str:
    """As the other gateway names it: what was asked for, and what answered where that is another."""
    if entry.path is None:
        return "no request"
    if entry.model is None:
        return f"{_method(entry)} {entry.path}"
    answered = entry.served_by
    arrow = f" -> {answered}" if answered is not None and answered != entry.model else ""
    return f"{_method(entry)} {entry.path} {entry.model}{arrow}"


def _method(entry: Entry) -> str:
    return "POST" if entry.dialect is not None else "GET"


def _request(entry: Entry, selected: str | None, common: Mapping[str, Value]) -> bytes:
    answered, decision = entry.served_by, entry.decision
    values = {
        names.METHOD: None if entry.path is None else _method(entry),
        names.PATH: entry.path,
        names.STATUS: entry.status,
        names.CODE: entry.code,
        names.ASKED_MODEL: entry.model,
        names.SELECTED_MODEL: selected,
        names.ROUTE: None if decision is None else decision.route,
        names.LLM_MODEL: answered,
        names.LLM_PROVIDER: None if answered is None else answered.partition("/")[0],
        names.LLM_STREAMING: entry.is_stream,
    }
    return _fixed(_name(entry), "server", {**common, **values}, error=_failure(entry))


def _intent(decision: Explained, common: Mapping[str, Value]) -> bytes:
    failed = (decision.trouble or "degraded") if decision.router == "degraded" else None
    asked = decision.asked
    values = {
        names.ROUTE: decision.route,
        names.ROUTER: decision.router,
        names.THRESHOLD: decision.threshold,
        names.TROUBLE: decision.trouble,
        names.ESCALATION: decision.escalation,
        names.ROUTER_MODEL: None if asked is None else asked.model,
        names.ROUTER_MODEL_ENDING: None if asked is None else asked.ending,
        names.ERROR: failed,
    }
    return _fixed(names.INTENT_SPAN, "internal", {**common, **values}, error=failed)


def _ranking(prefer: str, models: tuple[str, ...], common: Mapping[str, Value]) -> bytes:
    values = {names.PREFER: prefer, names.CANDIDATES: ", ".join(models), names.SELECTED_MODEL: models[0]}
    return _fixed(names.RANKING_SPAN, "internal", {**common, **values})


def _attempt(entry: Entry, attempt: Attempted, place: int, common: Mapping[str, Value]) -> bytes:
    operation = names.OPERATIONS.get(entry.dialect or "", "chat")
    provider, model = names.provider_of(attempt.model), attempt.model.partition("/")[2] or attempt.model
    error = None if attempt.ending == "200" else attempt.ending
    has_answered = error is None and attempt.model == entry.served_by
    values = {
        names.OPERATION: operation,
        names.SYSTEM: provider,
        names.PROVIDER: provider,
        names.REQUEST_MODEL: model,
        names.RESPONSE_MODEL: model if has_answered else None,
        names.ATTEMPT: place,
        names.ENDING: attempt.ending,
        names.ERROR: None if has_answered else attempt.ending,
    }
    return _fixed(f"{operation} {model}", "client", {**common, **values}, error=error)


def _used(usage: Usage, cost: Cost) -> list[bytes]:
    """Tokens and what they cost, as far as they are known."""
    into, out = usage.input_tokens, usage.output_tokens
    together = None if into is None or out is None else into + out
    counts = into, out, together, usage.cached_input_tokens, usage.cache_write_tokens, usage.reasoning_tokens
    said = [key.whole(count) for key, count in zip(_LLM_TOKENS, counts, strict=True) if count is not None]
    parts = zip(_LLM_PARTS_USD, (cost.input_usd, cost.output_usd), strict=True)
    return said + [key.double(usd) for key, usd in parts if usd is not None]


def _losses(entry: Entry, attempt: Attempted) -> list[bytes]:
    """An event at the beginning of the attempt for each part that a translation could not carry."""
    if not entry.warnings:
        return []
    at_ns = round((entry.ended_at - entry.seconds + attempt.began_s) * 1e9)
    return [event(at_ns, names.LOSS_EVENT, {names.LOSS: one}) for one in entry.warnings]


def _failure(entry: Entry) -> str | None:
    """A server's span has failed when the server did (conventions for HTTP): the caller's own mistake is none."""
    return entry.code or str(entry.status) if entry.status >= 500 or (entry.status < 400 and entry.code) else None


def _headers(entry: Entry, prefixes: tuple[str, ...]) -> dict[str, Value | None]:
    """The shown header fields as attributes: without their prefix, with dots for hyphens."""
    found: dict[str, Value | None] = {}
    for name, value in entry.headers.items():
        prefix = next((one for one in prefixes if name.startswith(one)), "")
        rest = name.removeprefix(prefix).lstrip("-").replace("-", ".")
        if rest and rest not in names.OWN:
            found[rest] = value
    return found
