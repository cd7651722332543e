"""The fields every answer carries, and what the request asked of it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.attempt import Answered, Receipt, Try
from plano.domain.decision import Candidate, Decision
from plano.domain.intent import Intent, degraded
from plano.domain.model import Dialect, Endpoint, Model, Origin
from plano.errors import ChainFailed, GatewayOverloaded, MethodNotAllowed, NotFound, PlanoError
from plano.http1.fields import FieldWriter
from plano.server.answering.reply import Reply
from plano.server.answering.story import LONGEST_FIELD, shown
from plano.wire.traceparent import TraceContext
from tests.server.staging import StagedExchange

TRACE = TraceContext("0" * 31 + "1", "b" * 16)
NO_MATCH = Intent(None)
HERE = Endpoint(Origin("http", "localhost", 1), "/", "localhost")


def reply_to(*arguments: Any, **more: Any) -> tuple[Reply, StagedExchange]:
    """A reply and where it goes."""
    exchange = StagedExchange(*arguments, **more)
    return Reply(exchange, TRACE, dialect=Dialect.OPENAI_CHAT), exchange


def decision(*names: str, route: str | None = None, intent: Intent = NO_MATCH) -> Decision:
    """A decision for these models."""
    candidates = tuple(Candidate(Model(name, "p", name, HERE), place) for place, name in enumerate(names, 1))
    return Decision(route, TRACE.trace_id, candidates, intent)


def test_before_anything_is_known() -> None:
    """Type and trace, and nothing that would be a guess."""
    reply, exchange = reply_to()
    reply.answer(200, (("x-more", "1"),), b"{}")
    assert list(exchange.fields) == ["content-type", "x-more", "traceparent"]
    assert exchange.fields["traceparent"] == f"00-{TRACE.trace_id}-{TRACE.span_id}-01"
    assert (exchange.status, exchange.sent) == (200, [b"{}"])


def test_a_decision_names_its_first_model() -> None:
    """Who would be called, for which route; no attempts were made, so none are shown."""
    reply, exchange = reply_to()
    reply.decision = decision("p/a", "p/b", route="code")
    reply.answer(200, (), b"")
    assert (exchange.fields["x-plano-model"], exchange.fields["x-plano-route"]) == ("p/a", "code")
    assert not {"x-plano-attempts", "x-plano-models", "x-plano-router"} & set(exchange.fields)


def test_a_completion_names_who_answered() -> None:
    """The last try's model, every attempt, the whole ranking, and that the router failed."""
    reply, exchange = reply_to()
    reply.decision = decision("p/a", "p/b", intent=degraded("late"))
    reply.receipt = Receipt((Try("p/a", "429"), Try("p/b", "200")), Answered(200))
    reply.begin(200, (("content-type", "text/event-stream"),))
    assert exchange.fields["x-plano-model"] == "p/b"
    assert exchange.fields["x-plano-attempts"] == "p/a=429, p/b=200"
    assert exchange.fields["x-plano-models"] == "p/a, p/b"
    assert exchange.fields["x-plano-router"] == "degraded"
    assert "x-plano-route" not in exchange.fields


@given(st.text(min_size=1, max_size=20))
def test_any_name_can_stand_in_a_field(name: str) -> None:
    """Route and model names of any characters make fields that can be written, one line each, percent-encoded."""
    reply, exchange = reply_to()
    reply.decision = decision(name, route=name)
    reply.answer(200, (), b"")
    assert FieldWriter().write(exchange.fields.items()).count("\r\n") == len(exchange.fields)
    if name.isascii() and name.isprintable() and "%" not in name:
        assert exchange.fields["x-plano-route"] == name


def test_stages_are_timed_in_order() -> None:
    """Each stage lasts from the one before; a measured one stands as it is, in milliseconds."""
    reply, exchange = reply_to()
    reply.mark("parse")
    reply.timed("connect", 0.0125)
    reply.mark("ttft")
    reply.answer(200, (), b"")
    assert exchange.fields["server-timing"] == "parse;dur=1000.000, connect;dur=12.500, ttft;dur=1000.000"


@pytest.mark.parametrize(
    ("query", "is_set"),
    [
        *((None, False), ("", False), ("explain=1", True), ("explain=TRUE", True), ("explain=0", False)),
        *(("explain=", False), ("x=1&explain=true", True), ("explain=1&explain=0", False), ("explains=1", False)),
        ("explain=%31", True),
    ],
)
def test_flags_of_the_query(query: str | None, is_set: bool) -> None:
    """1 or true; the last one counts."""
    reply, _ = reply_to(query=query)
    assert reply.query_flag("explain") is is_set


def chain(code: str, retry_after_s: float | None) -> ChainFailed:
    """A failed chain."""
    return ChainFailed("no", status=503, code=code, attempts=(("p/a", "503"),), retry_after_s=retry_after_s)


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (NotFound("no"), {}),
        (MethodNotAllowed("no", allow="POST"), {"allow": "POST"}),
        (GatewayOverloaded("no"), {"retry-after": "1"}),
        (chain("upstream_overloaded", None), {"x-should-retry": "false"}),
        (chain("upstream_overloaded", 2.01), {"x-should-retry": "false", "retry-after": "3"}),
        (chain("no_candidate_available", 0.4), {"retry-after": "1"}),
    ],
)
def test_fields_of_errors(error: PlanoError, fields: dict[str, str]) -> None:
    """What a caller should do next; whole seconds, rounded up; ``x-should-retry`` only where something was tried."""
    reply, exchange = reply_to()
    reply.fail(error)
    assert {
        name: exchange.fields[name] for name in ("allow", "retry-after", "x-should-retry") if name in exchange.fields
    } == fields
    assert (exchange.status, reply.status) == (error.status, error.status)
    assert json.loads(exchange.sent[0])["error"]["trace_id"] == TRACE.trace_id


def test_what_is_remembered() -> None:
    """The record holds what the answer said, with the stages in order and the time since the request came."""
    reply, exchange = reply_to({"x-request-id": "r1"})
    reply.decision = decision("p/a", route="code")
    reply.mark("parse")
    reply.answer(200, (), b"")
    record = reply.record("some_code")
    assert (record.trace_id, record.request_id, record.path) == (TRACE.trace_id, "r1", "/x")
    assert (record.status, record.code, record.decision) == (200, "some_code", reply.decision)
    assert record.stages == {"parse": 1.0}
    assert record.seconds == exchange.now() - 1.0


def test_bytes_that_were_no_request() -> None:
    """Without a head there are no fields, no flags, and still an answer."""
    reply, exchange = reply_to()
    exchange.head = None
    assert (dict(reply.fields), reply.query_flag("explain")) == ({}, False)
    reply.fail(NotFound("no"))
    assert exchange.status == 404


@pytest.mark.parametrize("name", ["🦜" * 4_000, "é" * 4_000, "a" * 4_095 + "🦜", "a%" * 3_000])
def test_a_field_has_a_bound_however_its_value_is_escaped(name: str) -> None:
    """An escaped character has up to twelve bytes: they are counted, and none is cut in two."""
    told = shown(name)
    assert len(told) <= LONGEST_FIELD
    assert re.fullmatch(r"(?:[^%]|%[0-9A-F]{2})*", told)
