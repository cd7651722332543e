"""The mock provider on real sockets: speaks OpenAI chat completions, and misbehaves on request.

A model whose last part names a behaviour (``mock/429-retry-after-7``) shows that behaviour; any other model follows the
script given for it, else the one given for all.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, cast

import msgspec

from plano.http1.events import Close, Linger, Rejected, RequestWhole, ServerEvent
from plano.http1.head import RequestHead, RequestHeads
from plano.http1.limits import Limits
from plano.http1.server import ServerConnection
from plano.mock import chat
from plano.mock.behaviour import Fault, Pace, Script, is_behaviour, parse_fault

MAX_RECORDED = 10_000
SILENCE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request as it arrived. ``model``: as sent upstream."""

    path: str
    fields: Mapping[str, str]
    body: bytes
    model: str


@dataclass(slots=True)
class MockProvider:
    """Serves on ``start``; ``calls`` holds the latest requests, ``left`` counts callers who went before the end.

    ``scripts``: by model id, the words of ``plano.mock.behaviour``, one per call. ``everyone``: for all other models.
    """

    pace: Pace = field(default_factory=Pace)
    scripts: dict[str, Script] = field(default_factory=dict)
    everyone: Script = field(default_factory=Script)
    calls: deque[Recorded] = field(default_factory=lambda: deque(maxlen=MAX_RECORDED))
    left: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _heads: RequestHeads = field(default_factory=lambda: RequestHeads(Limits()))
    _connections: set[_Connection] = field(default_factory=set)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listens; ``port`` holds the real one afterwards."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Closes everything at once."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.abort()

    def script(self, model: str, words: Sequence[str]) -> None:
        """From now on ``model`` does ``words``, one per call, the last for ever."""
        self.scripts[model] = Script(tuple(words))

    def fault_for(self, model: str) -> Fault | None:
        """What this call of ``model`` must do wrong, None to answer."""
        if is_behaviour(model):
            return parse_fault(model.rpartition("/")[2])
        return self.scripts.get(model, self.everyone).step()


class _Connection(asyncio.Protocol):
    """One connection of a caller of the mock provider."""

    def __init__(self, provider: MockProvider) -> None:
        self._provider = provider
        self._core = ServerConnection(provider._heads, time.monotonic())
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own
        self._provider._connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._follow(self._core.receive(data, time.monotonic()))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._provider._connections.discard(self)
        if self._task is not None:
            self._provider.left += 1
            self._task.cancel()

    def abort(self) -> None:
        """Resets the connection."""
        self._task = None
        if self._transport is not None:
            self._transport.abort()

    def _follow(self, events: Sequence[ServerEvent]) -> None:
        for event in events:
            match event:
                case RequestWhole(head, body):
                    self._task = asyncio.get_running_loop().create_task(self._serve(head, body))
                case Rejected(status):
                    self._send(status, chat.error(status, None))
                case Linger() | Close():
                    if self._transport is not None:
                        self._transport.close()

    async def _serve(self, head: RequestHead, body: bytes) -> None:
        try:
            request = msgspec.json.decode(body) if body else {}
        except (msgspec.DecodeError, UnicodeDecodeError):
            request = None
        if not isinstance(request, dict):
            self._send(400, chat.error(400, None))
            return
        model = str(request.get("model", ""))
        self._provider.calls.append(Recorded(head.target, head.fields, body, model))
        fault = self._provider.fault_for(model)
        await asyncio.sleep(self._provider.pace.latency_s)
        match fault:
            case Fault(kind="status"):
                self._send_status(fault)
            case Fault(kind="reset"):
                self.abort()
            case Fault(kind="silence"):
                await asyncio.sleep(SILENCE_S)
            case Fault(kind="html"):
                self._send(200, b"<html><body>Welcome</body></html>", media_type="text/html")
            case _:
                await self._answer(request, body, fault)

    async def _answer(self, request: Mapping[str, Any], body: bytes, fault: Fault | None) -> None:
        said = chat.answer(request, body)
        if request.get("stream"):
            options = request.get("stream_options")
            with_usage = isinstance(options, dict) and bool(options.get("include_usage"))
            await self._stream(said, fault, with_usage=with_usage)
        elif fault is not None and fault.kind == "cut":
            self._cut(chat.whole(said))
        elif fault is not None and fault.kind == "error":
            self._send(200, chat.error(500, None))
        else:
            await self._pause(len(said.tokens))
            self._send(200, chat.whole(said))

    async def _stream(self, said: chat.Said, fault: Fault | None, *, with_usage: bool) -> None:
        fields = [("content-type", "text/event-stream"), ("cache-control", "no-cache")]
        self._write(self._core.answer_head(200, fields, framing="chunked", date=_date()))
        for place, event in enumerate(chat.events(said, with_usage=with_usage)):
            if fault is not None and fault.kind in ("cut", "error") and place == fault.after_tokens:
                await self._fail_stream(fault)
                return
            self._write(self._core.piece(event))
            await self._pause(1)
        if fault is None or fault.kind != "no_done":
            self._write(self._core.piece(chat.DONE))
        self._finish()

    async def _fail_stream(self, fault: Fault) -> None:
        if fault.kind == "error":
            self._write(self._core.piece(chat.error_event()))
            self._finish()
            return
        await asyncio.sleep(0.01)
        self.abort()

    def _cut(self, body: bytes) -> None:
        """A head that promises the whole body, half of it, and the end of the connection."""
        fields = [("content-type", "application/json")]
        self._write(self._core.answer_head(200, fields, framing=len(body), date=_date()))
        self._write(self._core.piece(body[: len(body) // 2]))
        self._task = None
        if self._transport is not None:
            self._transport.close()

    async def _pause(self, tokens: int) -> None:
        rate = self._provider.pace.tokens_per_s
        if rate > 0:
            await asyncio.sleep(tokens / rate)

    def _send_status(self, fault: Fault) -> None:
        again = fault.retry_after_s
        extra = [] if again is None else [("retry-after", f"{again:g}")]
        self._send(fault.status, chat.error(fault.status, again), extra=extra)

    def _send(
        self,
        status: int,
        body: bytes,
        *,
        extra: Sequence[tuple[str, str]] = (),
        media_type: str = "application/json",
    ) -> None:
        fields = [("content-type", media_type), *extra]
        self._write(self._core.answer(status, fields, body=body, date=_date()))
        self._done()

    def _finish(self) -> None:
        self._write(self._core.end())
        self._done()

    def _done(self) -> None:
        self._task = None
        self._follow(self._core.answered(time.monotonic()))

    def _write(self, data: bytes) -> None:
        if self._transport is not None and data:
            self._transport.write(data)


def _date() -> str:
    return formatdate(usegmt=True)
