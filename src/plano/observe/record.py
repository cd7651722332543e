"""What is remembered of a request once it is answered: the one source of its log line, its metrics, its explanation."""

from __future__ import annotations

import msgspec

from plano.domain.attempt import Receipt
from plano.domain.decision import Decision


class Record(msgspec.Struct, frozen=True):
    """One answered request; no prompt, no key.

    ``path``: None when the bytes were no request. ``code``: of the error it was answered with. ``stages``: seconds by
    stage, in order. ``seconds``: from the request's head to the last byte handed over.
    """

    trace_id: str
    status: int
    seconds: float
    path: str | None = None
    request_id: str | None = None
    code: str | None = None
    decision: Decision | None = None
    receipt: Receipt | None = None
    stages: tuple[tuple[str, float], ...] = ()
