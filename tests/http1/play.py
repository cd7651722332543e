"""Plays bytes into a connection and writes down what it said, as a transcript that splits cannot change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from random import Random

from plano.http1.client import ClientConnection
from plano.http1.events import (
    AnswerEnded,
    AnswerStarted,
    AnswerWhole,
    BodyPiece,
    Broken,
    ClientEvent,
    Close,
    Linger,
    Rejected,
    RequestStarted,
    RequestWhole,
    ServerEvent,
)
from plano.http1.head import RequestHead, RequestHeads, ResponseHeads
from plano.http1.limits import Limits
from plano.http1.request import RequestTemplate
from plano.http1.server import ServerConnection

LIMITS = Limits()
DATE = "Sun, 22 Nov 2026 10:00:00 GMT"


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """``data`` cut at ``cuts``."""
    edges = [0, *sorted(set(cuts)), len(data)]
    return [data[start:end] for start, end in pairwise(edges) if start < end]


def random_pieces(data: bytes, seed: int) -> list[bytes]:
    """``data`` cut at up to eleven places, the same ones for the same seed."""
    if not data:
        return []
    chance = Random(seed)
    return pieces(data, (chance.randrange(len(data)) for _ in range(chance.randrange(1, 12))))


def shown(body: bytes) -> str:
    text = body.decode("latin-1")
    return text if text.isprintable() else repr(body)


class Caller:
    """Plays a caller: every whole request is answered with ``ok`` at once, every refusal with an empty answer."""

    def __init__(self, heads: RequestHeads | None = None) -> None:
        self.connection = ServerConnection(heads or RequestHeads(LIMITS), 0.0)
        self.transcript: list[str | int] = []
        self.reasons: list[str] = []
        self.written = b""
        self.is_closed = False
        self._begun: RequestHead | None = None

    def play(self, reads: Iterable[bytes]) -> tuple[str | int, ...]:
        for data in reads:
            self._take(self.connection.receive(data, 0.0))
        if self.is_closed:
            return (*self.transcript, "closed")
        return (*self.transcript, "kept" if self.connection.is_idle else "waiting")

    def _take(self, events: list[ServerEvent]) -> None:
        for event in events:
            match event:
                case RequestStarted(head):
                    assert self._begun is None
                    self._begun = head
                case RequestWhole(head, body):
                    assert self._begun in (None, head)
                    self._begun = None
                    query = "" if head.query is None else f"?{head.query}"
                    line = f"{head.method} {head.path}{query}"
                    self.transcript.append(f"{line} {shown(body)}" if body else line)
                    self._answer(200, b"ok")
                case Rejected(status, _, reason, head):
                    assert self._begun in (None, head)
                    self.transcript.append(status)
                    self.reasons.append(reason)
                    self._answer(status, b"")
                case Linger() | Close():
                    self.is_closed = True

    def _answer(self, status: int, body: bytes) -> None:
        self.written += self.connection.answer(status, (), body=body, date=DATE)
        self._take(self.connection.answered(0.0))


class Upstream:
    """Plays an upstream that answers one request."""

    def __init__(self, method: str = "POST", heads: ResponseHeads | None = None) -> None:
        self.connection = ClientConnection(heads or ResponseHeads(LIMITS))
        self.connection.request_head(RequestTemplate(method, "/a", (("host", "x"),)), (), body_size=0)
        self.transcript: list[str] = []
        self._body = b""

    def play(self, reads: Iterable[bytes], *, closes: bool = False) -> tuple[str, ...]:
        for data in reads:
            self._take(self.connection.receive(data))
        if closes:
            self._take(self.connection.peer_closed())
        self._flush()
        return (*self.transcript, "reusable" if self.connection.is_reusable else "done")

    def _flush(self) -> None:
        if self._body:
            self.transcript.append(shown(self._body))
            self._body = b""

    def _take(self, events: list[ClientEvent]) -> None:
        for event in events:
            if isinstance(event, BodyPiece):
                assert event.data
                self._body += event.data
                continue
            self._flush()
            match event:
                case AnswerStarted(head):
                    self.transcript.append(str(head.status))
                case AnswerWhole(head, body):
                    self.transcript += [str(head.status), shown(body), "end"] if body else [str(head.status), "end"]
                case AnswerEnded():
                    self.transcript.append("end")
                case Broken(kind, _):
                    self.transcript.append(kind)


def calls_made(work: Callable[[], object]) -> int:
    """How many functions, Python's and C's, ``work`` calls: time that no busy machine can stretch."""
    count = 0

    def tally(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(tally)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def opened(*data: bytes, limits: Limits = LIMITS) -> ServerConnection:
    """A connection opened at 0 that received ``data`` at once."""
    connection = ServerConnection(RequestHeads(limits), 0.0)
    for piece in data:
        connection.receive(piece, 0.0)
    return connection


def answer(connection: ServerConnection, now: float = 0.0) -> list[ServerEvent]:
    connection.answer(200, (), body=b"ok", date=DATE)
    return connection.answered(now)


def names(events: Sequence[object]) -> list[str]:
    return [type(event).__name__ for event in events]


def status(events: list[ServerEvent]) -> list[int]:
    return [event.status for event in events if isinstance(event, Rejected)]
