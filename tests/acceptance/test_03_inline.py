"""Inline preferences, model names and aliases. Numbers are those of the acceptance cases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.answers import route
from tests.acceptance.stand import AS_NONE, OFF, Stand, stand
from tests.running import CODE, TRACE_ID, A, B, C, mission_text

SQL = {"name": "sql", "description": "writing SQL", "models": [B]}


def entry(**more: Any) -> dict[str, Any]:
    """An entry of a list; a member of ``...`` is left out."""
    return {key: value for key, value in {**SQL, **more}.items() if value is not ...}


def test_055_replaces_for_one_request(f: Stand) -> None:
    """55, 56. The inline list replaces the configured one, once."""
    f.r.script = [route("sql")]
    decision = f.d(routing_preferences=[SQL]).json()
    assert (decision["models"], decision["route"]) == ([B], "sql")
    prompt = f.r.calls[0].json["messages"][0]["content"]
    assert '"sql"' in prompt
    assert '"general questions"' not in prompt
    assert f.d().json()["route"] == CODE


def test_057_empty(f: Stand) -> None:
    """57. An empty list means no routes."""
    decision = f.d(routing_preferences=[]).json()
    assert (decision["route"], decision["models"], f.calls()[0]) == (None, [C], 0)


P = "routing_preferences"
NO_LISTS: list[Any] = ["x", {}, 5, None]
NO_MODELS: list[Any] = [..., [], "openai/gpt-4o"]
BAD: list[tuple[Any, str]] = [
    *((value, P) for value in NO_LISTS),
    (["x"], f"{P}[0]"),
    *(([SQL, entry(name=name)], f"{P}[1].name") for name in (..., "", 5)),
    *(([entry(description=text)], f"{P}[0].description") for text in (..., "", 5)),
    *(([entry(models=models)], f"{P}[0].models") for models in NO_MODELS),
    ([SQL, entry(name="b", models=[5])], f"{P}[1].models[0]"),
    ([entry(models=[B, "openai/gpt-5-nope"])], f"{P}[0].models[1]"),
    ([entry(name="x"), entry(name="x")], f"{P}[1].name"),
    ([entry(selection_policy={"prefer": "best"})], f"{P}[0].selection_policy.prefer"),
    ([entry(selection_policy="cheapest")], f"{P}[0].selection_policy"),
    ([entry(name=str(number)) for number in range(257)], P),
    ([entry(name=str(n), description="d" * 2000) for n in range(66)], P),
    ([entry(name="n" * 129)], f"{P}[0].name"),
    ([entry(description="d" * 2049)], f"{P}[0].description"),
    ([entry(models=[B] * 33)], f"{P}[0].models"),
    ([entry(models=["auto"])], f"{P}[0].models[0]"),
]


@pytest.mark.parametrize(("preferences", "param"), BAD)
@pytest.mark.parametrize("path", ["/routing/v1/chat/completions", "/v1/chat/completions"])
def test_058_bad_lists(f: Stand, path: str, preferences: Any, param: str) -> None:
    """58 to 67, 70, 71, 75, 77. The exact place, before anybody is called."""
    body = {"model": C, "messages": [{"role": "user", "content": "hi"}], P: preferences}
    answer = f.post(path, body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "invalid_routing_preferences", param)
    assert (error["trace_id"], f.calls()) == (TRACE_ID, (0, 0, 0))


@pytest.mark.parametrize(
    ("preferences", "words"),
    [
        ([entry(models=[B, "openai/gpt-5-nope"])], ("openai/gpt-5-nope", B)),
        ([entry(selection_policy={"prefer": "best"})], ("cheapest", "fastest")),
    ],
)
def test_064_says_what_would_do(f: Stand, preferences: Any, words: tuple[str, ...]) -> None:
    """64, 66. The message names what was probably meant."""
    message = f.d(routing_preferences=preferences).json()["error"]["message"]
    assert all(word in message for word in words)


@pytest.mark.parametrize("policy", [..., None, {}, {"prefer": None}, {"prefer": ""}, {"prefer": "none"}])
def test_068_no_policy(f: Stand, policy: Any) -> None:
    """68. Six ways to ask for the author's order."""
    f.r.script = [route("sql")]
    answer = f.d(routing_preferences=[entry(models=[A, C, B], selection_policy=policy)])
    assert answer.json()["models"] == [A, C, B]


def test_069_the_most_routes(f: Stand) -> None:
    """69. 256 entries are allowed."""
    f.r.script = [route("7")]
    assert f.d(routing_preferences=[entry(name=str(number)) for number in range(256)]).json()["route"] == "7"


def test_072_bad_list_with_routing_off(f: Stand) -> None:
    """72. A bad list is bad although it is not needed."""
    assert f.d(OFF, routing_preferences=5).status_code == 400


@pytest.mark.parametrize(
    ("more", "models"), [({"note": "x"}, [B]), ({"models": [B, A, B]}, [B, A]), ({"models": ["gpt-4o"]}, [B])]
)
def test_073_forgiven(f: Stand, more: dict[str, Any], models: list[str]) -> None:
    """73 to 75. Extra members, repeated models and bare ids."""
    f.r.script = [route("sql")]
    assert f.d(routing_preferences=[entry(**more)]).json()["models"] == models


