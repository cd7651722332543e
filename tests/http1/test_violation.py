"""Reasons: fit to be shown and logged, because nothing of the caller stands in them."""

from __future__ import annotations

import pytest

from plano.http1.violation import Violation
from tests.http1.play import Caller
from tests.http1.vectors import VECTORS, chunked, get, post

MARK = b"zq7sekret"

MARKED = [
    get(start=MARK + b"( /a HTTP/1.1"),
    get(start=b"GET " + MARK + b" HTTP/1.1"),
    get(start=b"GET /a HTTP/" + MARK),
    get(start=b"GET http://" + MARK + b"/ HTTP/1.1"),
    get(host=b"Host: " + MARK + b"/"),
    get(MARK + b" : 1"),
    get(MARK + b"\x00: 1"),
    get(b"X: " + MARK + b"\x00"),
    get(b"Authorization: " + MARK, b"Authorization: " + MARK),
    get(b"Expect: " + MARK),
    post(b"Content-Length: " + MARK),
    post(b"Transfer-Encoding: " + MARK),
    chunked(MARK + b"\r\n"),
    chunked(b"1;" + MARK + b"\x00\r\n"),
    chunked(b"0\r\nAuthorization: " + MARK + b"\r\n\r\n"),
]


@pytest.mark.parametrize("data", MARKED)
def test_reason_repeats_nothing(data: bytes) -> None:
    """Whatever part of a request is wrong, the reason repeats none of its bytes: they may be a key."""
    caller = Caller()
    caller.play([data])
    (reason,) = caller.reasons
    assert MARK.decode() not in reason.lower()


def test_reasons_are_clauses() -> None:
    """Every refusal in the tables gives a reason that can follow a colon: one line, no full stop."""
    for vector in VECTORS:
        caller = Caller()
        caller.play([vector.data])
        assert all(reason.isprintable() and reason.isascii() and not reason.endswith(".") for reason in caller.reasons)


def test_violation() -> None:
    """A violation reads as its reason."""
    violation = Violation("late", "too late")
    assert (violation.kind, str(violation)) == ("late", "too late")
