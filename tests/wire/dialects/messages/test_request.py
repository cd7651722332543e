"""Messages requests, read and written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.target import Target
from plano.wire.dialects.translate import check_request
from tests.wire.dialects.samples import (
    ANSWER_SCHEMA,
    CHAT,
    DIALECTS,
    MESSAGES,
    RESPONSES,
    SCHEMA,
    TARGETS,
    minimal,
    request,
    translated,
)


def chat(**members: Any) -> Any:
    return translated(minimal(MESSAGES, **members), MESSAGES, CHAT)


def said(content: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    """A request whose only user message has these blocks."""
    return minimal(MESSAGES, **members) | {"messages": [{"role": "user", "content": content}]}


@pytest.mark.parametrize("system", ["S", [{"type": "text", "text": "S"}]])
def test_what_has_the_same_meaning_arrives(system: Any) -> None:
    """System prompt, stop sequences, user, temperature and tier have counterparts."""
    members = {"stop_sequences": ["a"], "metadata": {"user_id": "u"}, "temperature": 1.0, "service_tier": "auto"}
    body = chat(system=system, **members)
    assert body["messages"][0] == {"role": "system", "content": "S"}
    assert (body["stop"], body["user"], body["temperature"], body["service_tier"]) == (["a"], "u", 1.0, "auto")


def test_what_has_no_counterpart_is_named() -> None:
    """One warning for each field, however often it occurs."""
    marked = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}
    made = request(said([marked, marked], top_k=5, system=[marked]), MESSAGES, CHAT)
    assert "top_k" not in json.loads(made.body)
    assert [line.partition(":")[0] for line in made.warnings] == ["cache_control", "top_k"]


def test_cache_markers_are_named_wherever_they_stand() -> None:
    """On a tool, a call, a result, an image, a prompt or the whole request: one line."""
    marker = {"type": "ephemeral"}
    image = {"type": "image", "source": {"type": "url", "url": "https://e.example/a.png"}, "cache_control": marker}
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}, "cache_control": marker}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "r", "cache_control": marker}
    turns: list[dict[str, Any]] = [{"role": "user", "content": [image]}, {"role": "assistant", "content": [call]}]
    for members in (
        {"cache_control": marker},
        {"tools": [{"name": "f", "input_schema": SCHEMA, "cache_control": marker}]},
        {"messages": turns[:1]},
        {"messages": [{"role": "user", "content": "a"}, turns[1]]},
        {
            "messages": [
                {"role": "assistant", "content": [call | {"cache_control": None}]},
                {"role": "user", "content": [result]},
            ]
        },
    ):
        for target in (CHAT, RESPONSES):
            warnings = request(minimal(MESSAGES) | members, MESSAGES, target).warnings
            assert [line.partition(": ")[0] for line in warnings] == ["cache_control"]


def test_not_to_think_is_named_where_it_cannot_be_said() -> None:
    """Chat and responses have no word for it that every model takes."""
    for target in (CHAT, RESPONSES):
        made = request(minimal(MESSAGES, thinking={"type": "disabled"}), MESSAGES, target)
        assert made.warnings == ("thinking: dropped, the target has no such setting",)


def test_unknown_fields_are_named_at_every_depth() -> None:
    """A field that no table knows is dropped, and the caller is told where it was."""
    block = {"type": "text", "text": "a", "made_up": 1}
    made = request(said([block, block], odd={"deep": [1]}, context_management={}), MESSAGES, CHAT)
    assert json.loads(made.body)["messages"][0]["content"] == "a\n\na"
    assert made.warnings == (
        "messages[].content[].made_up: dropped, not known in this dialect",
        "odd: dropped, not known in this dialect",
        "context_management: dropped, only this dialect knows it",
    )


@pytest.mark.parametrize(
    ("thinking", "effort", "expected"),
    [
        ({"type": "enabled", "budget_tokens": 8000}, None, "medium"),
        ({"type": "enabled", "budget_tokens": 1024}, None, "low"),
        ({"type": "adaptive"}, "xhigh", "xhigh"),
        ({"type": "adaptive"}, None, None),
        (None, "low", "low"),
        ({"type": "disabled"}, "low", None),
    ],
)
def test_thinking_becomes_an_effort(thinking: Any, effort: str | None, expected: str | None) -> None:
    """A budget becomes the nearest word; a word stays."""
    members: dict[str, Any] = {} if thinking is None else {"thinking": thinking}
    if effort is not None:
        members["output_config"] = {"effort": effort}
    assert chat(max_tokens=9000, **members).get("reasoning_effort") == expected


@pytest.mark.parametrize("effort", ["minimal", "low", "medium", "high", "xhigh", "max"])
@pytest.mark.parametrize("limit", [1025, 1500, 4096, 100_000])
def test_an_effort_becomes_a_budget_below_the_limit(effort: str, limit: int) -> None:
    """1024 <= budget < limit, whatever the effort."""
    body = translated(minimal(CHAT, reasoning_effort=effort, max_tokens=limit), CHAT, MESSAGES)
    assert body["thinking"]["type"] == "enabled"
    assert 1024 <= body["thinking"]["budget_tokens"] < limit


CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
LOOP = [
    {"role": "user", "content": "a"},
    {"role": "assistant", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c", "content": "b"},
]
TOOLS = [{"type": "function", "function": {"name": "f"}}]


@pytest.mark.parametrize(
    "members",
    [
        {"max_tokens": 1024},
        {"tools": TOOLS, "tool_choice": "required"},
        {"messages": LOOP},
        {"reasoning_effort": "none"},
    ],
)
def test_no_thinking_where_the_vendor_would_refuse_it(members: dict[str, Any]) -> None:
    """No room, a forced tool, or a tool loop that another model began: the request goes without thinking."""
    document = minimal(CHAT) | {"reasoning_effort": "high", "max_tokens": 8000} | members
    assert "thinking" not in translated(document, CHAT, MESSAGES)


def test_thinking_takes_no_temperature() -> None:
    """The vendor refuses both together: the temperature goes, with a warning."""
    made = request(minimal(CHAT, reasoning_effort="low", temperature=0.5, max_tokens=8000), CHAT, MESSAGES)
    assert "temperature" not in json.loads(made.body)
    assert made.warnings == ("temperature: dropped, the target thinks at its own temperature",)


def test_thoughts_go_back_to_their_maker_only() -> None:
    """A proof with the mark of the target's provider is unwrapped; any other thought is dropped with a warning."""
    messages = [
        {"role": "user", "content": "a"},
        {
            "role": "assistant",
            "content": "b",
            "reasoning_details": [
                {"type": "reasoning.text", "text": "t", "signature": "plano:t:anthropic:c2ln"},
                {"type": "reasoning.encrypted", "data": "plano:h:anthropic:aGlk"},
            ],
        },
        {"role": "user", "content": "c"},
    ]
    blocks = translated(minimal(CHAT, messages=messages), CHAT, MESSAGES)["messages"][1]["content"]
    assert blocks[:2] == [
        {"type": "thinking", "thinking": "t", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "aGlk"},
    ]
    other = Target(MESSAGES, "bedrock", "claude")
    made = request(minimal(CHAT, messages=messages), CHAT, other)
    assert json.loads(made.body)["messages"][1]["content"] == [{"type": "text", "text": "b"}]
    assert len(made.warnings) == 1


