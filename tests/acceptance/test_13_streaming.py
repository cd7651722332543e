"""Streams. Numbers are those of the acceptance cases."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

import anthropic
import openai
import pytest

from tests.acceptance.answers import CHAT_EVENTS, chunk, data, message_events, named, response_events
from tests.acceptance.hosts import streamed
from tests.acceptance.stand import OFF, Stand, stand
from tests.running import TRACE_ID, A, B, C, raw_post

HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
ONLY_RESPONSES = """version: v0.4.0
model_providers:
  - model: other/r
    access_key: k
    provider_interface: openai_responses
routing_preferences: []
"""


def events(content: bytes) -> list[dict[str, Any]]:
    """The JSON events of a stream."""
    return [json.loads(line[6:]) for line in content.decode().splitlines() if line.startswith("data: {")]


def as_messages(f: Stand, model: str, **more: Any) -> list[dict[str, Any]]:
    """The events of a streamed Messages request."""
    body = {"model": model, "max_tokens": 50, "messages": HI, "stream": True, **more}
    return events(f.post_apart("/v1/messages", body, OFF).content)


def test_281_bytes_unchanged(f: Stand) -> None:
    """281, 285. Between equals every byte passes, and nothing is added to the request."""
    answer = f.x(OFF, stream=True)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.content == b"".join([*CHAT_EVENTS[:-2], CHAT_EVENTS[-1]])
    assert "stream_options" not in f.uo.calls[-1].json


def test_282_at_once(f: Stand) -> None:
    """282. An event is passed on before the next one comes."""
    f.uo.script = [streamed([CHAT_EVENTS[0] + CHAT_EVENTS[1], 1.5, *CHAT_EVENTS[2:]])]
    begun = time.monotonic()
    with f.client.stream(
        "POST", f"{f.url}/v1/chat/completions", json={"model": C, "messages": HI, "stream": True}, headers=OFF
    ) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        first = time.monotonic() - begun
        list(pieces)
    assert first < time.monotonic() - begun - 1


def test_283_chat_as_messages(f: Stand) -> None:
    """283, 284. The events of the other dialect, each once, and usage asked for."""
    told = as_messages(f, C)
    assert [event["type"] for event in told] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert (told[1]["index"], told[1]["content_block"]["type"]) == (0, "text")
    assert (told[5]["delta"]["stop_reason"], told[5]["usage"]["output_tokens"]) == ("end_turn", 2)
    assert f.uo.calls[-1].json["stream_options"] == {"include_usage": True}


def test_286_messages_as_chat(f: Stand) -> None:
    """286. Chunks with role, text and end, then [DONE]."""
    content = f.x(OFF, model=A, stream=True).content
    told = [event["choices"][0] for event in events(content) if event["choices"]]
    assert told[0]["delta"]["role"] == "assistant"
    assert "".join(one["delta"].get("content") or "" for one in told) == "ok"
    assert told[-1]["finish_reason"] == "stop"
    assert content.endswith(b"data: [DONE]\n\n")


def test_287_tool_deltas(f: Stand) -> None:
    """287. The pieces of a call make the same JSON."""
    pieces = [{"type": "input_json_delta", "partial_json": part} for part in ('{"x"', ": ", "1}")]
    use = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    f.ua.script = [streamed(message_events((use, pieces), stop="tool_use"))]
    told = [
        event["choices"][0]["delta"] for event in events(f.x(OFF, model=A, stream=True).content) if event["choices"]
    ]
    calls = [call for delta in told for call in delta.get("tool_calls") or ()]
    assert calls[0]["function"]["name"] == "f"
    assert json.loads("".join(call["function"].get("arguments") or "" for call in calls)) == {"x": 1}


def test_288_parallel_calls(f: Stand) -> None:
    """288. Two calls become two blocks, each begun and ended once."""

    def call(index: int, **function: str) -> dict[str, Any]:
        return {"index": index, "function": function}

    f.uo.script = [
        streamed(
            data(
                chunk({"role": "assistant", "content": None}),
                chunk({"tool_calls": [{"id": "a", "type": "function", **call(0, name="f", arguments="")}]}),
                chunk({"tool_calls": [call(0, arguments='{"x":')]}),
                chunk({"tool_calls": [call(0, arguments="1}")]}),
                chunk({"tool_calls": [{"id": "b", "type": "function", **call(1, name="f", arguments="")}]}),
                chunk({"tool_calls": [call(1, arguments="{}")]}),
                chunk({}, "tool_calls"),
                "[DONE]",
            )
        )
    ]
    told = as_messages(f, C)
    for kind in ("content_block_start", "content_block_stop"):
        assert [event["index"] for event in told if event["type"] == kind] == [0, 1]


def test_289_signatures(f: Stand) -> None:
    """289. Between equals thoughts and signatures pass as they are."""
    deltas = [{"type": "thinking_delta", "thinking": "hm"}, {"type": "signature_delta", "signature": "s"}]
    sent = message_events(({"type": "thinking", "thinking": "", "signature": ""}, deltas))
    f.ua.script = [streamed(sent)]
    body = {"model": A, "max_tokens": 50, "messages": HI, "stream": True}
    assert f.post("/v1/messages", body, OFF).content == b"".join(sent)


def test_290_chat_as_responses() -> None:
    """290. The whole sequence of Responses events, numbered."""
    text = "version: v0.4.0\nmodel_providers:\n  - model: groq/x\n    access_key: k\nrouting_preferences: []\n"
    with stand(text=text) as f:
        told = events(f.post("/v1/responses", {"model": "groq/x", "input": "hi", "stream": True}, OFF).content)
    assert [event["type"] for event in told if event["type"] != "response.in_progress"] == [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    assert told[-1]["response"]["usage"]["output_tokens"] == 2


def test_292_unknown_events(f: Stand) -> None:
    """292. Between equals an unknown event passes."""
    sent = [*message_events()[:-2], *named({"type": "brand_new", "x": 1}), *message_events()[-2:]]
    f.ua.script = [streamed(sent)]
    assert f.post(
        "/v1/messages", {"model": A, "max_tokens": 5, "messages": HI, "stream": True}, OFF
    ).content == b"".join(sent)


def test_293_nothing_said() -> None:
    """293. Only [DONE] is no answer: the next one is tried; without one it is an error, not a stream."""
    with stand(text=None) as f:
        prefs = [{"name": "code generation", "description": "d", "models": [B, A]}]
        f.uo.script = [streamed(data("[DONE]"))]
        answer = f.x(stream=True, routing_preferences=prefs)
        assert answer.headers["x-plano-attempts"] == f"{B}=truncated, {A}=200"
        f.uo.usual = lambda _: streamed(data("[DONE]"))
        alone = f.x(OFF, stream=True)
        assert (alone.status_code, alone.json()["error"]["code"]) == (502, "upstream_truncated")


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_294_missing_done(f: Stand, path: str) -> None:
    """294. The finish is there, [DONE] is not: whole, and ended as the dialect ends."""
    f.uo.script = [streamed(data(chunk({"role": "assistant", "content": "ok"}), chunk({}, "stop")))]
    content = f.post(path, {"model": C, "max_tokens": 9, "messages": HI, "stream": True}, OFF).content
    if path == "/v1/messages":
        assert [event["type"] for event in events(content)].count("message_stop") == 1
    else:
        assert content.endswith(b"data: [DONE]\n\n")
    assert b"error" not in content


def _cut_chat() -> Sequence[bytes]:
    """Words without an end. What breaks in the same read as its first word may be tried elsewhere: hence the waits."""
    return CHAT_EVENTS[:3]


@pytest.mark.parametrize("is_cut", [False, True])
def test_295_cut(is_cut: bool) -> None:
    """295, 296, 338. The words so far, then the dialect's error; never an end, never a second attempt."""
    with stand() as f:
        f.uo.usual = lambda _: streamed([*_cut_chat(), 0.2], cut=is_cut)
        chat = f.x({**OFF, "connection": "close"}, stream=True).content
        assert b"[DONE]" not in chat
        assert chat.startswith(b"".join(_cut_chat()))
        error = events(chat)[-1]["error"]
        assert (error["code"], error["trace_id"]) == ("upstream_truncated", TRACE_ID)
        told = as_messages(f, C)
        assert (told[-1]["type"], told[-1]["error"]["code"]) == ("error", "upstream_truncated")
        assert "request_id" in told[-1]
        assert not [event for event in told if event["type"] == "message_stop"]
        assert f.calls() == (0, 0, 2)


