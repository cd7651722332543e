"""The proxy: the decision executed, the caller's bytes kept, failover before the first byte and never after it."""

from __future__ import annotations

import json
import socket
from typing import Any

import openai
import pytest

from plano.mock.behaviour import Pace
from tests.running import ASK, CODE, TRACE_ID, TRACEPARENT, A, B, C, Running, question, raw_post, read_all, running
from tests.waiting import until

OFF = {"x-plano-routing": "off"}
SONNET = "claude-sonnet-4-20250514"


def test_first_model_answers(gateway: Running) -> None:
    """The first ranked model is called, and the fields tell the whole story."""
    answer = gateway.chat(question(), {"traceparent": TRACEPARENT})
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"].endswith(ASK)
    assert gateway.sent_models == [SONNET]
    fields = answer.headers
    assert (fields["x-plano-model"], fields["x-plano-route"]) == (A, CODE)
    assert fields["x-plano-attempts"] == f"{A}=200"
    assert fields["x-plano-models"] == f"{A}, {B}"
    assert fields["traceparent"].split("-")[1] == TRACE_ID
    assert [stage.split(";")[0] for stage in fields["server-timing"].split(", ")] == [
        *("parse", "route", "rank"),
        *("connect", "ttft"),
    ]


ODD_BODY = (
    b'{ "messages" : [ {"role":"user","content":"caf\\u00e9 \xc3\xa9"} ] ,\n'
    b'  "foo": {"bar": [1, null]}, "stop": "END", "seed": 12345678901234567890, "temperature": 1.0,\n'
    b' "routing_preferences" : [ {"name":"x","description":"y","models":["openai/gpt-4o"]} ] ,'
    b'\t"mo\\u0064el" : "gpt-4o" }'
)


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (
            ODD_BODY,
            b'{ "messages" : [ {"role":"user","content":"caf\\u00e9 \xc3\xa9"} ] ,\n'
            b'  "foo": {"bar": [1, null]}, "stop": "END", "seed": 12345678901234567890, "temperature": 1.0,\n'
            b' \t"mo\\u0064el" : "gpt-4o" }',
        ),
        (
            b'{"model":"openai/gpt-4o","messages":[{"role":"user","content":"hi"}],"routing_preferences":[]}',
            b'{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}',
        ),
        (
            b'{"routing_preferences":[],"model":"openai/gpt-4o","messages":[{"role":"user","content":"hi"}]}',
            b'{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}',
        ),
    ],
)
def test_only_the_model_is_replaced(gateway: Running, body: bytes, sent: bytes) -> None:
    """Every byte but the value of ``model`` and the member ``routing_preferences`` arrives as the caller wrote it."""
    assert gateway.chat(body, OFF).status_code == 200
    assert gateway.mock.calls[-1].body == sent


def test_every_attempt_is_made_from_the_callers_bytes(gateway: Running) -> None:
    """The second attempt is not made from the first one's body."""
    gateway.mock.script(SONNET, ["503"])
    assert gateway.chat(question(seed=1)).status_code == 200
    first, second = (json.loads(call.body) for call in gateway.mock.calls)
    assert (first.pop("model"), second.pop("model")) == (SONNET, "gpt-4o")
    assert first == second


@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        *((str(status), str(status)) for status in (401, 402, 403, 404, 408, 429, 500, 501, 502, 503, 504, 529)),
        ("reset", "reset"),
        ("html", "protocol"),
        ("cut-after-3", "truncated"),
        ("error-after-0", "inband"),
    ],
)
@pytest.mark.parametrize("is_stream", [False, True])
def test_next_candidate_before_the_first_byte(gateway: Running, fault: str, ending: str, is_stream: bool) -> None:
    """Whatever goes wrong at the first model before the caller got a byte, the second one answers."""
    if is_stream and fault == "cut-after-3":
        fault = "cut-after-0"
    gateway.mock.script(SONNET, [fault])
    answer = gateway.chat(question(stream=is_stream))
    assert answer.status_code == 200
    assert answer.headers["x-plano-model"] == B
    assert answer.headers["x-plano-attempts"] == f"{A}={ending}, {B}=200"
    assert gateway.sent_models == [SONNET, "gpt-4o"]


