"""Sessions, turns that are no user's, and the switching budget. Numbers are those of the acceptance cases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.acceptance.answers import message, route
from tests.acceptance.hosts import Answer, Seen, host, said
from tests.acceptance.stand import AS_CHAT, AS_NONE, Stand, stand
from tests.acceptance.test_08_ranking import models_dev
from tests.observe.traces.receiver import Receiver, receiving
from tests.running import CODE, A, B, C, mission_text

S1 = {"x-model-affinity": "s1"}
SIX = ["models", "route", "trace_id", "session_id", "pinned", "switched"]
ASK: dict[str, Any] = {"role": "user", "content": "write a sorting algorithm in Python"}


@pytest.fixture
def own() -> Any:
    """A stand of one's own: sessions outlive a request."""
    with stand() as made:
        yield made


def test_196_no_session(own: Stand) -> None:
    """196. Without a session's id nothing is said of one."""
    answer = own.d()
    assert "session_id" not in answer.json()
    assert "x-plano-session-id" not in answer.headers


def test_197_six_keys(own: Stand) -> None:
    """197, 198, 346. The first request binds, the next is pinned; another session is another one."""
    first, second, other = own.d(S1), own.d(S1), own.d({"x-model-affinity": "s2"})
    assert list(first.json()) == SIX
    assert [first.json()[key] for key in SIX[3:]] == ["s1", False, False]
    assert [second.json()[key] for key in ("pinned", "switched")] == [True, False]
    assert second.json()["models"][0] == first.json()["models"][0]
    assert other.json()["pinned"] is False
    assert own.x(S1).headers["x-plano-session-id"] == "s1"


def test_199_router_is_not_asked(own: Stand) -> None:
    """199. While the session is warm its route stays."""
    own.d(S1)
    own.r.usual = lambda _: AS_CHAT
    calls = own.calls()[0]
    decision = own.d(S1).json()
    assert (decision["models"], decision["route"], decision["pinned"]) == ([A, B], CODE, True)
    assert own.calls()[0] == calls


def test_201_health_wins(own: Stand) -> None:
    """201, 203. A model that is out does not hold its session."""
    own.d(S1)
    own.ua.usual = lambda _: said({"type": "error", "error": {"type": "api_error", "message": "x"}}, 500)
    for _ in range(5):
        own.x()
    calls = own.calls()[0]
    decision = own.d(S1).json()
    assert (decision["models"][0], decision["switched"], decision["pinned"]) == (B, True, False)
    assert own.calls()[0] == calls + 1


def test_202_one_binding_a_model(own: Stand) -> None:
    """202. A side call for another model is routed on its own."""
    own.d(S1)
    own.r.usual = lambda _: AS_CHAT
    assert own.d(S1, model=B).json()["route"] == "general questions"
    assert own.d(S1).json()["models"] == [A, B]


@pytest.mark.parametrize(
    ("headers", "session"),
    [
        ({"x-claude-code-session-id": "cc1"}, "cc1"),
        ({"x-claude-code-session-id": "cc1", **S1}, "s1"),
        ({"x-plano-cache": "OFF", **S1}, "s1"),
    ],
)
def test_211_other_names(own: Stand, headers: dict[str, str], session: str) -> None:
    """210, 211. A coding agent's own id serves where no other is given."""
    assert own.d(headers).json()["session_id"] == session


def test_212_no_route_is_bound_too(own: Stand) -> None:
    """212. The binding holds the model that answers."""
    own.r.usual = lambda _: AS_NONE
    own.d(S1)
    own.x(S1)
    assert own.uo.calls[-1].json["model"] == "gpt-4o-mini"


def test_213_bounded() -> None:
    """213. The session that was not used for longest is forgotten first."""
    with stand(more="routing:\n  session_max_entries: 2\n  router:\n    deadline: 20s") as f:
        for name in ("s1", "s2", "s3", "s3"):
            f.d({"x-model-affinity": name})
        assert [f.d({"x-model-affinity": name}).json()["pinned"] for name in ("s2", "s3")] == [True, True]
        assert f.d(S1).json()["pinned"] is False


@pytest.mark.parametrize(
    ("system", "user", "session"),
    [
        ("You are helpful.", "hi", "implicit:9927398c39000ed9"),
        (None, "hello", "implicit:b4076d4c86272865"),
        ("You are helpful.", "héllo", "implicit:fc15051336a7ab77"),
        (
            "You are a senior Rust engineer.",
            "Write a Rust function that reverses a linked list.",
            "implicit:8e76b367cc3a4336",
        ),
    ],
)
def test_204_implicit(system: str | None, user: str, session: str) -> None:
    """204, 205. With prompt caching a conversation that nobody named has a session."""
    turns = [*([{"role": "system", "content": system}] if system else ()), {"role": "user", "content": user}]
    with stand(more="prompt_caching:\n  enabled: true") as f:
        first = f.d(messages=turns).json()
        assert (first["session_id"], first["pinned"]) == (session, False)
        later = [*turns, {"role": "assistant", "content": "x"}, {"role": "user", "content": "go on"}]
        assert [f.d(messages=later).json()[key] for key in ("session_id", "pinned")] == [session, True]


TAILS: list[list[dict[str, Any]]] = [
    [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "1"},
    ],
    [{"role": "assistant", "content": "x"}],
    [{"role": "assistant", "content": "x"}, {"role": "user", "content": "  "}],
    [{"role": "assistant", "content": "x"}, {"role": "user", "content": "<system-reminder>x</system-reminder>"}],
]
USER_ONLY = "routing:\n  route_on_user_only: true\n  router:\n    deadline: 20s"


