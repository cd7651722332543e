"""Plano inside another server: an ASGI 3 application (https://asgi.readthedocs.io).

The server that mounts it does the framing and keeps the limits of its connections; everything above that is the same
gateway. Its own edge costs less: see docs/performance.md.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from plano.config.settings import Settings
from plano.errors import PlanoError, RequestTooLarge
from plano.http1.head import RequestHead
from plano.observe.log import Log
from plano.ports import Classifier
from plano.server.answering.asking import Asking
from plano.server.answering.exchange import Fields
from plano.server.app import App

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class AsgiGateway:
    """The gateway of ``settings`` as an application. No listener is opened; the lifespan protocol is optional."""

    def __init__(self, settings: Settings, *, log: Log | None = None, classifier: Classifier | None = None) -> None:
        self._app = App(settings, log=log or Log(None), classifier=classifier)
        self._endpoints = self._app.endpoints(settings.listeners[0])
        self._starting: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serves one connection of the ASGI protocol."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._started()
            await self._serve(scope, receive, send)

    async def _started(self) -> None:
        """The router is loaded, by whichever request comes first."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._app.warm())
        await asyncio.shield(self._starting)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._started()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._app.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        exchange = _AsgiExchange(_head(scope), send)
        if not self._endpoints.refuse(exchange):
            try:
                body = await _body(receive, self._app.limits.body_bytes)
            except PlanoError as error:
                self._endpoints.refuse_bytes(exchange, error)
            else:
                if body is None:
                    self._endpoints.left(exchange)
                    return
                exchange.body = body
                await _until_gone(self._endpoints.serve(exchange), receive)
        await exchange.flush()


class _AsgiExchange:
    """``Exchange`` over an ASGI ``send``; what is sent without waiting goes out with ``flush``."""

    def __init__(self, head: RequestHead, send: Send) -> None:
        self.head: RequestHead | None = head
        self.received_at = time.monotonic()
        self.answer_begun = False
        self.stopped_by: PlanoError | None = None
        self.asking: Asking | None = None
        self.body = b""
        self._send = send
        self._pending: list[Message] = []

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def answer(self, status: int, fields: Fields, body: bytes) -> None:
        """Sends a whole answer."""
        self.begin(status, [*fields, ("content-length", str(len(body)))])
        is_head = self.head is not None and self.head.method == "HEAD"
        self._pending.append({"type": "http.response.body", "body": b"" if is_head else body})

    def begin(self, status: int, fields: Fields) -> None:
        """Sends the head of an answer."""
        self.answer_begun = True
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        self._pending.append({"type": "http.response.start", "status": status, "headers": headers})

    def send(self, data: bytes) -> bool:
        """Takes a piece; the server that mounts the gateway sends it, and must be waited for."""
        self._pending.append({"type": "http.response.body", "body": data, "more_body": True})
        return False

    async def drained(self) -> None:
        """Hands over what was sent."""
        await self.flush()

    def end(self) -> None:
        """Ends the body."""
        self._pending.append({"type": "http.response.body", "body": b""})

    def close_after(self) -> None:
        """The server that mounts the gateway owns the connection."""

    def abort(self) -> None:
        """An answer that has begun and is not ended is cut off by the server."""
        self._pending.clear()

    async def flush(self) -> None:
        """Hands over what was sent."""
        pending, self._pending = self._pending, []
        for message in pending:
            await self._send(message)


def _head(scope: Message) -> RequestHead:
    fields: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        fields[key] = f"{fields[key]}, {text}" if key in fields else text
    path, query = scope["path"], scope.get("query_string", b"").decode("latin-1")
    return RequestHead(
        method=scope["method"],
        target=path,
        path=path.removeprefix(scope.get("root_path", "")),
        query=query or None,
        version_minor=1,
        fields=fields,
        framing=0,
        keep_alive=True,
        expects_continue=False,
    )


async def _body(receive: Receive, limit: int) -> bytes | None:
    """The request's body, None when the caller left before its end. Raises RequestTooLarge."""
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > limit:
            raise RequestTooLarge(f"the body is larger than {limit} bytes")
        if not message.get("more_body"):
            return b"".join(pieces)


async def _until_gone(work: Awaitable[None], receive: Receive) -> None:
    """Does the work; the caller leaving cancels it."""
    serving = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait((serving, watching), return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            serving.cancel()
        await asyncio.wait((serving,))
    finally:
        watching.cancel()
        serving.cancel()
    if not serving.cancelled():
        serving.result()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
