"""Three dialects, each to each, from the official clients to a provider and back."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest

from plano.domain.model import Dialect
from plano.wire.dialects import passage, translate
from tests.running import Running, running
from tests.server.golden import MODELS, Golden, golden
from tests.wire.dialects.samples import ALL_PAIRS, CHAT, DIALECTS, MESSAGES, PAIRS, REQUESTS, RESPONSES, answer_of
from tests.wire.dialects.streams import STREAMS

ENDPOINTS = {CHAT: "/v1/chat/completions", MESSAGES: "/v1/messages", RESPONSES: "/v1/responses"}
SAID = {False: "Let me see.", True: "Grüße 日本 🙂"}
"""What the provider says, plain and streamed."""

CALL = ("weather", {"city": "Oslo"})
ASKED: dict[Dialect, dict[str, Any]] = {CHAT: {"n": 2}, MESSAGES: {"container": "c"}, RESPONSES: {"background": True}}
"""What only the own dialect has words for."""

TOOL: Any = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
ANTHROPIC_TOOL: Any = {"name": "weather", "input_schema": {"type": "object"}}
RESPONSES_TOOL: Any = {"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": False}
HELLO: Any = [{"role": "user", "content": "hi"}]


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Running, Golden]]:
    """A gateway, and the provider behind it."""
    with golden() as provider, running(provider.config, at_mock=False) as gateway:
        yield gateway, provider


@pytest.fixture
def gateway(both: tuple[Running, Golden]) -> Running:
    """The gateway."""
    return both[0]


@pytest.fixture
def provider(both: tuple[Running, Golden]) -> Iterator[Golden]:
    """The provider; of earlier tests neither it nor the gateway remembers anything."""
    both[1].received.clear()
    both[0].forget_failures()
    yield both[1]
    both[1].instead = both[1].cut_at = None


def body(dialect: Dialect, model: str, **more: Any) -> dict[str, Any]:
    """A small request of a dialect."""
    asked = {"input": "hi"} if dialect is RESPONSES else {"messages": HELLO}
    limit = {"max_tokens": 99} if dialect is MESSAGES else {}
    return {"model": model, **asked, **limit, **more}


def of_openai(gateway: Running) -> openai.OpenAI:
    """The official client."""
    return openai.OpenAI(api_key="callers-own-key", base_url=f"{gateway.url}/v1", max_retries=0)


def of_anthropic(gateway: Running) -> anthropic.Anthropic:
    """The official client."""
    return anthropic.Anthropic(api_key="callers-own-key", base_url=gateway.url, max_retries=0)


def asked_by_client(gateway: Running, dialect: Dialect, model: str, *, is_stream: bool) -> tuple[str, str, Any]:
    """Text, name and arguments of the tool call, as the official client gives them."""
    if dialect is MESSAGES:
        with of_anthropic(gateway) as client:
            return _message_by_client(client, model, is_stream=is_stream)
    with of_openai(gateway) as other:
        ask = _completion_by_client if dialect is CHAT else _response_by_client
        return ask(other, model, is_stream=is_stream)


def _message_by_client(client: anthropic.Anthropic, model: str, *, is_stream: bool) -> tuple[str, str, Any]:
    how: Any = {"model": model, "max_tokens": 99, "messages": HELLO, "tools": [ANTHROPIC_TOOL]}
    if is_stream:
        with client.messages.stream(**how) as events:
            message = events.get_final_message()
    else:
        message = client.messages.create(**how)
    assert message.stop_reason == "tool_use"
    assert message.usage.output_tokens > 0
    call = next(block for block in message.content if block.type == "tool_use")
    return next(block.text for block in message.content if block.type == "text"), call.name, call.input


def _completion_by_client(client: openai.OpenAI, model: str, *, is_stream: bool) -> tuple[str, str, Any]:
    how: Any = {"model": model, "messages": HELLO, "tools": [TOOL]}
    if is_stream:
        with client.chat.completions.stream(**how, stream_options={"include_usage": True}) as chunks:
            completion: Any = chunks.get_final_completion()
    else:
        completion = client.chat.completions.create(**how)
    assert completion.choices[0].finish_reason == "tool_calls"
    assert completion.usage.completion_tokens > 0
    said = completion.choices[0].message
    function = said.tool_calls[0].function
    return said.content or "", function.name, json.loads(function.arguments)


def _response_by_client(client: openai.OpenAI, model: str, *, is_stream: bool) -> tuple[str, str, Any]:
    how: Any = {"model": model, "input": "hi", "tools": [RESPONSES_TOOL]}
    if is_stream:
        events: list[Any] = list(client.responses.create(**how, stream=True))
        response = events[-1].response
        text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        items = [event.item for event in events if event.type == "response.output_item.done"]
    else:
        response = client.responses.create(**how)
        text, items = response.output_text, response.output
    assert response.status == "completed"
    assert response.usage.output_tokens > 0
    call = next(item for item in items if item.type == "function_call")
    return text, call.name, json.loads(call.arguments)


@pytest.mark.parametrize("is_stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize(("caller", "upstream"), ALL_PAIRS)
def test_the_official_clients(
    gateway: Running, provider: Golden, caller: Dialect, upstream: Dialect, is_stream: bool
) -> None:
    """Eighteen ways: the text, the tool call and the usage arrive, whoever asks and whoever answers."""
    assert asked_by_client(gateway, caller, MODELS[upstream], is_stream=is_stream) == (SAID[is_stream], *CALL)
    ((path, fields, sent),) = provider.received
    assert path == ENDPOINTS[upstream]
    assert sent["model"] == MODELS[upstream].partition("/")[2]
    key = fields.get("x-api-key") if upstream is MESSAGES else fields.get("authorization", "").removeprefix("Bearer ")
    assert key == f"key-of-the-{sent['model']}-host"
    assert "callers-own-key" not in str(fields)
    assert ("anthropic-version" in fields) is (upstream is MESSAGES)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_dialect_is_not_touched(gateway: Running, provider: Golden, dialect: Dialect) -> None:
    """Request, answer and stream cross byte for byte; only the model's name is another."""
    more = {"foo": {"bar": [1, None]}, "seed": 12345678901234567890, "temperature": 1.0}
    answer = gateway.post(ENDPOINTS[dialect], body(dialect, MODELS[dialect], **more))
    assert answer.content == answer_of(dialect)
    streamed = gateway.post(ENDPOINTS[dialect], body(dialect, MODELS[dialect], stream=True, **more))
    assert streamed.content == STREAMS[dialect]
    upstream_id = MODELS[dialect].partition("/")[2]
    assert provider.bodies[0] == body(dialect, upstream_id, **more)
    assert "x-plano-warnings" not in answer.headers


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_decision_is_the_same_in_every_dialect(gateway: Running, dialect: Dialect) -> None:
    """The same conversation is decided alike; so is one that is executed, which names the same models."""
    routes = [{"name": "code", "description": "writing code", "models": [MODELS[CHAT], MODELS[MESSAGES]]}]
    gateway.classifier.default = "code"
    try:
        asked = body(dialect, MODELS[RESPONSES], routing_preferences=routes)
        decided = gateway.post(f"/routing{ENDPOINTS[dialect]}", asked).json()
        assert (decided["route"], decided["models"]) == ("code", [MODELS[CHAT], MODELS[MESSAGES]])
        accept = {"accept": "application/vnd.plano.decision+json"}
        instead = gateway.post(ENDPOINTS[dialect], asked, accept).json()
        assert {**instead, "trace_id": ""} == {**decided, "trace_id": ""}
        executed = gateway.post(ENDPOINTS[dialect], asked)
        assert executed.headers["x-plano-models"] == ", ".join(decided["models"])
    finally:
        gateway.classifier.default = None


