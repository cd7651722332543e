"""Streams that are passed on as they are: every byte of what is whole, nothing that pretends to be."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.model import Dialect
from plano.errors import ChainFailed
from plano.wire.dialects.watching import RelayedStream, check_answer
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES, TARGETS, answer_of
from tests.wire.dialects.streams import STREAMS, chunk

BROKEN = b"data: {oops\n\n"


def relayed(dialect: Dialect, *pieces: bytes) -> tuple[bytes, RelayedStream]:
    """What the caller gets, and the stream at its end."""
    stream = RelayedStream(dialect)
    passed = b"".join([*map(stream.feed, pieces), stream.close()])
    return passed, stream


@pytest.mark.parametrize("dialect", DIALECTS)
def test_cut_anywhere(dialect: Dialect) -> None:
    """Cut at every byte: the same bytes come out, the stream is whole, and its usage is known."""
    whole = STREAMS[dialect]
    for cut in range(len(whole)):
        passed, stream = relayed(dialect, whole[:cut], whole[cut:])
        assert passed == whole
        assert (stream.is_whole, stream.state) == (True, "done")
        counted = stream.counted()
        assert counted is not None and counted.output_tokens


@pytest.mark.parametrize("dialect", DIALECTS)
def test_cut_off_anywhere(dialect: Dialect) -> None:
    """Before its terminal event a stream is never whole, and what was passed on is a beginning of it."""
    whole = STREAMS[dialect]
    ends = {CHAT: b'"finish_reason": "tool_calls"', MESSAGES: b"message_stop", RESPONSES: b"response.completed"}
    for cut in range(whole.index(ends[dialect])):
        passed, stream = relayed(dialect, whole[:cut])
        assert not stream.is_whole
        assert whole.startswith(passed.rstrip(b"\n"))


@given(st.sampled_from(DIALECTS), st.data())
def test_many_cuts(dialect: Dialect, data: st.DataObject) -> None:
    """However many reads there are, the bytes are the same."""
    whole = STREAMS[dialect]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert relayed(dialect, *pieces)[0] == whole


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_event_in_each_read(dialect: Dialect, end: bytes) -> None:
    """As nearly every provider sends them: each is passed on at once, and seen as it is when many come together."""
    whole = STREAMS[dialect].replace(b"\n", end)
    events = [each + end + end for each in whole.split(end + end)[:-1]]
    stream, together = RelayedStream(dialect), relayed(dialect, whole)[1]
    assert [stream.feed(each) for each in events] == events
    for name in ("is_whole", "state", "has_content", "has_data", "contents"):
        assert getattr(stream, name) == getattr(together, name), name
    assert stream.counted() == together.counted()
    assert stream.feed(events[0]) == b""


def test_a_missing_done_is_added() -> None:
    """The one thing that is added, in the one dialect that has it."""
    passed, stream = relayed(CHAT, chunk({"content": "a"}), chunk({}, "stop"))
    assert passed.endswith(b"data: [DONE]\n\n")
    assert stream.is_whole


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_error_inside(dialect: Dialect) -> None:
    """Nothing is passed on from there; its words are kept."""
    failure = b'event: error\ndata: {"type":"error","error":{"message":"m","code":"c"}}\n\n'
    begun = STREAMS[dialect][: STREAMS[dialect].index(b"\n\n", 300) + 2]
    passed, stream = relayed(dialect, begun, failure, STREAMS[dialect])
    assert (passed, stream.state, stream.is_whole) == (begun, "error", False)
    assert stream.error is not None and stream.error["message"] == "m"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_unreadable_events_are_dropped_up_to_three(dialect: Dialect) -> None:
    """Three may be missing, one more ends it; the first event may not."""
    whole = STREAMS[dialect]
    cut = whole.index(b"\n\n") + 2
    assert relayed(dialect, whole[:cut], BROKEN * 3, whole[cut:])[0] == whole
    for pieces in ((whole[:cut], BROKEN * 4, whole[cut:]), (BROKEN, whole)):
        _, stream = relayed(dialect, *pieces)
        assert (stream.state, stream.is_whole) == ("malformed", False)


@pytest.mark.parametrize(
    ("dialect", "mark"), [(CHAT, b'"name": "weather"'), (MESSAGES, b"tool_use"), (RESPONSES, b'"function_call"')]
)
def test_an_unreadable_event_inside_a_call(dialect: Dialect, mark: bytes) -> None:
    """Arguments with a hole must not look whole."""
    whole = STREAMS[dialect]
    cut = whole.index(b"\n\n", whole.index(mark)) + 2
    _, stream = relayed(dialect, whole[:cut], BROKEN, whole[cut:])
    assert (stream.state, stream.is_whole) == ("malformed", False)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_done_before_the_end_is_kept_back(dialect: Dialect) -> None:
    """Official clients stop reading there: behind it they would miss the error, and take a part for the whole."""
    whole = STREAMS[dialect]
    begun = whole[: whole.index(b"\n\n", 300) + 2]
    passed, stream = relayed(dialect, begun, b"data: [DONE]\n\n")
    assert (passed, stream.state, stream.is_whole) == (begun, "done", False)


def test_a_second_finish_is_dropped() -> None:
    """One end for each choice: a caller that acts on it must not act twice."""
    finish = chunk({}, "stop")
    passed, stream = relayed(CHAT, chunk({"content": "a"}), finish, finish, b"data: [DONE]\n\n")
    assert passed.count(b'"stop"') == 1
    assert (stream.is_whole, stream.dropped) == (True, 0)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_content_and_data(dialect: Dialect) -> None:
    """Comments are neither; what begins a stream is data; content comes later."""
    stream = RelayedStream(dialect)
    stream.feed(b": keep-alive\n\n")
    assert (stream.has_data, stream.has_content) == (False, False)
    whole = STREAMS[dialect]
    stream.feed(whole[: whole.index(b"\n\n") + 2])
    assert (stream.has_data, stream.has_content) == (True, False)
    stream.feed(whole[whole.index(b"\n\n") + 2 :])
    assert stream.has_content


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_last_event_of_a_broken_stream(dialect: Dialect) -> None:
    """The dialect's own error event, which goes on counting where events are counted."""
    stream = RelayedStream(dialect)
    stream.feed(STREAMS[dialect][: STREAMS[dialect].index(b"\n\n", 300) + 2])
    error = ChainFailed("cut", status=502, code="upstream_truncated", attempts=(), retry_after_s=None)
    last = stream.fail(error, "0" * 31 + "1")
    document = json.loads(last.partition(b"data: ")[2])
    assert document["error"]["code"] == "upstream_truncated"
    assert document.get("sequence_number", 1) > 0
    assert last.startswith({CHAT: b"data: ", MESSAGES: b"event: error\n"}.get(dialect, b"event: response.failed\n"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_whole_answers_of_each_dialect(dialect: Dialect) -> None:
    """An answer is whole in its own dialect and in no other."""
    body = answer_of(dialect)
    assert check_answer(body, dialect)[0] == "whole"
    assert all(check_answer(body, other)[0] == "invalid" for other in TARGETS if other is not dialect)
