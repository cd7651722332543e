"""The decision endpoint. The number in front of each law is its acceptance case."""

from __future__ import annotations

import json
import re

import pytest

from tests.acceptance.answers import router
from tests.acceptance.hosts import Answer, said
from tests.acceptance.stand import AS_CHAT, AS_NONE, OFF, Stand, stand
from tests.running import CHAT, CODE, TRACE_ID, A, B, C

MISSION_LIST = [
    {"name": CODE, "description": "generating new code snippets", "models": [A, B, C]},
    {"name": CHAT, "description": "casual conversation and simple queries", "models": [C]},
]
THREE = ["models", "route", "trace_id"]


def test_004_three_keys(f: Stand) -> None:
    """4. 200 and JSON with exactly the three keys in this order; no candidate is called."""
    answer = f.d()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == THREE
    assert answer.json() == {"models": [A, B], "route": CODE, "trace_id": TRACE_ID}
    assert f.calls() == (1, 0, 0)


def test_005_another_route(f: Stand) -> None:
    """5. The route that the router model names decides."""
    f.r.script = [AS_CHAT]
    assert (f.d().json()["models"], f.calls()[0]) == ([C, B], 1)


@pytest.mark.parametrize(("model", "models"), [(C, [C]), (B, [B]), ("auto", [C]), ("gpt-4o", [B])])
def test_006_none(f: Stand, model: str, models: list[str]) -> None:
    """6, 7, 9, 82. Without a route the requested model stands alone, resolved."""
    f.r.script = [AS_NONE]
    decision = f.d(model=model).json()
    assert (decision["route"], decision["models"]) == (None, models)


def test_008_alias() -> None:
    """8. An alias is resolved."""
    with stand(more="model_aliases:\n  fast:\n    target: openai/gpt-4o", router=AS_NONE) as f:
        assert f.d(model="fast").json()["models"] == [B]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "messages",
            {"model": A, "max_tokens": 64, "messages": [{"role": "user", "content": "write a sorting algorithm"}]},
        ),
        ("responses", {"model": C, "input": "write a sorting algorithm"}),
    ],
)
def test_010_other_dialects(f: Stand, path: str, body: object) -> None:
    """10, 11. The same decision for the other two dialects."""
    answer = f.post(f"/routing/v1/{path}", body)
    assert (list(answer.json()), answer.json()["models"]) == (THREE, [A, B])


def test_012_stream_is_no_matter(f: Stand) -> None:
    """12. A decision is never streamed."""
    answer = f.d(stream=True)
    assert (answer.headers["content-type"], list(answer.json())) == ("application/json", THREE)


def test_013_without_preferences() -> None:
    """13. Without routes nobody is asked."""
    text = """version: v0.4.0
model_providers:
  - model: openai/gpt-4o-mini
    access_key: $OPENAI_API_KEY
    default: true
routing_preferences:
"""
    with stand(text=text.replace("routing_preferences:\n", "routing_preferences: []\n")) as f:
        decision = f.d().json()
        assert (decision["models"], decision["route"], f.calls()) == ([C], None, (0, 0, 0))


def test_014_no_messages(f: Stand) -> None:
    """14. Nothing to read: no route, nobody asked."""
    answer = f.d(messages=[])
    assert (answer.status_code, answer.json()["models"], answer.json()["route"], f.calls()[0]) == (200, [C], None, 0)


def test_016_new_traces(f: Stand) -> None:
    """16. Without a trace each request gets one of its own."""
    first, second = (f.d({"traceparent": None}).json()["trace_id"] for _ in range(2))
    assert first != second
    for one in (first, second):
        assert re.fullmatch("[0-9a-f]{32}", one)
        assert set(one) != {"0"}


@pytest.mark.parametrize(
    "given",
    [
        "00-xyz",
        "nodash",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ],
)
def test_017_bad_traceparent(f: Stand, given: str) -> None:
    """17. A bad one is as good as none."""
    answer = f.d({"traceparent": given})
    assert answer.status_code == 200
    assert answer.json()["trace_id"] not in given.lower()


def test_022_none_is_not_degraded(f: Stand) -> None:
    """22. NONE is an answer like any other."""
    f.r.script = [AS_NONE]
    assert "x-plano-router" not in f.d().headers


def test_023_the_same_bytes_again(f: Stand) -> None:
    """23. A hundred times the same bytes."""
    assert len({f.d().content for _ in range(100)}) == 1


def test_024_explain_adds_one_key(f: Stand) -> None:
    """24. ``?explain=1`` adds ``explanation`` and changes nothing else."""
    plain, told = f.d().json(), f.d(query="?explain=1").json()
    assert list(told) == [*THREE, "explanation"]
    assert {key: told[key] for key in THREE} == plain


def test_028_off(f: Stand) -> None:
    """28. Routing off: the requested model, nobody asked."""
    decision = f.d(OFF).json()
    assert (decision["models"], decision["route"], list(decision), f.calls()[0]) == ([C], None, THREE, 0)


