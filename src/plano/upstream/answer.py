"""From a response to an outcome: what is whole, what failed, what the caller may see.

A 200 proves nothing. A plain answer is read to its end and looked at before the caller sees a byte; a stream is held
until its first content while another candidate is left, and ends well only by the protocol's own terminal event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plano.dispatch.retry_after import read_hold
from plano.dispatch.verdict import CALLERS_OWN_KEY, judge, judge_inband, outcome_of
from plano.domain.attempt import Answered, Attempt, Outcome
from plano.domain.request import Call
from plano.errors import PlanoError
from plano.ports import Answer
from plano.upstream import fields, redaction
from plano.upstream.response import NoUsableAnswer, Response
from plano.upstream.streaming import StreamedAnswer
from plano.wire import json_guard, openai_chat_answer

MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_HELD_BYTES = 16 * 1024 * 1024

Ended = tuple[Outcome, Answer | None]


async def judge_response(response: Response, attempt: Attempt, call: Call, *, wall_clock: Callable[[], float]) -> Ended:
    """The outcome of a response, and the answer when the caller gets it. Raises NoUsableAnswer."""
    if response.status != 200:
        return await _not_ok(response, attempt, call, wall_clock())
    if call.request.is_stream and _is_event_stream(response):
        return await _stream(response, attempt, call)
    body = await _read(response)
    what, detail = openai_chat_answer.check_answer(body)
    if what == "invalid":
        raise NoUsableAnswer("protocol")
    if what == "error":
        return _inband(detail, response, attempt, call)
    return Answered(200), Answer(200, fields.to_caller(response.headers), body)


async def _not_ok(response: Response, attempt: Attempt, call: Call, wall_now: float) -> Ended:
    status = response.status
    if not 400 <= status < 600:
        raise NoUsableAnswer("protocol")
    try:
        body = await _read(response)
    except NoUsableAnswer:
        body = b""
    error = _error_object(body)
    verdict = judge(status, _code(error))
    if status in (401, 403) and attempt.candidate.model.endpoint.passthrough_auth:
        verdict = CALLERS_OWN_KEY
    outcome = outcome_of(verdict, status, read_hold(response.headers, wall_now))
    return outcome, _refusal(error, status, response, attempt, call) if verdict.kind == "refused" else None


def _inband(detail: Any, response: Response, attempt: Attempt, call: Call) -> Ended:
    """An error that came with status 200: the code inside says what it is."""
    error = detail if isinstance(detail, dict) else {"message": str(detail)}
    verdict = judge_inband(error)
    outcome = outcome_of(verdict, "inband", None)
    return outcome, _refusal(error, 400, response, attempt, call) if verdict.kind == "refused" else None


def _refusal(error: dict[str, Any] | None, status: int, response: Response, attempt: Attempt, call: Call) -> Answer:
    """The caller's own mistake in the provider's words, keys masked, as JSON whatever the provider sent."""
    said = error or {"message": f"the provider refused the request with status {status}"}
    shown = redaction.clean(said, fields.secrets(attempt.candidate.model.endpoint, call))
    shown["code"] = "unauthorized" if status == 401 else shown.get("code") or "upstream_rejected"
    shown["trace_id"] = call.trace_id
    headers = tuple(field for field in fields.to_caller(response.headers) if field[0] != "content-type")
    return Answer(status, headers, json_guard.dumps({"error": shown}))


async def _stream(response: Response, attempt: Attempt, call: Call) -> Ended:
    """Holds a stream until its first content; the last candidate's until its first event with data."""
    stream = openai_chat_answer.ChatStream()
    held: list[bytes] = []
    size = 0
    while True:
        data = await response.piece()
        held.append(stream.feed(data) if data else stream.close())
        size += len(held[-1])
        if size > MAX_HELD_BYTES:
            raise NoUsableAnswer("protocol")
        if stream.state == "error":
            return _inband(stream.error, response, attempt, call)
        if stream.dropped or stream.state == "malformed":
            raise NoUsableAnswer("protocol")
        is_over = not data or stream.state == "done"
        if is_over and not stream.is_whole:
            raise NoUsableAnswer("truncated")
        if is_over or stream.has_content or (attempt.is_last and stream.has_data):
            headers = fields.to_caller(response.headers)
            rest = StreamedAnswer(response, stream, b"".join(held), is_over=is_over)
            return Answered(200), Answer(200, headers, rest)


async def _read(response: Response) -> bytes:
    whole = response.whole()
    if whole is not None:
        return whole
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


def _error_object(body: bytes) -> dict[str, Any] | None:
    """The ``error`` object of a provider's answer, None when there is none that can be read."""
    try:
        document = json_guard.loads(body)
    except PlanoError:
        return None
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, dict) else None


def _code(error: dict[str, Any] | None) -> str | None:
    """The provider's own word for what went wrong; some put it into ``type`` only."""
    named = (error.get("code") or error.get("type")) if error is not None else None
    return named if isinstance(named, str) else None
