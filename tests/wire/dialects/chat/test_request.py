"""Chat completions requests, read and written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.target import Target
from tests.wire.dialects.samples import (
    ANSWER_SCHEMA,
    CHAT,
    MESSAGES,
    PDF,
    PNG,
    RESPONSES,
    SCHEMA,
    minimal,
    request,
    translated,
)


def to_messages(**members: Any) -> Any:
    return translated(minimal(CHAT, **members), CHAT, MESSAGES)


def from_messages(content: Any, **members: Any) -> Any:
    document = minimal(MESSAGES, **members) | {"messages": [{"role": "user", "content": content}]}
    return translated(document, MESSAGES, CHAT)


def test_system_messages_keep_their_order() -> None:
    """Every system and developer message at the beginning arrives, in order, apart from the conversation."""
    messages = [
        {"role": "system", "content": "S1"},
        {"role": "system", "content": [{"type": "text", "text": "S2"}]},
        {"role": "developer", "content": "S3"},
        {"role": "user", "content": "hi"},
    ]
    body = to_messages(messages=messages)
    assert [block["text"] for block in body["system"]] == ["S1", "S2", "S3"]
    assert body["messages"] == [{"role": "user", "content": "hi"}]


def test_a_late_system_message_moves_with_a_warning() -> None:
    """A dialect without system messages in the middle gets it at the beginning, and the caller is told."""
    messages = [{"role": "user", "content": "a"}, {"role": "system", "content": "S"}, {"role": "user", "content": "b"}]
    made = request(minimal(CHAT, messages=messages), CHAT, MESSAGES)
    assert json.loads(made.body)["system"] == "S"
    assert "moved to the beginning" in made.warnings[0]
    stays = translated(minimal(CHAT, messages=messages), CHAT, RESPONSES)
    assert [item["role"] for item in stays["input"]] == ["user", "system", "user"]


@pytest.mark.parametrize(("stop", "expected"), [("END", ["END"]), (["a", "b"], ["a", "b"])])
def test_stop_is_a_string_or_a_list(stop: Any, expected: list[str]) -> None:
    """Both forms become the list of the other dialect."""
    assert to_messages(stop=stop)["stop_sequences"] == expected


def test_white_space_alone_is_nothing() -> None:
    """Anthropic refuses texts and stop sequences of nothing but white space: they are left out."""
    messages = [
        {"role": "system", "content": [{"type": "text", "text": " "}]},
        {"role": "user", "content": [{"type": "text", "text": "\n"}, {"type": "text", "text": "a"}]},
        {"role": "assistant", "content": " "},
    ]
    made = request(minimal(CHAT, messages=messages, stop=["\n\n", "END"]), CHAT, MESSAGES)
    body = json.loads(made.body)
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": "a"}]}]
    assert body["stop_sequences"] == ["END"]
    assert "system" not in body
    assert made.warnings == (
        "messages[].content: left out where a message is nothing but white space",
        "stop: sequences of white space alone are dropped, the target refuses them",
    )


@pytest.mark.parametrize(
    ("members", "expected"),
    [({"max_completion_tokens": 77}, 77), ({"max_tokens": 77}, 77), ({}, 4096), ({"max_tokens": None}, 4096)],
)
def test_the_limit_has_two_names(members: dict[str, Any], expected: int) -> None:
    """Both names are read; without one there is a default, since the other dialect needs a limit."""
    assert to_messages(**members)["max_tokens"] == expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", {"type": "auto"}),
        ("required", {"type": "any"}),
        ("none", {"type": "none"}),
        ({"type": "function", "function": {"name": "f"}}, {"type": "tool", "name": "f"}),
    ],
)
def test_tools_and_their_choice(choice: Any, expected: Any) -> None:
    """A function becomes a tool with the same schema; each choice has its counterpart."""
    tools = [{"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA}}]
    body = to_messages(tools=tools, tool_choice=choice)
    assert body["tools"] == [{"name": "f", "description": "d", "input_schema": SCHEMA}]
    assert body["tool_choice"] == expected
    narrow = to_messages(tools=tools, tool_choice=choice, parallel_tool_calls=False)
    assert narrow["tool_choice"].get("disable_parallel_tool_use", False) is (choice != "none")


def test_only_allowed_tools_are_sent() -> None:
    """A dialect that cannot forbid a tool is not told of it."""
    tools = [{"type": "function", "function": {"name": name}} for name in ("f", "g")]
    allowed = {"mode": "required", "tools": [{"type": "function", "function": {"name": "g"}}]}
    document = minimal(CHAT, tools=tools, tool_choice={"type": "allowed_tools", "allowed_tools": allowed})
    made = request(document, CHAT, MESSAGES)
    body = json.loads(made.body)
    assert made.warnings == ()
    assert [tool["name"] for tool in body["tools"]] == ["g"]
    assert body["tool_choice"] == {"type": "any"}
    there = translated(document, CHAT, RESPONSES)["tool_choice"]
    assert there == {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "g"}]}


def test_results_of_one_round_stand_together() -> None:
    """One assistant message with the call, one user message with both results."""
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": None, "tool_calls": [call, call | {"id": "call_2"}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "a"},
        {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "b"}]},
    ]
    said = to_messages(messages=messages)["messages"]
    assert [message["role"] for message in said] == ["user", "assistant", "user"]
    assert said[1]["content"][0] == {"type": "tool_use", "id": "call_1", "name": "f", "input": {"x": 1}}
    assert [(block["tool_use_id"], block["content"]) for block in said[2]["content"]] == [
        ("call_1", "a"),
        ("call_2", "b"),
    ]


def test_arguments_that_are_no_object_are_kept() -> None:
    """What an earlier model wrote wrongly does not end the conversation, and is not lost."""
    call = {"id": "a.b:0", "type": "function", "function": {"name": "f", "arguments": '{"x": '}}
    messages = [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a.b:0", "content": "bad JSON"},
    ]
    made = request(minimal(CHAT, messages=messages), CHAT, MESSAGES)
    said = json.loads(made.body)["messages"]
    assert said[0]["content"][0]["input"] == {"input": '{"x": '}
    assert said[0]["content"][0]["id"] == said[1]["content"][0]["tool_use_id"] == "a_b_0"
    assert len(made.warnings) == 1


def test_images_by_data_and_by_address() -> None:
    """A data URL becomes a base64 source with its type, another address a URL source."""
    content = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "high"}},
        {"type": "image_url", "image_url": {"url": "https://e.example/a.png"}},
        {"type": "file", "file": {"file_data": PDF}},
    ]
    made = request(minimal(CHAT, messages=[{"role": "user", "content": content}]), CHAT, MESSAGES)
    blocks = json.loads(made.body)["messages"][0]["content"]
    assert blocks[0]["source"] == {"type": "base64", "media_type": "image/png", "data": PNG}
    assert blocks[1]["source"] == {"type": "url", "url": "https://e.example/a.png"}
    assert blocks[2]["source"] == {"type": "base64", "media_type": "application/pdf", "data": PDF}
    assert made.warnings == ("messages[].content[].image_url.detail: dropped, the target has no level of detail",)


def test_structured_output() -> None:
    """A JSON Schema arrives as the structured output of each other dialect."""
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": ANSWER_SCHEMA, "strict": True}}
    assert to_messages(response_format=wanted)["output_config"]["format"] == {
        "type": "json_schema",
        "schema": ANSWER_SCHEMA,
    }
    body = translated(minimal(CHAT, response_format=wanted), CHAT, RESPONSES)
    assert body["text"]["format"] == {"type": "json_schema", "name": "n", "schema": ANSWER_SCHEMA, "strict": True}


def test_what_chat_writes_for_plain_blocks() -> None:
    """Texts become one string, a document a file part, the limit the name that the provider uses."""
    content = [{"type": "text", "text": "a"}, {"type": "text", "text": ""}, {"type": "text", "text": "b"}]
    body = from_messages(content, system=[{"type": "text", "text": "s"}])
    assert body["messages"] == [{"role": "system", "content": "s"}, {"role": "user", "content": "a\n\nb"}]
    assert body["max_completion_tokens"] == 100
    source = {"type": "base64", "media_type": "application/pdf", "data": PDF}
    part = from_messages([{"type": "document", "source": source}])["messages"][0]["content"][0]
    assert part["file"]["file_data"] == f"data:application/pdf;base64,{PDF}"


def test_results_keep_their_errors_and_their_images() -> None:
    """A failed tool says so in its text; an image, which a tool message cannot hold, follows in a user message."""
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    document = minimal(MESSAGES) | {
        "messages": [
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "is_error": True, "content": "boom"},
                    {"type": "tool_result", "tool_use_id": "t1", "content": [image]},
                ],
            },
        ]
    }
    said = translated(document, MESSAGES, CHAT)["messages"]
    assert said[1] == {"role": "tool", "tool_call_id": "t1", "content": "Error: boom"}
    assert said[2] == {"role": "tool", "tool_call_id": "t1", "content": ""}
    assert [part["type"] for part in said[3]["content"]] == ["text", "image_url"]


def test_a_stream_asks_for_its_usage() -> None:
    """Whatever the caller said, the usage of a translated stream is known."""
    assert translated(minimal(MESSAGES, stream=True), MESSAGES, CHAT)["stream_options"] == {"include_usage": True}
    assert request(minimal(CHAT, stream=True), CHAT, MESSAGES).echo.wants_usage is False
    asked = minimal(CHAT, stream=True, stream_options={"include_usage": True})
    assert request(asked, CHAT, MESSAGES).echo.wants_usage is True


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"n": 2}, "n"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"functions": []}, "functions"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"messages": [{"role": "user", "content": [{"type": "odd", "odd": 1}]}]}, "messages[0].content[0]"),
        (
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
            "messages[0].content[0]",
        ),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "function", "content": "b"}]}, "messages[1].role"),
    ],
)
def test_what_cannot_be_carried_is_refused(members: dict[str, Any], param: str) -> None:
    """400 with the exact place, never an answer to another question."""
    with pytest.raises(InvalidRequest) as caught:
        to_messages(**members)
    assert caught.value.param == param


def test_free_text_tools() -> None:
    """A tool for free text becomes a function with one argument, and stays one where the target knows it."""
    form = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "x"}}
    tools = [{"type": "custom", "custom": {"name": "patch", "format": form}}]
    call = {"id": "c", "type": "custom", "custom": {"name": "patch", "input": "*** x"}}
    messages = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "ok"},
    ]
    document = minimal(CHAT, tools=tools, messages=messages)
    made = request(document, CHAT, MESSAGES)
    body = json.loads(made.body)
    assert body["tools"][0]["input_schema"]["required"] == ["input"]
    assert body["messages"][1]["content"][0]["input"] == {"input": "*** x"}
    assert made.echo.custom_tools == {"patch"}
    items = translated(document, CHAT, RESPONSES)
    assert items["tools"][0]["format"] == {"type": "grammar", "syntax": "lark", "definition": "x"}
    assert [item["type"] for item in items["input"][1:]] == ["custom_tool_call", "custom_tool_call_output"]


def test_the_limit_has_the_providers_name() -> None:
    """OpenAI's newer models take ``max_completion_tokens``; other hosts know ``max_tokens``."""
    document = minimal(MESSAGES) | {"max_tokens": 50}
    assert translated(document, MESSAGES, Target(CHAT, "groq", "llama"))["max_tokens"] == 50
    assert translated(document, MESSAGES, CHAT)["max_completion_tokens"] == 50


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_names_of_speakers_are_lost_with_a_warning(target: Dialect) -> None:
    """No other dialect has them."""
    document = minimal(CHAT, messages=[{"role": "user", "name": "ann", "content": "a"}])
    assert request(document, CHAT, target).warnings == (
        "messages[].name: dropped, the target has no names of speakers",
    )


