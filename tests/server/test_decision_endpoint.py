"""The decision endpoint: exactly three keys, never a candidate called."""

from __future__ import annotations

import json
import re

import pytest

from tests.running import ASK, CHAT, CODE, TRACE_ID, TRACEPARENT, A, B, C, Running, question

WITH_TRACE = {"traceparent": TRACEPARENT}


def test_decision_has_exactly_three_keys_in_order(gateway: Running) -> None:
    """models, route, trace_id, in this order, and no provider is called."""
    answer = gateway.decide(question(), WITH_TRACE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert (
        answer.content
        == json.dumps({"models": [A, B], "route": CODE, "trace_id": TRACE_ID}, separators=(",", ":")).encode()
    )
    assert not gateway.mock.calls


def test_no_route_gives_the_requests_own_model(gateway: Running) -> None:
    """No match: route null, and the model that was asked for, never an empty list or a sentinel."""
    gateway.classifier.default = None
    assert gateway.decide(question(model="gpt-4o"), WITH_TRACE).json() == {
        "models": [B],
        "route": None,
        "trace_id": TRACE_ID,
    }


def test_auto_is_the_default_provider(gateway: Running) -> None:
    """``auto`` stands for the provider marked default."""
    gateway.classifier.default = None
    assert gateway.decide(question(model="auto")).json()["models"] == [C]


def test_same_request_same_bytes(gateway: Running) -> None:
    """A hundred times the same request with the same trace: the same bytes."""
    assert len({gateway.decide(question(), WITH_TRACE).content for _ in range(100)}) == 1


def test_trace_ids_are_new_without_traceparent(gateway: Running) -> None:
    """Without a valid traceparent each decision has a fresh id of 32 hex digits, in body and field alike."""
    answers = [gateway.decide(question()) for _ in range(2)]
    ids = [answer.json()["trace_id"] for answer in answers]
    assert ids[0] != ids[1]
    for answer, trace_id in zip(answers, ids, strict=True):
        assert re.fullmatch("[0-9a-f]{32}", trace_id)
        assert answer.headers["traceparent"].split("-")[1] == trace_id


@pytest.mark.parametrize(
    "header",
    [
        "00-xyz",
        "nodash",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        f"ff-{TRACE_ID}-00f067aa0ba902b7-01",
    ],
)
def test_invalid_traceparent_is_replaced(gateway: Running, header: str) -> None:
    """A traceparent that is not valid is as good as none."""
    trace_id = gateway.decide(question(), {"traceparent": header}).json()["trace_id"]
    assert re.fullmatch("[0-9a-f]{32}", trace_id)
    assert trace_id.upper() != TRACE_ID.upper()


def test_inline_preferences_replace_the_configured_ones(gateway: Running) -> None:
    """An inline list counts for its own request only."""
    inline = [{"name": "sql", "description": "writing SQL", "models": ["gpt-4o", B, C]}]
    gateway.classifier.default = "sql"
    assert gateway.decide(question(routing_preferences=inline)).json()["models"] == [B, C]
    assert [route.name for route in gateway.classifier.questions[-1].routes] == ["sql"]
    gateway.classifier.default = CHAT
    assert gateway.decide(question()).json()["models"] == [C, B]
    assert [route.name for route in gateway.classifier.questions[-1].routes] == [CODE, CHAT]


@pytest.mark.parametrize(
    "change",
    [{"routing_preferences": []}, {"messages": []}, {"messages": [{"role": "system", "content": "be brief"}]}],
)
def test_router_is_not_asked_without_routes_or_user_text(gateway: Running, change: dict[str, object]) -> None:
    """No routes, or nothing to route by: the own model, and no question to the router."""
    assert gateway.decide(question(**change)).json()["models"] == [C]
    assert gateway.decide(question(**change)).json()["route"] is None
    assert not gateway.classifier.questions


def test_routing_off_uses_the_own_model(gateway: Running) -> None:
    """``X-Plano-Routing: off`` skips the router."""
    assert gateway.decide(question(), {"x-plano-routing": "OFF"}).json()["models"] == [C]
    assert not gateway.classifier.questions


@pytest.mark.parametrize(
    ("accept", "is_decision"),
    [
        ("application/vnd.plano.decision+json", True),
        ("application/json, application/vnd.plano.decision+json", True),
        ("application/vnd.plano.decision+json;q=0, */*", False),
        ("application/json", False),
        ("*/*", False),
    ],
)
def test_accept_asks_for_the_decision_on_the_proxy_path(gateway: Running, accept: str, is_decision: bool) -> None:
    """The decision's media type gives the decision's bytes and calls nobody, also for a stream."""
    answer = gateway.chat(question(stream=is_decision), {"accept": accept, **WITH_TRACE})
    assert bool(gateway.mock.calls) is not is_decision
    if is_decision:
        assert answer.headers["content-type"] == "application/vnd.plano.decision+json"
        assert answer.content == gateway.decide(question(), WITH_TRACE).content


def test_explain_adds_one_key(gateway: Running) -> None:
    """``?explain=1`` adds scores, threshold, margin, text and one entry per candidate."""
    explained = gateway.decide(question(), WITH_TRACE, "?explain=1").json()
    plain = gateway.decide(question(), WITH_TRACE).json()
    explanation = explained.pop("explanation")
    assert explained == plain
    assert explanation["text"] == ASK
    assert explanation["scores"] == {CODE: 1.0, CHAT: 0.0}
    assert (explanation["threshold"], explanation["margin"], explanation["router"]) == (0.5, 1.0, "ok")
    assert [(one["model"], one["rank"], one["reason"]) for one in explanation["candidates"]] == [
        (A, 1, None),
        (B, 2, None),
    ]
    price = explanation["candidates"][0]["price_usd_per_mtok"]
    assert (price["source"], price["value"] > 0) == ("catalog", True)
    assert "author" in explanation["ranking"]


def test_broken_router_is_no_route_and_says_so(gateway: Running) -> None:
    """A router that raises is answered as no route, 200, marked degraded."""
    gateway.classifier.fault = RuntimeError("broken")
    answer = gateway.decide(question(), query="?explain=1")
    assert (answer.status_code, answer.json()["models"], answer.json()["route"]) == (200, [C], None)
    assert answer.headers["x-plano-router"] == "degraded"
    assert answer.json()["explanation"]["router"] == "degraded"


def test_decision_fields(gateway: Running) -> None:
    """A decision names its first model and route in fields, and no attempts."""
    fields = gateway.decide(question()).headers
    assert (fields["x-plano-model"], fields["x-plano-route"]) == (A, CODE)
    assert "x-plano-attempts" not in fields
    assert [stage.split(";")[0] for stage in fields["server-timing"].split(", ")] == ["parse", "route", "rank"]


def test_throttled_model_is_left_out_until_its_time(gateway: Running) -> None:
    """A model under a provider's promise is not in the list, with the reason in the explanation."""
    gateway.mock.script("claude-sonnet-4-20250514", ["429-retry-after-30", "ok"])
    assert gateway.chat(question()).headers["x-plano-attempts"] == f"{A}=429, {B}=200"
    answer = gateway.decide(question(), query="?explain=1").json()
    assert answer["models"] == [B]
    assert [(one["model"], one["rank"], one["reason"]) for one in answer["explanation"]["candidates"]] == [
        (B, 1, None),
        (A, None, "held"),
    ]