def test_296_responses_failed() -> None:
    """296. A cut stream for a Responses caller."""
    text = "version: v0.4.0\nmodel_providers:\n  - model: groq/x\n    access_key: k\nrouting_preferences: []\n"
    with stand(text=text) as f:
        f.uo.usual = lambda _: streamed([*_cut_chat(), 0.2])
        told = events(f.post("/v1/responses", {"model": "groq/x", "input": "hi", "stream": True}, OFF).content)
    last = told[-1]
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert last["sequence_number"] == len(told) - 1
    assert last["error"]["code"] == "upstream_truncated"


def test_296_official_clients() -> None:
    """296. The official clients raise on a cut stream."""
    with stand() as f:
        f.uo.usual = lambda _: streamed([*_cut_chat(), 0.2])
        plain = openai.OpenAI(base_url=f"{f.url}/v1", api_key="x", max_retries=0)
        with plain, pytest.raises(openai.APIError):
            for _ in plain.chat.completions.create(
                model=C, messages=[{"role": "user", "content": "hi"}], stream=True, extra_headers=OFF
            ):
                pass
        other = anthropic.Anthropic(base_url=f.url, api_key="x", max_retries=0)
        with other, pytest.raises(anthropic.APIError):
            for _ in other.messages.create(
                model=C, max_tokens=9, messages=[{"role": "user", "content": "hi"}], stream=True, extra_headers=OFF
            ):
                pass


