"""One model declared twice, with two keys at two places: used in order, and what is wrong with one key stays there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from plano.mock.provider import MockProvider
from tests.running import KEYS, Running, running

FIRST, SECOND = "openai/gpt-4o", "spare"
TEXT = """
version: v0.4.0
listeners: [{{type: model, name: main, port: 0}}]
model_providers:
  - {{model: openai/gpt-4o, base_url: "http://127.0.0.1:{first}", access_key: $OPENAI_API_KEY, default: true}}
  - {{model: openai/gpt-4o, name: spare, base_url: "http://127.0.0.1:{second}", access_key: $ANTHROPIC_API_KEY}}
routing_preferences:
  - {{name: code generation, description: code, models: [openai/gpt-4o, spare]}}
admin: {{enabled: false}}
"""


@dataclass(frozen=True, slots=True)
class Twice:
    """A gateway, and the two places of its one model."""

    gateway: Running
    first: MockProvider
    second: MockProvider


@pytest.fixture
def twice() -> Iterator[Twice]:
    """Both places are well."""
    with running() as host:
        first, second = MockProvider(), MockProvider()
        host.run(first.start)
        host.run(second.start)
        text = TEXT.format(first=first.port, second=second.port)

        async def stop() -> None:
            first.stop()
            second.stop()

        try:
            with running(text, at_mock=False) as gateway:
                yield Twice(gateway, first, second)
        finally:
            host.run(stop)


BODY = {"model": FIRST, "messages": [{"role": "user", "content": "hi"}]}


def keys_of(mock: MockProvider) -> set[str]:
    """What was sent there."""
    return {call.fields["authorization"] for call in mock.calls}


def test_used_in_order(twice: Twice) -> None:
    """As long as the first one answers, the second is not asked; each is sent its own key and the same model id."""
    assert twice.gateway.chat(BODY).headers["x-plano-attempts"] == f"{FIRST}=200"
    twice.first.script("gpt-4o", ["503"])
    assert twice.gateway.chat(BODY).headers["x-plano-attempts"] == f"{FIRST}=503, {SECOND}=200"
    assert (keys_of(twice.first), keys_of(twice.second)) == tuple(
        {f"Bearer {key}"} for key in (KEYS["OPENAI_API_KEY"], KEYS["ANTHROPIC_API_KEY"])
    )
    assert {json.loads(call.body)["model"] for call in (*twice.first.calls, *twice.second.calls)} == {"gpt-4o"}


@pytest.mark.parametrize("word", ["401", "402", "403", "quota"])
def test_a_key_that_is_not_taken(twice: Twice, word: str) -> None:
    """Its entry is left alone after five failures; the same model with the other key is none the worse for it."""
    twice.first.script("gpt-4o", [word])
    answers = [twice.gateway.chat(BODY) for _ in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 8
    assert (len(twice.first.calls), len(twice.second.calls)) == (5, 8)
    last = answers[-1].headers
    assert (last["x-plano-attempts"], last["x-plano-left-out"]) == (f"{SECOND}=200", f"{FIRST}=ejected")


def test_a_key_that_is_limited(twice: Twice) -> None:
    """The promise binds the entry with that key, and nothing counts as broken."""
    twice.first.script("gpt-4o", ["429-retry-after-60"])
    answers = [twice.gateway.chat(BODY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len(twice.first.calls) == 1
    assert answers[-1].headers["x-plano-left-out"] == f"{FIRST}=held"
