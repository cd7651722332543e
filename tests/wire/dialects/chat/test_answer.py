"""Chat completions, read and written."""

from __future__ import annotations

from typing import Any

import pytest

from plano.wire.canonical.echo import Echo
from plano.wire.dialects.reading import BadAnswer
from tests.wire.dialects.samples import ANSWERS, CHAT, MESSAGES, RESPONSES, answered


def completion(message: dict[str, Any], finish: str = "stop", **members: Any) -> dict[str, Any]:
    """A completion with this message."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion", "choices": [choice], **members}


def test_what_a_message_becomes() -> None:
    """Thoughts, words and calls have their places; counts of a cache are part of the input here."""
    body = answered(ANSWERS[MESSAGES], MESSAGES, CHAT)
    message = body["choices"][0]["message"]
    assert message["content"] == "Let me see."
    assert message["reasoning_content"] == "Hm."
    assert message["tool_calls"][0]["function"] == {"name": "weather", "arguments": '{"city": "Oslo"}'}
    assert body["usage"] == {
        "prompt_tokens": 60,
        "completion_tokens": 5,
        "total_tokens": 65,
        "prompt_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 20},
    }
    assert message["reasoning_details"] == [
        {"type": "reasoning.text", "text": "Hm.", "signature": "plano:t:anthropic:c2ln", "index": 0}
    ]


@pytest.mark.parametrize(
    ("word", "expected", "native"),
    [
        ("end_turn", "stop", None),
        ("max_tokens", "length", None),
        ("stop_sequence", "stop", None),
        ("tool_use", "tool_calls", None),
        ("refusal", "content_filter", None),
        ("pause_turn", "length", "pause"),
        ("model_context_window_exceeded", "length", "context_window"),
        ("a_word_of_tomorrow", "length", "a_word_of_tomorrow"),
    ],
)
def test_why_it_ended(word: str, expected: str, native: str | None) -> None:
    """Each reason has its word; one without is kept beside it, and never told as a regular stop."""
    choice = answered(ANSWERS[MESSAGES] | {"stop_reason": word}, MESSAGES, CHAT)["choices"][0]
    assert choice["finish_reason"] == expected
    assert choice.get("native_finish_reason") == native


@pytest.mark.parametrize(
    "message",
    [
        {"content": "a", "reasoning_content": "t"},
        {"content": "a", "reasoning": "t"},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "t"}]}, {"type": "text", "text": "a"}]},
        {"content": "a", "reasoning_details": [{"type": "reasoning.text", "text": "t", "signature": "s"}]},
    ],
)
def test_thoughts_in_the_words_of_several_hosts(message: dict[str, Any]) -> None:
    """However a host calls them, thoughts come before the words."""
    blocks = answered(completion(message), CHAT, MESSAGES)["content"]
    assert [(block["type"], block.get("thinking") or block.get("text")) for block in blocks] == [
        ("thinking", "t"),
        ("text", "a"),
    ]


def test_calls_behind_a_stop() -> None:
    """Hosts that say ``stop`` behind tool calls: callers of other dialects are told that a tool is to be used."""
    call = {"id": None, "function": {"name": "f", "arguments": ""}}
    body = answered(completion({"content": None, "tool_calls": [call]}), CHAT, MESSAGES)
    assert body["stop_reason"] == "tool_use"
    assert body["content"][0]["input"] == {}
    assert body["content"][0]["id"]


def test_a_refusal() -> None:
    """It is said as text, and as the reason of the end where the dialect has one."""
    document = completion({"content": None, "refusal": "no"})
    body = answered(document, CHAT, MESSAGES)
    assert (body["content"][0]["text"], body["stop_reason"]) == ("no", "refusal")
    part = answered(document, CHAT, RESPONSES)["output"][0]["content"][0]
    assert part == {"type": "refusal", "refusal": "no"}


def test_log_probabilities_are_carried() -> None:
    """Token records are the same in both dialects of OpenAI."""
    records = [{"token": "a", "bytes": [97], "logprob": -0.1, "top_logprobs": []}]
    document = completion({"content": "a"})
    document["choices"][0]["logprobs"] = {"content": records, "refusal": None}
    there = answered(document, CHAT, RESPONSES)
    assert there["output"][0]["content"][0]["logprobs"] == records
    assert answered(there, RESPONSES, CHAT)["choices"][0]["logprobs"]["content"] == records


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"choices": []},
        {"choices": [{"message": {"content": "a"}}]},
        {"choices": [{"finish_reason": "stop"}]},
        {"choices": [{"message": {"content": 5}, "finish_reason": "stop"}]},
        completion({"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{oops"}}]}),
        completion({"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "[1]"}}]}),
        completion({"tool_calls": [{"id": "c"}]}),
    ],
)
def test_what_is_no_answer(document: Any) -> None:
    """502, never an answer made up from it."""
    with pytest.raises(BadAnswer):
        answered(document, CHAT, MESSAGES)


def test_free_text_calls_come_back() -> None:
    """A function that stands for a free text tool of the caller is given as the text in it."""
    call = {"id": "c", "function": {"name": "patch", "arguments": '{"input": "*** x"}'}}
    echo = Echo(custom_tools=frozenset({"patch"}))
    item = answered(completion({"tool_calls": [call]}), CHAT, RESPONSES, echo)["output"][0]
    assert (item["type"], item["input"]) == ("custom_tool_call", "*** x")
