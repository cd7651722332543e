"""The Python client: the mission's loop as it is written, twins that agree, errors that say where and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plano import AsyncPlano, ClientError, ConfigError, Plano, RateLimitError, RoutingDecision, ServerError
from tests.running import ASK, CODE, TRACE_ID, TRACEPARENT, A, B, Running, question

USAGE_PATTERN = """
response = plano.routing_decision(request)
models = response["models"]
for model in models:
    try:
        result = call_llm(model, messages)
        break  # success — stop trying
    except (RateLimitError, ServerError):
        continue  # try next model in the ranked list
"""
"""The usage pattern of the routing API, as its authors wrote it; no name in it may need changing."""

MESSAGES = [{"role": "user", "content": ASK}]


@pytest.fixture
def plano(gateway: Running) -> Iterator[Plano]:
    """A client of the gateway."""
    with Plano(base_url=gateway.url) as client:
        yield client


@pytest.mark.parametrize(
    ("failing", "called"), [({}, [A]), ({A: RateLimitError}, [A, B]), ({A: ServerError, B: RateLimitError}, [A, B])]
)
def test_the_usage_pattern(plano: Plano, failing: dict[str, type[Exception]], called: list[str]) -> None:
    """The loop runs as it stands: first model first, the next one on 429 and 5xx, nobody else."""
    calls: list[str] = []

    def call_llm(model: str, messages: list[dict[str, str]]) -> str:
        assert messages == MESSAGES
        calls.append(model)
        if model in failing:
            raise failing[model]("no")
        return f"answer of {model}"

    names: dict[str, Any] = {
        "plano": plano,
        "request": question(),
        "messages": MESSAGES,
        "call_llm": call_llm,
        "RateLimitError": RateLimitError,
        "ServerError": ServerError,
    }
    exec(USAGE_PATTERN, names)
    assert calls == called
    assert names.get("result") == (f"answer of {called[-1]}" if called[-1] not in failing else None)


def test_a_decision_is_a_mapping_and_typed(plano: Plano) -> None:
    """Both ways to read a decision agree."""
    decision = plano.routing_decision(question(), headers={"Traceparent": TRACEPARENT})
    assert decision["models"] == decision.models == [A, B]
    assert decision["route"] == decision.route == CODE
    assert decision["trace_id"] == decision.trace_id == TRACE_ID
    assert set(decision) == {"models", "route", "trace_id"}
    assert (len(decision), decision.explanation) == (3, None)
    assert str(decision) == f"{CODE} -> {A}, {B} {TRACE_ID}"


def test_explain(plano: Plano) -> None:
    """The explanation comes when asked for."""
    explanation = plano.routing_decision(question(), explain=True).explanation
    assert explanation is not None
    assert explanation["scores"][CODE] == 1.0


def test_unknown_members_are_kept() -> None:
    """What a newer gateway adds is not lost."""
    decision = RoutingDecision({"models": ["m"], "route": None, "trace_id": "t", "session_id": "s"})
    assert (decision["session_id"], decision.route) == ("s", None)


async def test_the_twin_agrees(gateway: Running, plano: Plano) -> None:
    """``AsyncPlano`` gives the same decision and the same errors."""
    headers = {"traceparent": TRACEPARENT}
    async with AsyncPlano(base_url=gateway.url) as twin:
        assert dict(await twin.routing_decision(question(), headers=headers)) == dict(
            plano.routing_decision(question(), headers=headers)
        )
        with pytest.raises(ClientError) as caught:
            await twin.routing_decision({"messages": []})
        assert caught.value.code == "model_required"


def test_a_refused_request(plano: Plano) -> None:
    """The gateway's error arrives with status, code, place and trace id."""
    bad = [{"name": "a", "description": "b", "models": ["nope/x"]}]
    with pytest.raises(ClientError) as caught:
        plano.routing_decision(question(routing_preferences=bad), headers={"traceparent": TRACEPARENT})
    error = caught.value
    assert (error.status, error.code, error.trace_id) == (400, "invalid_routing_preferences", TRACE_ID)
    assert error.param == "routing_preferences[0].models[0]"


async def test_nobody_there() -> None:
    """A gateway that cannot be reached is a ClientError that names the address."""
    with Plano(base_url="http://127.0.0.1:9") as client, pytest.raises(ClientError, match=r"127\.0\.0\.1:9") as caught:
        client.routing_decision(question())
    assert (caught.value.status, caught.value.code) == (0, "unreachable")
    async with AsyncPlano(base_url="http://127.0.0.1:9") as twin:
        with pytest.raises(ClientError):
            await twin.routing_decision(question())


async def test_in_process_is_the_same_planner(tmp_path: Any) -> None:
    """``from_config`` decides without a server, both twins alike, and repeats itself byte for byte."""
    local = Plano.from_config("examples/mission.yaml")
    headers = {"traceparent": TRACEPARENT}
    decision = local.routing_decision(question(), headers=headers)
    assert dict(decision) == {"models": [A, B], "route": CODE, "trace_id": TRACE_ID}
    twin = AsyncPlano.from_config("examples/mission.yaml")
    assert dict(await twin.routing_decision(question(), headers=headers)) == dict(decision)
    with pytest.raises(ClientError) as caught:
        local.routing_decision(question(model="nope"))
    assert (caught.value.status, caught.value.code) == (404, "model_not_found")
    local.close()
    await twin.aclose()


@pytest.mark.parametrize("field", ["X-Model-Affinity", "x-claude-code-session-id"])
async def test_in_process_there_are_no_sessions(field: str) -> None:
    """Who names one is told, in both twins; it used to be ignored, and the conversation went where it liked."""
    path = "examples/mission.yaml"
    with pytest.raises(ClientError, match="use Plano") as told:
        Plano.from_config(path).routing_decision(question(), headers={field: "conversation-17"})
    assert (told.value.status, told.value.code, told.value.param) == (400, "session_needs_gateway", field.lower())
    with pytest.raises(ClientError, match="sessions are kept by a gateway"):
        await AsyncPlano.from_config(path).routing_decision(question(), headers={field: "conversation-17"})


def test_in_process_with_a_bad_file(tmp_path: Any) -> None:
    """A bad file is a ConfigError with its findings."""
    file = tmp_path / "bad.yaml"
    file.write_text("version: v0.3.0\nrouting_preferences: []\n")
    with pytest.raises(ConfigError) as caught:
        Plano.from_config(file)
    assert caught.value.findings
