"""Events: values, so that edges may match them and tests compare them."""

from __future__ import annotations

import copy

import pytest

from plano.http1.events import AnswerEnded, BodyPiece, Broken, Close, Linger, Rejected, RequestEnded

VALUES = [
    BodyPiece(b"a"),
    RequestEnded(),
    AnswerEnded(),
    Rejected(400, "c", "r"),
    Linger(),
    Close(),
    Broken("reset", "r"),
]


@pytest.mark.parametrize("event", VALUES)
def test_value(event: object) -> None:
    """An event equals its like, differs from every other, and does not change."""
    assert [other == event for other in VALUES].count(True) == 1
    assert copy.copy(event) == event
    with pytest.raises(AttributeError):
        event.data = b"b"  # type: ignore[attr-defined]
