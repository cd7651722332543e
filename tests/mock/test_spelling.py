"""Odd spellings are still the same events."""

from __future__ import annotations

import gzip

import pytest

from plano.mock import spelling
from plano.wire import sse

EVENTS = [b'event: a\ndata: {"x": {"y": 1}}\n\n', b'data: {"z": 2}\n\n', b"data: [DONE]\n\n"]


@pytest.mark.parametrize("word", ["bom", "crlf", "comments", "lines", "no-space", "bytes", "gzip", "all"])
def test_the_meaning_stays(word: str) -> None:
    """A reader of the standard finds the same data, line feeds within JSON aside."""
    pieces = spelling.respelled(word, EVENTS)
    body = b"".join(spelling.packed(pieces) if spelling.is_packed(word) else pieces)
    plain = gzip.decompress(body) if spelling.is_packed(word) else body
    found = [data for event in sse.Splitter().feed(plain) if (data := sse.data_of(event)) is not None]
    assert [data.replace(b"\n", b"") for data in found] == [b'{"x": {"y": 1}}', b'{"z": 2}', b"[DONE]"]
    assert (plain == b"".join(EVENTS)) is (word in ("bytes", "gzip"))
