"""An entry as spans: one trace, nested in time, with the names of the conventions."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from plano.domain.intent import Asked
from plano.observe.entry import Entry
from plano.observe.traces import names
from plano.observe.traces.otlp import request
from plano.observe.traces.span import LONGEST_VALUE, Value
from plano.observe.traces.spans import Spans
from plano.observe.traces.template import Templates
from plano.wire.traceparent import TraceContext
from tests.observe.samples import KEY, TEXT, TRACE_ID, decision, entry, record, tried

from .receiver import Sent, spans_in
from .samples import OWN, PARENT, A, B, whole


def spans_of(entry: Entry, common: Mapping[str, Value], header_prefixes: tuple[str, ...] = ()) -> list[Sent]:
    """The spans of an entry, as a receiver reads them."""
    return spans_in(request([Templates(Spans(common, header_prefixes)).of(entry)], version="1"))


def by_name(spans: list[Sent]) -> dict[str, Sent]:
    """They have different names here."""
    assert len({span.name for span in spans}) == len(spans)
    return {span.name: span for span in spans}


def test_one_trace() -> None:
    """The request's span hangs below the caller's, everything else below it; each has an id of its own."""
    request, *children = spans_of(whole(), {})
    assert (request.trace_id, request.span_id, request.parent_id) == (TRACE_ID, OWN, PARENT)
    assert {child.parent_id for child in children} == {OWN}
    assert {child.trace_id for child in children} == {TRACE_ID}
    assert len({span.span_id for span in (request, *children)}) == 1 + len(children)
    assert all(len(span.span_id) == 16 and int(span.span_id, 16) for span in children)
    assert [child.name for child in children] == ["intent", "ranking", "chat claude-x", "chat flash", "relay"]


def test_times_are_those_that_were_measured() -> None:
    """Each child lies within the request, where its stage or attempt lay."""
    spans = by_name(spans_of(whole(), {}))
    request = spans["POST /v1/chat/completions auto -> gemini/flash"]
    assert (request.began_ns, request.ended_ns) == (10_500_000_000, 12_500_000_000)
    for span in spans.values():
        assert request.began_ns <= span.began_ns <= span.ended_ns <= request.ended_ns
    for name, began_s, seconds in (
        ("intent", 0.11, 0.05),
        ("ranking", 0.16, 0.02),
        ("chat claude-x", 0.2, 0.3),
        ("chat flash", 0.5, 0.5),
        ("relay", 1.0, 1.0),
    ):
        assert (spans[name].began_ns - request.began_ns) / 1e9 == pytest.approx(began_s)
        assert (spans[name].ended_ns - spans[name].began_ns) / 1e9 == pytest.approx(seconds)


def test_the_attempt_that_answered() -> None:
    """Provider and model by the conventions, both sets; tokens as the provider counted them, unknown ones left out."""
    attributes = by_name(spans_of(whole(), {}))["chat flash"].attributes
    assert attributes[names.OPERATION] == "chat"
    assert attributes[names.SYSTEM] == attributes[names.PROVIDER] == "gcp.gemini"
    assert attributes[names.REQUEST_MODEL] == attributes[names.RESPONSE_MODEL] == "flash"
    assert (attributes[names.INPUT_TOKENS], attributes[names.OUTPUT_TOKENS]) == (30, 7)
    assert attributes[names.CACHE_READ_TOKENS] == 10
    assert names.REASONING_TOKENS not in attributes
    assert attributes[names.FIRST_CHUNK_S] == 0.5


def test_the_request() -> None:
    """What was asked for and what answered, how long each part took, and the tokens, by the other gateway's names."""
    request, *_ = spans_of(whole(first_token_s=1.0, cost_usd=0.25, answer_bytes=70_000), {})
    assert request.kind == "server"
    assert request.attributes == {
        "http.request.method": "POST",
        "url.path": "/v1/chat/completions",
        "http.response.status_code": 200,
        "model.requested": "auto",
        "route.selected_model": A,
        "plano.route.name": "code",
        "request_id": "req-1",
        "llm.model": B,
        "llm.provider": "gemini",
        "llm.is_streaming": True,
        "llm.response_bytes": 70_000,
        "llm.duration_ms": 2000.0,
        "llm.time_to_first_token": 1000.0,
        "routing.determination_ms": 50.0,
        "llm.usage.prompt_tokens": 30,
        "llm.usage.completion_tokens": 7,
        "llm.usage.total_tokens": 37,
        "llm.usage.cached_input_tokens": 10,
        "llm.usage.total_cost_usd": 0.25,
    }


def test_the_router() -> None:
    """Its score, threshold and margin; where it could not be asked, the span has failed."""
    intent = by_name(spans_of(whole(), {}))["intent"]
    assert intent.attributes == {
        "plano.route.name": "code",
        "plano.router.state": "ok",
        "plano.router.score": 0.75,
        "plano.router.threshold": 0.5,
        "plano.router.margin": 0.5,
    }
    broken = whole(decision=entry(record(decision(A, route=None, router="degraded"))).decision)
    failed = by_name(spans_of(broken, {}))["intent"]
    assert (failed.error, failed.attributes[names.ERROR]) == ("degraded", "degraded")


def test_the_attempt_that_failed() -> None:
    """An error with its ending; tokens are the other's."""
    span = by_name(spans_of(whole(), {}))["chat claude-x"]
    assert (span.error, span.attributes[names.ERROR]) == ("429", "429")
    assert names.INPUT_TOKENS not in span.attributes
    assert span.kind == "client"


