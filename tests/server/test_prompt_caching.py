"""Markers of prompt caches through a running gateway: each attempt has those that its own candidate takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.running import Running, running
from tests.server.golden import Golden, golden

ON = "prompt_caching: {enabled: true, session_affinity: false}\n"
MARKER = {"cache_control": {"type": "ephemeral"}}
SYSTEM = "s" * 8000
HI = [{"role": "user", "content": "hi"}]
MARKED_HI = [{"role": "user", "content": [{"type": "text", "text": "hi", **MARKER}]}]
CLAUDE, GPT, ROUTED = "two/messages", "openai/gpt-4o", "digitalocean/anthropic-claude-3-5-sonnet"
CONFIG = """\
version: v0.4.0
model_providers:
  - {{model: two/messages, base_url: 'http://127.0.0.1:{port}', provider_interface: anthropic}}
  - {{model: openai/gpt-4o, base_url: 'http://127.0.0.1:{port}', access_key: some-key}}
  - {{model: digitalocean/anthropic-claude-3-5-sonnet, base_url: 'http://127.0.0.1:{port}', access_key: some-key}}
"""
MESSAGES = {"model": CLAUDE, "max_tokens": 9, "system": SYSTEM, "messages": HI}
CHAT = {"messages": [{"role": "system", "content": SYSTEM}, *HI]}


@pytest.fixture(scope="module")
def provider() -> Iterator[Golden]:
    """A provider of three dialects."""
    with golden() as one:
        yield one


@pytest.fixture(scope="module")
def shared(provider: Golden) -> Iterator[Running]:
    """A gateway with prompt caching."""
    with running(CONFIG.format(port=provider.port) + ON, at_mock=False) as one:
        yield one


@pytest.fixture
def gateway(shared: Running, provider: Golden) -> Iterator[Running]:
    """The same one; nothing is left of earlier tests."""
    provider.received.clear()
    provider.instead = None
    shared.forget_failures()
    yield shared
    provider.instead = None


def test_system_and_last_message(gateway: Running, provider: Golden) -> None:
    """A long system prompt and the end of the conversation are marked; nothing else changes."""
    assert gateway.post("/v1/messages", {**MESSAGES, "foo": 1.0}).status_code == 200
    system = [{"type": "text", "text": SYSTEM, **MARKER}]
    assert provider.bodies == [
        {"model": "messages", "max_tokens": 9, "system": system, "messages": MARKED_HI, "foo": 1.0}
    ]


def test_tools(gateway: Running, provider: Golden) -> None:
    """Without a system prompt the last tool is marked."""
    tools = [{"name": name, "description": SYSTEM, "input_schema": {"type": "object"}} for name in ("a", "b")]
    gateway.post("/v1/messages", {"model": CLAUDE, "max_tokens": 9, "messages": HI, "tools": tools})
    assert provider.bodies[0]["tools"] == [tools[0], {**tools[1], **MARKER}]
    assert provider.bodies[0]["messages"] == MARKED_HI


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({**MESSAGES, "system": "s" * 400}, {}),
        (MESSAGES, {"x-plano-cache": "OFF"}),
        ({**MESSAGES, "messages": MARKED_HI}, {}),
        ({**MESSAGES, **MARKER}, {}),
    ],
    ids=["short", "off", "own", "automatic"],
)
def test_no_marker(gateway: Running, provider: Golden, body: dict[str, Any], headers: dict[str, str]) -> None:
    """A short prefix, a caller who wants none, a marker of the caller's own: the body stays as it is."""
    gateway.post("/v1/messages", body, headers)
    assert provider.bodies == [{**body, "model": "messages"}]
    assert "x-plano-cache" not in provider.received[0][1]


@pytest.mark.parametrize("section", ["", "prompt_caching: {enabled: true, inject_cache_control: false}\n"])
def test_not_asked_for(provider: Golden, section: str) -> None:
    """Without the setting, or without its markers, bodies stay as they are."""
    provider.received.clear()
    with running(CONFIG.format(port=provider.port) + section, at_mock=False) as one:
        one.post("/v1/messages", MESSAGES)
    assert provider.bodies == [{**MESSAGES, "model": "messages"}]


def test_min_prefix_tokens(provider: Golden) -> None:
    """2,000 tokens are 8,000 bytes; one more is asked for here."""
    provider.received.clear()
    section = "prompt_caching: {enabled: true, min_prefix_tokens: 2001}\n"
    with running(CONFIG.format(port=provider.port) + section, at_mock=False) as one:
        one.post("/v1/messages", MESSAGES)
        one.post("/v1/messages", {**MESSAGES, "system": SYSTEM + "ssss"})
    assert [isinstance(body["system"], list) for body in provider.bodies] == [False, True]


@pytest.mark.parametrize("is_stream", [False, True])
def test_chat_hosts_of_claude(gateway: Running, provider: Golden, is_stream: bool) -> None:
    """The first system prompt is marked for a host that hands markers on to Claude; GPT's body is untouched."""
    gateway.chat({"model": ROUTED, "stream": is_stream, **CHAT})
    gateway.chat({"model": GPT, "stream": is_stream, **CHAT})
    system = {"role": "system", "content": [{"type": "text", "text": SYSTEM, **MARKER}]}
    assert [body["messages"] for body in provider.bodies] == [[system, *HI], CHAT["messages"]]


def test_translated(gateway: Running, provider: Golden) -> None:
    """A chat caller's conversation is marked as the Messages API wants it."""
    gateway.chat({"model": CLAUDE, **CHAT})
    ((path, _, body),) = provider.received
    assert path == "/v1/messages"
    assert body["system"][-1].items() >= MARKER.items()
    assert body["messages"][-1]["content"][-1].items() >= MARKER.items()
    assert json.dumps(body).count("ephemeral") == 2


def test_each_attempt_has_its_own(gateway: Running, provider: Golden) -> None:
    """A first attempt at a model without markers, a second at one with them: only the second body has any."""
    provider.instead = 503, b'{"error":{"message":"busy"}}'
    route = {"name": "r", "description": "whatever is asked", "models": [GPT, CLAUDE]}
    gateway.classifier.default, before = "r", gateway.classifier.default
    gateway.chat({"model": GPT, "routing_preferences": [route], **CHAT})
    gateway.classifier.default = before
    first, second = (json.dumps(body) for body in provider.bodies[:2])
    assert "cache_control" not in first
    assert second.count("cache_control") == 2


def test_count_tokens(gateway: Running, provider: Golden) -> None:
    """A question for the number of tokens has nothing to cache."""
    gateway.post("/v1/messages/count_tokens", MESSAGES)
    assert all("cache_control" not in json.dumps(body) for body in provider.bodies)


def test_large_bodies(gateway: Running, provider: Golden) -> None:
    """A body of a megabyte is marked beside the event loop, and arrives whole."""
    large = "l" * 1_000_000
    assert gateway.post("/v1/messages", {**MESSAGES, "system": large}).status_code == 200
    assert provider.bodies[0]["system"] == [{"type": "text", "text": large, **MARKER}]
