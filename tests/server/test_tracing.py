"""Spans of a running gateway, at a receiver in this process."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from plano.config.settings import Settings
from plano.errors import ConfigError
from plano.observe.log import Log
from plano.server.reloading import Reloader
from tests.observe.oracle import number_of
from tests.observe.traces.receiver import receiving
from tests.running import ASK, KEYS, TRACE_ID, TRACEPARENT, A, B, Running, mission_text, question, running
from tests.server.golden import MODELS, golden
from tests.wire.dialects.samples import CHAT, MESSAGES, answer_of
from tests.wire.dialects.streams import chunk


def test_a_request_is_one_trace() -> None:
    """The id in answer, field, record and spans is one; the caller's span is the parent; no prompt, no key."""
    with (
        receiving() as receiver,
        running(f"{mission_text()}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}'}}\n") as gateway,
    ):
        gateway.mock.script(A.partition("/")[2], ["500"])
        answer = gateway.chat(question(), {"traceparent": TRACEPARENT})
        spans = receiver.spans(6)
        assert {span.trace_id for span in spans} == {TRACE_ID}
        request = next(span for span in spans if span.kind == "server")
        assert request.parent_id == TRACEPARENT.split("-")[2]
        assert answer.headers["traceparent"] == f"00-{TRACE_ID}-{request.span_id}-01"
        assert request.name == f"POST /v1/chat/completions openai/gpt-4o-mini -> {B}"
        names = [span.name for span in spans if span is not request]
        assert names == ["intent", "ranking", "chat claude-sonnet-4-20250514", "chat gpt-4o", "relay"]
        said = json.dumps([span.attributes for span in spans])
        assert ASK not in said
        assert not [key for key in KEYS.values() if key in said]
        assert number_of(gateway.admin("/metrics").content, "plano_traces_dropped_total") == 0