@pytest.mark.parametrize("status", [400, 405, 409, 413, 415, 422, 451])
def test_callers_own_mistake_is_passed_on(gateway: Running, status: int) -> None:
    """A provider's refusal reaches the caller in its words, and nobody else is asked."""
    gateway.mock.script(SONNET, [str(status)])
    answer = gateway.chat(question(), {"traceparent": TRACEPARENT})
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["message"] == f"The mock provider was told to answer {status}."
    assert (error["code"], error["trace_id"]) == ("upstream_rejected", TRACE_ID)
    assert gateway.sent_models == [SONNET]


def test_unreachable_provider() -> None:
    """A refused connection moves on; with nobody left it is 502 with every attempt named."""
    with running() as gateway:
        gateway.mock.stop()
        gateway.run(_nothing)
        answer = gateway.chat(question())
    assert answer.status_code == 502
    error = answer.json()["error"]
    assert error["code"] == "upstream_connect_failed"
    assert error["attempts"] == [
        {"model": A, "ending": "connect"},
        {"model": B, "ending": "connect"},
        {"model": B, "ending": "connect"},
    ]
    assert answer.headers["x-should-retry"] == "false"
    assert "127.0.0.1" not in answer.text


async def _nothing() -> None:
    return None


def test_last_candidate_gets_one_retry(gateway: Running) -> None:
    """503 from both: A once, B twice, and the error lists all three."""
    gateway.mock.script(SONNET, ["503"])
    gateway.mock.script("gpt-4o", ["503"])
    answer = gateway.chat(question())
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "upstream_overloaded")
    assert gateway.sent_models == [SONNET, "gpt-4o", "gpt-4o"]
    assert answer.headers["x-plano-attempts"] == f"{A}=503, {B}=503, {B}=503"


def test_retry_after_is_kept_across_requests(gateway: Running) -> None:
    """A promise of 30 s: the next request does not touch that model."""
    gateway.mock.script(SONNET, ["429-retry-after-30", "ok"])
    assert gateway.chat(question()).headers["x-plano-attempts"] == f"{A}=429, {B}=200"
    assert gateway.chat(question()).headers["x-plano-attempts"] == f"{B}=200"


def test_all_candidates_held_is_429_at_once(gateway: Running) -> None:
    """Everyone asked for patience: 429 at once with the soonest time, nobody is called, the decision lists them."""
    gateway.mock.script(SONNET, ["429-retry-after-60"])
    gateway.mock.script("gpt-4o", ["429-retry-after-30"])
    assert gateway.chat(question()).status_code == 429
    gateway.mock.calls.clear()
    answer = gateway.chat(question())
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "no_candidate_available")
    assert 25 <= int(answer.headers["retry-after"]) <= 30
    assert "x-should-retry" not in answer.headers
    assert not gateway.mock.calls
    assert gateway.decide(question()).json()["models"] == [B, A]


def test_silent_model_is_left_after_its_share_of_the_deadline() -> None:
    """One deadline for the chain: the first may take half of it, then the next one answers."""
    text = mission_with("listeners:\n  - {type: model, name: main, port: 12000, timeout: 1s}\n")
    with running(text) as gateway:
        gateway.mock.script(SONNET, ["silence"])
        answer = gateway.chat(question())
        assert answer.headers["x-plano-attempts"] == f"{A}=timeout, {B}=200"
        gateway.mock.script("gpt-4o", ["silence"])
        answer = gateway.chat(question())
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "upstream_timeout")
    assert answer.headers["x-plano-attempts"] == f"{A}=timeout, {B}=timeout"


