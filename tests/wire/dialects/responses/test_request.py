"""Responses requests, read and written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.translate import check_request
from tests.wire.dialects.samples import (
    CHAT,
    MESSAGES,
    PNG,
    RESPONSES,
    SCHEMA,
    minimal,
    request,
    translated,
)


def test_a_whole_conversation_arrives() -> None:
    """Instructions, messages, calls and results stand in the order of the conversation; the limit is kept."""
    document = minimal(
        RESPONSES,
        instructions="S",
        max_output_tokens=99,
        tools=[{"type": "function", "name": "f", "parameters": SCHEMA, "strict": True}],
        input=[
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "go"}]},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "function_call", "call_id": "c2", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "a"},
            {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "b"}]},
        ],
    )
    chat = translated(document, RESPONSES, CHAT)
    assert [message["role"] for message in chat["messages"]] == ["system", "user", "assistant", "tool", "tool"]
    assert [call["id"] for call in chat["messages"][2]["tool_calls"]] == ["c1", "c2"]
    assert chat["max_completion_tokens"] == 99
    assert chat["tools"][0]["function"]["strict"] is True
    messages = translated(document, RESPONSES, MESSAGES)
    assert messages["system"] == "S"
    assert [len(message["content"]) for message in messages["messages"][1:]] == [2, 2]
    assert messages["max_tokens"] == 99


def test_what_responses_writes() -> None:
    """Answers are not kept, tools are as strict as the caller said, and the limit is at least what the API takes."""
    tools = [{"type": "function", "function": {"name": "f"}}]
    made = request(minimal(CHAT, tools=tools, max_tokens=5), CHAT, RESPONSES)
    body = json.loads(made.body)
    assert body["store"] is False
    assert body["tools"][0]["strict"] is False
    assert body["max_output_tokens"] == 16
    assert made.warnings == ("max_tokens: raised to 16, the least that the target takes",)
    assert translated(minimal(CHAT, store=True), CHAT, RESPONSES)["store"] is True


def test_reasoning_comes_back_with_its_proof() -> None:
    """Who asks for reasoning through another dialect gets what is needed to go on with it."""
    body = translated(minimal(CHAT, reasoning_effort="high"), CHAT, RESPONSES)
    assert body["reasoning"] == {"effort": "high", "summary": "auto"}
    assert body["include"] == ["reasoning.encrypted_content"]


def test_thoughts_go_back_to_their_maker_only() -> None:
    """A proof that this provider made becomes its own reasoning item again."""
    content = [
        {"type": "thinking", "thinking": "t", "signature": "plano:t:openai:rs_1:ZW5j"},
        {"type": "thinking", "thinking": "u", "signature": "c2ln"},
        {"type": "text", "text": "a"},
    ]
    document = minimal(MESSAGES) | {"messages": [{"role": "assistant", "content": content}]}
    made = request(document, MESSAGES, RESPONSES)
    assert json.loads(made.body)["input"] == [
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "t"}],
            "encrypted_content": "ZW5j",
        },
        {"type": "message", "role": "assistant", "content": "a"},
    ]
    assert len(made.warnings) == 1


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"store": True}, "store"),
        ({"background": True}, "background"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tools": [{"type": "mcp", "server_label": "x"}]}, "tools[0].type"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0]"),
        ({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]}, "input[0].content[0]"),
    ],
)
@pytest.mark.parametrize("target", [CHAT, MESSAGES])
def test_what_needs_this_api_is_refused(members: dict[str, Any], param: str, target: Dialect) -> None:
    """Stored state and the provider's own tools: 400 with the place."""
    with pytest.raises(InvalidRequest) as caught:
        translated(minimal(RESPONSES, **members), RESPONSES, target)
    assert caught.value.param == param


@pytest.mark.parametrize("target", [CHAT, MESSAGES])
def test_defaults_need_no_warning(target: Dialect) -> None:
    """What a coding agent always sends, and means nothing here, is not worth a line."""
    document = minimal(RESPONSES, store=False, include=["reasoning.encrypted_content"], truncation="disabled")
    assert request(document, RESPONSES, target).warnings == ()


def test_log_probabilities() -> None:
    """``include`` and ``logprobs`` are two names of one wish."""
    asked = minimal(RESPONSES, include=["message.output_text.logprobs"], top_logprobs=2)
    body = translated(asked, RESPONSES, CHAT)
    assert (body["logprobs"], body["top_logprobs"]) == (True, 2)
    back = translated(minimal(CHAT, logprobs=True, top_logprobs=2), CHAT, RESPONSES)
    assert (back["include"], back["top_logprobs"]) == (["message.output_text.logprobs"], 2)


def test_format_and_verbosity_share_a_place() -> None:
    """Two fields of chat stand in one object here."""
    body = translated(minimal(CHAT, response_format={"type": "json_object"}, verbosity="low"), CHAT, RESPONSES)
    assert body["text"] == {"format": {"type": "json_object"}, "verbosity": "low"}
    assert translated(minimal(RESPONSES, text=body["text"]), RESPONSES, CHAT)["verbosity"] == "low"


def test_images_in_results() -> None:
    """An image that a tool returned stays in its result."""
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    document = minimal(MESSAGES) | {
        "messages": [
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "t", "is_error": True, "content": [image]}],
            },
        ]
    }
    output = translated(document, MESSAGES, RESPONSES)["input"][1]["output"]
    assert output == [
        {"type": "input_text", "text": "Error: "},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "auto"},
    ]


