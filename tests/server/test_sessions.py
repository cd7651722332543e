"""Sessions: a conversation stays with its model while it is warm, and no longer than that model is well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from plano.clock import SystemClock
from plano.server.reloading import Reloader
from tests.running import ASK, CHAT, CODE, A, B, C, Running, mission_text, question, running

S1 = {"x-model-affinity": "s1"}
CALLERS = "callers: {keys: {a: caller-key-0123456789, b: caller-key-abcdefghij}}\n"


@dataclass
class Later(SystemClock):
    """The clocks of this machine, ``ahead_s`` seconds later by the wall."""

    ahead_s: float = 0.0

    def wall(self) -> float:
        """Seconds since the epoch."""
        return SystemClock.wall() + self.ahead_s


@pytest.fixture
def clock(gateway: Running) -> Iterator[Later]:
    """The clock by which sessions of the gateway grow old."""
    clock = Later()
    gateway.app._sessions._clock = clock
    yield clock


def asked(gateway: Running) -> int:
    """How many questions the router had."""
    return len(gateway.classifier.questions)


def test_without_a_session_three_keys(gateway: Running) -> None:
    """Nobody who names no session hears of sessions."""
    answer = gateway.decide(question(), {"x-model-affinity": ""})
    assert list(answer.json()) == ["models", "route", "trace_id"]
    assert "x-plano-session-id" not in answer.headers


def test_the_first_request_binds_and_the_second_is_pinned(gateway: Running) -> None:
    """Six keys, in their order; the router is asked once; another id is another session."""
    first, second = gateway.decide(question(), S1).json(), gateway.decide(question(), S1).json()
    assert list(first) == ["models", "route", "trace_id", "session_id", "pinned", "switched"]
    assert (first["session_id"], first["pinned"], first["switched"]) == ("s1", False, False)
    assert (second["models"], second["route"]) == (first["models"], CODE)
    assert (second["pinned"], second["switched"], asked(gateway)) == (True, False, 1)
    assert gateway.decide(question(), {"x-model-affinity": "s2"}).json()["pinned"] is False


def test_a_warm_session_skips_the_router(gateway: Running) -> None:
    """What the router would say now counts for nothing: model and route stay."""
    gateway.decide(question(), S1)
    gateway.classifier.default = CHAT
    told = gateway.decide(question(), S1).json()
    assert (told["models"], told["route"], asked(gateway)) == ([A, B], CODE, 1)


def test_an_idle_session_is_over(gateway: Running, clock: Later) -> None:
    """After the ten minutes it is routed like any other request, and neither pinned nor switched."""
    gateway.decide(question(), S1)
    gateway.classifier.default = CHAT
    clock.ahead_s = 599.0
    assert gateway.decide(question(), S1).json()["pinned"] is True
    clock.ahead_s += 601.0
    told = gateway.decide(question(), S1).json()
    assert (told["models"], told["pinned"], told["switched"]) == ([C, B], False, False)


def test_its_life_is_configured() -> None:
    """With ``session_ttl_seconds`` twice as long it is still there."""
    with running(mission_text() + "routing: {session_ttl_seconds: 1200}\n") as gateway:
        clock = gateway.app._sessions._clock = Later()
        gateway.decide(question(), S1)
        clock.ahead_s = 1199.0
        assert gateway.decide(question(), S1).json()["pinned"] is True


def test_health_wins(gateway: Running) -> None:
    """A model that is held is left: the router is asked, another model leads, and the session says so."""
    gateway.decide(question(), S1)
    gateway.mock.script(A.partition("/")[2], ["429-retry-after-60"])
    gateway.chat(question())
    before = asked(gateway)
    told = gateway.decide(question(), S1).json()
    assert (told["models"][0], told["pinned"], told["switched"]) == (B, False, True)
    assert asked(gateway) == before + 1
    assert gateway.decide(question(), S1).json()["pinned"] is True


def test_a_fallback_moves_the_session(gateway: Running) -> None:
    """The next turn begins where the last one was answered."""
    gateway.mock.script(A.partition("/")[2], ["500"])
    assert gateway.chat(question(), S1).headers["x-plano-model"] == B
    told = gateway.decide(question(), S1).json()
    assert (told["models"], told["route"], told["pinned"]) == ([B, A], CODE, True)


def test_an_answer_names_the_session(gateway: Running) -> None:
    """The field is on whole answers, streams and decisions."""
    for stream in (False, True):
        answer = gateway.chat(question(stream=stream), S1)
        assert (answer.status_code, answer.headers["x-plano-session-id"]) == (200, "s1")
    assert gateway.decide(question(), S1).headers["x-plano-session-id"] == "s1"


def test_a_lane_for_each_requested_model(gateway: Running) -> None:
    """A side call to another model neither inherits the session nor moves it."""
    gateway.decide(question(), S1)
    gateway.classifier.default = CHAT
    assert gateway.decide(question(model=B), S1).json()["models"] == [C, B]
    assert gateway.decide(question(), S1).json()["models"] == [A, B]


def test_the_id_of_a_coding_agent_counts_where_no_other_is_given(gateway: Running) -> None:
    """``X-Claude-Code-Session-Id`` names the session, ``X-Model-Affinity`` wins."""
    agent = {"x-claude-code-session-id": "cc1"}
    assert gateway.decide(question(), agent).json()["session_id"] == "cc1"
    assert gateway.decide(question(), {**agent, **S1}).json()["session_id"] == "s1"


def test_no_route_is_a_binding_too(gateway: Running) -> None:
    """Where none matched, the session stays with the request's own model."""
    gateway.classifier.default = None
    gateway.decide(question(), S1)
    gateway.classifier.default = CODE
    told = gateway.decide(question(), S1).json()
    assert (told["models"], told["route"], told["pinned"]) == ([C], None, True)