def mission_with(more: str) -> str:
    """The configuration of the examples with more keys."""
    with open("examples/mission.yaml", encoding="utf-8") as file:
        return file.read() + "\n" + more


def test_stream_is_relayed_byte_for_byte(gateway: Running) -> None:
    """The caller gets the provider's events unchanged, ``[DONE]`` included."""
    answer = gateway.chat(question(stream=True))
    assert answer.headers["content-type"] == "text/event-stream"
    events = answer.text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    text = "".join(json.loads(event[6:])["choices"][0]["delta"].get("content", "") for event in events[:-2])
    assert text == f"[{SONNET} #1] This is a mock answer to: {ASK}"


def test_missing_done_is_added(gateway: Running) -> None:
    """A finished stream without ``[DONE]`` is whole, and gets one."""
    gateway.mock.script(SONNET, ["no-done"])
    assert gateway.chat(question(stream=True)).text.endswith('"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')


@pytest.mark.parametrize("fault", ["cut-after-3", "error-after-3"])
def test_broken_stream_ends_with_an_error_event(gateway: Running, fault: str) -> None:
    """After the first byte: no second attempt, no ``[DONE]``, the dialect's error event with the trace id."""
    gateway.mock.script(SONNET, [fault])
    gateway.mock.pace = Pace(tokens_per_s=100.0)
    answer = gateway.chat(question(stream=True), {"traceparent": TRACEPARENT})
    *events, last, end = answer.text.split("\n\n")
    assert (len(events), end) == (4, "")
    error = json.loads(last.removeprefix("data: "))["error"]
    assert error["code"] == {"cut-after-3": "upstream_truncated", "error-after-3": "upstream_error"}[fault]
    assert error["trace_id"] == TRACE_ID
    assert gateway.sent_models == [SONNET]


def openai_client(gateway: Running) -> openai.OpenAI:
    """The official client, pointed at the gateway."""
    return openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="none", max_retries=0)


MESSAGES: list[Any] = [{"role": "user", "content": ASK}]


def test_official_client(gateway: Running) -> None:
    """The official client gets an answer, and a stream with its usage."""
    with openai_client(gateway) as client:
        answer = client.chat.completions.create(model=C, messages=MESSAGES)
        assert answer.usage is not None
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
        stream = client.chat.completions.create(
            model=C, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices).endswith(ASK)
    assert chunks[-1].usage is not None


async def test_official_async_client(gateway: Running) -> None:
    """The official asynchronous client gets an answer and a stream."""
    async with openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key="none", max_retries=0) as client:
        answer = await client.chat.completions.create(
            model=C, messages=MESSAGES, extra_body={"routing_preferences": []}
        )
        assert answer.model == "gpt-4o-mini"
        stream = await client.chat.completions.create(model=C, messages=MESSAGES, stream=True)
        assert len([chunk async for chunk in stream]) > 3


def test_error_in_the_first_read_still_falls_back(gateway: Running) -> None:
    """Content and error in one read: the caller has seen nothing yet, so the next candidate answers."""
    gateway.mock.script(SONNET, ["error-after-4"])
    assert gateway.chat(question(stream=True)).headers["x-plano-attempts"] == f"{A}=inband, {B}=200"


def test_official_client_raises_on_a_cut_stream(gateway: Running) -> None:
    """The official client never takes a cut stream for a short answer."""
    gateway.mock.script(SONNET, ["cut-after-4"])
    gateway.mock.pace = Pace(tokens_per_s=100.0)
    with openai_client(gateway) as client:
        stream = client.chat.completions.create(model=C, messages=MESSAGES, stream=True)
        with pytest.raises(openai.APIError):
            list(stream)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("429", openai.RateLimitError),
        ("503", openai.InternalServerError),
        ("400", openai.BadRequestError),
    ],
)
def test_official_client_raises_the_right_class(gateway: Running, words: str, error: type[openai.APIError]) -> None:
    """A failed chain and a refusal raise what the client's users expect."""
    for model in (SONNET, "gpt-4o"):
        gateway.mock.script(model, [words])
    with openai_client(gateway) as client, pytest.raises(error):
        client.chat.completions.create(model=C, messages=MESSAGES)