def test_the_callers_wish_not_to_be_recorded() -> None:
    """Holds here, and goes on to the provider."""
    with (
        receiving() as receiver,
        running(f"{mission_text()}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}'}}\n") as gateway,
    ):
        gateway.decide(question(), {"traceparent": f"{TRACEPARENT[:-2]}00"})
        gateway.decide(question(), {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
        assert {span.trace_id for span in receiver.spans(3)} == {"a" * 32}


def test_sampling() -> None:
    """Of traces that begin here none is recorded at 0 percent, and what is sent on says so."""
    with (
        receiving() as receiver,
        running(
            f"{mission_text()}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}', random_sampling: 0}}\n"
        ) as gateway,
    ):
        assert gateway.chat(question()).headers["traceparent"].endswith("-00")
        assert gateway.mock.calls[0].fields["traceparent"].endswith("-00")
        gateway.decide(question(), {"traceparent": TRACEPARENT})
        assert {span.trace_id for span in receiver.spans(3)} == {TRACE_ID}


def test_attributes_of_the_file() -> None:
    """Fixed ones, and the header fields that were asked for; never a credential."""
    section = "span_attributes: {header_prefixes: [x-acme-, a], static: {env: prod}}"
    with (
        receiving() as receiver,
        running(f"{mission_text()}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}', {section}}}\n") as gateway,
    ):
        gateway.decide(question(), {"x-acme-team": "blue", "authorization": "Bearer sk-planted"})
        request = next(span for span in receiver.spans(3) if span.kind == "server")
        assert (request.attributes["env"], request.attributes["team"]) == ("prod", "blue")
        assert "planted" not in json.dumps(request.attributes)


def test_what_a_translation_lost() -> None:
    """It is an event of the attempt's span, a member of the log line, and kept with the record."""
    lost = "seed: dropped, the target has no such setting"
    with (
        receiving() as receiver,
        golden() as provider,
        running(
            f"{provider.config}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}'}}\n", at_mock=False
        ) as gateway,
    ):
        asked = {"model": MODELS[MESSAGES], "messages": [{"role": "user", "content": "hi"}], "seed": 7}
        answer = gateway.chat(asked, {"traceparent": TRACEPARENT})
        assert answer.headers["x-plano-warnings"] == lost
        told = [values for span in receiver.spans(4) for _, _, values in span.events]
        assert told == [{"plano.translation.what": lost}]
        (record,) = gateway.admin(f"/admin/records/{TRACE_ID}").json()["records"]
        assert record["warnings"] == [lost]
        assert json.loads(gateway.log.getvalue().splitlines()[-1])["warnings"] == lost


@pytest.mark.parametrize("is_stream", [False, True])
def test_what_no_caller_can_act_on(*, is_stream: bool) -> None:
    """It comes with nearly every answer: the span, the log line and the record tell it, the header does not."""
    lost = "system_fingerprint: dropped from the answer, only its own dialect knows it"
    pieces = chunk({"role": "assistant", "content": "hi"}, system_fingerprint="fp_1") + chunk({}, "stop")
    with (
        receiving() as receiver,
        golden(lambda _body, _dialect: pieces + b"data: [DONE]\n\n") as provider,
        running(
            f"{provider.config}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}'}}\n", at_mock=False
        ) as gateway,
    ):
        if not is_stream:
            provider.instead = 200, json.dumps(json.loads(answer_of(CHAT)) | {"system_fingerprint": "fp_1"}).encode()
        asked: dict[str, Any] = {"model": MODELS[CHAT], "max_tokens": 9, "stream": is_stream}
        asked["messages"] = [{"role": "user", "content": "hi"}]
        answer = gateway.post("/v1/messages", asked, {"traceparent": TRACEPARENT})
        assert (answer.status_code, answer.headers.get("x-plano-warnings")) == (200, None)
        told = [values for span in receiver.spans(4) for _, _, values in span.events]
        assert {"plano.translation.what": lost} in told
        (record,) = gateway.admin(f"/admin/records/{TRACE_ID}").json()["records"]
        assert record["warnings"] == [lost]
        assert json.loads(gateway.log.getvalue().splitlines()[-1])["warnings"] == lost


def test_what_a_stream_lost_behind_its_head() -> None:
    """Its header has gone out: the span, the log line and the record tell it, each thing once."""
    lost = "usage.cost: dropped from the answer, the target does not tell the price"
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": 0.5}
    quiet = b": nothing yet\n\n" * 100_000
    said = chunk({"role": "assistant", "content": "hi"}) + quiet + chunk({}, "stop")
    said += chunk({}, choices=[], usage=usage) * 2
    with (
        receiving() as receiver,
        golden(lambda _body, _dialect: said + b"data: [DONE]\n\n") as provider,
        running(
            f"{provider.config}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}'}}\n", at_mock=False
        ) as gateway,
    ):
        asked: dict[str, Any] = {"model": MODELS[CHAT], "max_tokens": 9, "stream": True}
        asked["messages"] = [{"role": "user", "content": "hi"}]
        answer = gateway.post("/v1/messages", asked, {"traceparent": TRACEPARENT})
        assert "x-plano-warnings" not in answer.headers
        told = [values for span in receiver.spans(4) for _, _, values in span.events]
        assert {"plano.translation.what": lost} in told
        (record,) = gateway.admin(f"/admin/records/{TRACE_ID}").json()["records"]
        assert record["warnings"] == [lost]
        assert json.loads(gateway.log.getvalue().splitlines()[-1])["warnings"] == lost


def test_by_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exporter that the standard variables name sends what the gateway itself would."""
    with receiving() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        with running(f"{mission_text()}\ntracing: {{exporter: sdk}}\n") as gateway:
            answer = gateway.chat(question(), {"traceparent": TRACEPARENT})
            spans = receiver.spans(5)
            request = next(span for span in spans if span.kind == "server")
            assert {span.trace_id for span in spans} == {TRACE_ID}
            assert answer.headers["traceparent"] == f"00-{TRACE_ID}-{request.span_id}-01"
            assert {span.parent_id for span in spans if span is not request} == {request.span_id}
            assert [span.name for span in spans] == [
                request.name,
                "intent",
                "ranking",
                f"chat {answer.headers['x-plano-model'].partition('/')[2]}",
                "relay",
            ]
            assert ASK not in json.dumps([span.attributes for span in spans])


def test_a_dead_receiver_is_told_once() -> None:
    """Callers are answered, what is lost is counted, and one line of the log says so."""
    with running(f"{mission_text()}\ntracing: {{opentracing_grpc_endpoint: 'http://127.0.0.1:1'}}\n") as gateway:
        assert gateway.chat(question()).status_code == 200
        due = time.monotonic() + 20
        while "traces_failed" not in gateway.log.getvalue():
            assert time.monotonic() < due
            time.sleep(0.02)
        assert number_of(gateway.admin("/metrics").content, "plano_traces_dropped_total") == 1
    (told,) = [json.loads(line) for line in gateway.log.getvalue().splitlines() if "traces_failed" in line]
    assert told["reason"] == "it could not be reached"


def renewed(gateway: Running, section: str) -> str | None:
    """Why the gateway does not take another ``tracing`` section, None when it has."""

    def read() -> Settings:
        return gateway.settings(f"{mission_text()}\n{section}\n")

    return gateway.run(Reloader(gateway.app, read, log=Log(gateway.log)).reload)


def sent(traces: str, gateway: Running) -> None:
    """A decision in a trace of that letter."""
    gateway.decide(question(), {"traceparent": f"00-{traces * 32}-{'b' * 16}-01", "x-acme-team": "blue"})


def test_a_reload_begins_to_send_goes_on_elsewhere_and_ends() -> None:
    """With new attributes at once; what waited for the receiver before still goes there, and all of it is counted."""
    with receiving() as first, receiving() as second, running() as gateway:
        sent("a", gateway)
        assert renewed(gateway, f"tracing: {{opentracing_grpc_endpoint: '{first.url}'}}") is None
        sent("c", gateway)
        more = "span_attributes: {static: {env: prod}, header_prefixes: [x-acme-]}"
        assert renewed(gateway, f"tracing: {{opentracing_grpc_endpoint: '{second.url}', {more}}}") is None
        sent("d", gateway)
        assert {span.trace_id for span in first.spans(3)} == {"c" * 32}
        spans = second.spans(3)
        assert {span.trace_id for span in spans} == {"d" * 32}
        request = next(span for span in spans if span.kind == "server")
        assert (request.attributes["env"], request.attributes["team"]) == ("prod", "blue")
        assert renewed(gateway, "") is None
        sent("e", gateway)
        gateway.run(gateway.app._traces.finish)
        assert number_of(gateway.admin("/metrics").content, "plano_traces_sent_total") == 2
        assert first.batches.empty()
        assert second.batches.empty()


def test_a_reload_changes_the_share_of_traces() -> None:
    """Of those that begin here, from the next request on."""
    with running() as gateway:
        assert gateway.decide(question()).headers["traceparent"].endswith("-01")
        assert renewed(gateway, "tracing: {random_sampling: 0}") is None
        assert gateway.decide(question()).headers["traceparent"].endswith("-00")


def test_a_reload_with_an_exporter_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is refused, and the receiver of before gets its spans."""

    def fail(*_names: object) -> None:
        raise ConfigError("the exporter of spans 'other' cannot be used: ImportError")

    with (
        receiving() as receiver,
        running(f"{mission_text()}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}'}}\n") as gateway,
    ):
        monkeypatch.setattr("plano.observe.traces.sdk.exporters_named", fail)
        assert "'other' cannot be used" in str(renewed(gateway, "tracing: {exporter: sdk}"))
        sent("a", gateway)
        assert {span.trace_id for span in receiver.spans(3)} == {"a" * 32}


def test_last_words() -> None:
    """What waits when the gateway ends is still sent."""
    with (
        receiving() as receiver,
        running(f"{mission_text()}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}'}}\n") as gateway,
    ):
        sent("a", gateway)
        gateway.run(gateway.app.stop)
        assert {span.trace_id for span in receiver.spans(3)} == {"a" * 32}
