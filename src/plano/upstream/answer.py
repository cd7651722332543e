"""From a response to an outcome: what is whole, what failed, what the caller may see.

A 200 proves nothing. A plain answer is read to its end and looked at before the caller sees a byte; a stream is held
until its first content while another candidate is left, and ends well only by the protocol's own terminal event.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from plano.dispatch.retry_after import read_hold
from plano.dispatch.verdict import judge, outcome_of
from plano.domain.attempt import Answered, Attempt, Outcome, Verdict
from plano.domain.request import Call
from plano.errors import PlanoError
from plano.ports import Answer
from plano.upstream import fields, redaction
from plano.upstream.response import NoUsableAnswer, Response
from plano.wire import json_guard, openai_chat_answer, sse

MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_DROPPED_EVENTS = 3

Ended = tuple[Outcome, Answer | None]


class StreamBroken(PlanoError):
    """A stream failed after its first byte: the caller is told, and nobody else is asked."""

    def __init__(self, verdict: Verdict, message: str) -> None:
        super().__init__(message)
        self.status = verdict.status or 502
        self.code = verdict.code


async def judge_response(response: Response, attempt: Attempt, call: Call, *, wall_now: float) -> Ended:
    """The outcome of a response, and the answer when the caller gets it. Raises NoUsableAnswer."""
    if response.status != 200:
        return await _not_ok(response, attempt, call, wall_now)
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
    outcome = outcome_of(verdict, status, read_hold(response.headers, wall_now))
    return outcome, _refusal(error, status, response, attempt, call) if verdict.kind == "refused" else None


def _inband(detail: Any, response: Response, attempt: Attempt, call: Call) -> Ended:
    """An error that came with status 200: the code inside says what it is."""
    error = detail if isinstance(detail, dict) else {"message": str(detail)}
    verdict = judge("inband", _code(error))
    outcome = outcome_of(verdict, "inband", None)
    return outcome, _refusal(error, 400, response, attempt, call) if verdict.kind == "refused" else None


def _refusal(error: dict[str, Any] | None, status: int, response: Response, attempt: Attempt, call: Call) -> Answer:
    """The caller's own mistake in the provider's words, keys masked."""
    said = error or {"message": f"the provider refused the request with status {status}"}
    shown = redaction.clean(said, fields.secrets(attempt.candidate.model.endpoint, call))
    shown["code"] = shown.get("code") or "upstream_rejected"
    shown["trace_id"] = call.trace_id
    return Answer(status, fields.to_caller(response.headers), json_guard.dumps({"error": shown}))


async def _stream(response: Response, attempt: Attempt, call: Call) -> Ended:
    splitter, watch = sse.Splitter(), openai_chat_answer.ChatStreamWatch()
    held: list[bytes] = []
    while data := await response.piece():
        begun = False
        for event in splitter.feed(data):
            sight = watch.see(event)
            if sight == "error":
                return _inband(watch.error, response, attempt, call)
            if sight == "malformed":
                raise NoUsableAnswer("protocol")
            held.append(event)
            begun = begun or sight == "content" or (attempt.is_last and sse.data_of(event) is not None)
        if begun:
            pieces = _relay(response, splitter, watch, b"".join(held))
            return Answered(200), Answer(200, fields.to_caller(response.headers), pieces)
    raise NoUsableAnswer("truncated")


async def _relay(
    response: Response, splitter: sse.Splitter, watch: openai_chat_answer.ChatStreamWatch, begun: bytes
) -> AsyncIterator[bytes]:
    """The pieces of a stream that has begun. Raises StreamBroken when it does not end by its terminal event."""
    dropped = 0
    try:
        yield begun
        while not watch.is_done and (data := await response.piece()):
            sights = [(watch.see(event), event) for event in splitter.feed(data)]
            whole = b"".join(event for sight, event in sights if sight not in ("malformed", "error"))
            if whole:
                yield whole
            dropped += sum(sight == "malformed" for sight, _ in sights)
            if watch.error is not None:
                raise _broken(judge("inband", _code(watch.error)))
            if dropped > MAX_DROPPED_EVENTS:
                raise _broken(judge("protocol"))
        for ending in _ends_well(splitter, watch):
            yield ending
    except NoUsableAnswer as end:
        raise _broken(judge(end.ending)) from None
    finally:
        if watch.is_done:
            response.drain()
        else:
            response.close()


def _ends_well(splitter: sse.Splitter, watch: openai_chat_answer.ChatStreamWatch) -> Iterator[bytes]:
    """What is still owed to the caller at the end of the body. Raises StreamBroken when the stream was cut.

    A last event without its blank line counts when its line is complete and its data can be read.
    """
    rest = splitter.rest
    if rest.endswith(b"\n") and watch.see(rest) in ("content", "quiet", "done"):
        yield rest + b"\n"
    if not watch.is_complete:
        raise _broken(judge("truncated"))
    if not watch.is_done:
        yield b"data: [DONE]\n\n"


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


def _broken(verdict: Verdict) -> StreamBroken:
    return StreamBroken(verdict, "the provider's stream broke off; what arrived before is incomplete")


def _error_object(body: bytes) -> dict[str, Any] | None:
    """The ``error`` object of a provider's answer, None when there is none that can be read."""
    try:
        document = json_guard.loads(body)
    except PlanoError:
        return None
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, dict) else None


def _code(error: Any) -> str | None:
    code = (error.get("code") or error.get("type")) if isinstance(error, dict) else None
    return code if isinstance(code, str) else None
