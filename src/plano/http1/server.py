"""One connection of a caller: bytes and times in, requests out; answers in, bytes out.

The edge feeds ``receive``, runs one request at a time, writes what ``interim``, ``answer`` or ``answer_head`` ..
``end`` return, then calls ``answered``. It asks ``deadline`` when to call ``expire``. After a refusal nothing of the
connection is parsed again. Events are dealt with in the order of the calls that returned them: when an answer is given
while a list is being worked off, what ``answered`` returns comes after the rest of that list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from plano.http1.answer import AnswerWriter, field_writer
from plano.http1.block import BlockReader
from plano.http1.body import BodyDecoder, Fixed, body_decoder
from plano.http1.events import Close, Linger, Rejected, RequestStarted, RequestWhole, ServerEvent
from plano.http1.fields import FieldWriter
from plano.http1.head import Framing, RequestHead, RequestHeads
from plano.http1.repeated import RepeatedHeads
from plano.http1.violation import Violation, ViolationKind

_ANSWERS: Mapping[ViolationKind, tuple[int, str]] = {
    "syntax": (400, "invalid_request"),
    "late": (408, "request_timeout"),
    "body_size": (413, "request_too_large"),
    "target_size": (414, "uri_too_long"),
    "expectation": (417, "expectation_failed"),
    "head_size": (431, "header_fields_too_large"),
    "version": (505, "http_version_not_supported"),
}

_SMALL_PIECE_BYTES = 4096
_PUT_TOGETHER_BYTES = 64 * 1024

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_Reading = Literal["head", "body", "whole", "refused", "lingering", "closed"]
"""``whole``: the request is read, its answer is not finished. ``refused``: what arrives is dropped."""


class ServerConnection:
    """The state of one connection, opened at ``now`` (monotonic seconds, as every ``now`` here).

    ``heads``: reads the request heads, by the limits that count for everything here. ``fields``: an
    ``answer.field_writer``; one of its own where it is not shared.

    ``piece``: gives ``data`` as the next bytes of the answer's body; nothing where the answer has no body. The writer's
    own: a method around it would be one more call for each event of a stream.
    ``body_bytes``: what is kept of a body that is still arriving. ``is_pipelined``: is there more of this caller
    already, behind the request that is being answered? ``is_full``: should the edge stop reading until
    ``answered``? While it does, it cannot see the caller leave.
    """

    __slots__ = (
        "_answer",
        "_body_due",
        "_decoder",
        "_dropped",
        "_fields",
        "_head",
        "_head_since",
        "_heard",
        "_is_interim_due",
        "_is_pristine",
        "_keep_alive",
        "_kept",
        "_limits",
        "_parse",
        "_pieces",
        "_reader",
        "_reading",
        "_since",
        "_small",
        "_stalled_since",
        "body_bytes",
        "is_full",
        "is_pipelined",
        "piece",
    )

    def __init__(self, heads: RequestHeads, now: float, *, fields: FieldWriter | None = None) -> None:
        self._parse = RepeatedHeads(heads).parse
        self._limits = limits = heads.limits
        self._reader = BlockReader(limits.head_bytes, check_first_line=heads.check_line, skips_empty_line=True)
        self._reading: _Reading = "head"
        self._fields = fields or field_writer()
        self._answer = AnswerWriter(None, self._fields)
        self.piece = self._answer.piece
        self._keep_alive = True
        self._is_pristine = True
        self._head: RequestHead | None = None
        self._decoder: BodyDecoder | None = None
        self._pieces: list[bytes | bytearray] = []
        self._small: bytearray | None = None
        self._kept = bytearray()
        self._since = now
        self._heard = now
        self._head_since: float | None = None
        self._is_interim_due = False
        self._body_due = now
        self._dropped = 0
        self._stalled_since: float | None = None
        self.body_bytes = 0
        self.is_full = self.is_pipelined = False

    def __repr__(self) -> str:
        return f"<ServerConnection reading={self._reading} answer={self._answer.state} keep_alive={self._keep_alive}>"

    @property
    def is_idle(self) -> bool:
        """Is there neither a request nor the beginning of one? Such a connection may be closed at any time."""
        return self._reading == "head" and self._reader.is_empty

    @property
    def is_lingering(self) -> bool:
        """Is everything said, and the caller perhaps still sending? Closed now, its answer might never reach it."""
        return self._reading == "lingering"

    @property
    def is_answering(self) -> bool:
        """Has an answer begun that has not ended?"""
        return self._answer.state == "begun"

    @property
    def is_reading_plainly(self) -> bool:
        """Do the next bytes cost nothing, however many? Nobody looks into sized bodies, or into what is dropped."""
        if self._reading == "body":
            return isinstance(self._decoder, Fixed)
        return self._reading != "head"

    def receive(self, data: bytes, now: float) -> list[ServerEvent]:
        """What ``data`` brings. Bytes that follow a request wait for ``answered``."""
        if self._reading == "head":
            is_more = self._head_since is not None and self._reader.takes(data)
            return [] if is_more else self._read_head(data, now)
        if self._reading == "body":
            return self._read_body(data, now)
        if self._reading == "whole":
            self._keep_behind(data)
            return []
        return self._drop(data, now)

    def peer_closed(self) -> list[ServerEvent]:
        """The caller sent its end: whatever runs for it should be given up."""
        return self._close(is_clean=not self.is_answering)

    def close_after_answer(self) -> None:
        """The answer in progress, or the next one, is the last on this connection."""
        self._keep_alive = False

    def interim(self) -> bytes:
        """``100 Continue``, once, when the caller waits for it before it sends its body; else nothing."""
        is_due = self._is_interim_due and self._reading == "body"
        self._is_interim_due = False
        return _CONTINUE if is_due else b""

    def answer(self, status: int, fields: Sequence[tuple[str, str]], *, body: bytes, date: str) -> bytes:
        """A whole answer: head and body. As ``answer_head``."""
        keep_alive = self._begin_answer()
        written = self._answer.whole(status, fields, body, date=date, keep_alive=keep_alive)
        self._keep_alive = self._answer.keep_alive
        if self._reading == "body":
            self._refuse()
        return written

    def answer_head(self, status: int, fields: Sequence[tuple[str, str]], *, framing: Framing, date: str) -> bytes:
        """The head of the final answer. ``framing``: what a body would be like; HEAD, 204, 304, HTTP/1.0 are seen to.

        ``date``: the value of Date. While a request body is still arriving this gives it up: the rest is dropped and
        the connection closed afterwards. Raises ValueError for fields that are none, or that are set here.
        """
        keep_alive = self._begin_answer()
        written = self._answer.head(status, fields, framing=framing, date=date, keep_alive=keep_alive)
        self.piece = self._answer.piece
        self._keep_alive = self._answer.keep_alive
        if self._reading == "body":
            self._refuse()
        return written

    def end(self) -> bytes:
        """What ends the answer's body. Raises RuntimeError when bytes are missing that the head declared."""
        return self._answer.end()

    def answered(self, now: float) -> list[ServerEvent]:
        """All of the answer is handed over: what comes next. Without ``end`` before, the answer counts as cut."""
        if self._reading == "closed":
            return []
        if self._reading in ("head", "lingering"):
            raise RuntimeError(f"no request was answered: {self!r}")
        if self._answer.state != "ended":
            return self._close(is_clean=False)
        self._since = now
        if self._reading == "refused" or not self._keep_alive:
            return [self._linger(now)]
        self._reading = "head"
        self._head = None
        if not self._kept:
            return []
        kept = bytes(self._kept)
        self._forget_kept()
        return self._read_head(kept, now)

    def write_paused(self, now: float) -> None:
        """The caller is not reading: bytes wait in the transport. Called again, it says that some of them went."""
        self._stalled_since = now

    def write_resumed(self) -> None:
        """The transport takes bytes again."""
        self._stalled_since = None

    def deadline(self) -> float | None:
        """When ``expire`` has something to say, None while nothing presses."""
        due = self._reading_deadline()
        if self._stalled_since is None:
            return due
        stall = self._stalled_since + self._limits.write_stall_s
        return stall if due is None else min(due, stall)

    def expire(self, now: float) -> list[ServerEvent]:
        """What the deadline brings; nothing before it has passed."""
        due = self.deadline()
        if due is None or now < due:
            return []
        if self._stalled_since is not None and now >= self._stalled_since + self._limits.write_stall_s:
            return self._close(is_clean=False)
        if self._reading == "body":
            return [self._reject(Violation("late", "the body arrived too slowly"), self._head)]
        if self._reading == "head" and self._head_since is not None:
            return [self._reject(Violation("late", "the head did not arrive in time"))]
        return self._close()

    def _reading_deadline(self) -> float | None:
        limits = self._limits
        if self._reading == "head":
            if self._head_since is not None:
                return self._head_since + limits.head_s
            return self._since + (limits.first_byte_s if self._is_pristine else limits.idle_s)
        if self._reading == "body":
            return self._body_due
        if self._reading == "lingering":
            return min(self._since + limits.linger_s, self._heard + limits.linger_silent_s)
        return None

    def _read_head(self, data: bytes, now: float) -> list[ServerEvent]:
        if self._head_since is None:
            self._head_since = now
        try:
            found = self._reader.feed(data)
            if found is None:
                if self._reader.is_empty:
                    self._head_since = None
                return []
            head = self._parse(found[0])
        except Violation as violation:
            return [self._reject(violation, violation.head)]
        rest = found[1]
        self._head = head
        self._head_since = None
        self._is_pristine = False
        self._keep_alive = self._keep_alive and head.keep_alive
        self._answer = AnswerWriter(head, self._fields)
        if head.framing == len(rest) <= self._limits.body_bytes:
            self._reading = "whole"
            return [RequestWhole(head, rest)]
        return self._start(head, rest, now)

    def _start(self, head: RequestHead, rest: bytes, now: float) -> list[ServerEvent]:
        """What there is beside the head: a part of the body, or of what follows."""
        framing = head.framing
        if framing == 0:
            self._reading = "whole"
            self._keep_behind(rest)
            return [RequestWhole(head, b"")]
        decoder = body_decoder(framing, self._limits, body_bytes=self._limits.body_bytes)
        if decoder.fault is not None:
            return [self._reject(decoder.fault, head)]
        self._reading = "body"
        self._decoder = decoder
        self._is_interim_due = head.expects_continue
        self._body_due = now + self._limits.body_grace_s
        if not rest:
            return [RequestStarted(head)]
        read = self._read_body(rest, now)
        return read or [RequestStarted(head)]

    def _read_body(self, data: bytes, now: float) -> list[ServerEvent]:
        decoder = self._decoder
        assert decoder is not None
        payload = decoder.feed(data)
        if payload:
            self._is_interim_due = False
            limits, size = self._limits, len(payload)
            due, latest = self._body_due + size / limits.body_bytes_per_s, now + limits.body_credit_s
            self._body_due = due if due < latest else latest
            self.body_bytes += size
            small = self._small
            if small is None or size >= _SMALL_PIECE_BYTES or len(small) >= _PUT_TOGETHER_BYTES:
                self._keep(payload)
            else:
                small += payload
        if decoder.fault is not None:
            return [self._reject(decoder.fault, self._head)]
        if not decoder.done:
            return []
        self._reading = "whole"
        self._keep_behind(decoder.rest)
        body = b"".join(self._pieces)
        self._forget_body()
        assert self._head is not None
        return [RequestWhole(self._head, body)]

    def _keep(self, payload: bytes) -> None:
        """Puts small pieces of a body together: each as an object of its own, they would take 25 times their size."""
        pieces, self._small = self._pieces, None
        if len(payload) >= _SMALL_PIECE_BYTES or not pieces:
            pieces.append(payload)
        else:
            self._small = bytearray(payload)
            pieces.append(self._small)

    def _forget_body(self) -> None:
        self._decoder = None
        self._pieces.clear()
        self._small = None
        self.body_bytes = 0

    def _keep_behind(self, data: bytes) -> None:
        """Keeps what follows a request until that is answered."""
        self._kept += data
        self.is_pipelined = bool(self._kept)
        self.is_full = len(self._kept) >= self._limits.pipelined_bytes

    def _forget_kept(self) -> None:
        self._kept.clear()
        self.is_full = self.is_pipelined = False

    def _linger(self, now: float) -> Linger:
        """Whatever still comes is read: closed with bytes unread, a socket resets, and the answer may be lost."""
        is_whole = self._reading == "whole" and not self._kept
        self._reading = "lingering"
        self._heard = now
        self._dropped = 0
        self._forget_kept()
        return Linger(is_whole)

    def _drop(self, data: bytes, now: float) -> list[ServerEvent]:
        self._heard = now
        self._dropped += len(data)
        is_over = self._reading == "lingering" and self._dropped > self._limits.linger_bytes
        return self._close() if is_over else []

    def _reject(self, violation: Violation, head: RequestHead | None = None) -> Rejected:
        self._answer = AnswerWriter(head, self._fields)
        self._refuse()
        status, code = _ANSWERS[violation.kind]
        return Rejected(status, code, violation.reason, head)

    def _refuse(self) -> None:
        self._reading = "refused"
        self._forget_body()

    def _begin_answer(self) -> bool:
        """May the connection be kept after the answer that begins now?"""
        if self._answer.state != "none" or self._reading not in ("body", "whole", "refused"):
            raise RuntimeError(f"no request waits for an answer: {self!r}")
        return self._keep_alive and self._reading == "whole"

    def _close(self, *, is_clean: bool = True) -> list[ServerEvent]:
        if self._reading == "closed":
            return []
        self._reading = "closed"
        self._forget_body()
        self._stalled_since = None
        self._forget_kept()
        return [Close(is_clean)]