def test_297_a_clean_end_proves_nothing() -> None:
    """297. Without the last event an answer is not whole."""
    with stand() as f:
        f.ua.usual = lambda _: streamed([*message_events(ends=False), 0.2])
        told = as_messages(f, A)
        assert (told[-1]["type"], told[-1]["error"]["code"]) == ("error", "upstream_truncated")
    with stand(text=ONLY_RESPONSES) as f:
        f.uo.usual = lambda _: streamed([*response_events()[:-1], 0.2, *data("[DONE]")])
        last = events(f.post("/v1/responses", {"model": "other/r", "input": "hi", "stream": True}, OFF).content)[-1]
        assert (last["type"], last["error"]["code"]) == ("response.failed", "upstream_truncated")


def test_298_error_in_the_stream() -> None:
    """298. An error after content reaches the caller in its dialect; before it, the next candidate answers."""
    broken = named({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    with stand() as f:
        f.ua.script = [streamed([*message_events()[:3], 0.2, *broken])]
        chat = f.x(OFF, model=A, stream=True).content
        assert events(chat)[-1]["error"]["code"] == "upstream_overloaded"
        assert b"[DONE]" not in chat
    with stand() as f:
        f.ua.script = [streamed([*message_events()[:1], *broken])]
        answer = f.x(stream=True)
        assert answer.headers["x-plano-attempts"] == f"{A}=inband, {B}=200"
        assert answer.content == b"".join([*CHAT_EVENTS[:-2], CHAT_EVENTS[-1]])


def test_301_compressed(f: Stand) -> None:
    """301. A compressed stream arrives as events, without stale fields."""
    packed = gzip.compress(b"".join(CHAT_EVENTS[:-2]) + CHAT_EVENTS[-1])
    f.uo.script = [streamed([packed[:20], packed[20:]], content_encoding="gzip")]
    answer = f.x(OFF, stream=True)
    assert answer.content == b"".join([*CHAT_EVENTS[:-2], CHAT_EVENTS[-1]])
    assert not {"content-encoding", "content-length"} & set(answer.headers)


def _leave_while(f: Stand, body: dict[str, Any], until: Callable[[], bool]) -> float:
    """Seconds from the caller's leaving until the upstream noticed."""
    port = int(f.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        caller.sendall(raw_post(json.dumps(body).encode(), more="x-plano-routing: off\r\n"))
        while not until():
            time.sleep(0.01)
        left = time.monotonic()
    while not f.uo.closed_at:
        assert time.monotonic() - left < 20
        time.sleep(0.01)
    return f.uo.closed_at[0] - left


def test_300_caller_leaves_in_mid_stream() -> None:
    """300. The upstream's connection is closed when the caller leaves, and nobody else is asked."""
    with stand() as f:
        f.uo.usual = lambda _: streamed([CHAT_EVENTS[0] + CHAT_EVENTS[1], *(0.02, CHAT_EVENTS[1]) * 500])
        _leave_while(f, {"model": C, "messages": HI, "stream": True}, lambda: bool(f.uo.calls))
        assert f.calls() == (0, 0, 1)