def test_temperature_above_one_is_lowered() -> None:
    """Chat allows 2, messages 1."""
    made = request(minimal(CHAT, temperature=1.7), CHAT, MESSAGES)
    assert json.loads(made.body)["temperature"] == 1
    assert made.warnings == ("temperature: lowered to 1, the most that the target takes",)


def test_the_limit_of_a_known_model() -> None:
    """Without a limit of the caller, the model's own maximum counts."""
    target = Target(MESSAGES, "anthropic", "claude", max_output_tokens=64000)
    assert translated(minimal(CHAT), CHAT, target)["max_tokens"] == 64000


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"type": "text", "media_type": "text/plain", "data": "words"}, "T\n\nwords"),
        ({"type": "content", "content": [{"type": "text", "text": "words"}]}, "T\n\nwords"),
    ],
)
def test_documents_of_text_are_text(source: Any, expected: str) -> None:
    """Where a dialect has no documents of plain text, their words arrive with their title."""
    body = translated(said([{"type": "document", "title": "T", "source": source}]), MESSAGES, CHAT)
    assert body["messages"][0]["content"] == [{"type": "text", "text": expected}]


def test_search_results_are_text() -> None:
    """Title, source and words of a search result arrive."""
    block = {"type": "search_result", "title": "T", "source": "S", "content": [{"type": "text", "text": "w"}]}
    assert translated(said([block]), MESSAGES, CHAT)["messages"][0]["content"] == "T\nS\nw"


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"container": "c"}, "container"),
        ({"mcp_servers": []}, "mcp_servers"),
        ({"tools": [{"name": "s", "type": "web_search_20250305", "max_uses": 3}]}, "tools[0].type"),
    ],
)
@pytest.mark.parametrize("target", [CHAT, RESPONSES])
def test_server_side_parts_are_refused(members: dict[str, Any], param: str, target: Any) -> None:
    """What only this provider runs is refused with its place."""
    with pytest.raises(InvalidRequest) as caught:
        translated(minimal(MESSAGES, **members), MESSAGES, target)
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("block", "target"),
    [
        ({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}, CHAT),
        ({"type": "web_search_tool_result", "tool_use_id": "s", "content": {"type": "error", "error_code": "x"}}, CHAT),
        ({"type": "document", "source": {"type": "url", "url": "https://e.example/a.pdf"}}, CHAT),
        ({"type": "image", "source": {"type": "file", "file_id": "f"}}, RESPONSES),
        ({"type": "document", "source": {"type": "content", "content": [{"type": "image"}]}}, CHAT),
    ],
)
def test_blocks_without_a_counterpart_are_refused(block: dict[str, Any], target: Any) -> None:
    """400 with the place of the block."""
    with pytest.raises(InvalidRequest) as caught:
        translated(said([{"type": "text", "text": "a"}, block]), MESSAGES, target)
    assert caught.value.param == "messages[0].content[1]"


