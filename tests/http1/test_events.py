"""Events: values, so that edges may match them and tests compare them."""

from __future__ import annotations

import copy

import pytest

from plano.http1.events import (
    AnswerEnded,
    AnswerStarted,
    AnswerWhole,
    BodyPiece,
    Broken,
    Close,
    Linger,
    Rejected,
    RequestStarted,
    RequestWhole,
)
from plano.http1.head import RequestHeads, ResponseHeads
from plano.http1.limits import Limits

REQUEST = RequestHeads(Limits()).parse(b"GET / HTTP/1.1\r\nHost: x\r\n")
ANSWER = ResponseHeads(Limits()).parse(b"HTTP/1.1 200 OK\r\n")

VALUES = [
    BodyPiece(b"a"),
    RequestStarted(REQUEST),
    RequestWhole(REQUEST, b""),
    RequestWhole(REQUEST, b"a"),
    AnswerStarted(ANSWER),
    AnswerWhole(ANSWER, b""),
    AnswerWhole(ANSWER, b"a"),
    AnswerEnded(),
    Rejected(400, "c", "r"),
    Rejected(400, "c", "r", REQUEST),
    Linger(),
    Close(),
    Close(is_clean=False),
    Broken("reset", "r"),
]


@pytest.mark.parametrize("event", VALUES)
def test_value(event: object) -> None:
    """An event equals its like, differs from every other, and does not change."""
    assert [other == event for other in VALUES].count(True) == 1
    assert copy.copy(event) == event
    with pytest.raises(AttributeError):
        event.data = b"b"  # type: ignore[attr-defined]
