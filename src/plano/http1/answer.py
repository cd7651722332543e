"""The bytes of one answer to a caller: its head, its body in pieces, its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from plano.http1.fields import FieldWriter
from plano.http1.head import BODILESS_STATUS, Framing, RequestHead

# fmt: off
_REASON_PHRASES: Mapping[int, str] = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content", 304: "Not Modified",
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 410: "Gone", 413: "Content Too Large",
    414: "URI Too Long", 415: "Unsupported Media Type", 417: "Expectation Failed", 422: "Unprocessable Content",
    429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
    529: "Overloaded",
}
# fmt: on

_OWN_FIELDS = frozenset(
    {"connection", "content-length", "date", "keep-alive", "trailer", "transfer-encoding", "upgrade"}
)

_LAST_CHUNK = b"0\r\n\r\n"


def field_writer() -> FieldWriter:
    """What writes the fields of answers, without those that say how the message is framed; best shared by many."""
    return FieldWriter(_OWN_FIELDS)


class AnswerWriter:
    """Writes the answer to ``request`` (None: to one that was not understood) in a form which that caller understands.

    ``fields``: a ``field_writer``. ``state``: how far it is. ``keep_alive``: what the head said, once it is written.
    """

    __slots__ = ("_fields", "_framing", "_is_head_request", "_is_old", "_is_usual", "_left", "keep_alive", "state")

    def __init__(self, request: RequestHead | None, fields: FieldWriter) -> None:
        self._fields = fields
        self._is_head_request = request is not None and request.method == "HEAD"
        self._is_old = request is not None and request.version_minor == 0
        self._is_usual = not self._is_head_request and not self._is_old
        self._framing: Framing | Literal["none"] = "none"
        self._left = 0
        self.keep_alive = False
        self.state: Literal["none", "begun", "ended"] = "none"

    def head(
        self, status: int, fields: Sequence[tuple[str, str]], *, framing: Framing, date: str, keep_alive: bool
    ) -> bytes:
        """The head. ``framing``: what a body would be like; what HEAD, 204, 304 and HTTP/1.0 change is seen to.

        ``keep_alive``: may the connection be kept? It is not where only its end can end the body. Raises ValueError for
        fields that are none, or that are written here.
        """
        text = self._fields.write(fields)
        self.keep_alive = keep_alive
        last = self._settle_framing(status, framing)
        if not self.keep_alive:
            last += "connection: close\r\n"
        elif self._is_old:
            last += "connection: keep-alive\r\n"
        self.state = "begun"
        head = f"HTTP/1.1 {status} {_REASON_PHRASES.get(status, '')}\r\ndate: {date}\r\n{text}{last}\r\n"
        return head.encode("latin-1")

    def whole(
        self, status: int, fields: Sequence[tuple[str, str]], body: bytes, *, date: str, keep_alive: bool
    ) -> bytes:
        """A whole answer: head, ``body``, end. As ``head``."""
        if keep_alive and self._is_usual and status not in BODILESS_STATUS:
            text, reason = self._fields.write(fields), _REASON_PHRASES.get(status, "")
            self.keep_alive, self.state = True, "ended"
            head = f"HTTP/1.1 {status} {reason}\r\ndate: {date}\r\n{text}content-length: {len(body)}\r\n\r\n"
            return head.encode("latin-1") + body
        started = self.head(status, fields, framing=len(body), date=date, keep_alive=keep_alive)
        self.state = "ended"
        return started if self._framing == "none" else started + body

    def piece(self, data: bytes) -> bytes:
        """``data`` as the next bytes of the body; nothing where there is no body."""
        if self.state != "begun":
            raise RuntimeError("no answer has begun")
        if self._framing == "chunked":
            return b"%x\r\n%b\r\n" % (len(data), data) if data else b""
        if self._framing == "none":
            return b""
        if self._framing != "until_close":
            self._left -= len(data)
            if self._left < 0:
                raise RuntimeError("more bytes than the head declared")
        return data

    def end(self) -> bytes:
        """What ends the body. Raises RuntimeError when bytes are missing that the head declared."""
        if self.state != "begun" or self._left > 0:
            raise RuntimeError(f"{self._left} bytes are missing")
        self.state = "ended"
        return _LAST_CHUNK if self._framing == "chunked" else b""

    def _settle_framing(self, status: int, framing: Framing) -> str:
        """The field line that declares ``framing``, possibly none; remembers what ``piece`` and ``end`` must do."""
        if status in BODILESS_STATUS:
            return ""
        if type(framing) is int:
            if not self._is_head_request:
                self._framing = self._left = framing
            return f"content-length: {framing}\r\n"
        if framing == "chunked" and self._is_old:
            framing = "until_close"
        if framing == "until_close":
            self.keep_alive = False
        if not self._is_head_request:
            self._framing = framing
        return "transfer-encoding: chunked\r\n" if framing == "chunked" else ""
