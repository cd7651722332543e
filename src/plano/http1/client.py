"""One connection to an upstream: requests out, bytes in, one answer after another.

There is no clock here: how long an attempt may take is the business of whoever makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from plano.http1.body import BodyDecoder, Chunked, UntilClose, body_decoder
from plano.http1.events import AnswerEnded, AnswerStarted, AnswerWhole, BodyPiece, Broken, BrokenKind, ClientEvent
from plano.http1.head import ResponseHead, ResponseHeads
from plano.http1.repeated import RepeatedHeads
from plano.http1.request import RequestTemplate
from plano.http1.violation import Violation, ViolationKind

_BREAKS: Mapping[ViolationKind, BrokenKind] = {"body_size": "too_large"}
"""Any other violation is of the protocol."""

_ENDED = AnswerEnded()

_Reading = Literal["idle", "head", "body", "closed"]


def _no_piece(_data: bytes) -> bytes:
    """No body is being read."""
    return b""


class ClientConnection:
    """The state of one connection.

    ``is_reusable``: may the next request go out here? False while an answer is awaited, and after anything doubtful.
    ``sole_piece``: what ``receive`` would say of a read that is one chunk of the body and nothing else: its payload;
    empty for any other read, which ``receive`` must be given. Of a stream nearly every read is such a one.
    """

    __slots__ = (
        "_body_bytes",
        "_decoder",
        "_has_heard",
        "_interims",
        "_is_head_request",
        "_is_uploaded",
        "_keep_alive",
        "_limits",
        "_parse",
        "_reader",
        "_reading",
        "_requests",
        "is_reusable",
        "sole_piece",
    )

    def __init__(self, heads: ResponseHeads) -> None:
        self._parse = RepeatedHeads(heads).parse
        self._limits = heads.limits
        self._reader = heads.reader()
        self._reading: _Reading = "idle"
        self._keep_alive = self.is_reusable = True
        self._has_heard = False
        self._is_uploaded = True
        self._is_head_request = False
        self._interims = 0
        self._requests = 0
        self._body_bytes = 0
        self._decoder: BodyDecoder | None = None
        self.sole_piece: Callable[[bytes], bytes] = _no_piece

    def __repr__(self) -> str:
        return f"<ClientConnection reading={self._reading} requests={self._requests} keep_alive={self._keep_alive}>"

    @property
    def is_reading_plainly(self) -> bool:
        """Do the next bytes cost nothing, however many? Only heads and chunks are looked at."""
        return self._reading == "body" and not isinstance(self._decoder, Chunked)

    @property
    def has_heard(self) -> bool:
        """Has any byte arrived since the last request? If not, a close may only mean that the connection was stale."""
        return self._has_heard

    @property
    def requests(self) -> int:
        """How many requests went out here."""
        return self._requests

    def request_head(
        self, template: RequestTemplate, fields: Sequence[tuple[str, str]], *, body_size: int, is_stream: bool = False
    ) -> bytes:
        """The head of a request with ``body_size`` bytes of body; call ``uploaded`` when the last byte is handed over.

        ``is_stream``: the answer may be as large as a stream. Raises ValueError when a field cannot be written.
        """
        if not self.is_reusable:
            raise RuntimeError(f"not free for a request: {self!r}")
        head = template.render(fields, body_size=body_size)
        self._reading, self.is_reusable = "head", False
        self._is_head_request = template.is_head
        self._is_uploaded = body_size == 0
        self._has_heard = False
        self._interims = 0
        self._requests += 1
        self._body_bytes = self._limits.answer_stream_bytes if is_stream else self._limits.answer_body_bytes
        return head

    def uploaded(self) -> None:
        """The last byte of the request is handed over. An answer that ends before that costs the connection."""
        if self._reading != "idle":
            self._is_uploaded = True

    def receive(self, data: bytes) -> list[ClientEvent]:
        """What ``data`` brings. Bytes that nobody asked for make the connection unusable."""
        if self._reading == "body":
            return self._read_body(data)
        if self._reading == "head":
            self._has_heard = True
            return self._read_head(data)
        self._keep_alive = self.is_reusable = False
        return []

    def peer_closed(self, *, is_reset: bool = False) -> list[ClientEvent]:
        """The upstream sent its end, or reset the connection: the end of a body that ends so, else a cut.

        ``is_reset``: the connection was lost without its proper end, which proves nothing about a body.
        """
        reading, self._reading = self._reading, "closed"
        self._keep_alive = self.is_reusable = False
        if reading == "head":
            return [Broken("reset", "closed before a whole head of an answer")]
        if reading == "body":
            is_end = isinstance(self._decoder, UntilClose) and not is_reset
            return [_ENDED if is_end else Broken("truncated", "closed before the end of the body")]
        return []

    def _read_head(self, data: bytes) -> list[ClientEvent]:
        try:
            found = self._reader.feed(data)
            if found is None:
                return []
            head, rest = self._parse(found[0]), found[1]
            if head.status < 200:
                self._count_interim(head)
                return self._read_head(rest) if rest else []
        except Violation as violation:
            return [self._break(violation)]
        self._keep_alive = self._keep_alive and head.keep_alive
        framing = 0 if self._is_head_request else head.framing
        if framing == len(rest) <= self._body_bytes:
            self._reading, self.is_reusable = "idle", self._keep_alive and self._is_uploaded
            self._keep_alive = self.is_reusable
            return [AnswerWhole(head, rest)]
        started = AnswerStarted(head)
        if framing == 0:
            return [started, self._end(rest)]
        self._decoder = body_decoder(framing, self._limits, body_bytes=self._body_bytes)
        if self._decoder.fault is not None:
            return [started, self._break(self._decoder.fault)]
        self._reading = "body"
        self.sole_piece = self._decoder.sole
        return [started, *self._read_body(rest)] if rest else [started]

    def _count_interim(self, head: ResponseHead) -> None:
        """Raises Violation for one that is none, or one too many."""
        self._interims += 1
        if head.status == 101 or self._interims > self._limits.interim_answers:
            raise Violation("syntax", "switched protocols, or too many interim answers")

    def _read_body(self, data: bytes) -> list[ClientEvent]:
        decoder = self._decoder
        assert decoder is not None
        payload = decoder.feed(data)
        events: list[ClientEvent] = [BodyPiece(payload)] if payload else []
        if decoder.fault is not None:
            events.append(self._break(decoder.fault))
        elif decoder.done:
            events.append(self._end(decoder.rest))
        return events

    def _end(self, rest: bytes) -> AnswerEnded:
        """The answer is over; bytes after it belong to nothing."""
        self._reading = "idle"
        self._decoder, self.sole_piece = None, _no_piece
        self._keep_alive = self.is_reusable = self._keep_alive and not rest and self._is_uploaded
        return _ENDED

    def _break(self, violation: Violation) -> Broken:
        self._reading = "closed"
        self._decoder, self.sole_piece = None, _no_piece
        return Broken(_BREAKS.get(violation.kind, "protocol"), violation.reason)
