"""Event streams: whole events, wherever the bytes were cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.wire import sse

LINE_ENDS = ("\n", "\r\n", "\r")
EVENTS = st.lists(
    st.sampled_from(
        ["data: {}", "data:x", ": ping", "event: a", "id: 1", "data: é", "data", "retry: 5", "data: [DONE]"]
    ),
    min_size=1,
    max_size=3,
)


@given(st.lists(EVENTS, min_size=1, max_size=5), st.data())
def test_cuts_do_not_matter(events: list[list[str]], data: st.DataObject) -> None:
    """However a stream is cut, the events are the same, and no byte is lost."""
    end = data.draw(st.sampled_from(LINE_ENDS))
    stream = "".join("".join(line + end for line in lines) + end for lines in events).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    splitter, found = sse.Splitter(), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += splitter.feed(stream[start:stop])
    assert b"".join(found) + splitter.rest == stream
    whole = found + ([splitter.rest] if splitter.rest else [])
    assert [sse.data_of(event) for event in whole] == [expected_data(lines) for lines in events]


def expected_data(lines: list[str]) -> bytes | None:
    """The data of an event by the letter of the standard."""
    values = [line.partition(":")[2].removeprefix(" ") for line in lines if line.partition(":")[0] == "data"]
    return "\n".join(values).encode() if values else None


def test_every_byte_alone() -> None:
    """One byte at a time gives each event once, as soon as its blank line is whole."""
    splitter = sse.Splitter()
    found = [event for byte in b"data: a\n\ndata: b\r\n\r\ndata: c\n\n" for event in splitter.feed(bytes([byte]))]
    assert [sse.data_of(event) for event in found] == [b"a", b"b", b"c"]
    assert splitter.rest == b""


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (b"data: x\n\n", b"x"),
        (b"\xef\xbb\xbfdata: x\n\n", b"x"),
        (b"data:x\r\ndata: y\r\n\r\n", b"x\ny"),
        (b": comment\n\n", None),
        (b"data\n\n", b""),
        (b"database: x\n\n", None),
        (b"data:  x\n\n", b" x"),
        (b"event: a\ndata: x\nid: 1\n\n", b"x"),
    ],
)
def test_data_of_an_event(event: bytes, data: bytes | None) -> None:
    """The data of an event, in the spellings the standard allows."""
    assert sse.data_of(event) == data


def test_an_endless_event_is_refused() -> None:
    """An event over the limit is an error, not a growing buffer."""
    splitter = sse.Splitter(limit=100)
    splitter.feed(b"data: " + b"x" * 90)
    with pytest.raises(sse.EventTooLarge):
        splitter.feed(b"x" * 10)
