"""A caller's request, parsed once."""

from __future__ import annotations

import msgspec

from plano.domain.catalog import Modality
from plano.domain.conversation import Conversation
from plano.domain.model import Dialect
from plano.domain.route import RouteTable
from plano.domain.secret import Secret
from plano.domain.session import Session

Span = tuple[int, int]
"""Start and end offset of bytes in a body, end not included."""


class Edits(msgspec.Struct, frozen=True):
    """Where an attempt differs from the caller's bytes.

    ``model``: the span of the value of ``model``. ``removed``: the span of the ``routing_preferences`` member with the
    comma that belongs to it, None when the caller sent none.
    """

    model: Span
    removed: Span | None


class Needs(msgspec.Struct, frozen=True):
    """What a request asks of whoever serves it.

    ``prompt_bytes``: of the body, media left out. ``media``: kinds of content beside text, sorted, in ``media_parts``
    parts. ``tools``: it offers some. ``structured_output``: the answer must follow a JSON schema.
    ``max_output_tokens``: the caller's own limit of the answer. ``reasoning``: it asks for thought before the answer.
    ``kept``: it refers to what one provider keeps: files, conversations, containers.
    """

    prompt_bytes: int = 0
    media: tuple[Modality, ...] = ()
    media_parts: int = 0
    tools: bool = False
    structured_output: bool = False
    max_output_tokens: int | None = None
    reasoning: bool = False
    kept: bool = False


NO_NEEDS = Needs()


class ChatRequest(msgspec.Struct, frozen=True):
    """One request. ``body`` is the caller's own bytes and is never changed: every attempt derives its copy.

    ``model``: the name as the caller wrote it. ``preferences``: the inline routes, None to use the configured ones.
    ``dialect``: of the body, and of every answer to it. ``needs``: what it asks of a model. ``is_count``: nothing but
    the number of its tokens is asked for. ``may_be_bare``: an answer without an end, or without any choice, is one too.
    ``continues``: the id of a response that a provider keeps, from which the request goes on. ``is_plain``: its body is
    known to be text and options, with nothing in it that was made by a model's provider.
    """

    model: str
    conversation: Conversation
    preferences: RouteTable | None
    is_stream: bool
    body: bytes
    edits: Edits
    dialect: Dialect = Dialect.OPENAI_CHAT
    needs: Needs = NO_NEEDS
    is_count: bool = False
    may_be_bare: bool = False
    continues: str | None = None
    is_plain: bool = False


class Wishes(msgspec.Struct, frozen=True):
    """What the caller asked for beside the body: ``routing_off`` skips the router and uses the request's own model.

    ``session``: None where the request belongs to none. ``switch_share``: the most that switches may cost, percent, as
    the caller wrote it.
    """

    trace_id: str
    routing_off: bool = False
    session: Session | None = None
    switch_share: str | None = None


class Metered(msgspec.Struct, frozen=True):
    """Which limits on tokens a request counts in: those for this value of this header field.

    ``tokens``: of its text, estimated.
    """

    header: str
    value: str
    tokens: int


class Call(msgspec.Struct, frozen=True):
    """What every attempt of one request is made from.

    ``headers``: the caller's fields that may go upstream, and the trace context. ``credential``: the caller's own key,
    sent only to providers with ``passthrough_auth``. ``received_at``: monotonic seconds when
    its last byte came; the deadline counts from here. ``cache_off``: the caller wants no help with prompt caches.
    ``metered``: None where no limit on tokens may apply.
    """

    request: ChatRequest
    headers: tuple[tuple[str, str], ...]
    trace_id: str
    received_at: float
    credential: Secret | None = None
    cache_off: bool = False
    metered: Metered | None = None