def test_a_router_that_failed_binds_nothing(gateway: Running) -> None:
    """A verdict that was none must not last ten minutes."""
    gateway.classifier.fault = RuntimeError("broken")
    assert gateway.decide(question(), S1).json()["models"] == [C]
    gateway.classifier.fault = None
    assert gateway.decide(question(), S1).json()["models"] == [A, B]


def test_routing_switched_off_knows_no_session(gateway: Running) -> None:
    """Whoever wants its own model gets it, in a session as well, and the session does not notice."""
    gateway.decide(question(), S1)
    told = gateway.decide(question(), {**S1, "x-plano-routing": "off"}).json()
    assert (told["models"], "session_id" in told) == ([C], False)
    assert gateway.decide(question(), S1).json()["models"] == [A, B]


def test_other_routes_are_another_matter(gateway: Running) -> None:
    """An inline list without the session's route is routed afresh; one with it, but without its model, as well."""
    gateway.decide(question(), S1)
    other = [{"name": "prose", "description": "d", "models": [C]}]
    gateway.classifier.default = "prose"
    assert gateway.decide(question(routing_preferences=other), S1).json()["models"] == [C]
    gateway.classifier.default = CODE
    moved = [{"name": CODE, "description": "d", "models": [B]}]
    assert gateway.decide(question(routing_preferences=moved), {"x-model-affinity": "s2"}).json()["models"] == [B]
    told = gateway.decide(question(routing_preferences=[{**moved[0], "models": [C]}]), {"x-model-affinity": "s2"})
    assert (told.json()["models"], told.json()["switched"]) == ([C], True)


def test_a_session_id_has_a_bound(gateway: Running) -> None:
    """257 characters are refused with the name of the field."""
    assert gateway.decide(question(), {"x-model-affinity": "s" * 256}).status_code == 200
    answer = gateway.decide(question(), {"x-model-affinity": "s" * 257})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "x-model-affinity")


def test_a_session_belongs_to_its_tenant() -> None:
    """The same id of another caller, or under another label, is another session."""
    with running(mission_text() + CALLERS + "routing: {session_cache: {tenant_header: X-Team}}\n") as gateway:
        one, other = ({**S1, "authorization": f"Bearer caller-key-{rest}"} for rest in ("0123456789", "abcdefghij"))
        gateway.decide(question(), one)
        assert gateway.decide(question(), other).json()["pinned"] is False
        assert gateway.decide(question(), {**one, "x-team": "acme"}).json()["pinned"] is False
        assert gateway.decide(question(), one).json()["pinned"] is True


def test_the_least_recently_used_session_leaves() -> None:
    """With room for two, the third request forgets the first session; using one again forgets nobody."""
    with running(mission_text() + "routing: {session_max_entries: 2}\n") as gateway:
        for name in ("s1", "s2", "s3", "s3", "s2"):
            gateway.decide(question(), {"x-model-affinity": name})
        last = [gateway.decide(question(), {"x-model-affinity": name}).json() for name in ("s3", "s2", "s1")]
        pinned = [one["pinned"] for one in last]
        assert pinned == [True, True, False]