@pytest.mark.parametrize("is_stream", [False, True])
def test_caller_leaving_closes_the_upstream(gateway: Running, is_stream: bool) -> None:
    """The caller goes while waiting or in mid-stream: the provider sees it, and no further attempt starts."""
    gateway.mock.script(SONNET, ["silence"])
    if is_stream:
        gateway.mock.script(SONNET, ["ok"])
        gateway.mock.pace = Pace(tokens_per_s=2.0)
    body = json.dumps(question(stream=is_stream)).encode()
    peer = gateway.connect()
    peer.sendall(raw_post(body))
    until(lambda: len(gateway.mock.calls) == 1)
    if is_stream:
        assert peer.recv(1000).startswith(b"HTTP/1.1 200")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    peer.close()
    until(lambda: gateway.mock.left == 1)
    assert len(gateway.mock.calls) == 1


def test_credentials_stay_where_they_belong(gateway: Running) -> None:
    """The caller's credentials, cookies and private fields go nowhere; the provider gets its own key."""
    private = {
        "authorization": "Bearer caller-key",
        "x-api-key": "caller-key",
        "cookie": "sid=77",
        "x-company": "1",
        "proxy-authorization": "Basic zz9",
    }
    gateway.chat(question(), {**OFF, **private, "x-request-id": "r1", "traceparent": TRACEPARENT, "tracestate": "a=b"})
    sent = gateway.mock.calls[-1].fields
    assert sent["authorization"] == "Bearer sk-test-o"
    assert not {"cookie", "x-company", "proxy-authorization", "x-api-key", "x-plano-routing"} & set(sent)
    assert "caller-key" not in str(sent)
    assert (sent["x-request-id"], sent["tracestate"]) == ("r1", "a=b")


def test_passthrough_auth_sends_the_callers_key() -> None:
    """Where the provider says so, the caller's own key goes upstream, and only there."""
    text = mission_with("").replace(
        "  - model: openai/gpt-4o\n    access_key: $OPENAI_API_KEY",
        "  - model: openai/gpt-4o\n    passthrough_auth: true",
        1,
    )
    with running(text) as gateway:
        gateway.mock.script("gpt-4o", ["503"])
        inline = [{"name": CODE, "description": "d", "models": [B, A]}]
        gateway.chat(question(routing_preferences=inline), {"authorization": "bearer k3"})
        first, second = gateway.mock.calls
    assert first.fields["authorization"] == "Bearer k3"
    assert second.fields.get("x-api-key", second.fields.get("authorization", "")).endswith("sk-ant-test-a")


def test_a_refused_request_does_not_swallow_the_next(gateway: Running) -> None:
    """A refused request and the head of a good one in one read: the good one used to wait for ever."""
    refused = raw_post(b"ATTACK", path="/no")
    head, body = raw_post(json.dumps(question()).encode()).split(b"\r\n\r\n")
    with gateway.connect() as peer:
        peer.sendall(refused + head + b"\r\nconnection: close\r\n\r\n")
        received = peer.recv(65536)
        assert received.startswith(b"HTTP/1.1 404 ")
        peer.sendall(body)
        received += read_all(peer)
    assert received.count(b"HTTP/1.1 200 OK") == 1
    assert len(gateway.mock.calls) == 1


def test_same_connection_serves_many(gateway: Running) -> None:
    """Keep-alive and pipelining: answers come in order on one connection, and upstream connections are reused."""
    one = raw_post(json.dumps(question()).encode())
    last = raw_post(json.dumps(question()).encode(), more="connection: close\r\n")
    received = gateway.raw(one * 2 + last)
    assert received.count(b"HTTP/1.1 200 OK") == 3
    assert gateway.app._upstream.pool.size == 1
