"""Translated answers, from a provider to a caller who comes back with them."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.wire.dialects import passage, translate
from plano.wire.dialects.seals import proofs_in
from plano.wire.dialects.thoughts import DROPPED
from plano.wire.json_guard import LARGE_BYTES
from tests.running import running
from tests.server.golden import MODELS, golden
from tests.wire.dialects.samples import CHAT, MESSAGES, PAIRS, RESPONSES, answer_of
from tests.wire.dialects.streams import STREAMS

ENDPOINTS = {CHAT: "/v1/chat/completions", MESSAGES: "/v1/messages", RESPONSES: "/v1/responses"}


def first(dialect: Dialect, model: str) -> dict[str, Any]:
    """The first question of a conversation."""
    turns = [{"role": "user", "content": "hi"}]
    limit = {"max_tokens": 99} if dialect is MESSAGES else {}
    return {"model": model, "input" if dialect is RESPONSES else "messages": turns, **limit}


def next_turn(dialect: Dialect, asked: dict[str, Any], answer: dict[str, Any], model: str) -> dict[str, Any]:
    """The same conversation one turn further, as callers send it: with the answer as it came."""
    name = "input" if dialect is RESPONSES else "messages"
    if dialect is RESPONSES:
        outputs = [
            {"type": "function_call_output", "call_id": item["call_id"], "output": "sun"}
            for item in answer["output"]
            if item["type"] == "function_call"
        ]
        return {**asked, "model": model, name: [*asked[name], *answer["output"], *outputs]}
    if dialect is CHAT:
        said = answer["choices"][0]["message"]
        results = [{"role": "tool", "tool_call_id": call["id"], "content": "sun"} for call in said["tool_calls"]]
        return {**asked, "model": model, name: [*asked[name], said, *results]}
    blocks = answer["content"]
    results = [
        {"type": "tool_result", "tool_use_id": block["id"], "content": "sun"}
        for block in blocks
        if block["type"] == "tool_use"
    ]
    turns = [{"role": "assistant", "content": blocks}, {"role": "user", "content": results}]
    return {**asked, "model": model, name: [*asked[name], *turns]}


@pytest.mark.parametrize(("caller", "upstream"), PAIRS)
def test_the_conversation_goes_on(caller: Dialect, upstream: Dialect) -> None:
    """The maker gets its own thoughts back; whoever speaks the caller's dialect gets none of them, and that is said."""
    with golden() as provider, running(provider.config, at_mock=False) as gateway:
        asked = first(caller, MODELS[upstream])
        answer = gateway.post(ENDPOINTS[caller], asked).json()
        back = gateway.post(ENDPOINTS[caller], next_turn(caller, asked, answer, MODELS[upstream]))
        other = gateway.post(ENDPOINTS[caller], next_turn(caller, asked, answer, MODELS[caller]))
        to_maker, to_other = [json.dumps(body) for body in provider.bodies[1:]]
        assert (back.status_code, other.status_code) == (200, 200)
        proof = {CHAT: None, MESSAGES: "signature", RESPONSES: "encrypted_content"}[upstream]
        assert proof is None or f'"{proof}"' in to_maker
        assert "plano:" not in to_maker + to_other
        assert '"thinking"' not in to_other or caller is CHAT
        if caller is not CHAT:
            assert DROPPED in other.headers["x-plano-warnings"]


MORE = {
    MESSAGES: "anthropic",
    RESPONSES: "openai_responses",
}


@pytest.mark.parametrize("is_stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("dialect", [MESSAGES, RESPONSES])
def test_two_providers_of_one_dialect(dialect: Dialect, is_stream: bool) -> None:
    """Thoughts that were relayed as they came stay with their maker: another provider would refuse their proofs."""
    with golden() as provider:
        more = (
            f"  - model: other/one\n    base_url: http://127.0.0.1:{provider.port}\n    access_key: k\n"
            f"    provider_interface: {MORE[dialect]}\n"
        )
        with running(provider.config + more, at_mock=False) as gateway:
            asked = first(dialect, MODELS[dialect])
            answer = gateway.post(ENDPOINTS[dialect], asked).json()
            if is_stream:
                gateway.post(ENDPOINTS[dialect], {**asked, "stream": True})
                proof = proofs_in(STREAMS[dialect], dialect)[-1]
                answer = json.loads(json.dumps(answer).replace(proofs_in(answer_of(dialect), dialect)[0], proof))
            turns = next_turn(dialect, asked, answer, MODELS[dialect])
            back = gateway.post(ENDPOINTS[dialect], turns)
            other = gateway.post(ENDPOINTS[dialect], {**turns, "model": "other/one"})
            assert (back.status_code, other.status_code) == (200, 200)
            to_maker, to_other = provider.bodies[-2:]
    name = "input" if dialect is RESPONSES else "messages"
    assert to_maker[name] == turns[name]
    assert "x-plano-warnings" not in back.headers
    assert proofs_in(json.dumps(to_other).encode(), dialect) == ()
    assert other.headers["x-plano-warnings"].startswith(DROPPED)


def test_a_large_answer_is_translated_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its size: a large one in the reader's thread, a small one on the spot."""
    threads: list[bool] = []
    there = translate.translate_answer

    def watched(*arguments: Any) -> Any:
        threads.append(threading.current_thread().name.startswith("plano-reader"))
        return there(*arguments)

    monkeypatch.setattr(passage, "translate_answer", watched)
    with golden() as provider, running(provider.config, at_mock=False) as gateway:
        for text in ("short", "long " * (LARGE_BYTES // 4)):
            answer = json.loads(answer_of(MESSAGES))
            provider.instead = (200, json.dumps({**answer, "content": [{"type": "text", "text": text}]}).encode())
            got = gateway.post(ENDPOINTS[CHAT], first(CHAT, MODELS[MESSAGES])).json()
            assert got["choices"][0]["message"]["content"] == text
    assert threads == [False, True]
