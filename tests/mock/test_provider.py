"""The mock provider on its own: answers exactly, misbehaves on request, remembers what it was sent."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from plano.mock.behaviour import ConnectionFault, Pace, Script
from plano.mock.provider import MockProvider
from tests.waiting import PATIENCE_S, came


@asynccontextmanager
async def mock() -> AsyncIterator[tuple[MockProvider, httpx2.AsyncClient]]:
    """A provider and somebody to call it."""
    provider = MockProvider()
    await provider.start()
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{provider.port}", trust_env=False, timeout=PATIENCE_S
    ) as client:
        try:
            yield provider, client
        finally:
            provider.stop()
            await asyncio.sleep(0.01)


def ask(model: str = "m", **more: Any) -> dict[str, Any]:
    """A request."""
    return {"model": model, "messages": [{"role": "user", "content": "one two"}], **more}


async def test_same_question_same_answer() -> None:
    """The answer is OpenAI's, adds up, and is the same again; the call is remembered as it came."""
    async with mock() as (provider, client):
        first, second = [
            (await client.post("/any/path?x=1", json=ask(), headers={"x-a": "b"})).json() for _ in range(2)
        ]
    assert first == second
    assert first["usage"]["total_tokens"] == first["usage"]["prompt_tokens"] + first["usage"]["completion_tokens"]
    call = provider.calls[0]
    assert (call.path, call.model, call.fields["x-a"]) == ("/any/path?x=1", "m", "b")
    assert json.loads(call.body) == ask()


async def test_a_stream_says_the_same() -> None:
    """The tokens of a stream join to the plain answer; usage comes only when asked for."""
    async with mock() as (_, client):
        plain = (await client.post("/", json=ask())).json()["choices"][0]["message"]["content"]
        usage: dict[str, Any] = {"stream_options": {"include_usage": True}}
        nothing: dict[str, Any] = {}
        streams = [(await client.post("/", json=ask(stream=True, **more))).text for more in (nothing, usage)]
    for stream, has_usage in zip(streams, (False, True), strict=True):
        *events, done, end = stream.split("\n\n")
        assert (done, end) == ("data: [DONE]", "")
        chunks = [json.loads(event[6:]) for event in events]
        said = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"])
        assert said == plain
        assert ("usage" in chunks[-1]) is has_usage


@pytest.mark.parametrize(
    ("model", "status", "retry_after"),
    [
        ("mock/429", 429, None),
        ("mock/429-retry-after-7", 429, "7"),
        ("a/b/503-retry-after-0.5", 503, "0.5"),
        ("400", 400, None),
    ],
)
async def test_a_model_named_for_its_fault(model: str, status: int, retry_after: str | None) -> None:
    """The last part of the name is the behaviour; the error names no more than it was told."""
    async with mock() as (_, client):
        answer = await client.post("/", json=ask(model))
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry_after)
    assert str(status) in answer.json()["error"]["message"]


async def test_scripts_by_model_and_for_everyone() -> None:
    """A model follows its own script, others the one for all; the last word goes on."""
    async with mock() as (provider, client):
        provider.script("m", ["500", "ok"])
        provider.everyone = Script(("404",))
        statuses = [(await client.post("/", json=ask(model))).status_code for model in ("m", "x", "m", "m", "x")]
    assert statuses == [500, 404, 200, 200, 404]


@pytest.mark.parametrize("model", ["reset", "hang-up", "cut-after-2", "short-after-2", "unended-after-2", "garbage"])
@pytest.mark.parametrize("is_stream", [False, True])
async def test_broken_connections(model: str, is_stream: bool) -> None:
    """Nobody takes them for whole answers."""
    async with mock() as (_, client):
        with pytest.raises(httpx2.TransportError):
            await client.post("/", json=ask(model, stream=is_stream))


async def test_other_faults() -> None:
    """An error inside a 200, a page, a stream without ``[DONE]``."""
    async with mock() as (_, client):
        inside = await client.post("/", json=ask("error-after-0"))
        page = await client.post("/", json=ask("html"))
        late = (await client.post("/", json=ask("error-after-2", stream=True))).text
        no_done = (await client.post("/", json=ask("no-done", stream=True))).text
    assert (inside.status_code, "error" in inside.json()) == (200, True)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html")
    assert [event.startswith('data: {"error"') for event in late.split("\n\n")[:-1]] == [False, False, False, True]
    assert "[DONE]" not in no_done
    assert '"finish_reason":"stop"' in no_done


