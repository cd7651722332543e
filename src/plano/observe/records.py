"""The latest requests, by trace id: what explains a decision after the fact. No prompt, no answer, no key.

A record is kept as the JSON it is shown as: its size is then exact, it holds on to nothing of the request (an error
holds the frames it passed, and with them the body), and the garbage collector need not walk it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import msgspec

from plano.domain.attempt import Try
from plano.domain.decision import Reason
from plano.domain.intent import RouterState
from plano.domain.route import Prefer
from plano.domain.snapshot import Reading
from plano.observe.record import Record

MAX_RECORDS = 1_000
MAX_BYTES = 8 * 1024 * 1024
LARGEST_RECORD = 64 * 1024
"""Bytes; a larger one (names of many kilobytes) is kept without what was considered and tried."""

LONGEST_TEXT = 256
"""Characters of a caller's own id or path."""

LONGEST_PROMPT = 16 * 1024
"""Characters of the router's text that are hashed, and kept where that is asked for."""

_NO_STAGES: Mapping[str, float] = {}


class Considered(msgspec.Struct, frozen=True):
    """A candidate as it is shown: the members of ``plano.domain.decision.Candidate``, its model by name."""

    model: str
    rank: int | None
    reason: Reason | None
    price_usd_per_mtok: Reading | None
    latency_s: Reading | None
    free_in_s: float


class Explained(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a decision was made. ``text_hash``: equal for equal texts within one process. ``text``: None unless kept."""

    route: str | None
    router: RouterState
    scores: Mapping[str, float]
    threshold: float | None
    margin: float | None
    prefer: Prefer
    candidates: tuple[Considered, ...]
    text_characters: int
    text_hash: str
    text: str | None = None


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request as it is shown.

    ``kept_at``: seconds since the epoch, at most half a second after the answer. ``stages``: seconds by stage.
    ``is_shortened``: it was too large to be kept with ``decision`` and ``attempts``.
    """

    trace_id: str
    kept_at: float
    status: int
    seconds: float
    path: str | None = None
    request_id: str | None = None
    code: str | None = None
    stages: Mapping[str, float] = _NO_STAGES
    decision: Explained | None = None
    attempts: tuple[Try, ...] | None = None
    is_shortened: bool = False


class Records:
    """At most ``limit`` records and 8 MiB of them, whichever is less; a common one has 1 KB, so 1,000 take 1 MB.

    ``wall``: seconds since the epoch. ``key``: makes the hash that tells equal texts from different ones without
    telling the text. ``keeps_text``: the text the router was shown is kept as well, cut.
    """

    def __init__(
        self, wall: Callable[[], float], key: bytes, *, limit: int = MAX_RECORDS, keeps_text: bool = False
    ) -> None:
        self._wall = wall
        self._key = key
        self._limit = limit
        self._keeps_text = keeps_text
        self._encode = msgspec.json.Encoder().encode
        self._kept: deque[tuple[str, bytes]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, records: Sequence[Record]) -> None:
        """Keeps a batch; the oldest give way."""
        now = self._wall()
        for record in records:
            body = self._body(record, now)
            self._kept.append((record.trace_id, body))
            self._bytes += len(body)
        while len(self._kept) > self._limit or self._bytes > MAX_BYTES:
            self._bytes -= len(self._kept.popleft()[1])

    def latest(self, limit: int) -> tuple[bytes, ...]:
        """JSON objects of the last requests, newest first."""
        return tuple(body for _, body in islice(reversed(self._kept), limit))

    def of(self, trace_id: str) -> tuple[bytes, ...]:
        """JSON objects of the requests of one trace, newest first: a caller may send several under one id."""
        return tuple(body for known, body in reversed(self._kept) if known == trace_id)

    def _body(self, record: Record, now: float) -> bytes:
        kept = Kept(
            record.trace_id,
            now,
            record.status,
            record.seconds,
            path=None if record.path is None else record.path[:LONGEST_TEXT],
            request_id=None if record.request_id is None else record.request_id[:LONGEST_TEXT],
            code=record.code,
            stages=dict(record.stages),
            decision=self._explained(record),
            attempts=None if record.receipt is None else record.receipt.tries,
        )
        body = self._encode(kept)
        if len(body) > LARGEST_RECORD:
            body = self._encode(msgspec.structs.replace(kept, decision=None, attempts=None, is_shortened=True))
        return body

    def _explained(self, record: Record) -> Explained | None:
        decision = record.decision
        if decision is None:
            return None
        intent = decision.intent
        text = intent.text[:LONGEST_PROMPT]
        return Explained(
            route=decision.route,
            router=intent.router,
            scores=dict(intent.scores),
            threshold=intent.threshold,
            margin=intent.margin,
            prefer=decision.prefer,
            candidates=tuple(
                [
                    Considered(each.model.name, each.rank, each.reason, each.price, each.latency, each.free_in_s)
                    for each in decision.candidates
                ]
            ),
            text_characters=len(intent.text),
            text_hash=hashlib.blake2b(text.encode(), key=self._key, digest_size=8).hexdigest(),
            text=text if self._keeps_text else None,
        )