def test_a_session_is_explained(gateway: Running) -> None:
    """What it was bound to, and why the order is what it is."""
    gateway.decide(question(), S1)
    explained = gateway.decide(question(), S1, "?explain=1").json()["explanation"]
    session = explained["session"]
    assert (explained["router"], session["bound_to"], session["route"]) == ("skipped", A, CODE)
    assert explained["ranking"].startswith("the session stays with the first")


def test_nothing_of_it_goes_upstream(gateway: Running) -> None:
    """The id is between the caller and the gateway."""
    gateway.chat(question(), {**S1, "x-claude-code-session-id": "cc1"})
    assert not {"x-model-affinity", "x-claude-code-session-id"} & set(gateway.mock.calls[-1].fields)


def test_what_is_seen_of_sessions(gateway: Running) -> None:
    """Metrics count hits and misses; no metric names a session."""
    for _ in range(3):
        gateway.decide(question(), {"x-model-affinity": "very-odd-name"})
    metrics = gateway.admin("/metrics").text
    assert 'plano_session_events_total{outcome="hit"} 2' in metrics
    assert 'plano_session_events_total{outcome="miss"} 1' in metrics
    assert "very-odd-name" not in metrics
    assert "[pinned]" in [json.loads(line) for line in gateway.log.getvalue().splitlines()][-1]["decision"]


def test_records_say_what_a_session_meant(gateway: Running) -> None:
    """Kept and switched is told, by `plano explain` too; which session it was is not."""
    gateway.decide(question(), {"x-model-affinity": "very-odd-name"})
    gateway.decide(question(), {"x-model-affinity": "very-odd-name"})
    records = gateway.admin("/admin/records").text
    last, first = (one["decision"]["session"] for one in json.loads(records)["records"])
    assert (first["is_pinned"], first["bound_to"], last["is_pinned"], last["bound_to"]) == (False, None, True, A)
    assert "very-odd-name" not in records


def test_sessions_outlive_a_reload(gateway: Running) -> None:
    """Another configuration with the same route and model changes nothing for a conversation."""
    gateway.decide(question(), S1)
    text = mission_text() + "routing: {session_ttl_seconds: 60}\n"
    assert gateway.run(Reloader(gateway.app, lambda: gateway.settings(text), log=gateway.app._log).reload) is None
    assert gateway.decide(question(), S1).json()["pinned"] is True
    assert gateway.app._sessions._routing.session_ttl_s == 60


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/routing/v1/messages", {"model": C, "max_tokens": 5, "messages": [{"role": "user", "content": ASK}]}),
        ("/routing/v1/responses", {"model": C, "input": ASK}),
    ],
)
def test_one_session_for_all_dialects(gateway: Running, path: str, body: dict[str, object]) -> None:
    """A conversation may change its dialect."""
    gateway.decide(question(), S1)
    assert gateway.post(path, body, S1).json()["pinned"] is True


CACHING = "prompt_caching: {enabled: true, inject_cache_control: false, session_ttl_seconds: 60}\n"
RUST = [
    {"role": "system", "content": "You are a senior Rust engineer."},
    {"role": "user", "content": "Write a Rust function that reverses a linked list."},
]


def test_a_conversation_that_nobody_named() -> None:
    """With prompt caching its beginning is its id: the next turn is pinned, for the life of implicit sessions."""
    with running(mission_text() + CACHING) as gateway:
        clock = gateway.app._sessions._clock = Later()
        first = gateway.decide({"model": C, "messages": RUST}).json()
        assert (first["session_id"], first["pinned"]) == ("implicit:8e76b367cc3a4336", False)
        later = [*RUST, {"role": "assistant", "content": "fn r() {}"}, {"role": "user", "content": "and a tree?"}]
        second = gateway.decide({"model": C, "messages": later}).json()
        assert (second["session_id"], second["pinned"]) == (first["session_id"], True)
        clock.ahead_s = 61.0
        assert gateway.decide({"model": C, "messages": later}).json()["pinned"] is False


