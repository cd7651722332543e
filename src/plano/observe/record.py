"""What is remembered of a request once it is answered: the one source of everything that is seen of it.

It is made on the path of a request, so it holds what is at hand and works nothing out; ``plano.observe.entry`` does
that later, away from the path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from plano.domain.attempt import Receipt
from plano.domain.decision import Decision
from plano.domain.usage import Usage
from plano.wire.traceparent import TraceContext

_NO_FIELDS: Mapping[str, str] = MappingProxyType({})
_NOTHING: Mapping[str, float] = MappingProxyType({})


class Record(msgspec.Struct, frozen=True):
    """One answered request; no prompt, no key.

    ``path``: None when the bytes were no request. ``code``: of the error it was answered with. ``stages``: seconds by
    stage, in order. ``seconds``: from the request's head to the last byte handed over, at ``ended_at`` (monotonic
    seconds). ``arrived_s``: seconds from the head until the request was whole. ``trace``: None where no request was
    read. ``model``: as the caller wrote it. ``usage``: says what the answer used, where it was looked at.
    ``cost_usd``: of an answer that came whole, None where that is unknown; a stream's is worked out later.
    ``request_bytes``, ``answer_bytes``: of the bodies. ``fields``: the caller's header fields; only chosen ones are
    ever shown. ``prompt_bytes``: of the request, media left out. ``first_content_at``, ``content_ended_at``: of a
    stream, see ``plano.ports.Stream``. ``warnings``: one line for each part that a translation could not carry.
    ``method``: as the caller sent it, None when the bytes were no request.
    """

    trace_id: str
    status: int
    seconds: float
    path: str | None = None
    request_id: str | None = None
    code: str | None = None
    decision: Decision | None = None
    receipt: Receipt | None = None
    stages: Mapping[str, float] = _NOTHING
    ended_at: float = 0.0
    arrived_s: float = 0.0
    trace: TraceContext | None = None
    model: str | None = None
    is_stream: bool | None = None
    usage: Callable[[], Usage | None] | None = None
    cost_usd: float | None = None
    request_bytes: int = 0
    answer_bytes: int = 0
    fields: Mapping[str, str] = _NO_FIELDS
    prompt_bytes: int = 0
    first_content_at: float | None = None
    content_ended_at: float | None = None
    warnings: tuple[str, ...] = ()
    method: str | None = None

    def __repr__(self) -> str:
        # The fields of a caller hold its key.
        return f"Record({self.trace_id!r}, {self.status})"
