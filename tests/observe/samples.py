"""Records as the server makes them."""

from __future__ import annotations

from collections.abc import Sequence

from plano.domain.attempt import Answered, Receipt, Try
from plano.domain.decision import Candidate, Decision
from plano.domain.intent import Intent, RouterState
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.secret import Secret
from plano.domain.snapshot import Quote
from plano.observe.clerk import Clerk
from plano.observe.entry import Entry
from plano.observe.record import Record

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
KEY = "sk-planted-0123456789"
TEXT = "a prompt nobody may see"
ENDPOINT = Endpoint(Origin("http", "h", 1), "/v1/chat/completions", "h", key=Secret(KEY))
STAGES = (("parse", 0.0002), ("route", 0.003), ("ttft", 0.4))


def decision(
    *models: str, route: str | None = "code", text: str = TEXT, trace_id: str = TRACE_ID, router: RouterState = "ok"
) -> Decision:
    """A decision for these models in order; the last one is left out where there are several."""
    candidates = [
        Candidate(Model(name, "openai", name, ENDPOINT), rank, price=Quote(2.5, "catalog", 60.0))
        for rank, name in enumerate(models, 1)
    ]
    scores = () if route is None else ((route, 0.75),)
    return Decision(route, trace_id, tuple(candidates), Intent(route, scores, 0.5, 0.5, text, router))


def tried(*tries: tuple[str, str]) -> Receipt:
    """An answered chain of these models and endings."""
    return Receipt(tuple(Try(model, ending) for model, ending in tries), Answered(200))


def entry(record: Record, *, keeps_text: bool = False, key: bytes = b"k") -> Entry:
    """The entry of a record, made when it was 12.5 s after the epoch."""
    return Clerk(lambda: 12.5, lambda: 0.0, key, keeps_text=keeps_text).enter(record)


def record(
    made: Decision | None = None,
    receipt: Receipt | None = None,
    *,
    status: int = 200,
    code: str | None = None,
    path: str | None = "/v1/chat/completions",
    stages: Sequence[tuple[str, float]] = STAGES,
) -> Record:
    """One answered request that took half a second."""
    trace_id = TRACE_ID if made is None else made.trace_id
    return Record(trace_id, status, 0.5, path, "req-1", code, made, receipt, dict(stages), method="POST")