@pytest.mark.parametrize("path", ["messages", "responses"])
def test_076_other_shapes(f: Stand, path: str) -> None:
    """76. The same code and place in each shape."""
    body = {"model": C, "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}], "input": "hi"}
    error = f.post(f"/routing/v1/{path}", {**body, P: [entry(models=["x/y"])]}).json()["error"]
    assert (error["code"], error["param"]) == ("invalid_routing_preferences", f"{P}[0].models[0]")


@pytest.mark.parametrize("model", [..., "", None])
@pytest.mark.parametrize(
    "path", ["/routing/v1/chat/completions", "/v1/chat/completions", "/v1/messages", "/v1/responses"]
)
def test_078_model_required(f: Stand, path: str, model: Any) -> None:
    """78, 79. A request names its model; the old hint does not count."""
    body = {"model": model, "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}], "input": "hi"}
    answer = f.post(
        path, {key: value for key, value in body.items() if value is not ...}, {"x-arch-llm-provider-hint": B}
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "model_required", "model")


@pytest.mark.parametrize(
    ("model", "words"),
    [("openai/gpt-4o-mni", C), ("foo/gpt-4o", ""), ("OpenAI/GPT-4o", B), ("none", "")],
)
@pytest.mark.parametrize("path", ["/routing/v1/chat/completions", "/v1/chat/completions"])
def test_080_unknown_models(f: Stand, path: str, model: str, words: str) -> None:
    """80, 81, 86, 94. 404 with the nearest names; nobody is asked."""
    answer = f.post(path, {"model": model, "messages": [{"role": "user", "content": "hi"}]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert words in answer.json()["error"]["message"]
    assert f.calls() == (0, 0, 0)


AZURE = "  - {model: azure_openai/gpt-4o, access_key: k, base_url: 'http://127.0.0.1:9'}\n"


def test_083_two_providers() -> None:
    """83, 84. A bare id of two providers is ambiguous; in a route both stand."""
    text = mission_text().replace("routing_preferences:\n", AZURE + "routing_preferences:\n")
    text = text.replace("      - openai/gpt-4o\n", "      - openai/gpt-4o\n      - azure_openai/gpt-4o\n", 1)
    with stand(text=text) as f:
        answer = f.d(model="gpt-4o")
        assert answer.status_code == 404
        assert all(name in answer.json()["error"]["message"] for name in (B, "azure_openai/gpt-4o"))
        assert f.d().json()["models"] == [A, B, "azure_openai/gpt-4o"]


def test_085_names_of_providers() -> None:
    """85. The same model twice, under two names."""
    text = """version: v0.4.0
model_providers:
  -  model: openai/gpt-4o
     name: eu-gpt
     base_url: http://127.0.0.1:8
  -  model: openai/gpt-4o
     name: us-gpt
     base_url: http://127.0.0.1:9
routing_preferences:
  - name: code generation
    description: generating new code snippets or boilerplate
    models: [eu-gpt, us-gpt]
"""
    with stand(text=text) as f:
        assert f.d(model="eu-gpt").json()["models"] == ["eu-gpt", "us-gpt"]


def test_087_slashes_in_the_id() -> None:
    """87, 91. The prefix ends at the first slash; a wildcard passes the id on."""
    more = "".join(
        f"  - {{model: {name}, access_key: k}}\n" for name in ("openrouter/anthropic/claude-3.5", "openai/*")
    )
    with stand(text=mission_text().replace("routing_preferences:\n", f"{more}routing_preferences:\n")) as f:
        assert f.x(OFF, model="openrouter/anthropic/claude-3.5").status_code == 200
        assert (f.ua.calls or f.uo.calls)[-1].json["model"] == "anthropic/claude-3.5"
        assert f.x(OFF, model="openai/gpt-9-preview").status_code == 200
        assert f.uo.calls[-1].json["model"] == "gpt-9-preview"


def test_089_alias_is_what_it_stands_for() -> None:
    """89, 93. The upstream gets the target's id, the caller reads its name; an alias wins over a model of its name."""
    with stand(
        more="model_aliases:\n  fast:\n    target: openai/gpt-4o\n  openai/gpt-4o-mini:\n    target: openai/gpt-4o",
        router=AS_NONE,
    ) as f:
        for stream in (False, True):
            answer = f.x(OFF, model="fast", stream=stream)
            assert (f.uo.calls[-1].json["model"], answer.headers["x-plano-model"]) == ("gpt-4o", B)
        body = {"model": "fast", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
        assert f.post("/v1/messages", body, OFF).headers["x-plano-model"] == B
        assert f.d(model=C).json()["models"] == [B]


def test_090_no_default() -> None:
    """90. ``auto`` needs a default."""
    with stand(text=mission_text().replace("    default: true\n", ""), router=AS_NONE) as f:
        answer = f.d(model="auto")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
        assert "default" in answer.json()["error"]["message"]


def test_092_wildcard_covers_routes() -> None:
    """92. What a wildcard covers counts as declared."""
    text = mission_text().replace(
        "  - model: openai/gpt-4o\n    access_key: $OPENAI_API_KEY\n",
        "  - model: openai/*\n    access_key: $OPENAI_API_KEY\n",
        1,
    )
    with stand(text=text) as f:
        assert f.d().json()["models"] == [A, B]
        assert f.x(OFF, model=B).status_code == 200
