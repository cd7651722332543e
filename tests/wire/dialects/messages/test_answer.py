"""Messages, read and written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.wire.dialects.reading import BadAnswer
from plano.wire.dialects.translate import translate_answer
from tests.wire.dialects.samples import ANSWERS, CHAT, MESSAGES, RESPONSES, answered, answering


def test_what_a_completion_becomes() -> None:
    """Thoughts before words before calls; what a cache gave is counted apart from the input."""
    body = answered(ANSWERS[CHAT], CHAT, MESSAGES)
    assert [block["type"] for block in body["content"]] == ["thinking", "text", "tool_use"]
    assert body["content"][2]["input"] == {"city": "Oslo"}
    assert body["stop_reason"] == "tool_use"
    usage = body["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"], usage["output_tokens"]) == (60, 40, 7)
    assert usage["output_tokens_details"] == {"thinking_tokens": 3}


@pytest.mark.parametrize(
    ("word", "expected", "native"),
    [
        ("stop", "end_turn", None),
        ("length", "max_tokens", None),
        ("tool_calls", "tool_use", None),
        ("content_filter", "refusal", None),
        ("insufficient_system_resource", "max_tokens", "insufficient_system_resource"),
    ],
)
def test_why_it_ended(word: str, expected: str, native: str | None) -> None:
    """Each reason has its word; one without is kept beside it."""
    choice = ANSWERS[CHAT]["choices"][0] | {"finish_reason": word, "message": {"role": "assistant", "content": "a"}}
    body = answered(ANSWERS[CHAT] | {"choices": [choice]}, CHAT, MESSAGES)
    assert (body["stop_reason"], body.get("native_finish_reason")) == (expected, native)
    assert (body["stop_details"] is not None) is (expected == "refusal")


def test_ids_are_made_fit() -> None:
    """Ids of other hosts may have characters that this dialect's own upstream would refuse later."""
    choice = json.loads(json.dumps(ANSWERS[CHAT]["choices"][0]))
    choice["message"]["tool_calls"][0]["id"] = "functions.weather:0"
    body = answered(ANSWERS[CHAT] | {"choices": [choice]}, CHAT, MESSAGES)
    assert body["content"][2]["id"] == "functions_weather_0"


@pytest.mark.parametrize("target", [CHAT, RESPONSES])
def test_what_only_the_provider_knows_is_named(target: Any) -> None:
    """Traces of the provider's own tools are left out of the answer, with a warning."""
    extra = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    document = ANSWERS[MESSAGES] | {"content": [extra, extra, *ANSWERS[MESSAGES]["content"]]}
    made = translate_answer(json.dumps(document).encode(), MESSAGES, target, answering(MESSAGES))
    assert made.lost.warnings == ("'server_tool_use': dropped from the answer, only its own dialect knows it",)
    assert json.loads(made.body) == answered(ANSWERS[MESSAGES], MESSAGES, target)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"type": "error", "error": {"message": "m"}},
        {"type": "message", "content": [], "stop_reason": None},
        {"type": "message", "content": "a", "stop_reason": "end_turn"},
        {"type": "message", "content": [{"type": "text"}], "stop_reason": "end_turn"},
        {"type": "message", "content": [{"type": "tool_use", "id": "t"}], "stop_reason": "tool_use"},
    ],
)
def test_what_is_no_message(document: Any) -> None:
    """502, never an answer made up from it."""
    with pytest.raises(BadAnswer):
        answered(document, MESSAGES, CHAT)


def test_usage_is_unknown_when_nobody_said() -> None:
    """The ledger is told None, though the wire wants a number."""
    document = {key: value for key, value in ANSWERS[CHAT].items() if key != "usage"}
    made = translate_answer(json.dumps(document).encode(), CHAT, MESSAGES, answering(CHAT))
    assert made.usage is None
    assert json.loads(made.body)["usage"]["input_tokens"] == 0
