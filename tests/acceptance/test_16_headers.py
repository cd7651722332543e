"""Header fields and credentials, health, lists of models. Numbers are those of the acceptance cases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.answers import chat, route
from tests.acceptance.hosts import said
from tests.acceptance.stand import AS_NONE, OFF, Stand, stand
from tests.running import CODE, TRACE_ID, A, B, C, mission_text, running

HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
ASK: list[dict[str, Any]] = [{"role": "user", "content": "write a sorting algorithm in Python"}]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses"])
def test_341_told_on_every_answer(f: Stand, path: str, stream: bool) -> None:
    """341, 342. Model, route, attempts, trace and times."""
    answer = f.post(
        path, {"model": C, "max_tokens": 50, "messages": ASK, "input": "write a sorting algorithm", "stream": stream}
    )
    fields = answer.headers
    assert (fields["x-plano-model"], fields["x-plano-route"]) == (A, CODE)
    assert fields["x-plano-attempts"] == f"{A}=200"
    assert fields["traceparent"].split("-")[1] == TRACE_ID
    stages = dict(part.split(";dur=") for part in fields["server-timing"].split(", "))
    assert set(stages) >= {"parse", "route", "rank", "connect", "ttft"}
    assert all(float(value) >= 0 for value in stages.values())


def test_343_on_decisions(f: Stand) -> None:
    """343, 344. A decision has no attempts; without a route there is no route field."""
    fields = f.d().headers
    assert (fields["x-plano-model"], fields["x-plano-route"], "x-plano-attempts" in fields) == (A, CODE, False)
    assert {part.split(";")[0] for part in fields["server-timing"].split(", ")} >= {"parse", "route", "rank"}
    f.r.script = [AS_NONE]
    assert "x-plano-route" not in f.d().headers


def test_345_odd_names(f: Stand) -> None:
    """345. A route's name is written so that no header can be made of it."""
    f.r.script = [route("génération\n")]
    answer = f.d(routing_preferences=[{"name": "génération\n", "description": "d", "models": [B]}])
    assert answer.headers["x-plano-route"] == "g%C3%A9n%C3%A9ration%0A"


def test_347_callers_credentials_stay(f: Stand) -> None:
    """347, 348. What the caller holds goes to nobody."""
    secrets = {
        "x-api-key": "caller-key",
        "api-key": "caller-key",
        "cookie": "sid=77",
        "proxy-authorization": "Basic zz9",
    }
    assert f.x({"authorization": "Bearer caller-key", **secrets}).status_code == 200
    seen = json.dumps([one.fields for one in (*f.r.calls, *f.ua.calls, *f.uo.calls)])
    assert not [word for word in ("caller-key", "sid=77", "zz9") if word in seen]
    assert f.ua.calls[-1].fields["x-api-key"] == "sk-ant-test-a"


OLLAMA = """version: v0.4.0
model_providers:
  - model: ollama/x
routing_preferences: []
"""


def test_348_no_key_at_all() -> None:
    """348. A provider without a key gets none."""
    with stand(text=OLLAMA) as f:
        assert f.x({**OFF, "authorization": "Bearer caller-key"}, model="ollama/x").status_code == 200
        assert "authorization" not in f.uo.calls[-1].fields


PASSING = """version: v0.4.0
model_providers:
  - model: openai/gpt-4o
    passthrough_auth: true
  - model: anthropic/claude-sonnet-4-20250514
    passthrough_auth: true
routing_preferences: []
"""


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"authorization": "Bearer caller-key"}, "Bearer caller-key"),
        ({"x-api-key": "k2"}, "Bearer k2"),
        ({"authorization": "Bearer k1", "x-api-key": "k2"}, "Bearer k1"),
        ({"authorization": "bearer k3"}, "Bearer k3"),
        ({"authorization": ""}, None),
    ],
)
def test_349_passed_on_where_told(given: dict[str, str], sent: str | None) -> None:
    """349, 350. Where the file says so the caller's key goes up, as the provider takes keys."""
    with stand(text=PASSING) as f:
        f.x({**OFF, **given}, model=B)
        if f.uo.calls:
            assert f.uo.calls[-1].fields.get("authorization") == sent
        else:
            assert sent is None
        f.x({**OFF, "authorization": "Bearer caller-key"}, model=A)
        assert f.ua.calls[-1].fields["x-api-key"] == "caller-key"
        assert "authorization" not in f.ua.calls[-1].fields


def test_351_never_to_the_next() -> None:
    """351. The next candidate is called with its own key."""
    text = mission_text().replace(
        "  - model: openai/gpt-4o\n    access_key: $OPENAI_API_KEY\n",
        "  - model: openai/gpt-4o\n    passthrough_auth: true\n",
        1,
    )
    with stand(text=text) as f:
        f.uo.usual = lambda _: said({"error": {"message": "x"}}, 500)
        prefs = [{"name": CODE, "description": "d", "models": [B, A]}]
        assert f.x({"authorization": "Bearer caller-key"}, routing_preferences=prefs).headers["x-plano-model"] == A
        assert f.ua.calls[-1].fields["x-api-key"] == "sk-ant-test-a"


