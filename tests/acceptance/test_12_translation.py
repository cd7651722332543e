"""Requests and answers across dialects. Numbers are those of the acceptance cases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.answers import chat, message
from tests.acceptance.hosts import said
from tests.acceptance.stand import OFF, Stand, stand
from tests.running import A, B, C, mission_text

SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
TOOL = {"type": "function", "function": {"name": "f", "description": "does", "parameters": SCHEMA}}
HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]


def to_a(f: Stand, **more: Any) -> dict[str, Any]:
    """What UA is sent for a chat request."""
    answer = f.x(OFF, **{"model": A, "messages": HI, **more})
    assert answer.status_code == 200, answer.text
    sent: dict[str, Any] = f.ua.calls[-1].json
    return sent


def from_messages(f: Stand, **more: Any) -> dict[str, Any]:
    """What UO is sent for a Messages request."""
    body = {"model": C, "max_tokens": 50, "messages": HI, **more}
    answer = f.post("/v1/messages", body, OFF)
    assert answer.status_code == 200, answer.text
    sent: dict[str, Any] = f.uo.calls[-1].json
    return sent


def test_248_the_other_vendor(f: Stand) -> None:
    """248. A chat caller reaches a Messages upstream."""
    answer = f.x()
    (seen,) = f.ua.calls
    assert seen.path == "/v1/messages"
    assert (seen.fields["x-api-key"], seen.fields["anthropic-version"]) == ("sk-ant-test-a", "2023-06-01")
    assert answer.json()["choices"][0]["message"]["content"] == "ok"


RESPONSES_ONLY = """version: v0.4.0
model_providers:
  - model: anthropic/claude-sonnet-4-20250514
    access_key: k
  - model: openai/gpt-4o-mini
    access_key: k
  - model: other/r
    access_key: k
    provider_interface: openai_responses
routing_preferences:
  - {name: a, description: b, models: [openai/gpt-4o-mini]}
