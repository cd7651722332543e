"""Spans as bytes: the same whether they were remembered or not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plano.domain.usage import Usage
from plano.observe.traces import measured, names
from plano.observe.traces.otlp import request
from plano.observe.traces.spans import Spans
from plano.observe.traces.template import REMEMBERED, REMEMBERED_ATTRIBUTES, Templates

from .receiver import Sent, spans_in
from .samples import A, whole

COUNTS = st.none() | st.integers(0, 2**63 - 1)
SECONDS = st.floats(0, 1e6)


def test_requests_of_many_kinds_by_one_writer() -> None:
    """What is remembered of one request is never said of another."""
    kinds = [
        whole(),
        whole(model="other"),
        whole(status=500, code="internal_error"),
        whole(status=404),
        whole(code="upstream_truncated"),
        whole(is_stream=False),
        whole(served_by=A),
        whole(decision=None),
        whole(attempts=None),
        whole(path="/v1/messages"),
        whole(usage=None),
        whole(usage=Usage(30, 300)),
        whole(usage=Usage(30, 300_000)),
        whole(parent_id=None),
        whole(request_id=None),
        whole(warnings=("top_k: dropped",)),
        whole(cost_usd=0.25),
        whole(first_token_s=1.0),
        whole(answer_bytes=0),
        whole(stages={}),
        whole(headers={"x-team": "blue"}),
    ]
    templates = Templates(Spans({}, ("x-",)))
    for each in (*kinds, *kinds):
        assert templates.of(each) == Templates(Spans({}, ("x-",))).of(each)


@given(COUNTS, COUNTS, COUNTS, SECONDS, SECONDS, st.none() | SECONDS)
def test_numbers_of_every_size(
    into: int | None, out: int | None, cached: int | None, seconds: float, routed_s: float, usd: float | None
) -> None:
    """Each arrives where it belongs, as it was."""
    entry = whole(
        usage=Usage(into, out, cached), seconds=seconds, ended_at=2e6, stages={"route": routed_s}, cost_usd=usd
    )
    own, intent, _, answer, relay = read(entry_bytes=_TEMPLATES.of(entry))
    said = own.attributes
    assert [said.get(name) for name in (names.LLM_INPUT, names.LLM_OUTPUT, names.LLM_CACHED)] == [into, out, cached]
    assert [answer.attributes.get(name) for name in (names.INPUT_TOKENS, names.OUTPUT_TOKENS)] == [into, out]
    assert (said[names.LLM_MS], said[names.ROUTING_MS], said.get(names.LLM_USD)) == (seconds * 1e3, routed_s * 1e3, usd)
    assert own.ended_ns - own.began_ns == int(seconds * 1e9)
    assert intent.ended_ns - intent.began_ns == int(routed_s * 1e9)
    assert relay.ended_ns >= relay.began_ns


def test_what_is_remembered_is_bounded() -> None:
    """A caller who makes up models makes nothing grow."""
    templates = Templates(Spans({}))
    for number in range(REMEMBERED * 2):
        templates.of(whole(model=f"m{number}"))
    assert len(templates._known) <= REMEMBERED
    assert templates._writer.attribute.cache_info().currsize <= REMEMBERED_ATTRIBUTES


def test_a_new_name_costs_its_own_span() -> None:
    """Of a request of another model, whose spans are made anew, nearly all attributes have been written before."""
    templates = Templates(Spans({"env": "prod"}))
    templates.of(whole(model="m1"))
    before = templates._writer.attribute.cache_info().misses
    templates.of(whole(model="m2"))
    assert templates._writer.attribute.cache_info().misses == before + 1


def test_equal_values_of_other_types() -> None:
    """Are other attributes, though Python takes them for one key."""
    write = Templates(Spans({}))._writer.attribute
    assert len({write("a", value) for value in (1, True, 1.0)}) == 3


def test_what_has_no_place_in_a_trace() -> None:
    """Bytes that were no request have no span."""
    assert Templates(Spans({})).of(whole(span_id=None)) == b""


def test_as_many_moments_as_spans() -> None:
    """Those who tell what a span says and those who tell when it was agree, whatever became of the request."""
    for entry in (whole(), whole(decision=None), whole(attempts=None), whole(served_by=None), whole(stages={})):
        spans = Spans({}).of(entry, measured.numbers_of(entry))
        assert len(measured.moments_of(entry, 1)) == 3 * len(spans)


_TEMPLATES = Templates(Spans({}))


def read(entry_bytes: bytes) -> list[Sent]:
    """As a receiver reads them."""
    return spans_in(request([entry_bytes], version="1"))
