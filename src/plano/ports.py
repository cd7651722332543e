"""What the thinking part needs from outside, each with one or two methods; the fake ships with the product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from plano.domain.attempt import Attempt, Outcome
from plano.domain.intent import Intent, Question
from plano.domain.issued import NOTHING_ISSUED, Issued
from plano.domain.request import Call
from plano.domain.session import Binding
from plano.domain.usage import Usage
from plano.errors import PlanoError


class Classifier(Protocol):
    """Tells which route a conversation belongs to. Deterministic: the same question has the same answer."""

    def recall(self, question: Question) -> Intent | None:
        """The remembered answer, or None. Takes microseconds; safe on the event loop."""
        ...

    def classify(self, question: Question) -> Intent:
        """The answer, and remember it. May take milliseconds; safe in any thread. Never raises for odd text."""
        ...


class Clock(Protocol):
    """The two clocks, as arguments."""

    def monotonic(self) -> float:
        """Seconds that never jump."""
        ...

    def wall(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Comes back after ``seconds``."""
        ...


def _nothing_to_close() -> None:
    """A whole answer holds no connection."""


def _nothing_known() -> Usage | None:
    """No count."""
    return None


def nothing_issued() -> Issued:
    """Anybody can go on from it."""
    return NOTHING_ISSUED


class Sink(Protocol):
    """Takes a body as it comes."""

    def send(self, data: bytes) -> bool:
        """Takes a piece, never empty; False when no more should be sent before ``drained``."""
        ...

    async def drained(self) -> None:
        """Comes back when more may be sent. Cancelled when the caller leaves or takes nothing for long."""
        ...


class Stream(Protocol):
    """The body of an answer that comes as it is made, in the caller's dialect. ``passed_on``: bytes so far.

    ``first_content_at``: when its first content came, monotonic seconds; None when it was there from the beginning.
    ``ended_at``: when it ended well, None before that and where the caller held it up. ``warnings``: one line for each
    part so far that a translation of the answer could not carry.
    """

    first_content_at: float | None
    ended_at: float | None
    passed_on: int

    @property
    def warnings(self) -> tuple[str, ...]:
        """Of the answer so far; the head has gone out with those of the request and of what was held back."""
        ...

    def fail(self, error: PlanoError, trace_id: str) -> bytes:
        """The event that ends a stream that broke off."""
        ...

    async def pump(self, sink: Sink) -> None:
        """Passes all of it on to ``sink``; called once. Raises a PlanoError when it fails after its first byte."""
        ...


class Answer(msgspec.Struct, frozen=True):
    """What a provider answered, ready for the caller.

    ``headers``: the fields that may reach the caller. ``body``: the whole body, or a stream. ``close``: gives up the
    upstream; must be called when the answer is done with, however that came about.
    ``connect_s``: seconds it took to have a connection, 0 for a reused one. ``usage``: says what the answer used, by
    the provider's own count, None when it gave none; to be asked once the body is over. ``warnings``: one line for each
    part that a translation could not carry; ``asides``: those of a whole answer that are no news for the caller.
    ``issued``: says what of the answer its provider alone can take back; to be
    asked once the body is over. ``code``: of a refusal, as it is logged.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes | Stream
    close: Callable[[], None] = _nothing_to_close
    connect_s: float = 0.0
    usage: Callable[[], Usage | None] = _nothing_known
    warnings: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    issued: Callable[[], Issued] = nothing_issued
    code: str | None = None


class Upstream(Protocol):
    """Performs one attempt."""

    async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
        """How the attempt ended; with the answer when it was answered or refused. Cancelling it closes the upstream."""
        ...


class SessionStore(Protocol):
    """Keeps what sessions are bound to."""

    async def get(self, key: bytes) -> Binding | None:
        """What the session is bound to, None when nothing usable is kept. Raises StoreError."""
        ...

    async def put(self, key: bytes, binding: Binding, ttl_s: int) -> None:
        """Keeps it for ``ttl_s`` seconds. Raises StoreError."""
        ...
