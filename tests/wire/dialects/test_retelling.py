"""A whole answer for a caller who asked for a stream."""

from __future__ import annotations

import json

import pytest

from plano.domain.model import Dialect
from plano.wire.canonical.echo import Echo
from plano.wire.dialects.reading import BadAnswer
from plano.wire.dialects.retelling import as_stream
from plano.wire.dialects.watching import RelayedStream
from tests.wire.dialects import oracles
from tests.wire.dialects.samples import CHAT, DIALECTS, answer_of, answered, answering
from tests.wire.dialects.streams import folded

USAGE = Echo(wants_usage=True)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_official_types_accept_it(dialect: Dialect) -> None:
    """And it has its protocol's own end."""
    told = as_stream(answer_of(dialect), dialect, answering(dialect, USAGE))
    oracles.check_stream(told, dialect)
    stream = RelayedStream(dialect)
    assert stream.feed(told) == told
    assert (stream.is_whole, stream.has_content, stream.dropped) == (True, True, 0)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_says_what_the_answer_said(dialect: Dialect) -> None:
    """Words, thoughts, calls, the reason for the end and the usage: as the same answer says in any other dialect."""
    said = folded(as_stream(answer_of(dialect), dialect, answering(dialect, USAGE)), dialect)
    assert said["text"]
    assert said["calls"]
    for other in DIALECTS:
        body = json.dumps(answered(json.loads(answer_of(dialect)), dialect, other)).encode()
        there = folded(as_stream(body, other, answering(other, USAGE)), other)
        assert (there["text"], there["calls"], there["finish"]) == (said["text"], said["calls"], said["finish"])


def test_what_cannot_be_told() -> None:
    """More than one choice, and what is no answer at all."""
    choice = {"message": {"content": "a"}, "finish_reason": "stop"}
    for body in (json.dumps({"choices": [choice, {**choice, "index": 1}]}).encode(), b"[]", b"{"):
        with pytest.raises(BadAnswer):
            as_stream(body, CHAT, answering(CHAT))
