"""``ratelimits`` through a running gateway: over a limit the next candidate is asked, or the time to return is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from plano.mock.behaviour import Script
from tests.running import A, B, C, Running, mission_text, question, running

LIMITS = """
ratelimits:
  - {model: gpt-4o, selector: {key: x-user, value: alice}, limit: {tokens: 10, unit: minute}}
"""
ALICE = {"x-arch-ratelimit-selector": "x-user", "x-user": "alice"}
OFF = {"x-plano-routing": "off"}
AT_B = question(model=B)
"""Eight tokens of text."""


@pytest.fixture
def gateway() -> Iterator[Running]:
    """A gateway with a limit for alice at B."""
    with running(mission_text() + LIMITS) as one:
        yield one


def test_without_a_next_candidate(gateway: Running) -> None:
    """Eight tokens of ten are spent: eight more are 429 with the time to come back, and nobody is called."""
    assert gateway.chat(AT_B, ALICE | OFF).status_code == 200
    refused = gateway.chat(AT_B, ALICE | OFF)
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "no_candidate_available"
    assert refused.json()["error"]["attempts"] == [{"model": B, "ending": "limit"}]
    assert 50 <= int(refused.headers["retry-after"]) <= 61
    assert "x-should-retry" not in refused.headers
    assert refused.headers["x-plano-attempts"] == f"{B}=limit"
    assert gateway.sent_models == ["gpt-4o"]


def test_the_next_candidate(gateway: Running) -> None:
    """In a route the limited model is passed over; that is no failure and costs nothing."""
    route = [{"name": "r", "description": "whatever is asked", "models": [B, A]}]
    gateway.classifier.default = "r"
    first, second = (gateway.chat(question(routing_preferences=route), ALICE) for _ in range(2))
    assert first.headers["x-plano-attempts"] == f"{B}=200"
    assert second.headers["x-plano-attempts"] == f"{B}=limit, {A}=200"
    trace_id = second.headers["traceparent"].split("-")[1]
    (record,) = gateway.admin(f"/admin/records/{trace_id}").json()["records"]
    assert [(one["ending"], one["seconds"] is None) for one in record["attempts"]] == [("limit", True), ("200", False)]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (AT_B, {**ALICE, "x-user": "bob"}),
        (AT_B, {"x-user": "alice"}),
        (AT_B, {"x-arch-ratelimit-selector": "x-team", "x-user": "alice"}),
        (question(model=C), ALICE),
        (question(model=B, messages=[{"role": "user", "content": ""}]), {**ALICE, "x-user": "bob"}),
    ],
    ids=["bob", "no selector", "another selector", "another model", "empty"],
)
def test_no_limit(gateway: Running, body: Any, headers: dict[str, str]) -> None:
    """Another caller, no selector, another model: as often as they like."""
    assert [gateway.chat(body, headers | OFF).status_code for _ in range(3)] == [200] * 3


def test_an_empty_message_counts_nothing(gateway: Running) -> None:
    """No text is no tokens; and it is counted with what the provider says."""
    empty = question(model=B, messages=[{"role": "user", "content": ""}])
    assert gateway.chat(empty, ALICE | OFF).status_code == 200
    assert gateway.chat(AT_B, ALICE | OFF).status_code == 429


@pytest.mark.parametrize("is_stream", [False, True])
def test_the_providers_own_count(is_stream: bool) -> None:
    """A limit of 40 lets four requests of eight tokens in by the estimate; prompt and answer take more of it."""
    with running(mission_text() + LIMITS.replace("tokens: 10", "tokens: 40")) as gateway:
        body = question(model=B, stream=is_stream, stream_options={"include_usage": True})
        first = gateway.chat(body, ALICE | OFF)
        lines = [line for line in first.text.splitlines() if '"usage":{' in line]
        usage = json.loads(lines[-1].removeprefix("data: "))["usage"]
        used = usage["prompt_tokens"] + usage["completion_tokens"]
        assert used > 8
        statuses = [first.status_code]
        while statuses[-1] == 200:
            statuses.append(gateway.chat(body, ALICE | OFF).status_code)
        # What has been used and what the next one is estimated to need stay within the limit.
        assert len(statuses) - 1 == (40 - 8) // used + 1


def test_failures_do_not_count(gateway: Running) -> None:
    """A provider that answered with an error has counted nothing: the same tokens are there for the next attempt."""
    gateway.mock.everyone = Script(("503", "503", "ok"))
    assert gateway.chat(AT_B, ALICE | OFF).status_code == 503
    assert gateway.chat(AT_B, ALICE | OFF).status_code == 200
    assert gateway.chat(AT_B, ALICE | OFF).status_code == 429


def test_many_at_once(gateway: Running) -> None:
    """Of twenty at the same moment one is let in: a place is taken before the provider has counted anything."""
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: gateway.chat(AT_B, ALICE | OFF).status_code, range(20)))
    assert sorted(answers) == [200] + [429] * 19


def test_larger_than_the_limit(gateway: Running) -> None:
    """What never fits has no time to come back at."""
    body = question(model=B, messages=[{"role": "user", "content": "word " * 100}])
    refused = gateway.chat(body, ALICE | OFF)
    assert refused.status_code == 429
    assert "retry-after" not in refused.headers


def test_large_bodies(gateway: Running) -> None:
    """The text of a body beyond the bound is counted beside the event loop, with the same result."""
    body = question(model=B, messages=[{"role": "user", "content": "word " * 100_000}])
    assert gateway.chat(body, ALICE | OFF).status_code == 429
    assert gateway.sent_models == []


def test_all_dialects(gateway: Running) -> None:
    """Whatever a caller speaks, its text counts."""
    assert gateway.post("/v1/responses", {"model": B, "input": "12345678" * 4}, ALICE | OFF).status_code == 200
    asked = {"model": B, "max_tokens": 5, "messages": [{"role": "user", "content": "12345678" * 4}]}
    assert gateway.post("/v1/messages", asked, ALICE | OFF).status_code == 429


def test_reload(gateway: Running) -> None:
    """A limit that a new configuration keeps goes on counting; one that it changes begins anew."""
    gateway.chat(AT_B, ALICE | OFF)
    same = gateway.settings(mission_text() + LIMITS)
    gateway.run(lambda: gateway.app.renew(same))
    assert gateway.chat(AT_B, ALICE | OFF).status_code == 429
    more = gateway.settings(mission_text() + LIMITS.replace("tokens: 10", "tokens: 11"))
    gateway.run(lambda: gateway.app.renew(more))
    assert gateway.chat(AT_B, ALICE | OFF).status_code == 200


def test_an_alias_and_its_model_share_a_limit() -> None:
    """A limit on an alias is one on the model it stands for."""
    text = mission_text() + "model_aliases: {fast: {target: openai/gpt-4o}}\n" + LIMITS.replace("gpt-4o,", "fast,")
    with running(text) as gateway:
        assert gateway.chat(question(model="fast"), ALICE | OFF).status_code == 200
        assert gateway.chat(AT_B, ALICE | OFF).status_code == 429


def test_headers_of_limits_stay_here(gateway: Running) -> None:
    """Neither the selector nor what it names goes upstream."""
    gateway.chat(AT_B, ALICE | OFF)
    assert not {"x-arch-ratelimit-selector", "x-user"} & gateway.mock.calls[0].fields.keys()