def test_free_text_tools_become_functions() -> None:
    """Coding agents patch files with free text: another dialect sees one argument, and is told of its names."""
    document = minimal(
        RESPONSES,
        tools=[{"type": "custom", "name": "apply_patch", "format": {"type": "grammar", "syntax": "lark"}}],
        input=[
            {"role": "user", "content": "go"},
            {"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": "*** x"},
            {"type": "custom_tool_call_output", "call_id": "c", "output": "ok"},
        ],
    )
    made = request(document, RESPONSES, CHAT)
    call = json.loads(made.body)["messages"][1]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == {"input": "*** x"}
    assert made.warnings == ("tools[].format: dropped, the target does not hold free text to a grammar",)
    assert made.echo.custom_tools == {"apply_patch"}


def test_sound_travels_between_the_dialects_of_openai() -> None:
    """It is checked, kept for chat, and refused where there is none."""
    part = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    document = minimal(RESPONSES, input=[{"role": "user", "content": [part]}])
    assert translated(document, RESPONSES, CHAT)["messages"][0]["content"] == [part]
    with pytest.raises(InvalidRequest, match="takes no sound"):
        translated(document, RESPONSES, MESSAGES)
    broken = {"type": "input_audio", "input_audio": {"data": "A*", "format": "wav"}}
    with pytest.raises(InvalidRequest) as caught:
        translated(minimal(RESPONSES, input=[{"role": "user", "content": [broken]}]), RESPONSES, CHAT)
    assert caught.value.param == "input[0].content[0].input_audio.data"


@pytest.mark.parametrize("mode", ["auto", "required"])
def test_allowed_tools(mode: str) -> None:
    """The choice keeps its names and whether one must be used."""
    tools = [{"type": "function", "name": name, "parameters": SCHEMA} for name in ("f", "g")]
    choice = {"type": "allowed_tools", "mode": mode, "tools": [{"type": "function", "name": "f"}]}
    body = translated(minimal(RESPONSES, tools=tools, tool_choice=choice), RESPONSES, CHAT)
    assert body["tool_choice"]["allowed_tools"] == {
        "mode": mode,
        "tools": [{"type": "function", "function": {"name": "f"}}],
    }
    forced = translated(minimal(RESPONSES, tools=tools, tool_choice=choice), RESPONSES, MESSAGES)
    assert forced["tool_choice"]["type"] == {"auto": "auto", "required": "any"}[mode]


@pytest.mark.parametrize(
    "item",
    [
        {"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot"}},
        {"type": "shell_call_output", "call_id": "c", "output": [{"stdout": "a", "stderr": "", "outcome": {}}]},
        {"type": "tool_search_call", "arguments": {"query": "a"}},
        {"type": "function_call_output", "name": "f", "output": "a"},
        {"id": "msg_1"},
    ],
)
@pytest.mark.parametrize("target", [CHAT, MESSAGES])
def test_items_of_this_api_alone(item: dict[str, Any], target: Dialect) -> None:
    """No mistake for an upstream that knows them; for any other refused with their place, whatever their form."""
    document = minimal(RESPONSES, input=[{"role": "user", "content": "go"}, item])
    check_request(json.dumps(document).encode(), RESPONSES)
    with pytest.raises(InvalidRequest) as caught:
        request(document, RESPONSES, target)
    assert caught.value.param == "input[1]"


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ({"type": "function_call", "call_id": "c", "name": "f", "arguments": {}}, "input[1].arguments"),
        ({"type": "function_call_output", "call_id": "c0", "output": {}}, "input[1].output"),
        ({"type": "function_call_output", "output": "a"}, "input[1].call_id"),
        ({"role": "user", "content": [{"text": "a"}]}, "input[1].content[0].type"),
        ({"content": "a"}, "input[1].role"),
    ],
)
def test_items_of_the_wrong_form(item: dict[str, Any], param: str) -> None:
    """The place of the mistake, though other kinds of items may have that form."""
    call = {"type": "function_call", "call_id": "c0", "name": "f", "arguments": "{}"}
    with pytest.raises(InvalidRequest) as caught:
        check_request(json.dumps(minimal(RESPONSES, input=[call, item])).encode(), RESPONSES)
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("choice", "param"),
    [
        ({"type": "file_search"}, "tool_choice.type"),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp", "server_label": "s"}]},
            "tool_choice.tools[0].type",
        ),
    ],
)
def test_a_choice_of_the_providers_tools_is_refused(choice: dict[str, Any], param: str) -> None:
    """Never taken for no choice."""
    tools = [{"type": "function", "name": "f", "parameters": SCHEMA}]
    for target in (CHAT, MESSAGES):
        with pytest.raises(InvalidRequest) as caught:
            request(minimal(RESPONSES, tools=tools, tool_choice=choice), RESPONSES, target)
        assert caught.value.param == param


def test_what_is_beside_the_text_of_instructions_is_not_lost() -> None:
    """An image in the first system message stays there, or is refused with its place."""
    image = {"type": "input_image", "image_url": "https://e.example/a.png"}
    document = minimal(RESPONSES, input=[{"role": "system", "content": [image]}, {"role": "user", "content": "go"}])
    assert translated(document, RESPONSES, CHAT)["messages"][0]["content"][0]["type"] == "image_url"
    with pytest.raises(InvalidRequest) as caught:
        request(document, RESPONSES, MESSAGES)
    assert caught.value.param == "input[0].content[0]"


@pytest.mark.parametrize("target", [CHAT, MESSAGES])
def test_a_part_of_no_known_kind(target: Dialect) -> None:
    """The part is named, not the item in which it stands."""
    parts = [{"type": "odd"}, {"type": "input_text", "text": "a"}]
    with pytest.raises(InvalidRequest) as caught:
        request(minimal(RESPONSES) | {"input": [{"role": "user", "content": parts}]}, RESPONSES, target)
    assert caught.value.param == "input[0].content[0]"
