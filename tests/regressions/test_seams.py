"""Where parts meet: a refusal and a candidate that cannot take part, a reload and what was built before it."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from plano.config.settings import Settings
from plano.domain.attempt import Attempt, Outcome, Receipt, Refused, Try, Unfit
from plano.domain.decision import Candidate, Decision
from plano.domain.intent import SKIPPED
from plano.domain.model import Dialect, ModelTable
from plano.domain.request import Call
from plano.domain.route import NO_ROUTES
from plano.errors import InvalidRequest
from plano.gateway import Gateway
from plano.observe.log import Log
from plano.policy import Policy
from plano.ports import Answer
from plano.server.reloading import Reloader
from plano.signals.board import Board
from plano.upstream import http
from plano.wire.dialects.passage import passage
from tests.running import C, Running, mission_text, running
from tests.server.golden import MODELS as SPOKEN
from tests.server.golden import golden
from tests.test_gateway import MODELS, WISHES, FakeClock, request_for

OVERFLOW = Refused(400, overflows=True)
UNFIT = Unfit(InvalidRequest("n: 2 answers at once", param="n"))


class _InTurn:
    """An upstream that ends one attempt after the other as told, with an answer where it is a refusal."""

    def __init__(self, *endings: Outcome) -> None:
        self._endings = iter(endings)

    async def perform(self, attempt: Attempt, _call: Call) -> tuple[Outcome, Answer | None]:
        """The next ending."""
        outcome = next(self._endings)
        said = Answer(400, (), f"too long for {attempt.candidate.model.name}".encode())
        return outcome, said if isinstance(outcome, Refused) else None


async def test_a_prompt_that_is_too_long_and_has_no_words_elsewhere() -> None:
    """The refusal of the one that was asked is the answer: it used to get lost, and the caller saw a 500."""
    models = [replace(MODELS.models[name], prompt_limit=limit) for name, limit in (("p/a", 100), ("p/b", 200))]
    clock = FakeClock()
    policy = Policy(ModelTable({model.name: model for model in models}), NO_ROUTES)
    gateway = Gateway(policy, board=Board(), clock=clock, jitter=lambda: 1.0)
    candidates = tuple(Candidate(model, place) for place, model in enumerate(models, 1))
    call = Call(request_for(), (), WISHES.trace_id, received_at=clock.time)
    decision = Decision(None, WISHES.trace_id, candidates, SKIPPED)
    done = await gateway.complete(call, decision, _InTurn(OVERFLOW, UNFIT))
    assert done.answer is not None
    assert (done.answer.body, str(done.receipt), done.receipt.model) == (
        b"too long for p/a",
        "p/a=400, p/b=unfit",
        "p/a",
    )


@pytest.mark.parametrize("reason", ["held", "ejected", "unfit"])
def test_a_refusal_is_shown_as_of_the_model_that_refused(reason: str) -> None:
    """Not as of the one behind it, which takes longer prompts and was not asked."""
    assert Receipt((Try("p/a", "400"), Try("p/b", reason)), OVERFLOW).model == "p/a"


COUNT = "/v1/messages/count_tokens"
HELLO = [{"role": "user", "content": "hi"}]


def test_tokens_are_counted_under_the_configuration_that_counts(gateway: Running) -> None:
    """After a reload too: new models are known, old ones are not; it used to stay with those of the start."""
    text = mission_text().replace(C, "openai/gpt-new")

    def read() -> Settings:
        return gateway.settings(text)

    def statuses() -> list[int]:
        return [gateway.post(COUNT, {"model": name, "messages": HELLO}).status_code for name in (C, "openai/gpt-new")]

    assert statuses() == [200, 404]
    assert gateway.run(Reloader(gateway.app, read, log=Log(gateway.log)).reload) is None
    assert statuses() == [404, 200]


def test_a_large_body_to_count_is_read_beside_the_loop(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on the other paths: the parse of megabytes used to hold up everybody."""
    decider, seen = gateway.app._endpoints[0].decider, []
    parse = decider.parse

    def watched(body: bytes, dialect: Any) -> Any:
        seen.append(threading.current_thread().name.partition("_")[0])
        return parse(body, dialect)

    monkeypatch.setattr(type(decider), "parse", staticmethod(watched))
    large = [{"role": "user", "content": "x" * 300_000}]
    assert gateway.post(COUNT, {"model": C, "messages": large}).status_code == 200
    assert seen == ["plano-reader"]


def _translated_in(monkeypatch: pytest.MonkeyPatch, text: str) -> list[str]:
    """The threads in which a request with this prompt is translated for a provider of another dialect."""
    seen, made = [], passage

    def watched(*given: Any, **named: Any) -> Any:
        seen.append(threading.current_thread().name.partition("_")[0])
        return made(*given, **named)

    monkeypatch.setattr(http, "passage", watched)
    asked = {"model": SPOKEN[Dialect.ANTHROPIC_MESSAGES], "messages": [{"role": "user", "content": text}]}
    with golden() as provider, running(provider.config, at_mock=False) as gateway:
        assert gateway.chat(asked).status_code == 200
        assert text in json.dumps(provider.bodies)
    return seen


def test_a_large_body_is_translated_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt in another dialect used to hold up everybody, 0.1 s for five megabytes."""
    assert _translated_in(monkeypatch, "x" * 300_000) == ["plano-reader"]


def test_a_small_body_is_translated_on_the_spot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread would cost more than it saves."""
    assert _translated_in(monkeypatch, "hi") != ["plano-reader"]


@pytest.mark.parametrize(
    "policy",
    [
        {"prefer": "balanced", "weights": {"cost": 10**400}},
        {"prefer": "balanced", "weights": {"latency": 10**400}},
        {"max_usd_per_mtok": 10**400},
        {"max_ttft_s": 10**400},
    ],
)
def test_a_number_too_large_for_a_policy_is_the_callers_mistake(gateway: Running, policy: dict[str, Any]) -> None:
    """With its place, as every other wrong number: it used to be a 500."""
    routes = [{"name": "r", "description": "d", "models": [C], "selection_policy": policy}]
    answer = gateway.decide({"model": C, "messages": HELLO, "routing_preferences": routes})
    place = str(answer.json()["error"]["param"])
    assert (answer.status_code, place.startswith("routing_preferences[0].selection_policy.")) == (400, True)
