"""Requests with the shape that coding agents send, through every pair: one tool loop each.

As Claude Code 2.1 and Codex 0.169 send them, with what older versions and longer loops have beside that.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.wire.dialects.turns import text_turns
from tests.wire.dialects import oracles
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES, SCHEMA, request

USER = (
    '{"device_id":"'
    + "0123456789abcdef" * 4
    + '","account_uuid":"","session_id":"11111111-2222-3333-4444-555555555555"}'
)
MARKER = {"type": "ephemeral"}
REMINDER = "<system-reminder>\nThe date is today.\n</system-reminder>"
CLAUDE_CODE: dict[str, Any] = {
    "model": "claude-sonnet-4-20250514",
    "max_tokens": 32000,
    "stream": True,
    "metadata": {"user_id": USER},
    "thinking": {"type": "adaptive"},
    "output_config": {"effort": "high"},
    "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
    "system": [
        {"type": "text", "text": "You are a coding agent.", "cache_control": MARKER},
        {"type": "text", "text": "Working directory: /project", "cache_control": MARKER},
    ],
    "tools": [
        {"name": "Read", "description": "Reads a file.", "input_schema": SCHEMA, "eager_input_streaming": True},
        {"name": "Bash", "description": "Runs a command.", "input_schema": SCHEMA, "cache_control": MARKER},
    ],
    "messages": [
        {
            "role": "user",
            "content": [{"type": "text", "text": REMINDER}, {"type": "text", "text": "fix the failing test"}],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "I look.", "signature": "c2ln"},
                {"type": "text", "text": "I look at it."},
                {
                    "type": "tool_use",
                    "id": "toolu_1",
                    "name": "Read",
                    "input": {"city": "a.py"},
                    "caller": {"type": "direct"},
                },
                {"type": "tool_use", "id": "toolu_2", "name": "Bash", "input": {"city": "ls"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "x = 1"}]},
                {
                    "type": "tool_result",
                    "tool_use_id": "toolu_2",
                    "content": "no such file",
                    "is_error": True,
                    "cache_control": MARKER,
                },
                {"type": "text", "text": REMINDER},
            ],
        },
    ],
}
REASONING = {"effort": "high", "summary": "auto"}
CODEX: dict[str, Any] = {
    "model": "gpt-5-codex",
    "instructions": "You are a coding agent.",
    "stream": True,
    "store": False,
    "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "session-1",
    "client_metadata": {"session_id": "session-1", "x-codex-window-id": "session-1:0"},
    "parallel_tool_calls": False,
    "tool_choice": "auto",
    "reasoning": {"effort": "medium", "summary": "auto"},
    "text": {"verbosity": "medium"},
    "tools": [
        {"type": "function", "name": "shell", "description": "Runs.", "strict": False, "parameters": SCHEMA},
        {
            "type": "custom",
            "name": "apply_patch",
            "description": "Patches files.",
            "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"},
        },
    ],
    "input": [
        {
            "type": "message",
            "role": "developer",
            "content": [{"type": "input_text", "text": "Be careful."}],
        },
        {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "<environment_context>\n<cwd>/p</cwd>\n</environment_context>"}],
        },
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "fix the failing test"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [], "content": None, "encrypted_content": "gAAA"},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "I look at it."}],
        },
        {
            "type": "function_call",
            "id": "fc_1",
            "call_id": "call_1",
            "name": "shell",
            "arguments": '{"city":"ls"}',
            "status": "completed",
        },
        {"type": "function_call_output", "call_id": "call_1", "output": "a.py"},
        {"type": "custom_tool_call", "call_id": "call_2", "name": "apply_patch", "input": "*** Begin Patch"},
        {"type": "custom_tool_call_output", "call_id": "call_2", "output": "done"},
    ],
}


@pytest.mark.parametrize("target", [CHAT, RESPONSES])
def test_an_agent_of_the_messages_api(target: Any) -> None:
    """Everything that the loop needs arrives; what does not is named, and nothing else."""
    made = request(CLAUDE_CODE, MESSAGES, target)
    oracles.check_request(bytes(made.body), target)
    assert {line.partition(":")[0] for line in made.warnings} == {
        "tools[].eager_input_streaming",
        "context_management",
        "cache_control",
        "messages[].content[].thinking",
        "metadata.user_id",
    }
    assert json.loads(made.body)["reasoning_effort" if target is CHAT else "reasoning"] in ("high", REASONING)
    body = made.body.decode()
    for said in (
        "You are a coding agent.",
        "Working directory",
        "fix the failing test",
        "x = 1",
        "Error: no such file",
    ):
        assert said in body
    assert body.count("toolu_1") == body.count("toolu_2") == 2


@pytest.mark.parametrize("target", [CHAT, MESSAGES])
def test_an_agent_of_the_responses_api(target: Any) -> None:
    """The same, with a tool for free text and reasoning that only its maker takes back."""
    made = request(CODEX, RESPONSES, target)
    oracles.check_request(bytes(made.body), target)
    named = {line.partition(":")[0] for line in made.warnings}
    assert named - {"text.verbosity", "prompt_cache_key"} == {
        "client_metadata",
        "input[].summary",
        "tools[].format",
        "reasoning.summary" if target is CHAT else "reasoning",
    } | ({"reasoning.summary"} if target is MESSAGES else set())
    assert made.echo.custom_tools == {"apply_patch"}
    assert json.loads(made.body)["stream"] is True


def test_the_router_sees_the_same_question() -> None:
    """Neither harness hides what the user asked, nor adds words of its own."""
    expected = [("user", "fix the failing test"), ("assistant", "I look at it.")]
    for document, dialect in ((CLAUDE_CODE, MESSAGES), (CODEX, RESPONSES)):
        assert [(turn.role, turn.text) for turn in text_turns(document, dialect).turns] == expected