async def test_marks_find_their_script() -> None:
    """A mark in the prompt chooses the script: with the model first, then alone, then the model's own."""
    async with mock() as (provider, client):
        provider.script("mark-7a/m", ["503"])
        provider.script("mark-7a", ["404"])
        provider.script("x", ["500"])
        marked = {"messages": [{"role": "user", "content": "mark-7a please"}]}
        statuses = [
            (await client.post("/", json=body)).status_code
            for body in (ask("m") | marked, ask("x") | marked, ask("x"), ask("y"))
        ]
    assert statuses == [503, 404, 500, 200]


async def test_attempts_of_a_trace_are_counted() -> None:
    """The answer says which model and which attempt of the trace it is; the ledger has one row for each."""
    trace = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "x-request-id": "r1"}
    async with mock() as (provider, client):
        await client.post("/", json=ask("mock/503"), headers=trace)
        second = (await client.post("/", json=ask("m"), headers=trace)).json()
        other = (await client.post("/", json=ask("m"))).json()
    assert second["choices"][0]["message"]["content"].startswith("[m #2]")
    assert other["choices"][0]["message"]["content"].startswith("[m #1]")
    rows = [(row.trace_id, row.request_id, row.model, row.number, row.word, row.end) for row in provider.ledger.entries]
    assert rows == [
        ("a" * 32, "r1", "mock/503", 1, "status", "served"),
        ("a" * 32, "r1", "m", 2, "ok", "served"),
        (None, None, "m", 1, "ok", "served"),
    ]


async def test_tokens_are_counted_as_they_go() -> None:
    """The ledger has the tokens that were sent, also of an answer that was cut."""
    async with mock() as (provider, client):
        whole = (await client.post("/", json=ask())).json()["usage"]["completion_tokens"]
        with pytest.raises(httpx2.TransportError):
            await client.post("/", json=ask("cut-after-2", stream=True))
        await client.post("/", json=ask(stream=True))
    rows = [(row.word, row.tokens, row.end) for row in provider.ledger.entries]
    assert rows == [("ok", whole, "served"), ("cut", 2, "reset"), ("ok", whole, "served")]


@pytest.mark.parametrize("fault", ["reset-on-accept", "close-on-accept", "silent-on-accept"])
async def test_connections_that_never_serve(fault: ConnectionFault) -> None:
    """What goes wrong before a request is read; the next connection serves."""
    async with mock() as (provider, client):
        provider.at_connect = (fault, None)
        with pytest.raises((httpx2.TransportError, httpx2.ReadTimeout)):
            await client.post("/", json=ask(), timeout=0.3)
        assert (await client.post("/", json=ask(), timeout=30)).status_code == 200
        assert [call.model for call in provider.calls] == ["m"]


async def test_closed_at_reuse() -> None:
    """A kept connection is closed when the next request arrives, without a byte of an answer."""
    async with mock() as (provider, client):
        provider.at_connect = ("close-at-reuse",)
        assert (await client.post("/", json=ask())).status_code == 200
        with pytest.raises(httpx2.TransportError):
            await client.post("/", json=ask())


async def test_early_413() -> None:
    """The answer comes while the body is still to come."""
    async with mock() as (provider, _):
        provider.at_connect = ("early-413",)
        reader, writer = await asyncio.open_connection("127.0.0.1", provider.port)
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        writer.close()


async def test_reset_in_upload() -> None:
    """A request whose body takes a while is reset on its way."""
    async with mock() as (provider, _):
        provider.at_connect = ("reset-in-upload",)
        reader, writer = await asyncio.open_connection("127.0.0.1", provider.port)
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        with pytest.raises(ConnectionResetError):
            await reader.readline()
        writer.close()


async def test_who_left() -> None:
    """A caller that goes before the end is counted, one that got its answer is not."""
    async with mock() as (provider, client):
        await client.post("/", json=ask())
        with pytest.raises(httpx2.ReadTimeout):
            await client.post("/", json=ask("silence"), timeout=0.05)
        await came(lambda: provider.left)
        assert provider.left == 1


@pytest.mark.parametrize("body", [b"{", b"[]", b"5", b"\xff"])
async def test_bytes_that_are_no_request(body: bytes) -> None:
    """400, and the connection goes on."""
    async with mock() as (provider, client):
        assert (await client.post("/", content=body)).status_code == 400
        assert (await client.post("/", json=ask())).status_code == 200
        assert len(provider.calls) == 1


async def test_pace() -> None:
    """Latency comes before the answer."""
    async with mock() as (provider, client):
        provider.pace = Pace(latency_s=0.05)
        began = time.monotonic()
        await client.post("/", json=ask())
        assert time.monotonic() - began >= 0.05


async def test_short_writes_leave_at_once() -> None:
    """The head of an answer and its first event do not wait for each other's acknowledgement, whatever the loop."""
    async with mock() as (provider, client):
        await client.post("/", json=ask())
        (connection,) = provider.connections
        assert connection._transport is not None
        sock = connection._transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