def test_029_attempts_follow_the_decision() -> None:
    """29. The order of attempts is ``models``."""
    with stand() as f:
        f.ua.script = [said({"error": {"type": "api_error", "message": "x"}}, 503)]
        assert f.d().json()["models"] == [A, B]
        assert f.x().headers["x-plano-attempts"] == f"{A}=503, {B}=200"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_030_other_methods(f: Stand, method: str) -> None:
    """30. 405 with the method that is allowed."""
    answer = f.client.request(method, f"{f.url}/routing/v1/chat/completions")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("said_by_r", "route"),
    [
        (json.dumps({"route": [CODE, CHAT]}), CODE),
        (json.dumps({"route": ["nope", CHAT]}), CHAT),
        (json.dumps({"route": CODE}), CODE),
        ('```json\n{"route": ["code generation"]}\n```', CODE),
        ('<think>maybe {"route": ["general questions"]}</think>{"route": ["code generation"]}', CODE),
        ('Sure: {"route": ["code generation"]} is best.', CODE),
        ("{'route': ['code generation']}\\n", CODE),
        ('{"route": [" Code Generation "]}', CODE),
        ("code generation", CODE),
    ],
)
def test_149_lenient_in_form(f: Stand, said_by_r: str, route: str) -> None:
    """149, 150, 154, 155, 157, 158. However it is dressed, one known name counts."""
    f.r.script = [router(said_by_r)]
    answer = f.d()
    assert answer.json()["route"] == route
    assert "x-plano-router" not in answer.headers


@pytest.mark.parametrize(
    "said_by_r",
    [
        '{"route": []}',
        '{"route": null}',
        "{}",
        '{"route": [""]}',
        '{"route": ""}',
        "",
        '{"route": "other"}',
        '{"route": ["nope"]}',
    ],
)
def test_151_no_route(f: Stand, said_by_r: str) -> None:
    """151, 152. An answer without a known name is no route, and not a broken router."""
    f.r.script = [router(said_by_r)]
    answer = f.d()
    assert (answer.status_code, answer.json()["route"]) == (200, None)
    assert "x-plano-router" not in answer.headers


@pytest.mark.parametrize(
    "answer",
    [
        said({"choices": []}),
        said({"choices": [{"index": 0, "message": {"role": "assistant", "content": None}}]}),
        said({"choices": [{"message": {"content": '{"route": ["code generation"]}'}}]}),
    ],
)
def test_151_bare_answers(f: Stand, answer: Answer) -> None:
    """151, 161. No choices or no content is no route; an answer without id, usage and date counts."""
    f.r.script = [answer]
    told = f.d()
    assert told.status_code == 200
    assert told.json()["route"] == (CODE if b"code generation" in answer.body else None)
    assert "x-plano-router" not in told.headers


def _broken() -> list[Answer]:
    html = Answer(body=b"<html>hi</html>", fields={"content-type": "text/html"})
    return [
        said({"error": {"message": "x"}}, 500),
        said({"error": {"message": "x"}}, 429),
        html,
        router('{"route": ["code generation"'),
        router("I would rather talk about the weather."),
        router('{"route": ["code generation"]}' + "x" * 2048),
        said({"error": {"message": "too long", "type": "invalid_request_error", "param": "messages"}}, 400),
    ]


@pytest.mark.parametrize("answer", _broken())
def test_159_broken_router(answer: Answer) -> None:
    """19, 159, 160, 162. The decision comes as no route, and says that the router is not well."""
    with stand(router=answer) as f:
        told = f.d()
        assert (told.status_code, told.json()["route"], told.json()["models"]) == (200, None, [C])
        assert told.headers["x-plano-router"] == "degraded"
        explained = f.d(query="?explain=1").json()["explanation"]
        assert (explained["router"], [one["model"] for one in explained["candidates"]]) == ("degraded", [C])


def test_019_router_not_there() -> None:
    """19, 21. Nothing listens: degraded, counted."""
    with stand() as f:
        f.r.close()
        told = f.d()
        assert (told.json()["route"], told.headers["x-plano-router"]) == (None, "degraded")
        lines = f.admin("/metrics").text.splitlines()
        (counted,) = [one for one in lines if "decisions_total{" in one and 'fallback="true"' in one]
        assert counted.endswith(" 1")


def test_133_what_the_router_is_sent(f: Stand) -> None:
    """133, 135, 138. One user message with routes and conversation; never the caller's key."""
    f.d({"authorization": "Bearer caller-key"})
    (seen,) = f.r.calls
    assert (seen.method, seen.path) == ("POST", "/v1/chat/completions")
    assert set(seen.json) == {"model", "messages", "temperature"}
    assert (seen.json["model"], seen.json["temperature"]) == ("test-router", 0.01)
    (only,) = seen.json["messages"]
    assert only["role"] == "user"
    assert "caller-key" not in json.dumps(seen.fields)
    routes = only["content"].split("<routes>\n")[1].split("</routes>")[0].strip().splitlines()
    empty = '"parameters": {"type": "object", "properties": {}, "required": []}}'
    assert routes == [
        f'{{"name": "code generation", "description": "generating new code snippets or boilerplate", {empty}',
        f'{{"name": "general questions", "description": "casual conversation and simple queries", {empty}',
    ]
    conversation = only["content"].split("<conversation>\n")[1].split("</conversation>")[0].strip()
    wanted = [{"role": "user", "content": "write a sorting algorithm in Python"}]
    assert conversation == json.dumps(wanted, indent=4)


def test_163_single_route_is_asked_too(f: Stand) -> None:
    """163. With one route the router may still say none."""
    f.r.script = [AS_NONE]
    decision = f.d(routing_preferences=MISSION_LIST[:1]).json()
    assert (decision["route"], decision["models"], f.calls()[0]) == (None, [C], 1)
