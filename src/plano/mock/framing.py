"""HTTP/1.1 answers as raw bytes; nothing here checks that they make sense."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import formatdate
from http import HTTPStatus

Fields = Sequence[tuple[str, str]]

LAST_CHUNK = b"0\r\n\r\n"
JSON = ("content-type", "application/json")
EVENT_STREAM = (("content-type", "text/event-stream"), ("cache-control", "no-cache"))
CHUNKED = ("transfer-encoding", "chunked")


def head(status: int, fields: Fields) -> bytes:
    """Status line and fields, with a Date."""
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = "Unknown"
    lines = [f"{name}: {value}\r\n" for name, value in (("date", formatdate(usegmt=True)), *fields)]
    return f"HTTP/1.1 {status} {reason}\r\n{''.join(lines)}\r\n".encode()


def whole(status: int, body: bytes, fields: Fields = (JSON,)) -> bytes:
    """A whole answer with its length."""
    return head(status, (*fields, ("content-length", str(len(body))))) + body


def chunk(data: bytes) -> bytes:
    """``data`` as one chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)
