"""Requests that say the same in each dialect, answers and streams to translate, and what stands around them."""

from __future__ import annotations

import json
from typing import Any

from plano.domain.model import Dialect
from plano.wire.canonical.echo import Echo
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.stream_translator import StreamTranslator
from plano.wire.dialects.target import Target
from plano.wire.dialects.translate import Translation, translate_answer, translate_request

CHAT, MESSAGES, RESPONSES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES, Dialect.OPENAI_RESPONSES
DIALECTS = (CHAT, MESSAGES, RESPONSES)
PAIRS = [(source, target) for source in DIALECTS for target in DIALECTS if source is not target]
ALL_PAIRS = [(source, target) for source in DIALECTS for target in DIALECTS]

TARGETS = {
    CHAT: Target(CHAT, "openai", "gpt-4o", limit_field="max_completion_tokens"),
    MESSAGES: Target(MESSAGES, "anthropic", "claude-sonnet-4"),
    RESPONSES: Target(RESPONSES, "openai", "gpt-4o"),
}
MAKERS = {CHAT: "deepseek", MESSAGES: "anthropic", RESPONSES: "openai"}

PNG = "iVBORw0KGgo="
PDF = "JVBERi0xLjQK"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ANSWER_SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}

REQUESTS: dict[Dialect, dict[str, Any]] = {
    CHAT: {
        "model": "plano",
        "max_tokens": 2000,
        "temperature": 0.2,
        "top_p": 0.9,
        "stop": ["END"],
        "user": "u1",
        "stream": True,
        "tools": [{"type": "function", "function": {"name": "weather", "description": "w", "parameters": SCHEMA}}],
        "tool_choice": "auto",
        "parallel_tool_calls": False,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Weather in Oslo and Rome?"},
            {
                "role": "assistant",
                "content": "I look.",
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city":"Oslo"}'},
                    },
                    {
                        "id": "call_2",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city":"Rome"}'},
                    },
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
            {"role": "tool", "tool_call_id": "call_2", "content": "sun"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "And what is this?"},
                    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
                    {
                        "type": "file",
                        "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"},
                    },
                ],
            },
        ],
    },
    MESSAGES: {
        "model": "plano",
        "max_tokens": 2000,
        "temperature": 0.2,
        "top_p": 0.9,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u1"},
        "stream": True,
        "tools": [{"name": "weather", "description": "w", "input_schema": SCHEMA}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": "Weather in Oslo and Rome?"},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Oslo"}},
                    {"type": "tool_use", "id": "call_2", "name": "weather", "input": {"city": "Rome"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "call_1", "content": "rain"},
                    {"type": "tool_result", "tool_use_id": "call_2", "content": "sun"},
                    {"type": "text", "text": "And what is this?"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
                    {
                        "type": "document",
                        "title": "a.pdf",
                        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
                    },
                ],
            },
        ],
    },
    RESPONSES: {
        "model": "plano",
        "max_output_tokens": 2000,
        "temperature": 0.2,
        "top_p": 0.9,
        "user": "u1",
        "stream": True,
        "tools": [{"type": "function", "name": "weather", "description": "w", "parameters": SCHEMA, "strict": False}],
        "tool_choice": "auto",
        "parallel_tool_calls": False,
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "Weather in Oslo and Rome?"},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
            {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city":"Oslo"}'},
            {"type": "function_call", "call_id": "call_2", "name": "weather", "arguments": '{"city":"Rome"}'},
            {"type": "function_call_output", "call_id": "call_1", "output": "rain"},
            {"type": "function_call_output", "call_id": "call_2", "output": "sun"},
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "And what is this?"},
                    {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "auto"},
                    {
                        "type": "input_file",
                        "filename": "a.pdf",
                        "file_data": f"data:application/pdf;base64,{PDF}",
                    },
                ],
            },
        ],
    },
}


def minimal(dialect: Dialect, **members: Any) -> dict[str, Any]:
    """The smallest request of a dialect, with more members."""
    base: dict[Dialect, dict[str, Any]] = {
        CHAT: {"model": "m", "messages": [{"role": "user", "content": "hi"}]},
        MESSAGES: {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]},
        RESPONSES: {"model": "m", "input": "hi"},
    }
    return base[dialect] | members


def same(value: Any) -> Any:
    """The value with the text of arguments as what it says: white space in it is the caller's."""
    if isinstance(value, dict):
        return {key: json.loads(item) if key == "arguments" else same(item) for key, item in value.items()}
    return [same(item) for item in value] if isinstance(value, list) else value


def request(document: dict[str, Any], source: Dialect, target: Dialect | Target) -> Translation:
    """The translation of a request."""
    goal = target if isinstance(target, Target) else TARGETS[target]
    return translate_request(json.dumps(document).encode(), source, goal)


def translated(document: dict[str, Any], source: Dialect, target: Dialect | Target) -> Any:
    """The JSON of the translation of a request."""
    return json.loads(request(document, source, target).body)


def answering(dialect: Dialect, echo: Echo | None = None) -> Answering:
    """What stands around an answer of an upstream that speaks ``dialect``."""
    return Answering(MAKERS[dialect], "model-1", "id-1", 1700000000, echo or Echo(wants_usage=True))


def answered(document: Any, source: Dialect, target: Dialect, echo: Echo | None = None) -> Any:
    """The JSON of the translation of an answer."""
    body = json.dumps(document).encode()
    return json.loads(translate_answer(body, source, target, answering(source, echo)).body)


def streamed(stream: bytes, source: Dialect, target: Dialect, echo: Echo | None = None) -> bytes:
    """The whole translation of a stream."""
    translator = StreamTranslator(source, target, answering(source, echo))
    written = translator.feed(stream) + translator.close()
    assert translator.is_whole, translator.state
    return written


CHAT_USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 7,
    "total_tokens": 107,
    "prompt_tokens_details": {"cached_tokens": 40},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
ANSWERS: dict[Dialect, dict[str, Any]] = {
    CHAT: {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1690000000,
        "model": "gpt-4o",
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls",
                "logprobs": None,
                "message": {
                    "role": "assistant",
                    "content": "Let me see.",
                    "refusal": None,
                    "reasoning_content": "Hm.",
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "weather", "arguments": '{"city":"Oslo"}'},
                        }
                    ],
                },
            }
        ],
        "usage": CHAT_USAGE,
    },
    MESSAGES: {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
            {"type": "text", "text": "Let me see.", "citations": None},
            {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Oslo"}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 10,
            "cache_read_input_tokens": 30,
            "cache_creation_input_tokens": 20,
            "output_tokens": 5,
        },
    },
    RESPONSES: {
        "id": "resp_1",
        "object": "response",
        "created_at": 1690000000,
        "status": "completed",
        "model": "gpt-4o",
        "output": [
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [{"type": "summary_text", "text": "Hm."}],
                "encrypted_content": "ZW5j",
            },
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": "Let me see.", "annotations": []}],
            },
            {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "call_1",
                "name": "weather",
                "arguments": '{"city":"Oslo"}',
                "status": "completed",
            },
        ],
        "usage": {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 40},
            "output_tokens": 7,
            "output_tokens_details": {"reasoning_tokens": 3},
            "total_tokens": 107,
        },
    },
}


def answer_of(dialect: Dialect) -> bytes:
    """The bytes of the whole answer of a dialect."""
    return json.dumps(ANSWERS[dialect]).encode()
