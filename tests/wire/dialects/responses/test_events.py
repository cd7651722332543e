"""The events of a response."""

from __future__ import annotations

import json

import pytest

from plano.domain.model import Dialect
from plano.wire.canonical.echo import Echo
from tests.wire.dialects import oracles
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES, streamed
from tests.wire.dialects.streams import STREAMS, chunk, fed, upstream_truncated


def test_numbers_of_events_rise_by_one() -> None:
    """The Responses API numbers its events from 0 without a gap, the one of a failure included."""
    written, translator = fed(
        CHAT, RESPONSES, [STREAMS[CHAT].partition(b'"finish_reason": "')[0].rpartition(b"data")[0]]
    )
    events = oracles.events_of(written + translator.fail(upstream_truncated(), "0" * 32))
    assert [each["sequence_number"] for each in events] == list(range(len(events)))
    assert events[-1]["type"] == "response.failed"
    assert events[-1]["response"]["status"] == "failed"
    assert events[-1]["error"]["code"] == "upstream_truncated"


@pytest.mark.parametrize("source", [CHAT, MESSAGES])
def test_tools_for_free_text_come_back_as_such(source: Dialect) -> None:
    """A function that stands for a free text tool is given to the caller as the text in it, in one piece."""
    arguments = json.dumps({"input": "*** Begin\nx"})
    parts = [arguments[:5], arguments[5:12], arguments[12:]]
    stream = chunk({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "patch", "arguments": ""}}]})
    stream += b"".join(chunk({"tool_calls": [{"index": 0, "function": {"arguments": part}}]}) for part in parts)
    stream += chunk({}, "tool_calls")
    if source is MESSAGES:
        stream = streamed(stream, CHAT, MESSAGES)
    written = streamed(stream, source, RESPONSES, Echo(custom_tools=frozenset({"patch"})))
    oracles.check_stream(written, RESPONSES)
    item = oracles.events_of(written)[-1]["response"]["output"][0]
    assert (item["type"], item["name"], item["input"]) == ("custom_tool_call", "patch", "*** Begin\nx")


def test_the_events_of_a_short_answer() -> None:
    """Every step of the item, in the order of the API, and one end with the usage."""
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    stream = chunk({"role": "assistant", "content": ""}) + chunk({"content": "o"}) + chunk({"content": "k"})
    stream += chunk({}, "stop", usage=usage)
    events = oracles.events_of(streamed(stream, CHAT, RESPONSES))
    assert [each["type"].removeprefix("response.") for each in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert events[-1]["response"]["usage"]["output_tokens"] == 2
    assert events[-1]["response"]["output"][0]["content"][0]["text"] == "ok"
    assert len({each["item_id"] for each in events if "item_id" in each}) == 1


def test_an_answer_that_was_cut_short() -> None:
    """``response.incomplete`` with its reason is the end."""
    events = oracles.events_of(streamed(chunk({"content": "a"}) + chunk({}, "length"), CHAT, RESPONSES))
    assert events[-1]["type"] == "response.incomplete"
    assert events[-1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