def test_the_router_is_shown_the_same_text(gateway: Running) -> None:
    """Whatever the dialect, the words of the conversation are the same."""
    routes = [{"name": "code", "description": "writing code", "models": [MODELS[CHAT]]}]
    gateway.classifier.questions.clear()
    for dialect in DIALECTS:
        asked = {**REQUESTS[dialect], "model": MODELS[CHAT], "routing_preferences": routes}
        assert gateway.post(f"/routing{ENDPOINTS[dialect]}", asked).status_code == 200
    first, *others = [question.conversation for question in gateway.classifier.questions]
    assert len(others) == 2
    assert all(other == first for other in others)


@pytest.mark.parametrize(("caller", "upstream"), PAIRS)
def test_what_is_lost_is_said(gateway: Running, caller: Dialect, upstream: Dialect) -> None:
    """A field without a counterpart is dropped, with a line in a header, plain and streamed."""
    lost = {"foo_of_mine": 1}
    for more in (lost, {**lost, "stream": True}):
        answer = gateway.post(ENDPOINTS[caller], body(caller, MODELS[upstream], **more))
        assert answer.status_code == 200
        assert "foo_of_mine: dropped" in answer.headers["x-plano-warnings"]


@pytest.mark.parametrize(("caller", "upstream"), PAIRS)
def test_what_must_not_be_lost(gateway: Running, provider: Golden, caller: Dialect, upstream: Dialect) -> None:
    """A candidate that has no words for a part is passed over; where it is the only one, the caller is told which."""
    asked = body(caller, MODELS[upstream], **ASKED[caller])
    refused = gateway.post(ENDPOINTS[caller], asked)
    (param,) = ASKED[caller]
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)
    assert provider.received == []
    routes = [{"name": "code", "description": "writing code", "models": [MODELS[upstream], MODELS[caller]]}]
    gateway.classifier.default = "code"
    try:
        answer = gateway.post(ENDPOINTS[caller], {**asked, "routing_preferences": routes})
    finally:
        gateway.classifier.default = None
    assert answer.status_code == 200
    assert answer.headers["x-plano-attempts"] == f"{MODELS[upstream]}=unfit, {MODELS[caller]}=200"