def test_352_own_fields_stay(f: Stand) -> None:
    """352, 356. Our own fields and unknown ones do not go up."""
    own = {
        **OFF,
        "x-model-affinity": "s1",
        "x-plano-cache": "off",
        "x-plano-max-switch-spend-pct": "5",
        "x-company": "1",
        "user-agent": "me",
    }
    f.x(own)
    fields = f.uo.calls[-1].fields
    assert not [name for name in fields if name.startswith("x-plano") or name in {"x-model-affinity", "x-company"}]
    assert fields["user-agent"] == "me"


def test_353_trace_goes_on(f: Stand) -> None:
    """353, 354. The trace with a span of ours; the request's id, given or new."""
    f.x({"tracestate": "a=b", "x-request-id": "r1"})
    fields = f.ua.calls[-1].fields
    _, trace_id, span_id, _ = fields["traceparent"].split("-")
    assert (trace_id, fields["tracestate"], fields["x-request-id"]) == (TRACE_ID, "a=b", "r1")
    assert span_id != "00f067aa0ba902b7"
    f.x()
    assert f.ua.calls[-1].fields["x-request-id"] not in {"", "r1"}


def test_355_beta(f: Stand) -> None:
    """355. A vendor's own field goes to that vendor."""
    body = {"model": A, "max_tokens": 9, "messages": HI}
    f.post("/v1/messages", body, {**OFF, "anthropic-beta": "b1"})
    assert f.ua.calls[-1].fields["anthropic-beta"] == "b1"
    f.post("/v1/messages", {**body, "model": B}, {**OFF, "anthropic-beta": "b1"})
    assert "anthropic-beta" not in f.uo.calls[-1].fields


def test_357_last_words() -> None:
    """357. When to come again, where the last answer said so."""
    with stand() as f:
        f.uo.usual = lambda _: said({"error": {"message": "x"}}, 503, retry_after="7")
        answer = f.x(OFF)
        assert (answer.headers["x-should-retry"], answer.headers["retry-after"]) == ("false", "7")


def test_358_upstreams_fields(f: Stand) -> None:
    """358. What an upstream says about itself stays behind."""
    f.uo.script = [said(chat(), set_cookie="a=b", server="x", openai_organization="o", x_request_id="u1")]
    fields = f.x(OFF).headers
    assert not {"set-cookie", "openai-organization"} & set(fields)
    assert fields.get("server") != "x"
    assert fields["x-upstream-request-id"] == "u1"


@pytest.mark.parametrize(
    ("name", "status"), [("evil.example", 400), ("localhost:1", 200), ("127.0.0.1", 200), ("[::1]:9", 200)]
)
def test_359_host(f: Stand, name: str, status: int) -> None:
    """359. A page of elsewhere cannot talk to the loopback listener."""
    assert f.d({"host": name}).status_code == status


def test_367_health(f: Stand) -> None:
    """367, 368. Alive and ready."""
    assert [f.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


def test_370_models() -> None:
    """370, 371. The declared models and aliases in either shape, the same bytes each time."""
    text = mission_text() + "model_aliases:\n  fast:\n    target: openai/gpt-4o\n"
    with running(text) as m:
        listed = m.get("/v1/models")
        assert [one["id"] for one in listed.json()["data"]] == [A, B, C, "fast"]
        assert listed.json()["object"] == "list"
        assert all(set(one) == {"id", "object", "created", "owned_by"} for one in listed.json()["data"])
        assert m.get("/v1/models").content == listed.content
    with stand() as f:
        told = f.get("/v1/models", {"anthropic-version": "2023-06-01"}).json()
        assert told["has_more"] is False
        assert (told["first_id"], told["data"][0]["type"]) == (told["data"][0]["id"], "model")


def test_372_counters() -> None:
    """372, 373. Three decisions and two answers are counted; names that callers make up are not."""
    with stand() as f:
        for number in range(3):
            f.d(routing_preferences=[{"name": f"made-up-{number}", "description": "d", "models": [B]}])
        for _ in range(2):
            f.x()
        told = f.admin("/metrics").text
        assert "made-up" not in told
        counted = [line for line in told.splitlines() if line.startswith("plano_http_requests_total")]
        assert sum(float(line.rpartition(" ")[2]) for line in counted if "/routing/v1/chat/completions" in line) == 3
        assert sum(float(line.rpartition(" ")[2]) for line in counted if '"/v1/chat/completions"' in line) == 2


def test_374_no_pages_on_the_main_listener(f: Stand) -> None:
    """374. Pages are the admin listener's."""
    assert [f.get(path).status_code for path in ("/ui/", "/admin/")] == [404, 404]
    assert f.admin("/ui/").status_code == 200


def test_375_no_prompts_kept(f: Stand) -> None:
    """375. Neither prompts nor keys are kept."""
    f.x(messages=[{"role": "user", "content": "write code for zebra-crossing"}])
    kept = f.log.getvalue() + f.admin("/admin/records").text
    assert not [word for word in ("zebra-crossing", "sk-test-o", "sk-ant-test-a") if word in kept]