@pytest.mark.parametrize("tail", TAILS)
def test_218_what_is_no_users_turn(tail: list[dict[str, Any]]) -> None:
    """218, 219, 225. It goes where the turn went that it belongs to; nobody is asked."""
    with stand(more=USER_ONLY) as f:
        f.x()
        f.r.usual = lambda _: AS_CHAT
        calls = f.calls()[0]
        decision = f.d(messages=[ASK, *tail]).json()
        assert (decision["models"][0], decision["route"], f.calls()[0]) == (A, CODE, calls)


@pytest.mark.parametrize("more", ["and now?", "<system-reminder>x</system-reminder> and now?"])
def test_220_new_turns(more: str) -> None:
    """220. New words are asked about."""
    with stand(more=USER_ONLY) as f:
        f.x()
        calls = f.calls()[0]
        f.d(messages=[ASK, {"role": "assistant", "content": "x"}, {"role": "user", "content": more}])
        assert f.calls()[0] == calls + 1


def _budget(url: str, pct: str = "25") -> tuple[str, str]:
    routes = "".join(f"  - {{name: r{n}, description: d, models: [{m}]}}\n" for n, m in (("a", A), ("b", B), ("c", C)))
    text = mission_text().partition("routing_preferences:")[0] + "routing_preferences:\n" + routes
    more = (
        f"model_metrics_sources:\n  - {{type: cost, provider: models.dev, url: '{url}'}}\n"
        f"routing:\n  routing_budget:\n    max_switch_spend_pct: {pct}\n  router:\n    deadline: 20s"
    )
    return text, more


PRICES = {A: (3.0, 15.0, 0.3), B: (5.0, 20.0, 0.5), C: (0.1, 0.4)}


def _many(_: Seen) -> Answer:
    return said(message(usage={"input_tokens": 100_000, "output_tokens": 1}))


def test_226_a_switch_is_paid_for() -> None:
    """226, 227. The switch comes when what was saved up pays for it, and not before."""
    with host(lambda _: said(models_dev(PRICES))) as prices:
        text, more = _budget(prices.url)
        with stand(text=text, more=more, router=route("ra")) as f:
            f.ua.usual = _many
            assert f.x(S1).headers["x-plano-model"] == A
            f.r.usual = lambda _: route("rb")
            served = [f.x(S1).headers["x-plano-model"] for _ in range(63)]
            assert served == [A] * 62 + [B]


def test_230_a_cheaper_one_is_free() -> None:
    """230. What saves money needs no budget."""
    with host(lambda _: said(models_dev(PRICES))) as prices:
        text, more = _budget(prices.url)
        with stand(text=text, more=more, router=route("ra")) as f:
            f.ua.usual = _many
            f.x(S1)
            f.r.usual = lambda _: route("rc")
            assert f.x(S1).headers["x-plano-model"] == C


def test_237_no_budget() -> None:
    """228, 237. With nothing to spend a warm session stays; the decision says where it would stay."""
    with host(lambda _: said(models_dev(PRICES))) as prices:
        text, more = _budget(prices.url, "0")
        with stand(text=text, more=more, router=route("ra")) as f:
            f.ua.usual = _many
            f.x(S1)
            f.r.usual = lambda _: route("rb")
            assert {f.x(S1).headers["x-plano-model"] for _ in range(5)} == {A}
            decision = f.d(S1).json()
            assert (decision["models"][0], decision["route"]) == (A, "ra")
            assert (decision["pinned"], decision["switched"]) == (True, False)


def _traced(url: str) -> str:
    return f"\ntracing:\n  opentracing_grpc_endpoint: '{url}'\n  random_sampling: 100"


def _span(kept: Receiver, answer: httpx2.Response) -> dict[str, Any]:
    """The attributes of an answered request's own span."""
    while True:
        for span in kept.batches.get(timeout=20):
            if span.kind == "server" and span.trace_id == answer.headers["traceparent"].split("-")[1]:
                return span.attributes


def test_217_twenty_turns_at_once() -> None:
    """217. What all of them cost stands in the span of the next one."""
    with host(lambda _: said(models_dev(PRICES))) as prices, receiving() as kept:
        text, more = _budget(prices.url)
        with stand(text=text, more=more + _traced(kept.url), router=route("ra")) as f:
            f.ua.usual = _many
            with ThreadPoolExecutor(20) as callers:
                answers = list(callers.map(lambda _: f.x({**S1, "x-plano-cost": "on"}), range(20)))
            spent = sum(float(answer.headers["x-plano-cost-usd"]) for answer in answers)
            last = f.x({**S1, "traceparent": None})
            said_of_it = _span(kept, last)
            assert said_of_it["plano.session.total_cost_in_usd"] == pytest.approx(spent)
            assert spent > 0


def test_225_a_replay_is_counted() -> None:
    """225. Why the router was not asked is told apart."""
    with stand(more=USER_ONLY) as f:
        f.x()
        f.d(messages=[ASK, *TAILS[0]])
        text = f.admin("/metrics").text
        assert 'plano_router_skips_total{reason="not_user_turn"} 1' in text
        assert 'plano_router_skips_total{reason="session"}' not in text


def test_246_who_was_kept_away() -> None:
    """246. Where it is asked for, the span names what the router wanted."""
    with host(lambda _: said(models_dev(PRICES))) as prices, receiving() as kept:
        text, more = _budget(prices.url, "0")
        counted = more.replace("    max_switch", "    record_counterfactual: true\n    max_switch")
        with stand(text=text, more=counted + _traced(kept.url), router=route("ra")) as f:
            f.ua.usual = _many
            f.x(S1)
            f.r.usual = lambda _: route("rb")
            retained = f.x({**S1, "traceparent": None})
            attributes = _span(kept, retained)
            assert attributes["plano.switch.counterfactual_route"] == f"{B} (rb)"
            assert attributes["plano.switch.decision"] == "retained/over_cap"