"""
CALLS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "say ok"}]},
    "/v1/messages": {"max_tokens": 50, "messages": [{"role": "user", "content": "say ok"}]},
    "/v1/responses": {"input": "say ok"},
}


def text_and_usage(path: str, content: bytes, *, stream: bool) -> tuple[str, int]:
    """What an answer says, and how many tokens it counts for output."""
    if not stream:
        whole = json.loads(content)
        if path == "/v1/messages":
            return whole["content"][0]["text"], whole["usage"]["output_tokens"]
        if path == "/v1/responses":
            return whole["output"][0]["content"][0]["text"], whole["usage"]["output_tokens"]
        return whole["choices"][0]["message"]["content"], whole["usage"]["completion_tokens"]
    events = [json.loads(line[6:]) for line in content.decode().splitlines() if line.startswith("data: {")]
    if path == "/v1/messages":
        texts = [event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta"]
        return "".join(texts), next(event for event in events if event["type"] == "message_delta")["usage"][
            "output_tokens"
        ]
    if path == "/v1/responses":
        texts = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
        return "".join(texts), events[-1]["response"]["usage"]["output_tokens"]
    texts = [choice["delta"].get("content") or "" for event in events for choice in event["choices"]]
    usages = [event["usage"]["completion_tokens"] for event in events if event.get("usage")]
    return "".join(texts), usages[-1]


@pytest.fixture(scope="module")
def three() -> Any:
    """A stand with an upstream of each dialect."""
    with stand(text=RESPONSES_ONLY) as made:
        yield made


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("model", [A, C, "other/r"])
def test_249_eighteen_ways(three: Stand, path: str, model: str, stream: bool) -> None:
    """249, 272. Any caller, any upstream, plain or streamed: the text arrives, with usage."""
    body = {"model": model, "stream": stream, **CALLS[path]}
    if stream and path == "/v1/chat/completions":
        body["stream_options"] = {"include_usage": True}
    answer = three.post(path, body, OFF)
    assert answer.status_code == 200, answer.text
    text, tokens = text_and_usage(path, answer.content, stream=stream)
    assert text == "ok"
    assert tokens > 0
    if model == "other/r":
        assert three.uo.calls[-1].path == "/v1/responses"


def test_250_system(f: Stand) -> None:
    """250. Instructions of every kind, in their order."""
    turns = [
        {"role": "system", "content": "S1"},
        {"role": "system", "content": "S2"},
        {"role": "developer", "content": "S3"},
        *HI,
    ]
    sent = to_a(f, messages=turns)
    system = sent["system"]
    shown = system if isinstance(system, str) else " ".join(block["text"] for block in system)
    assert [shown.index(word) for word in ("S1", "S2", "S3")] == sorted(
        shown.index(word) for word in ("S1", "S2", "S3")
    )
    assert [turn["role"] for turn in sent["messages"]] == ["user"]


def test_251_plain_members(f: Stand) -> None:
    """251, 252. Stops, sampling, user and limits under their other names."""
    sent = to_a(f, stop="END", temperature=0.2, top_p=0.9, user="u1", max_completion_tokens=77)
    assert (sent["stop_sequences"], sent["temperature"], sent["top_p"]) == (["END"], 0.2, 0.9)
    assert (sent["metadata"], sent["max_tokens"]) == ({"user_id": "u1"}, 77)
    assert to_a(f, stop=["a", "b"], max_tokens=77)["stop_sequences"] == ["a", "b"]
    assert to_a(f, max_tokens=77)["max_tokens"] == 77
    assert to_a(f)["max_tokens"] >= 4096


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", {"type": "auto"}),
        ("required", {"type": "any"}),
        ("none", {"type": "none"}),
        ({"type": "function", "function": {"name": "f"}}, {"type": "tool", "name": "f"}),
    ],
)
def test_253_tools(f: Stand, choice: Any, sent: dict[str, Any]) -> None:
    """253. Tools and which of them to take."""
    body = to_a(f, tools=[TOOL], tool_choice=choice)
    assert body["tools"] == [{"name": "f", "description": "does", "input_schema": SCHEMA}]
    assert body["tool_choice"] == sent
    if sent["type"] in {"auto", "any"}:
        alone = to_a(f, tools=[TOOL], tool_choice=choice, parallel_tool_calls=False)
        assert alone["tool_choice"]["disable_parallel_tool_use"] is True


def test_254_tool_turns(f: Stand) -> None:
    """254. A call and its results."""
    calls = [
        {"id": f"call_{n}", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}} for n in (1, 2)
    ]
    results = [{"role": "tool", "tool_call_id": f"call_{n}", "content": str(n)} for n in (1, 2)]
    turns = [*HI, {"role": "assistant", "content": None, "tool_calls": calls}, *results]
    sent = to_a(f, messages=turns, tools=[TOOL])["messages"]
    assert [turn["role"] for turn in sent] == ["user", "assistant", "user"]
    assert [(b["type"], b["id"], b["input"]) for b in sent[1]["content"]] == [
        ("tool_use", f"call_{n}", {"x": 1}) for n in (1, 2)
    ]
    assert [(b["type"], b["tool_use_id"]) for b in sent[2]["content"]] == [("tool_result", f"call_{n}") for n in (1, 2)]


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("data:image/png;base64,AAAA", {"type": "base64", "media_type": "image/png", "data": "AAAA"}),
        ("https://x.example/a.png", {"type": "url", "url": "https://x.example/a.png"}),
    ],
)
def test_255_images(f: Stand, url: str, source: dict[str, str]) -> None:
    """255. An image by its bytes or by its address."""
    turns = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]
    assert to_a(f, messages=turns)["messages"][0]["content"] == [{"type": "image", "source": source}]


def test_256_effort(f: Stand) -> None:
    """256. Effort becomes thinking within the limit."""
    sent = to_a(f, reasoning_effort="high")
    assert sent["thinking"]["type"] == "enabled"
    assert 1024 <= sent["thinking"]["budget_tokens"] < sent["max_tokens"]


def test_257_structured(f: Stand) -> None:
    """257. An answer in the shape that was asked for, whatever the upstream offers for it."""
    f.ua.usual = lambda seen: said(
        message(
            {"type": "tool_use", "id": "t", "name": seen.json["tools"][0]["name"], "input": {"x": 1}}, stop="tool_use"
        )
        if seen.json.get("tools")
        else message({"type": "text", "text": '{"x": 1}'})
    )
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": True}}
    answer = f.x(OFF, model=A, response_format=form).json()["choices"][0]
    assert json.loads(answer["message"]["content"]) == {"x": 1}
    assert answer["finish_reason"] == "stop"


def test_258_usage(f: Stand) -> None:
    """258. Cached tokens are part of a prompt in the one dialect, beside it in the other."""
    usage = {"input_tokens": 10, "cache_read_input_tokens": 30, "cache_creation_input_tokens": 20, "output_tokens": 5}
    f.ua.script = [said(message(usage=usage))]
    told = f.x(OFF, model=A).json()["usage"]
    assert (told["prompt_tokens"], told["completion_tokens"], told["total_tokens"]) == (60, 5, 65)
    assert told["prompt_tokens_details"]["cached_tokens"] == 30


@pytest.mark.parametrize(
    ("stop", "finish"),
    [("end_turn", "stop"), ("max_tokens", "length"), ("stop_sequence", "stop"), ("refusal", "content_filter")],
)
def test_259_endings(f: Stand, stop: str, finish: str) -> None:
    """259. Why an answer ended."""
    f.ua.script = [said(message(stop=stop))]
    assert f.x(OFF, model=A).json()["choices"][0]["finish_reason"] == finish


def test_260_tool_call_back(f: Stand) -> None:
    """259, 260. A tool call comes back."""
    use = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"x": 1}}
    f.ua.script = [said(message(use, stop="tool_use"))]
    choice = f.x(OFF, model=A, tools=[TOOL]).json()["choices"][0]
    (call,) = choice["message"]["tool_calls"]
    assert (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])) == (
        "toolu_1",
        "f",
        {"x": 1},
    )
    assert choice["finish_reason"] == "tool_calls"


def test_261_thoughts(f: Stand) -> None:
    """261. Thoughts stand beside the answer."""
    f.ua.script = [
        said(message({"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "ok"}))
    ]
    told = f.x(OFF, model=A).json()["choices"][0]["message"]
    assert (told["reasoning_content"], told["content"]) == ("hm", "ok")


@pytest.mark.parametrize("system", ["be good", [{"type": "text", "text": "be good"}]])
def test_262_messages_to_chat(f: Stand, system: Any) -> None:
    """262, 266. System, stops, user, sampling and the limit of a Messages request."""
    sent = from_messages(f, system=system, stop_sequences=["x"], metadata={"user_id": "u"}, temperature=0.5)
    first = sent["messages"][0]
    content = first["content"]
    assert (first["role"], content if isinstance(content, str) else content[0]["text"]) == ("system", "be good")
    assert (sent["stop"], sent["user"], sent["temperature"]) == (["x"], "u", 0.5)
    assert (sent["max_completion_tokens"], "max_tokens" in sent) == (50, False)


def test_263_thinking_asked(f: Stand) -> None:
    """263. Thinking becomes effort where the model thinks; one that is known not to is not asked, which is said."""
    asked = {"max_tokens": 9000, "messages": HI, "thinking": {"type": "enabled", "budget_tokens": 8000}}
    with stand(text=RESPONSES_ONLY.replace("openai/gpt-4o-mini", "openai/o4-mini")) as thinking:
        assert thinking.post("/v1/messages", {"model": "openai/o4-mini", **asked}, OFF).status_code == 200
        assert thinking.uo.calls[-1].json["reasoning_effort"] == "medium"
    answer = f.post("/v1/messages", {"model": C, **asked}, OFF)
    assert "reasoning_effort" not in f.uo.calls[-1].json
    assert answer.headers["x-plano-warnings"] == "thinking: dropped, the model does not think"


def test_264_failed_tool(f: Stand) -> None:
    """264. A result that is an error says so."""
    turns = [
        *HI,
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "is_error": True, "content": "boom"}]},
    ]
    tools = [{"name": "f", "input_schema": {"type": "object"}}]
    assert from_messages(f, messages=turns, tools=tools)["messages"][-1]["content"] == "Error: boom"


def test_265_documents(f: Stand) -> None:
    """265. A document becomes a file."""
    source = {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}
    sent = from_messages(f, messages=[{"role": "user", "content": [{"type": "document", "source": source}]}])
    (part,) = sent["messages"][0]["content"]
    assert part["type"] == "file"
    assert part["file"]["file_data"].endswith("AAAA")


def test_267_dropped(f: Stand) -> None:
    """267. What has no counterpart is left out, and named in the log."""
    assert "top_k" not in from_messages(f, top_k=5)
    body = {"model": C, "max_tokens": 50, "messages": HI, "top_k": 5}
    assert "top_k" in f.post("/v1/messages", body, OFF).headers["x-plano-warnings"]


@pytest.mark.parametrize(
    ("finish", "stop"), [("stop", "end_turn"), ("length", "max_tokens"), ("content_filter", "refusal")]
)
def test_268_endings(f: Stand, finish: str, stop: str) -> None:
    """268. Why an answer ended, the other way; thoughts before text."""
    f.uo.script = [said(chat(finish=finish, reasoning_content="hm"))]
    told = f.post("/v1/messages", {"model": C, "max_tokens": 50, "messages": HI}, OFF).json()
    assert told["stop_reason"] == stop
    assert [block["type"] for block in told["content"]] == ["thinking", "text"]


def test_269_usage(f: Stand) -> None:
    """269. Cached tokens, the other way."""
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "total_tokens": 107,
        "prompt_tokens_details": {"cached_tokens": 40},
    }
    f.uo.script = [said(chat(usage=usage))]
    told = f.post("/v1/messages", {"model": C, "max_tokens": 50, "messages": HI}, OFF).json()["usage"]
    assert (told["input_tokens"], told["cache_read_input_tokens"], told["output_tokens"]) == (60, 40, 7)


@pytest.mark.parametrize("model", [A, C])
def test_270_responses_items(f: Stand, model: str) -> None:
    """270. Instructions, a call, its result and the limit of a Responses request."""
    text = (
        mission_text()
        .replace("  - model: openai/gpt-4o-mini\n", "  - model: groq/x\n")
        .replace("openai/gpt-4o-mini", "groq/x")
    )
    items = [
        {"type": "message", "role": "user", "content": "hi"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"x": 1}'},
        {"type": "function_call_output", "call_id": "c", "output": "one"},
    ]
    tools = [{"type": "function", "name": "f", "description": "does", "parameters": SCHEMA}]
    body = {"instructions": "be good", "input": items, "tools": tools, "max_output_tokens": 99}
    with stand(text=text) as own:
        answer = own.post("/v1/responses", {"model": model if model == A else "groq/x", **body}, OFF)
        assert answer.status_code == 200, answer.text
        sent = (own.ua if model == A else own.uo).calls[-1].json
    written = json.dumps(sent)
    assert all(word in written for word in ("be good", '"c"', "one"))
    assert 99 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))


def test_271_a_whole_response(f: Stand) -> None:
    """271. A Responses answer made of a Messages one."""
    tools = [{"type": "function", "name": "f", "parameters": SCHEMA, "strict": False}]
    told = f.post("/v1/responses", {"model": A, "input": "hi", "temperature": 0.5, "tools": tools}, OFF).json()
    assert (told["object"], told["status"]) == ("response", "completed")
    assert [item["type"] for item in told["output"]] == ["message"]
    assert told["usage"]["input_tokens"] > 0
    assert told["usage"]["output_tokens"] > 0
    assert (told["temperature"], told["tools"][0]["name"]) == (0.5, "f")


def test_273_previous_response(f: Stand) -> None:
    """273. An unknown id with no candidate that speaks Responses."""
    answer = f.post("/v1/responses", {"model": A, "input": "hi", "previous_response_id": "resp_x"}, OFF)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "invalid_request", "previous_response_id")


def test_279_each_attempt_from_the_callers_body() -> None:
    """279. The second attempt is made of what the caller wrote."""
    with stand() as f:
        f.ua.script = [said({"type": "error", "error": {"type": "api_error", "message": "x"}}, 503)]
        f.x(stop="END", seed=5)
        assert f.ua.calls[0].json["stop_sequences"] == ["END"]
        assert (f.uo.calls[0].json["stop"], f.uo.calls[0].json["seed"]) == ("END", 5)


def test_280_counting(f: Stand) -> None:
    """280. Counted by who can, estimated where nobody can; nobody routes."""
    body = {"messages": HI}
    assert f.post("/v1/messages/count_tokens", {"model": A, **body}).json()["input_tokens"] == 17
    assert f.ua.calls[-1].path == "/v1/messages/count_tokens"
    told = f.post("/v1/messages/count_tokens", {"model": B, **body}).json()
    assert (told["input_tokens"] > 0, told["estimated"], f.calls()) == (True, True, (0, 1, 0))
