"""A gateway whose routes a model decides, alone or in a cascade: what its callers and its operator see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from plano.config.load import load_text
from plano.domain.intent import Intent, Question
from plano.intent.fixed import FixedClassifier
from tests.routing.scripted import Play, Scripted, completion, hangs, http, says, sends
from tests.routing.test_routers import elsewhere
from tests.running import CHAT, CODE, KEYS, B, C, Running, mission_text, question, running

NO_ROUTE_HERE = sends(http(b"{}", status="500 Internal Server Error"))


@contextmanager
def routed(play: Play, router: str = "type: http", *, best: float = 0.4) -> Iterator[tuple[Running, Scripted]]:
    """A gateway with the models of the examples and a router model; its embedded router says CODE with ``best``."""
    with elsewhere(play) as server:
        text = mission_text().replace(
            "model_providers:\n",
            f'model_providers:\n  - model: plano/r\n    base_url: "http://127.0.0.1:{server.port}"\n',
            1,
        )
        settled = f"routing:\n  router: {{{router}, model: plano/r, deadline: 20s}}\n"
        with running(text + settled, at_mock=False) as gateway:
            embedded = gateway.app._decider.routers.embedded
            if isinstance(embedded, FixedClassifier):
                gateway.app._routing.inference.classifier = Unsure(default=CODE, best=best)
            yield gateway, server


class Unsure(FixedClassifier):
    """Says the default with a probability, and remembers everything."""

    def __init__(self, *, default: str, best: float) -> None:
        super().__init__(default=default)
        self._best = best

    def recall(self, question: Question) -> Intent | None:
        return self.classify(question)

    def classify(self, question: Question) -> Intent:
        return Intent(self.default, ((CODE, self._best), (CHAT, 0.1)), threshold=0.4, margin=0.3, text="hi")


def explained(gateway: Running, **more: Any) -> dict[str, Any]:
    """The explanation of one decision."""
    answer = gateway.decide(question(**more), query="?explain=1")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()["explanation"]
    return found


def test_the_model_decides() -> None:
    """Its route, who said it and how long it took; no probability is claimed."""
    with routed(says('{"route": ["general questions"]}')) as (gateway, server):
        answer = gateway.decide(question(), headers={"authorization": "Bearer sk-caller-own"})
        assert answer.json()["route"] == CHAT
        assert "x-plano-router" not in answer.headers
        told = explained(gateway)
        assert told["scores"] == {}
        assert told["router_model"]["model"] == "plano/r"
        assert told["router_model"]["ending"] == "answered"
        assert told["decided"].startswith("said by plano/r in ")
        assert not any(b"sk-caller-own" in head for head in server.heads)
        shown = server.bodies[0]["messages"][0]["content"]
        assert '"name": "code generation"' in shown
        assert "routing_preferences" not in shown


def test_a_model_that_fails() -> None:
    """A decision all the same: no route, the request's own model, and why."""
    with routed(NO_ROUTE_HERE) as (gateway, _):
        answer = gateway.decide(question())
        assert (answer.status_code, answer.json()["route"], answer.json()["models"]) == (200, None, [C])
        assert answer.headers["x-plano-router"] == "degraded"
        assert answer.headers["x-plano-router-reason"] == "500"
        assert explained(gateway)["trouble"] == "500"


def test_it_is_asked_only_where_there_is_something_to_route() -> None:
    """Without routes, without a user's words, and where the caller switched routing off, no prompt leaves."""
    with routed(says('{"route": "code generation"}')) as (gateway, server):
        gateway.decide(question(routing_preferences=[]))
        gateway.decide(question(messages=[{"role": "system", "content": "be brief"}]))
        gateway.decide(question(), headers={"x-plano-routing": "off"})
        assert server.bodies == []


