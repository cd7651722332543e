"""How many tokens a request has, and whose number that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plano.domain.model import Dialect
from tests.running import Running, running
from tests.server.golden import MODELS, Golden, golden
from tests.server.test_dialects import of_anthropic
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES

HELLO: Any = [{"role": "user", "content": "hi"}]


@pytest.fixture
def provider() -> Iterator[Golden]:
    """A provider that counts."""
    with golden() as one:
        yield one


@pytest.fixture
def gateway(provider: Golden) -> Iterator[Running]:
    """A gateway in front of it."""
    with running(provider.config, at_mock=False) as one:
        yield one


def test_tokens_are_counted_by_who_can(gateway: Running, provider: Golden) -> None:
    """A Messages host is asked, and its own answer returned; nobody is routed, and no limit of the answer is needed."""
    provider.instead = (200, b'{"input_tokens": 4711}')
    asked = {"model": MODELS[MESSAGES], "messages": HELLO}
    answer = gateway.post("/v1/messages/count_tokens", asked, {"anthropic-beta": "b1"})
    assert (answer.status_code, answer.json()) == (200, {"input_tokens": 4711})
    ((path, fields, sent),) = provider.received
    assert (path, fields["anthropic-beta"]) == ("/v1/messages/count_tokens", "b1")
    assert sent == {"model": "messages", "messages": HELLO}
    with of_anthropic(gateway) as client:
        counted = client.messages.count_tokens(model=MODELS[MESSAGES], messages=HELLO)
    assert counted.input_tokens == 4711


@pytest.mark.parametrize("model", [CHAT, RESPONSES])
def test_tokens_are_estimated_where_nobody_counts(provider: Golden, model: Dialect) -> None:
    """Marked as an estimate that grows with the prompt; nobody is asked."""

    def counted(fresh: Running, words: int) -> Any:
        asked = {"model": MODELS[model], "messages": [{"role": "user", "content": "word " * words}]}
        return fresh.post("/v1/messages/count_tokens", asked).json()

    with running(provider.config, at_mock=False) as fresh:
        small, large = counted(fresh, 10), counted(fresh, 1000)
    assert small["estimated"] is large["estimated"] is True
    assert 0 < small["input_tokens"] < 200
    assert 900 < large["input_tokens"] < 1600
    assert provider.received == []


@pytest.mark.parametrize("instead", [(500, b"{}"), (404, b"{}"), (200, b"{}"), (200, b'{"input_tokens": "x"}')])
def test_a_count_that_fails_is_an_estimate(gateway: Running, provider: Golden, instead: tuple[int, bytes]) -> None:
    """It says so, and never shows a number that the provider did not give as its own."""
    provider.instead = instead
    answer = gateway.post("/v1/messages/count_tokens", {"model": MODELS[MESSAGES], "messages": HELLO}).json()
    assert answer["estimated"] is True


def test_a_count_that_is_refused(gateway: Running, provider: Golden) -> None:
    """The provider's reason reaches the caller; so do the gateway's own."""
    provider.instead = (400, b'{"type":"error","error":{"type":"invalid_request_error","message":"bad tools"}}')
    refused = gateway.post("/v1/messages/count_tokens", {"model": MODELS[MESSAGES], "messages": HELLO})
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, "bad tools")
    unknown = gateway.post("/v1/messages/count_tokens", {"model": "nobody/x", "messages": HELLO})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "error")


@pytest.mark.parametrize("model", [CHAT, MESSAGES])
@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "a"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages[0].content"),
        ({"tools": "all"}, "tools"),
        ({"max_tokens": "many"}, "max_tokens"),
    ],
)
def test_mistakes_are_found(
    gateway: Running, provider: Golden, wrong: dict[str, Any], param: str, model: Dialect
) -> None:
    """As in a request that is answered, whoever counts: a number for what nobody would take used to come back."""
    asked = {"model": MODELS[model], "messages": HELLO, **wrong}
    answer = gateway.post("/v1/messages/count_tokens", asked)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert provider.received == []