def test_system_prompts_alone_are_a_conversation_of_openai() -> None:
    """Chat and responses take them for one; messages do not, and the caller is told."""
    asked = minimal(CHAT, messages=[{"role": "system", "content": "S"}])
    made = translated(asked, CHAT, RESPONSES)
    assert made["input"] == [{"type": "message", "role": "system", "content": "S"}]
    assert "instructions" not in made
    with pytest.raises(InvalidRequest) as caught:
        translated(asked, CHAT, MESSAGES)
    assert caught.value.param == "messages"


@pytest.mark.parametrize("at", ["first", "last"])
@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_names_and_images_of_system_messages(target: Dialect, at: str) -> None:
    """A name is dropped and named; an image stays where the target can hold one, else it is refused with its place."""
    image = {"type": "image_url", "image_url": {"url": "https://e.example/a.png"}}
    turn = {"role": "user", "content": "hi"}

    def placed(system: dict[str, Any]) -> dict[str, Any]:
        return minimal(CHAT) | {"messages": [system, turn] if at == "first" else [turn, system]}

    made = request(placed({"role": "system", "content": "s", "name": "n"}), CHAT, target)
    assert "messages[].name: dropped, the target has no names of speakers" in made.warnings
    document = placed({"role": "developer", "content": [image]})
    if target is RESPONSES:
        parts = [item["content"] for item in translated(document, CHAT, target)["input"]]
        assert any(part[0]["type"] == "input_image" for part in parts if isinstance(part, list))
        return
    with pytest.raises(InvalidRequest) as caught:
        request(document, CHAT, target)
    assert caught.value.param == f"messages[{0 if at == 'first' else 1}].content[0]"