def test_structured_output_to_openai() -> None:
    """The schema arrives in both dialects of OpenAI, strict."""
    wanted = {"format": {"type": "json_schema", "schema": ANSWER_SCHEMA}}
    schema = chat(output_config=wanted)["response_format"]["json_schema"]
    assert (schema["schema"], schema["strict"]) == (ANSWER_SCHEMA, True)
    body = translated(minimal(MESSAGES, output_config=wanted), MESSAGES, RESPONSES)
    assert body["text"]["format"]["schema"] == ANSWER_SCHEMA


def test_cache_markers_of_compatible_hosts_arrive() -> None:
    """``cache_control`` in chat parts and tools, as several hosts have it, is the vendor's own."""
    marker = {"type": "ephemeral"}
    messages = [
        {"role": "system", "content": [{"type": "text", "text": "s", "cache_control": marker}]},
        {"role": "user", "content": [{"type": "text", "text": "a", "cache_control": marker}]},
    ]
    tools = [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}, "cache_control": marker}]
    made = request(minimal(CHAT, messages=messages, tools=tools), CHAT, MESSAGES)
    body = json.loads(made.body)
    assert body["system"][0]["cache_control"] == body["tools"][0]["cache_control"] == marker
    assert body["messages"][0]["content"][0]["cache_control"] == marker
    assert made.warnings == ()


def test_the_model_is_the_targets() -> None:
    """The caller's name for the model, and the preferences, reach no upstream."""
    made = request(minimal(CHAT, routing_preferences=[{"secret": 1}]), CHAT, MESSAGES)
    assert json.loads(made.body)["model"] == TARGETS[MESSAGES].model
    assert b"routing_preferences" not in made.body
    assert b"secret" not in made.body


def test_numbers_keep_their_form() -> None:
    """1.0 does not become 1, nor a large integer a fraction."""
    body = request(minimal(MESSAGES, temperature=1.0, top_p=1), MESSAGES, CHAT).body
    assert b'"temperature":1.0' in body
    assert b'"top_p":1' in body


def test_a_marked_text_is_not_a_plain_one() -> None:
    """A text with a marker keeps it where the dialect has one, and is only a text where it has none."""
    marked = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}
    made = request(said([marked]), MESSAGES, CHAT)
    assert json.loads(made.body)["messages"] == [{"role": "user", "content": "a"}]
    assert len(made.warnings) == 1
    cited = {"type": "text", "text": "a", "citations": [{"type": "char_location"}]}
    named = request(said([cited]), MESSAGES, CHAT).warnings
    assert named == ("messages[].content[].citations: dropped, the target has no citations",)