def test_a_candidate_that_was_passed_over_has_no_span() -> None:
    """It took no time."""
    made = entry(record(decision(A, B), tried((A, "held"), (B, "200"))))
    spans = spans_of(msgspec.structs.replace(made, span_id=OWN), {})
    assert [span.name for span in spans if span.kind == "client"] == ["chat flash"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"status": 200}, None),
        ({"status": 404, "code": "model_not_found"}, None),
        ({"status": 503, "code": "no_candidate_available"}, "no_candidate_available"),
        ({"status": 200, "code": "upstream_truncated"}, "upstream_truncated"),
        ({"status": 500}, "500"),
    ],
)
def test_whose_fault(changes: dict[str, object], error: str | None) -> None:
    """The span of a request has failed when the gateway or a provider did, not when its caller did."""
    assert spans_of(whole(**changes), {})[0].error == error


def test_a_stream_that_broke_off() -> None:
    """The attempt was answered, and its relay failed: whoever looks for failed spans finds where."""
    spans = by_name(spans_of(whole(code="upstream_truncated"), {}))
    assert spans["relay"].error == spans["relay"].attributes[names.ERROR] == "upstream_truncated"
    assert spans["chat flash"].error is None


@pytest.mark.parametrize(
    ("method", "path", "name", "attribute"),
    [
        ("GET", "/v1/chat/completions", "GET /v1/chat/completions", "GET"),
        ("POST", "/v1/messages/count_tokens", "POST /v1/messages/count_tokens", "POST"),
        ("BREW", "/coffee", "HTTP /coffee", "_OTHER"),
        (None, None, "no request", None),
    ],
)
def test_the_method_is_the_callers(method: str | None, path: str | None, name: str, attribute: str | None) -> None:
    """Not what the path would take; one that was made up is no value of an attribute (conventions for HTTP)."""
    refused = msgspec.structs.replace(record(path=path, status=405), method=method)
    request, *_ = spans_of(msgspec.structs.replace(entry(refused), span_id=OWN), {})
    assert (request.name, request.attributes.get(names.METHOD)) == (name, attribute)


def test_no_prompt_and_no_key() -> None:
    """The router's text only where the configuration keeps it; long values cut."""
    assert TEXT not in repr(spans_of(whole(), {}))
    assert KEY not in repr(spans_of(whole(), {}))
    kept = entry(record(decision(A, text="x" * 5000)), keeps_text=True)
    (request, *_) = spans_of(msgspec.structs.replace(kept, span_id=OWN), {})
    assert request.attributes[names.ROUTER_TEXT] == "x" * LONGEST_VALUE


def test_attributes_of_the_configuration() -> None:
    """Fixed ones on every span; chosen header fields on the request's, without their prefix, with dots."""
    shown = whole(headers={"x-acme-team-name": "blue", "x-other": "1"})
    request, *children = spans_of(shown, {"env": "prod"}, ("x-acme-", "x-"))
    assert all(span.attributes["env"] == "prod" for span in (request, *children))
    assert (request.attributes["team.name"], request.attributes["other"]) == ("blue", "1")
    assert all("team.name" not in child.attributes for child in children)


def test_an_attribute_of_ours_keeps_its_name() -> None:
    """Neither the configuration nor a caller's field speaks in its place."""
    shown = whole(headers={"x-url.path": "forged", "x-llm.model": "forged"})
    request, *_ = spans_of(shown, {"llm.model": "forged"}, ("x-",))
    assert (request.attributes["llm.model"], request.attributes["url.path"]) == (B, "/v1/chat/completions")


def test_names_of_callers_stay_one_line() -> None:
    """Whoever reads spans in a terminal sees marks of terminals by their numbers, in names as in attributes."""
    odd = "a\x1b[31m\nb\u202e"
    made = decision("m", route=odd)
    spans = spans_of(
        entry(msgspec.structs.replace(record(made), trace=TraceContext(TRACE_ID, OWN, None), model=odd)), {}
    )
    shown = [span.name for span in spans] + [str(value) for span in spans for value in span.attributes.values()]
    assert all(text.isprintable() for text in shown)
    assert {r"a\u001b[31m\u000ab\u202e"} <= set(shown)


def test_what_a_translation_lost() -> None:
    """It is told of the attempt that was answered, at its beginning, and of no other."""
    lost = ("top_k: dropped", 'seed: dropped, "no" such setting')
    spans = by_name(spans_of(whole(warnings=lost), {}))
    assert {name for name, span in spans.items() if span.events} == {"chat flash"}
    told = spans["chat flash"]
    assert told.events == tuple(
        (told.began_ns, "plano.translation.loss", {"plano.translation.what": one}) for one in lost
    )


def test_a_router_model_that_was_asked() -> None:
    """The span of the intent says who decided, how long that took and why the model was asked."""
    made = whole()
    assert made.decision is not None
    asked = Asked("plano/r", 0.048, "500")
    shown = msgspec.structs.replace(made.decision, asked=asked, trouble="500", escalation="asked", router="degraded")
    attributes = by_name(spans_of(msgspec.structs.replace(made, decision=shown), {}))["intent"].attributes
    assert {name: value for name, value in attributes.items() if name.startswith("plano.router.")} == {
        "plano.router.state": "degraded",
        "plano.router.score": 0.75,
        "plano.router.threshold": 0.5,
        "plano.router.margin": 0.5,
        "plano.router.trouble": "500",
        "plano.router.model": "plano/r",
        "plano.router.model_ms": 48.0,
        "plano.router.model_ending": "500",
        "plano.router.escalation": "asked",
    }