@pytest.mark.parametrize("upstream", DIALECTS)
@pytest.mark.parametrize(
    ("dialect", "wrong", "param"),
    [
        (CHAT, {"temperature": "hot"}, "temperature"),
        (CHAT, {"messages": [{"role": "nobody", "content": "x"}]}, "messages[0].role"),
        (CHAT, {"messages": [{"role": "tool", "content": "x", "tool_call_id": "c"}]}, "messages[0].tool_call_id"),
        (CHAT, {"messages": []}, "messages"),
        (MESSAGES, {"max_tokens": None}, "max_tokens"),
        (MESSAGES, {"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "messages[0].content[0].source"),
        (RESPONSES, {"input": []}, "input"),
        (RESPONSES, {"input": [{"type": "function_call", "call_id": "c"}]}, "input[0].name"),
    ],
)
def test_the_same_mistake_has_the_same_answer(
    gateway: Running, provider: Golden, upstream: Dialect, dialect: Dialect, wrong: dict[str, Any], param: str
) -> None:
    """400 with the exact place, in the caller's dialect, whichever dialect the target speaks; nothing is sent."""
    answer = gateway.post(ENDPOINTS[dialect], {**body(dialect, MODELS[upstream]), **wrong})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["type"]) == (400, param, "invalid_request_error")
    assert (answer.json().get("type") == "error") is (dialect is MESSAGES)
    assert provider.received == []


@pytest.mark.parametrize("upstream", DIALECTS)
@pytest.mark.parametrize("caller", DIALECTS)
def test_a_refusal_in_the_callers_dialect(
    gateway: Running, provider: Golden, caller: Dialect, upstream: Dialect
) -> None:
    """The provider's own words; the official client raises what it raises for a bad request."""
    said = {"type": "invalid_request_error", "message": "too hot"}
    provider.instead = (400, json.dumps({"type": "error", "error": said}).encode())
    answer = gateway.post(ENDPOINTS[caller], body(caller, MODELS[upstream]))
    error = answer.json()["error"]
    assert (answer.status_code, error["message"], error["code"]) == (400, "too hot", "upstream_rejected")
    kind = anthropic.BadRequestError if caller is MESSAGES else openai.BadRequestError
    with pytest.raises(kind, match="too hot"):
        asked_by_client(gateway, caller, MODELS[upstream], is_stream=True)


@pytest.mark.parametrize(
    ("status", "of_anthropic", "of_openai"),
    [
        (401, anthropic.InternalServerError, openai.InternalServerError),
        (429, anthropic.RateLimitError, openai.RateLimitError),
        (500, anthropic.InternalServerError, openai.InternalServerError),
        (503, anthropic.InternalServerError, openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("caller", DIALECTS)
def test_the_official_clients_raise_the_right_class(
    provider: Golden, caller: Dialect, status: int, of_anthropic: type[Exception], of_openai: type[Exception]
) -> None:
    """A failed chain is told in the words that the caller's client knows."""
    provider.instead = (status, b'{"error":{"message":"no"}}')
    with running(provider.config, at_mock=False) as fresh:
        for upstream in DIALECTS:
            with pytest.raises(of_anthropic if caller is MESSAGES else of_openai):
                asked_by_client(fresh, caller, MODELS[upstream], is_stream=False)


@pytest.mark.parametrize("upstream", DIALECTS)
@pytest.mark.parametrize("caller", DIALECTS)
def test_a_stream_that_is_cut_off(gateway: Running, provider: Golden, caller: Dialect, upstream: Dialect) -> None:
    """The official client raises; nothing looks like an end."""
    provider.cut_at = STREAMS[upstream].index(b"Oslo")
    with pytest.raises((anthropic.APIError, openai.APIError)):
        asked_by_client(gateway, caller, MODELS[upstream], is_stream=True)
    answer = gateway.post(ENDPOINTS[caller], body(caller, MODELS[upstream], stream=True))
    ends = {CHAT: "[DONE]", MESSAGES: "message_stop", RESPONSES: "response.completed"}
    assert ends[caller] not in answer.text
    assert "upstream_truncated" in answer.text


@pytest.mark.parametrize("upstream", DIALECTS)
@pytest.mark.parametrize("caller", DIALECTS)
def test_an_answer_of_the_wrong_shape(gateway: Running, provider: Golden, caller: Dialect, upstream: Dialect) -> None:
    """502 with the trace id, never an answer made of it."""
    for wrong in (b"{}", b"[]", b'{"choices":[{}],"content":5,"output":{}}', b"<html>"):
        provider.instead = (200, wrong)
        answer = gateway.post(ENDPOINTS[caller], body(caller, MODELS[upstream]))
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (502, "upstream_invalid_response")
        assert len(error["trace_id"]) == 32


@pytest.mark.parametrize("path", ["/v1/messages/nope", "/routing/v1/messages/x", "/v1/messages"])
def test_errors_of_paths_in_the_shape_of_anthropic(gateway: Running, path: str) -> None:
    """Unknown paths below messages, and the wrong method on them."""
    document = gateway.get(path).json()
    assert (document["type"], document["error"]["code"]) == (
        "error",
        "method_not_allowed" if path == "/v1/messages" else "not_found",
    )


def test_the_models_in_both_shapes(gateway: Running) -> None:
    """Each official client reads the list."""
    names = list(MODELS.values())
    with of_openai(gateway) as one, of_anthropic(gateway) as other:
        assert [model.id for model in one.models.list()] == names
        assert [model.id for model in other.models.list()] == names


async def test_the_async_clients(gateway: Running, provider: Golden) -> None:
    """Many at once, over each pair."""
    chat = openai.AsyncOpenAI(api_key="k", base_url=f"{gateway.url}/v1", max_retries=0)
    messages = anthropic.AsyncAnthropic(api_key="k", base_url=gateway.url, max_retries=0)

    async def asked(upstream: Dialect) -> tuple[Any, Any, Any]:
        model = MODELS[upstream]
        one, two, three = await asyncio.gather(
            chat.chat.completions.create(model=model, messages=HELLO, tools=[TOOL]),
            messages.messages.create(model=model, max_tokens=9, messages=HELLO, tools=[ANTHROPIC_TOOL]),
            chat.responses.create(model=model, input="hi", tools=[RESPONSES_TOOL]),
        )
        return one.choices[0].message.content, next(b.text for b in two.content if b.type == "text"), three.output_text

    for answers in await asyncio.gather(*[asked(upstream) for upstream in DIALECTS * 3]):
        assert set(answers) == {SAID[False]}
    await chat.close()
    await messages.close()


def test_betas_go_to_the_dialect_that_knows_them(gateway: Running, provider: Golden) -> None:
    """``anthropic-beta`` and version reach a Messages upstream as they came, and no other; one is always there."""
    fields = {"anthropic-beta": "b1", "anthropic-version": "2024-01-01"}
    for upstream in (MESSAGES, CHAT):
        gateway.post("/v1/messages", body(MESSAGES, MODELS[upstream]), fields)
    sent = [{name: got.get(name) for name in fields} for _, got, _ in provider.received]
    assert sent == [fields, dict.fromkeys(fields)]
    gateway.post("/v1/chat/completions", body(CHAT, MODELS[MESSAGES]))
    assert provider.received[-1][1]["anthropic-version"] == "2023-06-01"


@pytest.mark.parametrize("upstream", [MESSAGES, RESPONSES])
def test_a_large_body_is_translated_beside_the_loop(
    gateway: Running, provider: Golden, upstream: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand messages arrive like one, and the thread of the loop has nothing to do with it."""
    threads: list[str] = []
    there = translate.translate_request

    def watched(*arguments: Any, **named: Any) -> Any:
        threads.append(threading.current_thread().name)
        return there(*arguments, **named)

    monkeypatch.setattr(passage, "translate_request", watched)
    turns = [{"role": ("user", "assistant")[at % 2], "content": "word " * 10} for at in range(10_001)]
    answer = gateway.post("/v1/chat/completions", {"model": MODELS[upstream], "messages": turns})
    assert answer.status_code == 200
    (sent,) = provider.bodies
    assert len(sent["input" if upstream is RESPONSES else "messages"]) == len(turns)
    assert [name.startswith("plano-reader") for name in threads] == [True]
