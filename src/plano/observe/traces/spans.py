"""An entry as spans: one for the request, and below it intent, ranking, each attempt and the relay."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Final

from plano.observe.entry import OTHER_METHOD, Attempted, Entry, Explained
from plano.observe.traces import measured, names
from plano.observe.traces.costs import of_session
from plano.observe.traces.measured import Numbers
from plano.observe.traces.span import Event, Kind, Span, Value
from plano.observe.visible import visible

REMEMBERED = 256
"""Decisions."""

Values = Mapping[str, Value | None]
Places = tuple[tuple[str, int], ...]

_REQUEST: Final = (
    *((names.LLM_MS, measured.MS), (names.LLM_BYTES, measured.BYTES), (names.ROUTING_MS, measured.ROUTING_MS)),
    *((names.LLM_FIRST_TOKEN_MS, measured.FIRST_TOKEN_MS), (names.LLM_USD, measured.USD)),
    *((names.LLM_INPUT, measured.INPUT), (names.LLM_OUTPUT, measured.OUTPUT), (names.LLM_TOTAL, measured.TOGETHER)),
    *((names.LLM_CACHED, measured.CACHE_READ), (names.LLM_WRITTEN, measured.CACHE_WRITE)),
    (names.LLM_REASONING, measured.REASONING),
    *((names.LLM_INPUT_USD, measured.INPUT_USD), (names.LLM_OUTPUT_USD, measured.OUTPUT_USD)),
)
_INTENT: Final = (
    *((names.SCORE, measured.SCORE), (names.MARGIN, measured.MARGIN)),
    (names.ROUTER_MODEL_MS, measured.ROUTER_MODEL_MS),
)
_ANSWER: Final = (
    (names.FIRST_CHUNK_S, measured.FIRST_CHUNK_S),
    *((names.INPUT_TOKENS, measured.INPUT), (names.OUTPUT_TOKENS, measured.OUTPUT)),
    *((names.CACHE_READ_TOKENS, measured.CACHE_READ), (names.CACHE_WRITE_TOKENS, measured.CACHE_WRITE)),
    (names.REASONING_TOKENS, measured.REASONING),
)
_RELAY: Final = ((names.LLM_BYTES, measured.BYTES),)


class Spans:
    """Tells what the spans of entries say.

    ``common``: attributes of every span. ``header_prefixes``: what is taken off the names of the shown header fields.
    ``shows_counterfactual``: also the model that a budget of switches has kept away.
    """

    def __init__(
        self, common: Mapping[str, Value], header_prefixes: tuple[str, ...] = (), *, shows_counterfactual: bool = False
    ) -> None:
        self._shows_counterfactual = shows_counterfactual
        self._common = {name: value for name, value in common.items() if name not in names.OWN}
        self._header_prefixes = header_prefixes

    def of(self, entry: Entry, numbers: Numbers) -> tuple[Span, ...]:
        """The spans of a request, its own first, but for what is its own alone (``own``)."""
        return tuple([self._span(*said, numbers) for said in _said(entry)])

    def own(self, entry: Entry) -> dict[str, Value | None]:
        """Further attributes of the request's span: texts that hardly two requests have in common."""
        found: dict[str, Value | None] = {}
        decision = entry.decision
        if entry.request_id is not None:
            found[names.REQUEST_ID] = entry.request_id
        if decision is not None and decision.text is not None:
            found[names.ROUTER_TEXT] = decision.text
        if decision is not None and decision.session is not None:
            found |= of_session(decision.session, shows_counterfactual=self._shows_counterfactual)
        return found | _headers(entry, self._header_prefixes) if entry.headers else found

    def _span(self, told: Span, places: Places, numbers: Numbers) -> Span:
        """It, with the common attributes, every text in one line: names of callers are among them."""
        values = {**self._common, **told.attributes}
        return Span(
            visible(told.name),
            told.kind,
            {name: visible(value) if isinstance(value, str) else value for name, value in values.items()},
            tuple([(name, place) for name, place in places if numbers[place] is not None]),
            told.error,
            told.events,
        )