def test_forms_of_newer_parts_are_no_mistakes() -> None:
    """A set of tools has no name, a system message may only set something, a failed summary says nothing."""
    document = minimal(MESSAGES, tools=[{"type": "browser_toolset_20260801"}]) | {
        "messages": [
            {"role": "user", "content": [{"type": "compaction", "content": None}, {"type": "text", "text": "a"}]},
            {"role": "system", "output_config": {"effort": "low"}},
        ]
    }
    check_request(json.dumps(document).encode(), MESSAGES)
    for content in ({"role": "user"}, {"role": "assistant", "content": None}):
        with pytest.raises(InvalidRequest, match=r"messages\[0\]\.content: is required"):
            check_request(json.dumps(minimal(MESSAGES) | {"messages": [content]}).encode(), MESSAGES)


def test_a_conversation_that_its_provider_keeps() -> None:
    """Its calls are not in the request; nobody else can go on with it."""
    result = {"type": "tool_result", "tool_use_id": "t", "content": "r"}
    going_on = {"type": "continue", "previous_message_id": "msg_1"}
    document = said([result], thread=going_on)
    check_request(json.dumps(document).encode(), MESSAGES)
    for target in (CHAT, RESPONSES):
        with pytest.raises(InvalidRequest) as caught:
            request(document, MESSAGES, target)
        assert caught.value.param == "thread"
    with pytest.raises(InvalidRequest) as caught:
        check_request(json.dumps(said([result])).encode(), MESSAGES)
    assert caught.value.param == "messages[0].content[0].tool_use_id"


@pytest.mark.parametrize(("display", "summary"), [("omitted", None), ("summarized", "auto"), (None, "auto")])
def test_how_thoughts_are_shown(display: str | None, summary: str | None) -> None:
    """The Responses API is asked for a summary unless the caller wants none; chat has no word for it."""
    document = minimal(MESSAGES, thinking={"type": "adaptive", "display": display}, output_config={"effort": "low"})
    assert translated(document, MESSAGES, RESPONSES)["reasoning"].get("summary") == summary
    made = request(document, MESSAGES, CHAT)
    assert made.warnings == (() if display is None else ("thinking.display: dropped, the target has no such setting",))


@pytest.mark.parametrize("target", [CHAT, RESPONSES])
def test_a_long_name_of_the_user(target: Any) -> None:
    """Coding agents send more than the 64 characters of OpenAI and the 128 of others: a digest, and a word of it."""
    made = request(minimal(MESSAGES, metadata={"user_id": "u" * 65}), MESSAGES, target)
    name = json.loads(made.body)["user"]
    assert len(name) == 64
    assert made.warnings == ("metadata.user_id: longer than 64 characters, its SHA-256 is sent",)
    assert translated(minimal(MESSAGES, metadata={"user_id": "u" * 64}), MESSAGES, target)["user"] == "u" * 64


def test_more_stops_than_openai_takes() -> None:
    """The first four, and a word about the others."""
    made = request(minimal(MESSAGES, stop_sequences=list("abcde")), MESSAGES, CHAT)
    assert json.loads(made.body)["stop"] == list("abcd")
    assert made.warnings == ("stop_sequences: only the first 4 are sent, the target takes no more",)


@pytest.mark.parametrize("target", [CHAT, RESPONSES])
@pytest.mark.parametrize("side", ["user", "assistant"])
def test_blocks_of_the_other_side(side: str, target: Dialect) -> None:
    """Users call no tools, and the model gives no results: it used to be sent on as if they did."""
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    turns: list[dict[str, Any]] = [{"role": "assistant", "content": [call]}, {"role": "user", "content": "a"}]
    turns.append({"role": side, "content": [call if side == "user" else {"type": "tool_result", "tool_use_id": "t"}]})
    with pytest.raises(InvalidRequest, match="does not stand in a turn of this side") as caught:
        request(minimal(MESSAGES) | {"messages": turns}, MESSAGES, target)
    assert caught.value.param == "messages[2].content[0]"


@pytest.mark.parametrize("target", DIALECTS)
def test_an_address_that_nobody_can_fetch(target: Dialect) -> None:
    """As in the other dialects, whoever is asked."""
    image = {"type": "image", "source": {"type": "url", "url": "a.png"}}
    body = minimal(MESSAGES) | {"messages": [{"role": "user", "content": [image]}]}
    with pytest.raises(InvalidRequest, match="must be an http or https URL") as caught:
        check_request(json.dumps(body).encode(), MESSAGES) if target is MESSAGES else request(body, MESSAGES, target)
    assert caught.value.param == "messages[0].content[0].source.url"