def test_a_result_of_an_unknown_form_is_refused() -> None:
    """It is not sent as an empty one."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    result = {"role": "tool", "tool_call_id": "c", "content": [{"type": "video", "text": None}]}
    document = minimal(CHAT) | {"messages": [{"role": "assistant", "tool_calls": [call]}, result]}
    for target in (MESSAGES, RESPONSES):
        with pytest.raises(InvalidRequest, match="exists only in its own dialect"):
            request(document, CHAT, target)


def test_one_user_of_two_names() -> None:
    """Anthropic knows one user; the other name is dropped and named."""
    made = request(minimal(CHAT, user="u", safety_identifier="s"), CHAT, MESSAGES)
    assert json.loads(made.body)["metadata"] == {"user_id": "u"}
    assert made.warnings == ("safety_identifier: dropped, the target knows one user",)
    assert translated(minimal(CHAT, safety_identifier="s"), CHAT, MESSAGES)["metadata"] == {"user_id": "s"}


def test_what_a_schema_says_beside_itself() -> None:
    """Its description is dropped and named, and so is the wish not to be held to it."""
    schema = {"name": "n", "schema": SCHEMA, "description": "d", "strict": False}
    wanted = {"type": "json_schema", "json_schema": schema}
    assert request(minimal(CHAT, response_format=wanted), CHAT, MESSAGES).warnings == (
        "response_format: its description is dropped",
        "response_format: the target always holds to the schema",
    )
    assert translated(minimal(CHAT, response_format=wanted), CHAT, RESPONSES)["text"]["format"]["strict"] is False