class Likenesses:
    """Tells which entries have the same spans, but for what was measured and what is a request's own.

    Decisions are known again by identity: one that is made for many requests is looked at once.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, tuple[Explained, Hashable]] = {}

    def of(self, entry: Entry, numbers: Numbers) -> tuple[Hashable, ...]:
        """Equal for entries that are alike, and of whose ``numbers`` the same ones are known."""
        decision, tried = entry.decision, entry.attempts
        return (
            *(entry.method, entry.path, entry.status, entry.code, entry.model, entry.is_stream, entry.served_by),
            entry.warnings,
            *((*entry.stages,), tuple(map(type, numbers)), None if decision is None else self._of_decision(decision)),
            None if tried is None else tuple([(one.model, one.ending) for one in tried]),
        )

    def _of_decision(self, made: Explained) -> Hashable:
        known = self._known.get(id(made))
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            asked = None if made.asked is None else (made.asked.model, made.asked.ending)
            said = made.route, made.router, made.threshold, made.trouble, made.escalation, asked
            # With the decision itself: as long as it is kept, no other one has the same identity.
            known = self._known[id(made)] = made, (*said, made.prefer, made.models)
        return known[1]


def _said(entry: Entry) -> Iterator[tuple[Span, Places]]:
    """What each span says, in the order of ``measured.moments_of``, and which numbers belong to it."""
    decision, stages = entry.decision, entry.stages
    yield _request(entry), _REQUEST
    if decision is not None and "route" in stages:
        yield _intent(decision), _INTENT
    if decision is not None and "rank" in stages:
        yield _ranking(decision), ()
    for place, attempt in enumerate(entry.attempts or (), 1):
        if attempt.seconds is not None:
            has_answered = attempt.ending == "200" and attempt.model == entry.served_by
            yield _attempt(entry, attempt, place, has_answered=has_answered), _ANSWER if has_answered else ()
    if entry.served_by is not None:
        yield _told(names.RELAY_SPAN, "internal", {names.ERROR: entry.code}, error=entry.code), _RELAY


def _told(name: str, kind: Kind, values: Values, *, error: str | None = None, events: tuple[Event, ...] = ()) -> Span:
    known = {name: value for name, value in values.items() if value is not None}
    return Span(name, kind, known, error=error, events=events)


def _name(entry: Entry) -> str:
    """As the other gateway names it: what was asked for, and what answered where that is another."""
    if entry.path is None:
        return "no request"
    method = "HTTP" if entry.method in (None, OTHER_METHOD) else entry.method
    if entry.model is None:
        return f"{method} {entry.path}"
    answered = entry.served_by
    arrow = f" -> {answered}" if answered is not None and answered != entry.model else ""
    return f"{method} {entry.path} {entry.model}{arrow}"


def _request(entry: Entry) -> Span:
    answered, decision = entry.served_by, entry.decision
    values = {
        names.METHOD: entry.method,
        names.PATH: entry.path,
        names.STATUS: entry.status,
        names.CODE: entry.code,
        names.ASKED_MODEL: entry.model,
        names.SELECTED_MODEL: None if decision is None else decision.models[0],
        names.ROUTE: None if decision is None else decision.route,
        names.LLM_MODEL: answered,
        names.LLM_PROVIDER: None if answered is None else answered.partition("/")[0],
        names.LLM_STREAMING: entry.is_stream,
    }
    return _told(_name(entry), "server", values, error=_failure(entry))


def _intent(decision: Explained) -> Span:
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
    return _told(names.INTENT_SPAN, "internal", values, error=failed)


def _ranking(decision: Explained) -> Span:
    models = decision.models
    values: Values = {
        names.PREFER: decision.prefer,
        names.CANDIDATES: ", ".join(models),
        names.SELECTED_MODEL: models[0],
    }
    return _told(names.RANKING_SPAN, "internal", values)


def _attempt(entry: Entry, attempt: Attempted, place: int, *, has_answered: bool) -> Span:
    operation = names.OPERATIONS.get(entry.dialect or "", "chat")
    provider, model = names.provider_of(attempt.model), attempt.model.partition("/")[2] or attempt.model
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
    error = None if attempt.ending == "200" else attempt.ending
    # What a translation could not carry is told of the attempt that was answered.
    lost = tuple([Event(names.LOSS_EVENT, {names.LOSS: one}) for one in entry.warnings]) if has_answered else ()
    return _told(f"{operation} {model}", "client", values, error=error, events=lost)


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
