"""The events of a message."""

from __future__ import annotations

import json

import pytest

from plano.domain.model import Dialect
from tests.wire.dialects import oracles
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES, streamed
from tests.wire.dialects.streams import STREAMS, chunk, event, fed, folded


def test_calls_one_after_the_other_are_closed_in_turn() -> None:
    """A call whose arguments are whole ends where the next begins, as this dialect's callers expect."""
    stream = b"".join(
        chunk({"tool_calls": [{"index": n, "id": f"c{n}", "function": {"name": "f", "arguments": "{}"}}]})
        for n in range(2)
    ) + chunk({}, "tool_calls")
    places = [
        (each["type"], each["index"]) for each in oracles.events_of(streamed(stream, CHAT, MESSAGES)) if "index" in each
    ]
    kinds = [(kind, index) for kind, index in places if kind != "content_block_delta"]
    assert kinds == [
        ("content_block_start", 0),
        ("content_block_stop", 0),
        ("content_block_start", 1),
        ("content_block_stop", 1),
    ]


def test_a_call_ends_where_words_begin() -> None:
    """Words behind a whole call: the call's block is closed before theirs opens."""
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    stream = chunk({"tool_calls": [call]}) + chunk({"content": "a"}) + chunk({}, "stop")
    events = oracles.events_of(streamed(stream, CHAT, MESSAGES))
    kinds = [(each["type"], each["index"]) for each in events if each["type"].startswith("content_block_st")]
    assert kinds == [
        ("content_block_start", 0),
        ("content_block_stop", 0),
        ("content_block_start", 1),
        ("content_block_stop", 1),
    ]


def test_the_events_of_a_short_answer() -> None:
    """Begin, one block with its deltas, the end with reason and usage, one stop, and nothing after it."""
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    stream = chunk({"role": "assistant", "content": ""}) + chunk({"content": "o"}) + chunk({"content": "k"})
    stream += chunk({}, "stop") + b'data: {"choices": [], "usage": ' + json.dumps(usage).encode() + b"}\n\n"
    events = oracles.events_of(streamed(stream + b"data: [DONE]\n\n", CHAT, MESSAGES))
    assert [each["type"] for each in events] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert events[1]["content_block"]["type"] == "text"
    assert (events[5]["delta"]["stop_reason"], events[5]["usage"]["output_tokens"]) == ("end_turn", 2)


def test_a_refusal_is_told_as_one() -> None:
    """OpenAI says that it stopped; here the reason of the end says that the model refused."""
    events = oracles.events_of(streamed(chunk({"refusal": "no"}) + chunk({}, "stop"), CHAT, MESSAGES))
    assert events[-2]["delta"]["stop_reason"] == "refusal"
    assert events[-2]["delta"]["stop_details"]["type"] == "refusal"


@pytest.mark.parametrize("target", [CHAT, RESPONSES])
def test_a_call_without_arguments(target: Dialect) -> None:
    """No deltas here, an empty object elsewhere."""
    block = {"type": "tool_use", "id": "c", "name": "f", "input": {}}
    stream = event("message_start", message={"id": "m"})
    stream += event("content_block_start", index=0, content_block=block) + event("content_block_stop", index=0)
    stream += event("message_delta", delta={"stop_reason": "tool_use"}, usage={"output_tokens": 1})
    written = streamed(stream + event("message_stop"), MESSAGES, target)
    assert b'"{}"' in written
    assert folded(written, target)["calls"] == [("c", "f", {})]


@pytest.mark.parametrize("target", [CHAT, RESPONSES])
def test_parts_that_only_the_provider_knows(target: Dialect) -> None:
    """Blocks of its own tools are left out and named; the numbers of the others close up."""
    extra = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    own = event("content_block_start", index=9, content_block=extra)
    own += event("content_block_delta", index=9, delta={"type": "input_json_delta", "partial_json": "{}"})
    own += event("content_block_stop", index=9)
    begin, _, rest = STREAMS[MESSAGES].partition(b"event: content_block_start")
    written, translator = fed(MESSAGES, target, [begin + own + b"event: content_block_start" + rest])
    assert written == streamed(STREAMS[MESSAGES], MESSAGES, target)
    assert translator.lost.warnings == ("'server_tool_use': dropped from the answer, only its own dialect knows it",)


def test_an_end_that_nobody_knows() -> None:
    """The word is kept beside one that says that the answer was cut short; a known one stands alone."""
    delta = oracles.events_of(streamed(chunk({"content": "a"}) + chunk({}, "tomorrow"), CHAT, MESSAGES))[-2]["delta"]
    assert (delta["stop_reason"], delta["native_finish_reason"]) == ("max_tokens", "tomorrow")
    known = oracles.events_of(streamed(chunk({"content": "a"}) + chunk({}, "stop"), CHAT, MESSAGES))[-2]["delta"]
    assert "native_finish_reason" not in known


@pytest.mark.parametrize("target", [CHAT, RESPONSES])
def test_arguments_that_come_at_once(target: Dialect) -> None:
    """Hosts that stream no arguments give them where the call begins."""
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}
    stream = STREAMS[MESSAGES].partition(b"event: content_block_start")[0]
    stream += event("content_block_start", index=0, content_block=call) + event("content_block_stop", index=0)
    stream += event("message_delta", delta={"stop_reason": "tool_use"}, usage={"output_tokens": 1})
    written, translator = fed(MESSAGES, target, [stream + event("message_stop")])
    assert translator.is_whole
    assert folded(written, target)["calls"] == [("t", "f", {"a": 1})]
