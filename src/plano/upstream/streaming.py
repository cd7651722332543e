"""The rest of a stream that has begun: passed on as it is read, with no task in between."""

from __future__ import annotations

from time import monotonic

from plano.dispatch.verdict import judge, judge_inband
from plano.domain.attempt import Verdict
from plano.errors import PlanoError, StreamBroken
from plano.ports import Sink
from plano.upstream.response import NoUsableAnswer, Response
from plano.wire.dialects.passage import AnswerStream

_ENDINGS = {"open": judge("truncated"), "done": judge("truncated"), "malformed": judge("protocol")}


class StreamedAnswer:
    """``plano.ports.Stream``: what was held back, then events as they come, until the protocol's own end."""

    __slots__ = (
        *("_held", "_is_over", "_is_ready", "_lacks_content", "_response", "_send", "_stream"),
        *("ended_at", "first_content_at", "passed_on"),
    )

    def __init__(self, response: Response, stream: AnswerStream, held: bytes, *, is_over: bool) -> None:
        self._response = response
        self._stream = stream
        self._held = held
        self._is_over = is_over
        self._is_ready = True
        self.passed_on = len(held)
        self._lacks_content = not stream.has_content
        self.first_content_at: float | None = None
        self.ended_at: float | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line for each part so far that a translation of the answer could not carry, for the caller or not."""
        lost = self._stream.lost
        return lost.warnings + lost.asides

    def fail(self, error: PlanoError, trace_id: str) -> bytes:
        """The event that ends a stream that broke off, in the caller's dialect."""
        return self._stream.fail(error, trace_id)

    async def pump(self, sink: Sink) -> None:
        """Passes everything on to ``sink``. Raises StreamBroken when it does not end by its terminal event."""
        stream, is_held_up = self._stream, False
        self._send = sink.send
        try:
            self._is_ready = sink.send(self._held)
            self._held = b""
            while not self._is_over:
                if not self._is_ready:
                    await sink.drained()
                    self._is_ready = is_held_up = True
                if await self._flow():
                    if owed := stream.close():
                        self.passed_on += len(owed)
                        sink.send(owed)
                    self._is_over = True
                elif stream.state != "open":
                    self._is_over = True
            if not stream.is_whole:
                raise _broken(_ENDINGS[stream.state] if stream.state != "error" else judge_inband(stream.error))
            self.ended_at = None if is_held_up else monotonic()
        except NoUsableAnswer as end:
            raise _broken(judge(end.ending)) from None
        finally:
            if stream.state == "done":
                self._response.drain()
            else:
                self._response.close()

    async def _flow(self) -> bool:
        """True at the end of the body; a cut after the terminal event is one. Raises NoUsableAnswer."""
        try:
            return await self._response.flow(self._take)
        except NoUsableAnswer:
            if self._stream.is_whole:
                return True
            raise

    def _take(self, data: bytes) -> bool:
        """Passes on what ``data`` completes; False when no more should come for now."""
        stream = self._stream
        events = stream.feed(data)
        if events:
            self.passed_on += len(events)
            self._is_ready = self._send(events)
        if self._lacks_content and stream.has_content:
            self._lacks_content = False
            self.first_content_at = monotonic()
        return self._is_ready and stream.state == "open"


def _broken(verdict: Verdict) -> StreamBroken:
    said = "the provider's stream broke off; what arrived before is incomplete"
    return StreamBroken(said, status=verdict.status or 502, code=verdict.code, counts=verdict.counts)
