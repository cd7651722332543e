"""Chat streams as hosts send them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.wire.canonical.echo import Echo
from tests.wire.dialects import oracles
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES, streamed
from tests.wire.dialects.streams import STREAMS, chunk, fed, folded


@pytest.mark.parametrize(
    "calls",
    [
        [{"id": "a", "function": {"name": "f", "arguments": "{}"}}, {"id": "b", "function": {"name": "g"}}],
        [
            {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}},
            {"index": 0, "id": "b", "function": {"name": "g", "arguments": ""}},
        ],
    ],
)
def test_hosts_that_count_calls_badly(calls: list[dict[str, Any]]) -> None:
    """No index, or the same one for all: another id is another call; no arguments are an empty object."""
    stream = b"".join(chunk({"tool_calls": [call]}) for call in calls) + chunk({}, "stop")
    for target in (MESSAGES, RESPONSES):
        assert folded(streamed(stream, CHAT, target), target)["calls"] == [("a", "f", {}), ("b", "g", {})]


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_usage_wherever_it_stands(target: Dialect) -> None:
    """In the chunk of the finish, in one behind it, or in every chunk: the end has it; nowhere: it stays unknown."""
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    text = chunk({"content": "a"})
    forms = [
        text + chunk({}, "stop", usage=usage),
        text + chunk({}, "stop") + b'data: {"choices": [], "usage": ' + json.dumps(usage).encode() + b"}\n\n",
        chunk({"content": "a"}, usage={"prompt_tokens": 3, "completion_tokens": 1}) + chunk({}, "stop", usage=usage),
    ]
    for stream in forms:
        assert folded(streamed(stream, CHAT, target), target)["usage"] == (3, 2)
    assert fed(CHAT, target, [text + chunk({}, "stop")])[1].counted() is None


def test_usage_is_hidden_from_who_did_not_ask() -> None:
    """A chat caller gets the extra event only when it asked for it."""
    written = streamed(STREAMS[MESSAGES], MESSAGES, CHAT, Echo())
    assert b'"usage"' not in written
    assert written.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_everything_that_one_chunk_says(target: Dialect) -> None:
    """Thoughts, words and a call in one chunk, behind words: nothing is left out, and the order is kept."""
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    stream = chunk({"content": "a"})
    stream += chunk({"reasoning_content": "t", "content": "b", "tool_calls": [call]})
    stream += chunk({"content": "c"}) + chunk({}, "tool_calls")
    found = folded(streamed(stream, CHAT, target), target)
    assert (found["text"], found["thoughts"], found["calls"]) == ("abc", "t", [("c", "f", {})])


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_content_in_parts(target: Dialect) -> None:
    """A host that streams its thoughts as parts of the content."""
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "t"}]}
    stream = chunk({"content": [thought]}) + chunk({"content": [{"type": "text", "text": "a"}]}) + chunk({}, "stop")
    found = folded(streamed(stream, CHAT, target), target)
    assert (found["text"], found["thoughts"]) == ("a", "t")


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_names_that_come_late(target: Dialect) -> None:
    """Arguments before the name are kept for it; arguments that are never named leave no whole answer."""
    early = chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"n": '}}]})
    named = chunk({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "1}"}}]})
    end = chunk({}, "tool_calls")
    assert folded(streamed(early + named + end, CHAT, target), target)["calls"] == [("c", "f", {"n": 1})]
    assert not fed(CHAT, target, [early + end])[1].is_whole


def test_the_first_chunk_may_be_empty() -> None:
    """A chunk without choices says nothing of the answer, its empty id least of all."""
    first = b'data: {"id": "", "model": "", "object": "", "choices": [], "prompt_filter_results": []}\n\n'
    written = streamed(first + chunk({"content": "a"}) + chunk({}, "stop"), CHAT, MESSAGES)
    message = oracles.events_of(written)[0]["message"]
    assert (message["id"], message["model"]) == ("chatcmpl-1", "gpt-4o")


def test_a_proof_in_a_stream() -> None:
    """Details with a proof seal the thought before them; details without one are only thoughts."""
    detail = {"type": "reasoning.text", "text": "t", "index": 0}
    stream = chunk({"reasoning_details": [detail]}) + chunk({"reasoning_details": [{**detail, "text": "u"}]})
    sealed = chunk({"reasoning_details": [{"type": "reasoning.text", "text": "", "signature": "s"}]})
    end = chunk({"content": "a"}) + chunk({}, "stop")
    assert folded(streamed(stream + end, CHAT, MESSAGES), MESSAGES)["thoughts"] == "tu"
    assert b"signature_delta" not in streamed(stream + end, CHAT, MESSAGES)
    assert b'"signature":"plano:t:deepseek:s"' in streamed(stream + sealed + end, CHAT, MESSAGES)


def test_a_proof_leaves_with_the_whole_thought() -> None:
    """What chat callers send back must hold the text that the proof is for."""
    events = oracles.events_of(streamed(STREAMS[MESSAGES], MESSAGES, CHAT))
    details = [each["choices"][0]["delta"].get("reasoning_details") for each in events if each["choices"]]
    found = [detail for detail in details if detail is not None]
    assert found == [[{"type": "reasoning.text", "text": "Hm…", "signature": "plano:t:anthropic:c2ln", "index": 0}]]
