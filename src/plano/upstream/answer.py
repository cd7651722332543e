"""From a response to an outcome: what is whole, what failed, what the caller may see.

A 200 proves nothing. A plain answer is read to its end and looked at before the caller sees a byte; a stream is held
until its first content while another candidate is left, and ends well only by the protocol's own terminal event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any, Final

import msgspec

from plano.dispatch.complaint import CONTENT, CONTEXT, KNOWN, word_of
from plano.dispatch.retry_after import LONGEST_TEXT, Told, read_hold, unreadable
from plano.dispatch.verdict import CALLERS_OWN_KEY, judge, judge_inband, outcome_of
from plano.domain.attempt import Answered, Attempt, Hold, Outcome, Verdict
from plano.domain.issued import NOTHING_ISSUED
from plano.domain.request import Call
from plano.ports import Answer, nothing_issued
from plano.upstream import fields, redaction
from plano.upstream.aside import Aside, at_once
from plano.upstream.response import NoUsableAnswer, Response
from plano.upstream.streaming import StreamedAnswer
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.errors import REJECTED, error_object, render_refusal
from plano.wire.dialects.passage import Passage
from plano.wire.dialects.reading import BadAnswer
from plano.wire.dialects.retelling import as_stream
from plano.wire.dialects.translate import echo_of
from plano.wire.json_guard import LARGE_BYTES

MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_HELD_BYTES = 16 * 1024 * 1024

IN_ONE_PIECE = "the provider did not stream: its answer came in one piece"

Ended = tuple[Outcome, Answer | None]

_ANSWERED: Final = Answered(200)


def _to_nobody(_model: str, _field: str) -> None:
    """Nobody is told."""


class Means(msgspec.Struct, frozen=True):
    """What judging needs of the world.

    ``aside``: where large answers are translated. ``unreadable``: is told of a model's header field that should name a
    time to come back, and does not.
    """

    wall_clock: Callable[[], float]
    aside: Aside = at_once
    unreadable: Callable[[str, str], None] = _to_nobody


async def judge_response(
    response: Response,
    attempt: Attempt,
    call: Call,
    way: Passage,
    *,
    means: Means,
) -> Ended:
    """The outcome of a response, and the answer when the caller gets it. Raises NoUsableAnswer."""
    if response.status != 200:
        return await _not_ok(response, attempt, call, way, means)
    if call.request.is_stream and _is_event_stream(response):
        return await _stream(response, attempt, call, way, means)
    body, headers = await _read(response), response.headers
    if len(body) > LARGE_BYTES and way.spoken is not call.request.dialect:
        ended = await means.aside(partial(judge_whole, body, headers, attempt, call, way, means=means))
    else:
        ended = judge_whole(body, headers, attempt, call, way, means=means)
    if ended is None:
        raise NoUsableAnswer("truncated" if body and response.ends_with_connection else "protocol")
    return ended


def judge_whole(
    body: bytes, headers: Mapping[str, str], attempt: Attempt, call: Call, way: Passage, *, means: Means
) -> Ended | None:
    """The outcome of a whole ``body`` that came with status 200 and these ``headers``; None where it is no answer.

    Safe in any thread. Raises NoUsableAnswer.
    """
    what, found = way.check(body)
    if what == "invalid":
        return None
    if isinstance(found, dict):
        return _inband(found, headers, attempt, call, way, means)
    try:
        made = way.answer(body, found)
    except BadAnswer:
        raise NoUsableAnswer("protocol") from None
    passed = fields.to_caller(headers)
    warnings, issued = way.warnings + made.lost.warnings, way.issued(body)
    if call.request.is_stream:
        made = msgspec.structs.replace(made, body=_as_stream(made.body, attempt, call, now_s=int(means.wall_clock())))
        passed = (*(field for field in passed if field[0] != "content-type"), ("content-type", "text/event-stream"))
        warnings += (IN_ONE_PIECE,)
    return _ANSWERED, Answer(
        200,
        passed,
        made.body,
        usage=lambda: made.usage,
        warnings=warnings,
        asides=made.lost.asides,
        issued=nothing_issued if issued is NOTHING_ISSUED else lambda: issued,
    )


def _as_stream(body: bytes, attempt: Attempt, call: Call, *, now_s: int) -> bytes:
    """A whole answer as the events that the caller waits for: clients take any other body for an empty stream."""
    model, request = attempt.candidate.model, call.request
    echo = echo_of(request.body, request.dialect)
    answering = Answering(model.provider, model.upstream_id, call.trace_id, now_s, echo)
    try:
        return as_stream(body, request.dialect, answering)
    except BadAnswer:
        raise NoUsableAnswer("protocol") from None


async def _not_ok(response: Response, attempt: Attempt, call: Call, way: Passage, means: Means) -> Ended:
    status = response.status
    if not 400 <= status < 600:
        raise NoUsableAnswer("protocol")
    try:
        body = await _read(response)
    except NoUsableAnswer:
        body = b""
    error = error_object(body) or {}
    verdict = judge(status, word_of(error))
    if status in (401, 403) and attempt.candidate.model.endpoint.passthrough_auth:
        verdict = CALLERS_OWN_KEY
    text = body[:LONGEST_TEXT].decode(errors="replace")
    outcome = outcome_of(verdict, status, _hold(response.headers, text, verdict, attempt, means))
    return outcome, _refusal(error, status, response.headers, attempt, call, way) if verdict.kind == "refused" else None


def _inband(
    error: dict[str, Any], headers: Mapping[str, str], attempt: Attempt, call: Call, way: Passage, means: Means
) -> Ended:
    """An error that came with status 200: the code inside says what it is."""
    verdict = judge_inband(error)
    message = error.get("message")
    text = message if isinstance(message, str) else ""
    outcome = outcome_of(verdict, "inband", _hold(headers, text, verdict, attempt, means))
    return outcome, _refusal(error, 400, headers, attempt, call, way) if verdict.kind == "refused" else None


def _hold(headers: Mapping[str, str], text: str, verdict: Verdict, attempt: Attempt, means: Means) -> Hold | None:
    """What a failed attempt says about the time to come back."""
    told = Told(headers, means.wall_clock(), text, is_limit=verdict.kind == "throttled")
    for field in unreadable(told) if verdict.kind != "refused" else ():
        means.unreadable(attempt.candidate.model.name, field)
    return read_hold(told)


def _refusal(
    error: dict[str, Any], status: int, headers: Mapping[str, str], attempt: Attempt, call: Call, way: Passage
) -> Answer:
    """The caller's own mistake in the provider's words, keys masked, as JSON whatever the provider sent."""
    word = word_of(error)
    if word == CONTEXT or (word == CONTENT and not error.get("code")):
        error = {**error, "code": word}
    said = redaction.clean(error, fields.secrets(attempt.candidate.model.endpoint, call))
    body = render_refusal(said, status, source=way.spoken, target=call.request.dialect, trace_id=call.trace_id)
    passed = tuple(field for field in fields.to_caller(headers) if field[0] != "content-type")
    return Answer(status, passed, body, code=word if word in KNOWN else REJECTED)


async def _stream(response: Response, attempt: Attempt, call: Call, way: Passage, means: Means) -> Ended:
    """Holds a stream until its first content; the last candidate's until its first event with data.

    One that is ``withheld``, until its end, as long as there is room for it.
    """
    stream, withheld = way.stream(), response.withheld
    held: list[bytes] = []
    size, content_at = 0, None
    while True:
        data = await response.piece()
        held.append(stream.feed(data) if data else stream.close())
        size += len(held[-1])
        if withheld is not None:
            if content_at is None and stream.has_content:
                content_at = monotonic()
                idle_s, within_s = withheld.limits()
                response.watch_silence(idle_s, within_s=within_s)
            if not withheld.keeps(held[-1]):
                withheld = None
        if size > MAX_HELD_BYTES and not stream.has_content:
            raise NoUsableAnswer("protocol")
        if stream.state == "error":
            return _inband(stream.error or {}, response.headers, attempt, call, way, means)
        if stream.state == "malformed":
            raise NoUsableAnswer("protocol")
        is_over = not data or stream.state == "done"
        if is_over and not stream.is_whole:
            raise NoUsableAnswer("truncated")
        if is_over or (withheld is None and (stream.has_content or (attempt.is_last and stream.has_data))):
            headers = fields.to_caller(response.headers)
            rest = StreamedAnswer(response, stream, b"".join(held), is_over=is_over)
            rest.first_content_at = content_at
            warnings = way.warnings + stream.lost.warnings
            return Answered(200), Answer(
                200, headers, rest, usage=stream.counted, warnings=warnings, issued=stream.issued
            )


async def _read(response: Response) -> bytes:
    first = await response.piece()
    if not first:
        return b""
    pieces, size = [first], len(first)
    while data := await response.piece():
        pieces.append(data)
        size += len(data)
        if size > MAX_BODY_BYTES:
            raise NoUsableAnswer("protocol")
    return first if len(pieces) == 1 else b"".join(pieces)


def _is_event_stream(response: Response) -> bool:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/event-stream"
