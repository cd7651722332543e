"""Streams of the Responses API as upstreams send them."""

from __future__ import annotations

from typing import Any

import pytest

from plano.domain.model import Dialect
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES, streamed
from tests.wire.dialects.streams import event, fed, folded


def response(status: str, **members: Any) -> bytes:
    """The last event of a stream."""
    body = {"id": "r", "object": "response", "status": status, "output": [], **members}
    return event(f"response.{status}", response=body)


@pytest.mark.parametrize("target", [CHAT, MESSAGES])
def test_hosts_that_send_no_deltas_of_arguments(target: Dialect) -> None:
    """The arguments are in the finished item."""
    call = {"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": ""}
    stream = event("response.output_item.added", output_index=0, item=call)
    stream += event("response.output_item.done", output_index=0, item=call | {"arguments": '{"n":1}'})
    assert folded(streamed(stream + response("completed"), RESPONSES, target), target)["calls"] == [
        ("c", "f", {"n": 1})
    ]


@pytest.mark.parametrize("target", [CHAT, MESSAGES])
def test_parts_of_a_summary_are_paragraphs(target: Dialect) -> None:
    """A further part of a summary begins a new one."""
    place = {"item_id": "rs", "output_index": 0}
    stream = b"".join(
        event("response.reasoning_summary_part.added", summary_index=index, **place)
        + event("response.reasoning_summary_text.delta", summary_index=index, delta=text, **place)
        for index, text in enumerate(("a", "b"))
    )
    written = streamed(stream + response("completed"), RESPONSES, target)
    assert folded(written, target)["thoughts"] == "a\n\nb"


@pytest.mark.parametrize("target", [CHAT, MESSAGES])
def test_a_refusal_and_an_incomplete_answer(target: Dialect) -> None:
    """What the model declined is said; the reason of an early end is kept."""
    place = {"item_id": "m", "output_index": 0, "content_index": 0}
    refusal = event("response.refusal.delta", delta="no", **place)
    stream = refusal + response("incomplete", incomplete_details={"reason": "content_filter"})
    written = streamed(stream, RESPONSES, target)
    assert b'"no"' in written
    assert (b'"content_filter"' if target is CHAT else b'"refusal"') in written


@pytest.mark.parametrize("last", [response("failed"), response("cancelled"), event("error", message="m")])
def test_failures_are_no_end(last: bytes) -> None:
    """Failed, cancelled and error: the caller is owed an error."""
    translator = fed(RESPONSES, CHAT, [event("response.created", response={"id": "r", "object": "response"}) + last])[1]
    assert translator.state == "error"


def test_items_that_only_the_provider_knows() -> None:
    """A search of its own is left out and named."""
    search = {"type": "web_search_call", "id": "ws"}
    stream = event("response.output_item.added", output_index=0, item=search)
    stream += event("response.output_item.done", output_index=0, item=search)
    translator = fed(RESPONSES, CHAT, [stream + response("completed")])[1]
    assert translator.is_whole
    assert translator.lost.warnings == ("'web_search_call': dropped from the answer, only its own dialect knows it",)


CREATED = event("response.created", response={"id": "resp_1", "object": "response", "status": "in_progress"})
SAID: dict[str, Any] = {
    "type": "message",
    "id": "m",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "whole"}],
}
CALLED = {"type": "function_call", "id": "f", "call_id": "c", "name": "n", "arguments": '{"a":1}'}


@pytest.mark.parametrize("target", [CHAT, MESSAGES])
@pytest.mark.parametrize(
    "told",
    [
        event("response.content_part.done", output_index=0, content_index=0, part=SAID["content"][0])
        + event("response.output_item.done", output_index=0, item=SAID)
        + event("response.output_item.done", output_index=1, item=CALLED),
        event("response.output_item.done", output_index=0, item=SAID)
        + event("response.output_item.done", output_index=1, item=CALLED),
        b"",
    ],
    ids=["parts", "items", "nothing"],
)
def test_hosts_that_send_no_deltas(target: Dialect, told: bytes) -> None:
    """What came in no delta is in the part, in the item, or in the response: never an answer that is empty."""
    end = event(
        "response.completed",
        response={"id": "resp_1", "object": "response", "status": "completed", "output": [SAID, CALLED]},
    )
    written, translator = fed(RESPONSES, target, [CREATED + told + end])
    assert translator.is_whole
    found = folded(written, target)
    assert (found["text"], found["calls"], found["finish"]) == ("whole", [("c", "n", {"a": 1})], "tools")


@pytest.mark.parametrize("target", [CHAT, MESSAGES])
def test_what_came_in_deltas_is_not_said_twice(target: Dialect) -> None:
    """The whole item behind them adds nothing."""
    stream = CREATED + event("response.output_text.delta", output_index=0, content_index=0, delta="whole")
    stream += event("response.content_part.done", output_index=0, content_index=0, part=SAID["content"][0])
    stream += event("response.output_item.done", output_index=0, item=SAID)
    response = {"id": "resp_1", "object": "response", "status": "completed", "output": [SAID]}
    written, _ = fed(RESPONSES, target, [stream + event("response.completed", response=response)])
    assert folded(written, target)["text"] == "whole"