def test_prompt_caching_may_be_declined() -> None:
    """``X-Plano-Cache: off`` makes no implicit session, an explicit one still counts; so does the file's own word."""
    with running(mission_text() + CACHING) as gateway:
        off = {"x-plano-cache": "OFF"}
        assert "session_id" not in gateway.decide(question(), off).json()
        assert gateway.decide(question(), {**off, **S1}).json()["session_id"] == "s1"
        assert "session_id" not in gateway.decide({"model": C, "messages": [RUST[0]]}).json()
    with running(
        mission_text() + CACHING.replace("enabled: true", "enabled: true, session_affinity: false")
    ) as gateway:
        assert "session_id" not in gateway.decide(question()).json()


def test_a_long_beginning_is_hashed_beside_the_loop() -> None:
    """It is the same id, and found again."""
    long = [{"role": "user", "content": "long " * 60_000}]
    with running(mission_text() + CACHING) as gateway:
        first, second = (gateway.decide({"model": C, "messages": long}).json() for _ in range(2))
        assert (first["session_id"], second["pinned"]) == (second["session_id"], True)


AGENT = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": {}}]}
REMINDER = "<system-reminder>x</system-reminder>"


def agents(*tail: dict[str, object]) -> dict[str, object]:
    """A conversation that goes on with ``tail``."""
    return question(messages=[{"role": "user", "content": ASK}, *tail])


@pytest.mark.parametrize(
    "tail",
    [
        [AGENT, {"role": "tool", "tool_call_id": "1", "content": "42"}],
        [{"role": "assistant", "content": "so far"}],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": "  "}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": []}],
        [{"role": "user", "content": REMINDER}],
        [{"role": "user", "content": "<system-reminder>x"}],
        [{"role": "user", "content": [{"type": "text", "text": " "}]}],
        [{"role": "user", "content": f"{REMINDER}<user-prompt-submit-hook>y</user-prompt-submit-hook>"}],
    ],
)
def test_what_is_no_turn_of_the_user_repeats_the_decision(tail: list[dict[str, object]]) -> None:
    """The router is not asked; model and route are those of the turn it belongs to, also where none matched."""
    with running(mission_text() + "routing: {route_on_user_only: true}\n") as gateway:
        for wanted, models in ((CODE, [A, B]), (None, [C])):
            gateway.classifier.default = wanted
            gateway.decide(agents())
            before, gateway.classifier.default = asked(gateway), CHAT
            told = gateway.decide(agents(*tail)).json()
            assert (told["models"], told["route"], told["switched"]) == (models, wanted, False)
            assert asked(gateway) == before


@pytest.mark.parametrize(
    "content",
    [
        "now something else",
        f"{REMINDER} and this",
        [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}],
    ],
)
def test_a_new_turn_of_the_user_is_routed(content: object) -> None:
    """New text, text beside an envelope, a picture: the router decides, and the next repetition follows it."""
    with running(mission_text() + "routing: {route_on_user_only: true}\n") as gateway:
        gateway.decide(agents())
        gateway.classifier.default = CHAT
        turn = {"role": "user", "content": content}
        told = gateway.decide(agents(turn)).json()
        assert (told["models"], told["pinned"], told["switched"]) == ([C, B], False, True)
        again = gateway.decide(agents(turn, {"role": "assistant", "content": "x"})).json()
        assert (again["models"], again["pinned"]) == ([C, B], True)


def test_results_of_tools_in_other_dialects_repeat_the_decision() -> None:
    """Blocks of messages, items of responses; a result with new text beside it is a turn."""
    with running(mission_text() + "routing: {route_on_user_only: true}\n") as gateway:
        first = {"role": "user", "content": ASK}
        result = {"type": "tool_result", "tool_use_id": "1", "content": "42"}
        use = {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "t", "input": {}}]}
        gateway.post("/routing/v1/messages", {"model": C, "max_tokens": 5, "messages": [first]})
        body = {"model": C, "max_tokens": 5, "messages": [first, use, {"role": "user", "content": [result]}]}
        assert gateway.post("/routing/v1/messages", body).json()["pinned"] is True
        new = {"role": "user", "content": [result, {"type": "text", "text": "and now?"}]}
        assert gateway.post("/routing/v1/messages", {**body, "messages": [first, use, new]}).json()["pinned"] is False
        items = [first, {"type": "function_call_output", "call_id": "1", "output": "42"}]
        assert gateway.post("/routing/v1/responses", {"model": C, "input": items}).json()["pinned"] is True


def test_without_routes_there_is_nothing_to_repeat() -> None:
    """An empty list makes no session."""
    with running(mission_text() + "routing: {route_on_user_only: true}\n") as gateway:
        assert "session_id" not in gateway.decide(question(routing_preferences=[])).json()