def test_inline_routes_are_asked_about() -> None:
    """The routes of a request take the place of the configured ones, for the model too."""
    inline = [{"name": "law", "description": "legal questions", "models": [B]}]
    with routed(says('{"route": "law"}')) as (gateway, server):
        assert gateway.decide(question(routing_preferences=inline)).json()["models"] == [B]
        assert "legal questions" in server.bodies[0]["messages"][0]["content"]
        assert CODE not in server.bodies[0]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("best", "route", "escalation", "calls"), [(0.4, CHAT, "asked", 1), (0.9, CODE, "not_needed", 0)]
)
def test_cascade(best: float, route: str, escalation: str, calls: int) -> None:
    """The model is asked where the embedded router is unsure; the scores shown are those of the embedded one."""
    with routed(says('{"route": "general questions"}'), "type: cascade", best=best) as (gateway, server):
        told = explained(gateway)
        assert gateway.decide(question(), query="").json()["route"] == route
        assert told["escalation"] == escalation
        assert told["scores"] == {CODE: best, CHAT: 0.1}
        assert len(server.bodies) == 2 * calls


def test_cascade_with_a_model_that_fails() -> None:
    """The unsure word of the embedded router counts, marked as degraded."""
    with routed(NO_ROUTE_HERE, "type: cascade") as (gateway, _):
        answer = gateway.decide(question())
        assert answer.json()["route"] == CODE
        assert (answer.headers["x-plano-router"], answer.headers["x-plano-router-reason"]) == ("degraded", "500")


def test_what_the_operator_sees() -> None:
    """Metrics by model and ending, escalations and troubles; the record says who decided."""
    with routed(says('{"route": "general questions"}'), "type: cascade, max_escalation_percent: 0") as (
        gateway,
        server,
    ):
        gateway.decide(question())
        shown = _metrics(gateway)
        assert 'plano_router_escalations_total{escalation="over_share"} 1' in shown
        assert server.bodies == []
    counted = json.loads(completion('{"route": []}')) | {"usage": {"prompt_tokens": 245, "completion_tokens": 9}}
    with routed(sends(http(json.dumps(counted).encode()))) as (gateway, _):
        gateway.decide(question())
        assert 'plano_router_model_tokens_total{model="plano/r",kind="prompt"} 245' in _metrics(gateway)
    with routed(NO_ROUTE_HERE, "type: cascade") as (gateway, _):
        gateway.decide(question())
        shown = _metrics(gateway)
        assert 'plano_router_escalations_total{escalation="asked"} 1' in shown
        assert 'plano_router_model_requests_total{model="plano/r",ending="500"} 1' in shown
        assert 'plano_router_degraded_total{trouble="500"} 1' in shown
        assert 'plano_router_model_duration_seconds_count{model="plano/r"} 1' in shown
        decision = gateway.admin("/admin/records").json()["records"][0]["decision"]
        assert decision["asked"]["ending"] == "500"
        assert decision["escalation"] == "asked"


def test_an_open_breaker_is_a_note() -> None:
    """Readiness stays, and says that the model is not asked."""
    with routed(NO_ROUTE_HERE) as (gateway, server):
        for _ in range(7):
            gateway.decide(question())
        assert len(server.bodies) == 5
        ready = gateway.get("/readyz")
        assert ready.status_code == 200
        assert "router_model plano/r ejected" in ready.text


def test_a_reload_brings_and_takes_the_model() -> None:
    """What is configured now decides, from the next request on."""
    with elsewhere(says('{"route": "general questions"}')) as server, running(at_mock=False) as gateway:
        provider = f'model_providers:\n  - model: plano/r\n    base_url: "http://127.0.0.1:{server.port}"\n'
        text = mission_text().replace("model_providers:\n", provider, 1)
        assert gateway.decide(question()).json()["route"] == CODE
        with_model = load_text(text + "routing: {router: {type: http, model: plano/r, deadline: 20s}}\n", KEYS)
        gateway.run(lambda: gateway.app.renew(with_model))
        assert gateway.decide(question()).json()["route"] == CHAT


def test_a_late_model() -> None:
    """The decision comes at the model's own deadline."""
    with routed(hangs) as (gateway, _):
        model = gateway.app._decider.routers.model
        assert model is not None
        model.deadline_s = 0.2
        answer = gateway.decide(question())
        assert answer.json()["route"] is None
        assert answer.headers["x-plano-router-reason"] in ("timeout", "connect_timeout")


def _metrics(gateway: Running) -> str:
    gateway.run(lambda: _flushed(gateway))
    return gateway.admin("/metrics").text


async def _flushed(gateway: Running) -> None:
    gateway.app._journal.flush()
